// running_mark.h: which strategy's code runs right now, where the process's death leaves it
// readable: in a mapped file.
//
// Written by the engine around each call of a strategy (a few plain stores to a page that is always
// there), read by the watchdog of the same process, by the handler of a fatal signal, and by the
// host that starts next.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "base/mapped_file.h"
#include "base/result.h"
#include "base/types.h"

namespace zomma {

struct RunningMark {
  static constexpr std::uint32_t nobody = UINT32_MAX;
  static constexpr std::uint32_t stuck = 1000;  // in the place of a signal: ended by the watchdog

  std::uint64_t magic{};
  std::atomic<std::uint32_t> instance{nobody};
  std::atomic<std::uint32_t> died_of{0};  // a signal's number, or `stuck`; 0 while it lives
  std::atomic<std::uint64_t> at_seq{
      0};  // the last event of the batch, in the instance's own stream
  std::atomic<std::uint64_t> first_output{
      0};                               // how many intents and signals it had made before the batch
  std::atomic<std::uint64_t> calls{0};  // rises with every call: what stands still is stuck

  void enter(InstanceId id, std::uint64_t last_of_batch, std::uint64_t outputs) {
    at_seq.store(last_of_batch, std::memory_order_relaxed);
    first_output.store(outputs, std::memory_order_relaxed);
    calls.store(calls.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    instance.store(id.value, std::memory_order_release);
  }
  void leave() { instance.store(nobody, std::memory_order_release); }
};

// What a dead host's mark says.
struct FoundDead {
  InstanceId instance;
  std::uint32_t died_of{};
  std::uint64_t at_seq{}, first_output{};
};

// The mark of one run, in `state_dir`/running.mark while the run lives.
class RunningMarkFile {
 public:
  // Errc::not_found when the last host left none, or died between two calls: nobody's fault.
  static Result<FoundDead> read(const std::string& state_dir);
  static Result<RunningMarkFile> create(const std::string& state_dir);
  RunningMarkFile(RunningMarkFile&&) = default;
  RunningMarkFile& operator=(RunningMarkFile&&) = default;
  // In order: nobody died.
  ~RunningMarkFile();

  RunningMark& mark() { return *reinterpret_cast<RunningMark*>(file_.data()); }

 private:
  explicit RunningMarkFile(std::string path, MappedFile file)
      : path_(std::move(path)), file_(std::move(file)) {}
  std::string path_;
  MappedFile file_;
};

// From here on a fatal signal (segmentation fault, bus error, illegal instruction, arithmetic,
// abort) writes its number into the mark and one line to stderr, then ends the process as it would
// have. Works on an exhausted stack. `mark` lives until clear_crash_handlers(). Call
// use_crash_stack() on the thread that runs the strategies.
void install_crash_handlers(RunningMark& mark);
void use_crash_stack();
void clear_crash_handlers();

// "SIGSEGV", "the watchdog (it did not come back)", ...
std::string death_in_words(std::uint32_t died_of);

// Looks from another thread whether one call lasts longer than allowed.
class Watchdog {
 public:
  Watchdog(RunningMark& mark, Nanoseconds longest_call) : mark_(mark), longest_(longest_call) {}
  // True when the same call was found running for longer than `longest_call`. [control thread]
  bool stuck(Nanoseconds now);

 private:
  RunningMark& mark_;
  Nanoseconds longest_;
  std::uint64_t call_ = 0;
  Nanoseconds since_{};
  bool inside_ = false;
};

// The end of a process whose engine does not come back: the mark says why, the exit status asks for
// a restart.
constexpr int exit_stuck = 70;
[[noreturn]] void end_stuck(RunningMark& mark);

}  // namespace zomma
