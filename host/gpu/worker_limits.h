// worker_limits.h: what a worker process may use of the machine: of GPUs by CUDA's MPS (its
// variables in the worker's environment), of memory, processors and processes by a control group
// (version 2). Limits by MPS hold only where its daemon runs; check_mps says so before a worker
// starts without them.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "gpu/settings.h"

namespace zomma::gpu {

using Environment = std::vector<std::pair<std::string, std::string>>;

// The variables that say it to CUDA. Errc::invalid_argument names the limit that is out of range.
Result<Environment> environment_of(const WorkerGpuLimits& limits);

// Errc::not_found where the limits need MPS and its daemon has no control pipe in its directory.
Result<void> check_mps(const WorkerGpuLimits& limits);

// One control group, removed at the end (the processes in it must have ended by then).
class WorkerCgroup {
 public:
  // Makes `parent`/`name`. `parent` is a folder of the cgroup2 file system that this user may
  // write, with the controllers switched on for its children. Errc::invalid_argument: a limit out
  // of range; Errc::refused, not_found, io: the file and why.
  static Result<WorkerCgroup> create(const std::filesystem::path& parent, const std::string& name,
                                     const CgroupLimits& limits);
  WorkerCgroup(WorkerCgroup&& other) noexcept : path_(std::move(other.path_)) {
    other.path_.clear();
  }
  WorkerCgroup& operator=(WorkerCgroup&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
  }
  ~WorkerCgroup();

  Result<void> add(pid_t process) const;
  // How often the kernel killed a process of the group for want of memory.
  std::uint64_t out_of_memory_kills() const;
  const std::filesystem::path& path() const { return path_; }

 private:
  explicit WorkerCgroup(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace zomma::gpu
