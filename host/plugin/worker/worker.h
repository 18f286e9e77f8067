// worker.h: a strategy in a process of its own. To the host it is a factory like any other; every
// hook is carried to the worker and waited for, and while it waits the host serves what the
// strategy calls back. So the engine stays a function of its inputs, and the same plugin gives the
// same output inline and here. Whatever the worker does (crash, exit, hang, write nonsense into the
// shared memory), the hook answers status_died with a sentence.
//
// Costs: an event to the worker and its answer are two cache lines between two cores while both
// sides spin; a sleeping worker costs no CPU and one wake-up. An order needs another round trip.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <zomma/strategy.h>

#include "base/result.h"
#include "base/types.h"
#include "gpu/settings.h"
#include "gpu/worker_limits.h"

namespace zomma {

// The host's own status: what a proxy answers for code that is no longer there.
constexpr zm_status status_died = 0x8000'0001;

struct WorkerOptions {
  std::filesystem::path
      image;  // the plugin's private copy; stays where it is while the worker lives
  // The program whose main calls worker_main(N) when given "--fd N" after these arguments.
  std::filesystem::path program{"/proc/self/exe"};
  std::vector<std::string> arguments{"worker"};
  Nanoseconds deadline{
      1'000'000'000};  // for start, on_events, quiesce and resume; then it is killed
  Nanoseconds patience{10'000'000'000};  // for loading, making, activating, saving, ending
  std::uint64_t memory_limit{
      0};        // bytes of address space (RLIMIT_AS), 0 = any; about 64 MiB are needed to live
  int core{-1};  // pinned there; -1 = anywhere
  gpu::LendingSettings lending{};  // of GPUs
  gpu::LoanLimits loans{};
  gpu::WorkerGpuLimits gpu_limits{};  // through CUDA's MPS; refused without its daemon
  // The folder in which its control group is made before it loads anything; empty: none.
  std::filesystem::path cgroup{};
  gpu::CgroupLimits cgroup_limits{};
  // Variables added to the host's own, or in their place.
  std::vector<std::pair<std::string, std::string>> environment{};
  Nanoseconds spin{
      50'000};  // how long either side looks before it sleeps; 0 when there is one core
};

class WorkerProcess {
 public:
  // Begins the process and loads the image in it. Errors: no such program, cannot be pinned or
  // limited, the image is refused (the loader's sentence) or its constructors crashed, exited or
  // hung. [control]
  static Result<std::unique_ptr<WorkerProcess>> spawn(const WorkerOptions& options);
  // Asks the worker to unload and leave, kills it if it does not; leaves no process, descriptor or
  // memory behind. The instance must have been destroyed. [control]
  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  // Makes one instance at a time; lives as long as this object.
  const zm_strategy_factory& factory() const;
  pid_t pid() const;
  // Readable (poll) when the worker has ended, so that a supervisor need not wait for the next
  // event.
  int pidfd() const;
  bool alive() const;  // [any thread]
  // "still running", "exited with status 3", "killed by signal 11 (SEGV: Segmentation fault)". [the
  // hooks' thread]
  std::string exit_description() const;

 private:
  struct Impl;
  explicit WorkerProcess(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace zomma
