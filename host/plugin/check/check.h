// check.h: the validator: every test of the catalogue in a child process of its own, several at a
// time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/types.h"
#include "plugin/check/catalogue.h"

namespace zomma::check {

struct CheckOptions {
  std::string path;
  int level = 5;  // 1..10
  std::uint64_t seed = 1;
  double fuzz_seconds = 0;             // 0: a few streams
  bool in_process = false;             // for a debugger: a crash ends the validator
  std::string only;                    // one test by its name; empty = all of the level
  std::string executable;              // has the hidden command; empty = this program
  Nanoseconds timeout{3'000'000'000};  // of one test
  unsigned parallel = 0;               // 0 = one a processor
};

struct TestResult {
  std::string name;
  Outcome outcome;
  Nanoseconds took{};
  std::string reproduce;  // the command that runs this test again; empty after a success
};

struct CheckReport {
  std::string path;
  int level = 0;
  std::uint64_t seed = 0;
  std::vector<TestResult> results;  // in the catalogue's order
  // No test failed or crashed.
  bool passed() const;
  std::string text() const;
  std::string json() const;
};

// Errors: no such file, no such test, a level outside 1..10. A bad plugin is no error: it is in the
// report.
Result<CheckReport> check_plugin(const CheckOptions& options);

// All tests, in the order in which they run.
std::vector<Test> all_tests();

// The child's side: runs one test and writes its outcome to child_report_fd. Arguments: FILE TEST
// SEED LEVEL SECONDS TIMEOUT.
int check_child(const std::vector<std::string>& arguments);

}  // namespace zomma::check
