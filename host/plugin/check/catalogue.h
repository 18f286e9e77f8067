// catalogue.h: every test of the validator: its name, its level, what it demands. One child process
// runs one of them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace zomma::check {

enum class Status { success, failed, crashed, skipped, warning };
std::string_view to_string(Status status);

struct Outcome {
  Status status = Status::success;
  std::string message;      // of anything but a success: what was found, what was expected
  std::string fingerprint;  // of a test that is run in two processes: must be equal
};

struct Subject {
  std::string path;
  std::uint64_t seed = 1;
  double seconds = 0;  // how long a fuzz test goes on; 0 = its usual number of streams
  int level = 10;
};

struct Test {
  std::string_view name;
  int level;                 // runs at this level and above
  std::string_view demands;  // one sentence
  Outcome (*run)(const Subject& subject);
  bool twice = false;       // in two processes, whose fingerprints must agree
  bool from_bytes = false;  // nothing of the plugin runs: needs no child
};

std::span<const Test> library_tests();
std::span<const Test> instance_tests();
std::span<const Test> state_tests();
std::span<const Test> resource_tests();

}  // namespace zomma::check
