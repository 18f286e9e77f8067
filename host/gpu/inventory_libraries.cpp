// inventory_libraries.cpp: what AMD's ROCm-SMI and Intel's Level Zero know beyond sysfs of the
// devices that sysfs showed: a proper name, the memory. Opened only where there is such a device;
// types by hand.
#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "gpu/inventory.h"

namespace zomma::gpu {
namespace {

struct Opened {
  void* handle = nullptr;
  template <class Function>
  bool find(Function*& to, const char* name) const {
    to = reinterpret_cast<Function*>(dlsym(handle, name));
    return to != nullptr;
  }
};

Opened open_first(const std::vector<std::string>& names) {
  for (const std::string& name : names)
    if (void* handle = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE)) return {handle};
  return {};
}

Device* at_pci(Inventory& inventory, Vendor vendor, const std::string& pci) {
  for (Device& device : inventory.devices)
    if (device.vendor == vendor && device.pci == pci) return &device;
  return nullptr;
}

bool has(const Inventory& inventory, Vendor vendor) {
  return std::any_of(inventory.devices.begin(), inventory.devices.end(),
                     [&](const Device& device) { return device.vendor == vendor; });
}

// --- ROCm-SMI: 0 is success everywhere ---
struct RocmSmi {
  int (*init)(std::uint64_t flags);
  int (*count)(std::uint32_t* devices);
  int (*pci)(std::uint32_t device, std::uint64_t* id);
  int (*name)(std::uint32_t device, char* text, std::size_t capacity);
  int (*memory_total)(std::uint32_t device, int kind, std::uint64_t* bytes);
  int (*memory_used)(std::uint32_t device, int kind, std::uint64_t* bytes);
};
constexpr int video_memory = 0;  // RSMI_MEM_TYPE_VRAM

// Domain in the upper 32 bits; bus, device and function in the lower 16.
std::string pci_of(std::uint64_t id) {
  return fmt::format("{:04x}:{:02x}:{:02x}.{:x}", id >> 32, id >> 8 & 0xff, id >> 3 & 0x1f, id & 7);
}

void read_amd(const RocmSmi& smi, std::uint32_t index, Inventory& to) {
  std::uint64_t id = 0, bytes = 0;
  if (smi.pci(index, &id) != 0) return;
  Device* device = at_pci(to, Vendor::amd, pci_of(id));
  if (device == nullptr) return;
  char name[256] = {};
  if (smi.name(index, name, sizeof name) == 0 && name[0] != '\0') device->name = name;
  if (smi.memory_total(index, video_memory, &bytes) == 0) device->memory_bytes = bytes;
  if (smi.memory_used(index, video_memory, &bytes) == 0) device->memory_used_bytes = bytes;
}

void ask_rocm_smi(const std::string& path, Inventory& to) {
  const Opened library =
      open_first(path.empty() ? std::vector<std::string>{"librocm_smi64.so.7", "librocm_smi64.so.6",
                                                         "librocm_smi64.so.5"}
                              : std::vector<std::string>{path});
  RocmSmi smi{};
  std::uint32_t count = 0;
  if (library.handle == nullptr) return;  // sysfs has told what it could
  if (!library.find(smi.init, "rsmi_init") ||
      !library.find(smi.count, "rsmi_num_monitor_devices") ||
      !library.find(smi.pci, "rsmi_dev_pci_id_get") ||
      !library.find(smi.name, "rsmi_dev_name_get") ||
      !library.find(smi.memory_total, "rsmi_dev_memory_total_get") ||
      !library.find(smi.memory_used, "rsmi_dev_memory_usage_get")) {
    to.notes.emplace_back(
        "ROCm-SMI lacks a function that was looked for; AMD devices are as sysfs shows them");
    return;
  }
  if (smi.init(0) != 0 || smi.count(&count) != 0) return;
  for (std::uint32_t i = 0; i < count; ++i) read_amd(smi, i, to);
}

// --- Level Zero ---
struct ZeDeviceProperties {  // ze_device_properties_t
  int kind = 0x3;
  void* next = nullptr;
  int type;
  std::uint32_t vendor, device, flags, subdevice, core_clock_mhz;
  std::uint64_t largest_allocation;
  std::uint32_t contexts, priority, threads_per_unit, simd_width, units, subslices, slices;
  std::uint64_t timer_resolution;
  std::uint32_t timestamp_bits, kernel_timestamp_bits;
  std::uint8_t uuid[16];
  char name[256];
};
struct ZePciProperties {  // ze_pci_ext_properties_t
  int kind = 0x10008;
  void* next = nullptr;
  std::uint32_t domain, bus, device, function;
  std::int32_t generation, lanes;
  std::int64_t bandwidth;
};
struct ZeMemoryProperties {  // ze_device_memory_properties_t
  int kind = 0x7;
  void* next = nullptr;
  std::uint32_t flags, clock, width;
  std::uint64_t bytes;
  char name[256];
};
using ZeHandle = void*;
struct LevelZero {
  int (*init)(std::uint32_t flags);
  int (*drivers)(std::uint32_t* count, ZeHandle* drivers);
  int (*devices)(ZeHandle driver, std::uint32_t* count, ZeHandle* devices);
  int (*properties)(ZeHandle device, ZeDeviceProperties* to);
  int (*pci)(ZeHandle device, ZePciProperties* to);
  int (*memory)(ZeHandle device, std::uint32_t* count, ZeMemoryProperties* to);
};

void read_intel(const LevelZero& ze, ZeHandle handle, Inventory& to) {
  ZePciProperties pci{};
  if (ze.pci(handle, &pci) != 0) return;
  Device* device = at_pci(
      to, Vendor::intel,
      fmt::format("{:04x}:{:02x}:{:02x}.{:x}", pci.domain, pci.bus, pci.device, pci.function));
  if (device == nullptr) return;
  ZeDeviceProperties properties{};
  if (ze.properties(handle, &properties) == 0) {
    properties.name[sizeof properties.name - 1] = '\0';
    device->name = properties.name;
    device->clock_hertz = properties.core_clock_mhz * 1e6;
  }
  std::uint32_t count = 0;
  if (ze.memory(handle, &count, nullptr) != 0 || count == 0) return;
  std::vector<ZeMemoryProperties> memories(count);
  if (ze.memory(handle, &count, memories.data()) != 0) return;
  device->memory_bytes = 0;
  for (std::uint32_t i = 0; i < count; ++i) device->memory_bytes += memories[i].bytes;
}

void ask_level_zero(const std::string& path, Inventory& to) {
  const Opened library = open_first({path.empty() ? "libze_loader.so.1" : path});
  LevelZero ze{};
  std::uint32_t drivers = 0;
  if (library.handle == nullptr) return;
  if (!library.find(ze.init, "zeInit") || !library.find(ze.drivers, "zeDriverGet") ||
      !library.find(ze.devices, "zeDeviceGet") ||
      !library.find(ze.properties, "zeDeviceGetProperties") ||
      !library.find(ze.pci, "zeDevicePciGetPropertiesExt") ||
      !library.find(ze.memory, "zeDeviceGetMemoryProperties")) {
    to.notes.emplace_back(
        "Level Zero lacks a function that was looked for; Intel devices are as sysfs shows them");
    return;
  }
  if (ze.init(0) != 0 || ze.drivers(&drivers, nullptr) != 0) return;
  std::vector<ZeHandle> handles(drivers);
  if (ze.drivers(&drivers, handles.data()) != 0) return;
  for (ZeHandle driver : handles) {
    std::uint32_t count = 0;
    if (ze.devices(driver, &count, nullptr) != 0) continue;
    std::vector<ZeHandle> devices(count);
    if (ze.devices(driver, &count, devices.data()) != 0) continue;
    for (ZeHandle device : devices) read_intel(ze, device, to);
  }
}

}  // namespace

void detail::add_from_libraries(const std::string& rocm_smi, const std::string& level_zero,
                                Inventory& to) {
  if (has(to, Vendor::amd)) ask_rocm_smi(rocm_smi, to);
  if (has(to, Vendor::intel)) ask_level_zero(level_zero, to);
}

}  // namespace zomma::gpu
