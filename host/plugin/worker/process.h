// process.h: one child process and the memory shared with it: begun, watched, ended, reaped. Knows
// nothing of strategies.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

#include "base/file_descriptor.h"
#include "base/result.h"
#include "plugin/worker/wire.h"
#include "plugin/worker/worker.h"

namespace zomma::worker {

class Process {
 public:
  static Result<std::unique_ptr<Process>> start(const WorkerOptions& options);
  // Kills what still lives, and reaps.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  Shared& shared() { return *shared_; }
  pid_t pid() const { return pid_; }
  // How long to look before sleeping: what was asked for, but never where only one of the two can
  // run.
  Nanoseconds spin() const { return spin_; }
  int pidfd() const { return pidfd_.get(); }
  // A system call. [any thread]
  bool alive() const;
  // Whether it has ended; then it is reaped and description() says how.
  bool reap();
  // SIGKILL, then reap.
  void kill();
  // Waits for it to end by itself; false if it has not by then.
  bool wait(Nanoseconds timeout);
  // "still running", "exited with status 3", "killed by signal 11 (SEGV: Segmentation fault)".
  const std::string& description() const { return description_; }

 private:
  Process() = default;
  // The process begins with the host's limits; it has loaded nothing until the first request.
  Result<void> confine(const WorkerOptions& options);

  Shared* shared_ = nullptr;
  pid_t pid_ = -1;
  Nanoseconds spin_{};
  FileDescriptor pidfd_;
  FileDescriptor lifeline_;  // the worker dies when this closes, however that comes about
  bool reaped_ = false;
  std::optional<gpu::WorkerCgroup> group_;  // removed once the process has been reaped
  std::string description_ = "still running";
};

}  // namespace zomma::worker
