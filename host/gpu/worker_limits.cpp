#include "gpu/worker_limits.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>

#include "base/file_descriptor.h"

namespace zomma::gpu {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t mebibyte = 1 << 20;
constexpr const char* default_mps_directory = "/tmp/nvidia-mps";

Errc code_of(int number) {
  switch (number) {
    case EACCES:
    case EPERM:
    case EROFS:
      return Errc::refused;
    case ENOENT:
      return Errc::not_found;
    default:
      return Errc::io;
  }
}

// Files of a control group are there already and take one write.
Result<void> write_file(const fs::path& file, const std::string& text) {
  const FileDescriptor descriptor(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  if (descriptor.get() >= 0 &&
      ::write(descriptor.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()))
    return {};
  const int number = errno;
  return Error{code_of(number),
               fmt::format("{}: writing \"{}\": {}{}", file.string(), text, std::strerror(number),
                           number == ENOENT ? "; is the controller in the parent's "
                                              "cgroup.subtree_control?"
                                            : "")};
}

Result<void> apply(const fs::path& group, const CgroupLimits& limits) {
  if (limits.memory_bytes) {
    if (auto done = write_file(group / "memory.max", std::to_string(*limits.memory_bytes)); !done)
      return done;
    // A strategy that swaps is worse than one that ends. Kernels without swap have no such file.
    if (fs::exists(group / "memory.swap.max"))
      if (auto done = write_file(group / "memory.swap.max", "0"); !done) return done;
  }
  if (limits.processors) {
    constexpr double period_us = 100'000;
    const auto quota = static_cast<std::uint64_t>(std::llround(*limits.processors * period_us));
    if (auto done = write_file(group / "cpu.max", fmt::format("{} {}", quota, period_us)); !done)
      return done;
  }
  if (limits.processes) return write_file(group / "pids.max", std::to_string(*limits.processes));
  return {};
}

Result<void> check(const CgroupLimits& limits) {
  if (limits.memory_bytes && *limits.memory_bytes < mebibyte)
    return Error{Errc::invalid_argument,
                 fmt::format("a memory limit of {} bytes: at least one MiB", *limits.memory_bytes)};
  if (limits.processors && !(*limits.processors >= 0.01 && *limits.processors <= 4096))
    return Error{Errc::invalid_argument,
                 fmt::format("{} processors: between 0.01 and 4096", *limits.processors)};
  if (limits.processes && *limits.processes == 0)
    return Error{Errc::invalid_argument, "no processes at all: at least one"};
  return {};
}

}  // namespace

Result<Environment> environment_of(const WorkerGpuLimits& limits) {
  Environment to;
  if (!limits.devices.empty())
    to.emplace_back("CUDA_VISIBLE_DEVICES", fmt::format("{}", fmt::join(limits.devices, ",")));
  if (!limits.mps_directory.empty())
    to.emplace_back("CUDA_MPS_PIPE_DIRECTORY", limits.mps_directory);
  if (limits.compute) {
    if (!(*limits.compute > 0 && *limits.compute <= 1))
      return Error{Errc::invalid_argument,
                   fmt::format("a compute share of {}: above 0 and at most 1", *limits.compute)};
    to.emplace_back("CUDA_MPS_ACTIVE_THREAD_PERCENTAGE",
                    fmt::format("{:g}", *limits.compute * 100));
  }
  std::vector<std::string> memory;
  for (const auto& [device, bytes] : limits.memory) {
    if (bytes < mebibyte)
      return Error{Errc::invalid_argument,
                   fmt::format("{} bytes of memory on device {}: at least one MiB", bytes, device)};
    if (!limits.devices.empty() && device >= limits.devices.size())
      return Error{Errc::invalid_argument,
                   fmt::format("a memory limit on device {}, but the worker sees {}", device,
                               limits.devices.size())};
    memory.push_back(fmt::format("{}={}M", device, bytes / mebibyte));
  }
  if (!memory.empty())
    to.emplace_back("CUDA_MPS_PINNED_DEVICE_MEM_LIMIT", fmt::format("{}", fmt::join(memory, ",")));
  return to;
}

Result<void> check_mps(const WorkerGpuLimits& limits) {
  if (!limits.need_mps()) return {};
  const fs::path directory =
      limits.mps_directory.empty() ? default_mps_directory : limits.mps_directory;
  std::error_code ignored;
  if (fs::exists(directory / "control", ignored)) return {};
  return Error{Errc::not_found,
               fmt::format("GPU limits need MPS, and no daemon has its pipe in {}: start it with "
                           "nvidia-cuda-mps-control -d, or take the limits out",
                           directory.string())};
}

Result<WorkerCgroup> WorkerCgroup::create(const fs::path& parent, const std::string& name,
                                          const CgroupLimits& limits) {
  if (name.empty() || name.find('/') != std::string::npos || name == "." || name == "..")
    return Error{Errc::invalid_argument, fmt::format("\"{}\" is no name of a control group", name)};
  if (const auto good = check(limits); !good) return good.error();
  const fs::path path = parent / name;
  std::error_code code;
  fs::create_directory(path, code);
  if (code)
    return Error{code_of(code.value()),
                 fmt::format("making the control group {}: {}", path.string(), code.message())};
  WorkerCgroup group(path);
  if (const auto done = apply(path, limits); !done) return done.error();
  return group;
}

WorkerCgroup::~WorkerCgroup() {
  if (!path_.empty()) ::rmdir(path_.c_str());
}

Result<void> WorkerCgroup::add(pid_t process) const {
  return write_file(path_ / "cgroup.procs", std::to_string(process));
}

std::uint64_t WorkerCgroup::out_of_memory_kills() const {
  std::ifstream events(path_ / "memory.events");
  std::string name;
  for (std::uint64_t count = 0; events >> name >> count;)
    if (name == "oom_kill") return count;
  return 0;
}

}  // namespace zomma::gpu
