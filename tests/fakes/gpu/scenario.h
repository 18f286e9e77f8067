// scenario.h: what a machine with GPUs is like and what befalls it, as a TOML file: the script that
// the fake libcuda and the fake libnvidia-ml play. tests/fakes/gpu/README.md lists the keys.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace zomma::fake_gpu {

struct DeviceSpec {
  std::string name = "Fake GPU";
  std::string uuid = "GPU-00000000-0000-0000-0000-000000000000";
  int pci_domain = 0, pci_bus = 1, pci_device = 0;
  std::uint64_t memory_bytes = std::uint64_t{16} << 30;
  int capability_major = 9, capability_minor = 0;
  int multiprocessors = 132;
  int clock_mhz = 1980, memory_clock_mhz = 2619, memory_bus_bits = 6144;
  int numa_node = 0;
  bool maps_memory = true;  // cuMemMap and its like
  bool ecc = true;
  // One value a reading; the last stays.
  std::vector<std::uint64_t> temperature_celsius{40};
  std::vector<std::uint64_t> power_milliwatts{120000};
  std::vector<std::uint64_t> throttle_reasons{0};
  std::vector<std::uint64_t> corrected_errors{0}, uncorrected_errors{0};
  std::vector<std::uint64_t> utilisation_percent{0};
  std::uint64_t power_limit_milliwatts = 700000;
  unsigned slowdown_celsius = 87, shutdown_celsius = 92;
  unsigned remapped_uncorrectable = 0;
  bool remap_failed = false, retirement_pending = false;
  int pcie_generation = 5, pcie_width = 16;
};

// A call that fails: the `call`-th of `function` since the scenario began, counted from 1.
struct FailureSpec {
  std::string function;
  std::uint64_t call = 1;
  int status = 2;
  bool from_then_on = false;
};

// NVML's event queue tells of `xid` on `device` at its `wait`-th wait, counted from 1.
struct XidSpec {
  int device = 0;
  std::uint64_t xid = 0, wait = 1;
};

struct LatencySpec {
  std::string function;  // "*": every call
  std::uint64_t microseconds = 0;
};

// Two devices and what joins them.
struct LinkSpec {
  int first = 0, second = 1;
  int nvlinks = 0;
  int common_ancestor = 50;  // nvmlGpuTopologyLevel_t: 50 is across the system
};

struct Scenario {
  int driver_version = 13000;                // cuDriverGetVersion
  std::string driver_release = "580.65.06";  // nvmlSystemGetDriverVersion
  // Work waits in its stream until somebody waits for it, so a missing wait shows.
  bool deferred = false;
  std::vector<DeviceSpec> devices;
  std::vector<FailureSpec> failures;
  std::vector<XidSpec> xids;
  std::vector<LatencySpec> latencies;
  std::vector<LinkSpec> links;
};

// `count` devices of the default kind, told apart by uuid and bus.
Scenario with_devices(int count);
// Throws std::runtime_error with file, line and reason: a wrong script is a wrong test.
Scenario read_scenario(const std::string& path);

}  // namespace zomma::fake_gpu
