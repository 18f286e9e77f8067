// inventory.h: which GPUs this machine has: NVIDIA's through the driver, AMD's and Intel's from
// sysfs, with what ROCm-SMI and Level Zero add. Says what there is, not how it is (health.h), and
// takes no memory on any device.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gpu/driver_api.h"
#include "gpu/nvml_api.h"

namespace zomma::gpu {

enum class Vendor : std::uint8_t { nvidia, amd, intel };
const char* to_text(Vendor vendor);

// Empty or zero: not told.
struct Device {
  Vendor vendor = Vendor::nvidia;
  unsigned index = 0;  // among the devices of its vendor; for NVIDIA the driver's ordinal
  std::string name;
  std::string uuid;           // "GPU-..." for NVIDIA
  std::string pci;            // "0000:3b:00.0"
  std::string kernel_driver;  // sysfs devices: "amdgpu", "xe"; empty where none is bound
  std::uint64_t memory_bytes = 0;
  int numa_node = -1;
  // NVIDIA only.
  int capability_major = 0, capability_minor = 0;
  int multiprocessors = 0;
  double clock_hertz = 0;
  double memory_bytes_per_second = 0;  // the peak that clock and bus width give
  bool ecc = false, virtual_memory = false, memory_pools = false;
  // Sensors of sysfs devices; NVIDIA's are in health.h.
  std::optional<std::uint64_t> memory_used_bytes;
  std::optional<double> temperature_celsius, power_watts;
};

// The way between two NVIDIA devices, from < to.
struct PeerLink {
  unsigned from = 0, to = 0;
  bool peer_access = false;  // each can read the other's memory
  unsigned nvlinks = 0;      // from one to the other directly; 0 where a switch is between
  std::string
      path;  // "nvlink", "board", "switch", "switches", "host bridge", "numa node", "system"
};

struct Inventory {
  std::optional<int> cuda_version;  // 13000 for CUDA 13.0; empty without a driver
  std::string driver_release;       // "580.65.06"
  std::vector<Device> devices;
  std::vector<PeerLink> links;
  // What is missing and what to do about it, one sentence each; never empty without devices.
  std::vector<std::string> notes;
};

struct DiscoveryPlaces {
  std::string libcuda{};     // empty: default_driver_path()
  std::string libnvml{};     // empty: default_nvml_path()
  std::string sysfs{};       // empty: $ZOMMA_SYSFS, or /sys
  std::string rocm_smi{};    // empty: librocm_smi64.so.7, .6, .5
  std::string level_zero{};  // empty: libze_loader.so.1
};

// Looks everywhere; what it cannot open becomes a note. Takes milliseconds to a second with a
// driver (its start), well under one without. Any thread.
Inventory discover(const DiscoveryPlaces& places = {});

// {"driver": {...}, "devices": [...], "links": [...], "notes": [...]}
std::string inventory_json(const Inventory& inventory);

// The parts of discover.
namespace detail {
void add_nvidia(const DriverApi& api, Inventory& to);
void add_topology(const DriverApi* api, const NvmlApi& nvml, Inventory& to);
// AMD and Intel devices. NVIDIA devices that the driver did not show become notes.
void add_from_sysfs(const std::string& root, Inventory& to);
// Names and memory of AMD and Intel devices that are there already.
void add_from_libraries(const std::string& rocm_smi, const std::string& level_zero, Inventory& to);
}  // namespace detail

}  // namespace zomma::gpu
