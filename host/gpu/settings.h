// settings.h: what an operator says about GPUs, as plain structs: how a device's memory is managed,
// what one instance may hold of it, and what a worker process may use of the machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/types.h"

namespace zomma::gpu {

// Where a device's memory comes from: the host's own heap over mapped chunks (memory/arena.h), or
// the driver's stream-ordered pools (memory/pool_backend.h).
enum class MemoryBackend : std::uint8_t { heap, pool };

// Of each device, for all instances together. Bytes, as they go to worker processes.
struct LendingSettings {
  MemoryBackend backend = MemoryBackend::heap;
  std::uint64_t memory_bytes = 0;  // lent at one time; 0: as much as the device has
  std::uint64_t pinned_bytes = std::uint64_t{1} << 30;  // host memory for what was spilled
  std::uint32_t queue = 256;                            // requests that may wait
  bool operator==(const LendingSettings&) const = default;
};

// Who prices the host's own batches (option chains).
enum class PricingOn : std::uint8_t { cpu, gpu };
struct PricingSettings {
  PricingOn on = PricingOn::cpu;
  std::uint32_t device = 0;    // the driver's number
  std::uint32_t least = 1024;  // options in a batch; smaller ones are quicker on the processor
  bool operator==(const PricingSettings&) const = default;
};

// Of one instance.
struct LoanLimits {
  std::uint64_t memory_bytes = std::uint64_t{1} << 30;  // of each device, in whole granules
  int priority = 0;    // greater waits before lesser; the lesser one's spillable buffers give way
  Nanoseconds wait{};  // how long a request may wait for memory; 0: it is refused at once
  std::uint32_t streams = 16, events = 256, graphs = 64, libraries = 16;
  bool operator==(const LoanLimits&) const = default;
};

struct WorkerGpuLimits {
  // Devices that the worker sees, by uuid; empty: all. It numbers them 0, 1, ... in this order.
  std::vector<std::string> devices;
  // Part of each device's multiprocessors, above 0 and at most 1.
  std::optional<double> compute;
  // Device memory in bytes, by the worker's device number; at least one MiB, rounded down to whole
  // ones.
  std::vector<std::pair<unsigned, std::uint64_t>> memory;
  std::string mps_directory;  // CUDA_MPS_PIPE_DIRECTORY; empty: MPS's own default

  bool need_mps() const { return compute.has_value() || !memory.empty(); }
};

struct CgroupLimits {
  std::optional<std::uint64_t> memory_bytes;  // memory.max; swap is then off
  std::optional<double> processors;           // cpu.max: 1.5 is one and a half
  std::optional<std::uint32_t> processes;     // pids.max: threads too
};

}  // namespace zomma::gpu
