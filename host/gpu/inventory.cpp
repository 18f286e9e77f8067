// inventory.cpp: NVIDIA devices through the driver, the ways between them through NVML.
#include "gpu/inventory.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cctype>
#include <cstdlib>

namespace zomma::gpu {
namespace {

std::string uuid_text(const DeviceUuid& uuid) {
  std::string text = "GPU-";
  for (std::size_t i = 0; i < sizeof uuid.bytes; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format("{:02x}", uuid.bytes[i]);
  }
  return text;
}

// sysfs writes PCI addresses in lower case with four digits of domain, the driver with upper case,
// NVML with eight.
std::string plain_pci(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (text.size() == 16 && text.compare(0, 4, "0000") == 0) text.erase(0, 4);
  return text;
}

Device describe_device(const DriverApi& api, unsigned index, DeviceOrdinal ordinal) {
  Device device;
  device.index = index;
  const auto attribute = [&](DeviceAttribute which) {
    int value = 0;
    return api.cuDeviceGetAttribute(&value, which, ordinal) == DriverStatus::ok ? value : 0;
  };
  char text[256] = {};
  if (api.cuDeviceGetName(text, sizeof text, ordinal) == DriverStatus::ok) device.name = text;
  if (api.cuDeviceGetPCIBusId(text, sizeof text, ordinal) == DriverStatus::ok)
    device.pci = plain_pci(text);
  DeviceUuid uuid{};
  if (api.cuDeviceGetUuid(&uuid, ordinal) == DriverStatus::ok) device.uuid = uuid_text(uuid);
  std::size_t bytes = 0;
  if (api.cuDeviceTotalMem(&bytes, ordinal) == DriverStatus::ok) device.memory_bytes = bytes;
  device.capability_major = attribute(DeviceAttribute::compute_capability_major);
  device.capability_minor = attribute(DeviceAttribute::compute_capability_minor);
  device.multiprocessors = attribute(DeviceAttribute::multiprocessor_count);
  device.clock_hertz = attribute(DeviceAttribute::clock_khz) * 1e3;
  // Two transfers a clock on every memory since GDDR3.
  device.memory_bytes_per_second = 2e3 * attribute(DeviceAttribute::memory_clock_khz) *
                                   attribute(DeviceAttribute::memory_bus_bits) / 8;
  device.ecc = attribute(DeviceAttribute::ecc_enabled) != 0;
  device.virtual_memory = attribute(DeviceAttribute::virtual_memory_management) != 0;
  device.memory_pools = attribute(DeviceAttribute::memory_pools) != 0;
  // Drivers before 12.2 do not know it.
  if (api.cuDeviceGetAttribute(&device.numa_node, DeviceAttribute::host_numa_id, ordinal) !=
      DriverStatus::ok)
    device.numa_node = -1;
  return device;
}

const char* path_name(int common_ancestor) {
  switch (common_ancestor) {
    case 0:
      return "board";
    case 10:
      return "switch";
    case 20:
      return "switches";
    case 30:
      return "host bridge";
    case 40:
      return "numa node";
    default:
      return "system";
  }
}

// NVML numbers its devices by PCI address, the driver by its own order: they meet at the UUID.
NvmlDevice find_handle(const NvmlApi& nvml, const Device& device) {
  unsigned count = 0;
  nvml.device_count(&count);
  for (unsigned i = 0; i < count; ++i) {
    NvmlDevice handle = nullptr;
    char uuid[96] = {};
    if (nvml.device(i, &handle) == NvmlStatus::ok &&
        nvml.uuid(handle, uuid, sizeof uuid) == NvmlStatus::ok && device.uuid == uuid)
      return handle;
  }
  return nullptr;
}

unsigned count_nvlinks(const NvmlApi& nvml, NvmlDevice from, const Device& to) {
  if (nvml.link_state == nullptr || nvml.link_peer == nullptr) return 0;
  unsigned links = 0;
  for (unsigned link = 0; link < nvml_most_links; ++link) {
    int active = 0;
    NvmlPci peer{};
    if (nvml.link_state(from, link, &active) == NvmlStatus::ok && active != 0 &&
        nvml.link_peer(from, link, &peer) == NvmlStatus::ok && plain_pci(peer.bus_id) == to.pci)
      ++links;
  }
  return links;
}

void look_for_nvidia(const DiscoveryPlaces& places, Inventory& to) {
  auto nvml = load_nvml(places.libnvml);
  char release[96] = {};
  if (nvml && nvml->driver_release != nullptr &&
      nvml->driver_release(release, sizeof release) == NvmlStatus::ok)
    to.driver_release = release;
  auto api = load_driver(places.libcuda);
  if (!api) return to.notes.push_back(api.error().message);
  to.cuda_version = api->version;
  if (const auto started = initialise(*api); !started)
    return to.notes.push_back(started.error().message);
  detail::add_nvidia(*api, to);
  if (nvml)
    detail::add_topology(&*api, *nvml, to);
  else
    to.notes.push_back(nvml.error().message);
}

}  // namespace

const char* to_text(Vendor vendor) {
  switch (vendor) {
    case Vendor::nvidia:
      return "NVIDIA";
    case Vendor::amd:
      return "AMD";
    case Vendor::intel:
      return "Intel";
  }
  return "unknown";
}

void detail::add_nvidia(const DriverApi& api, Inventory& to) {
  int count = 0;
  if (const DriverStatus status = api.cuDeviceGetCount(&count); status != DriverStatus::ok)
    return to.notes.push_back(describe(api, status, "counting the GPUs").message);
  for (int i = 0; i < count; ++i) {
    DeviceOrdinal ordinal = 0;
    const DriverStatus status = api.cuDeviceGet(&ordinal, i);
    if (status == DriverStatus::ok)
      to.devices.push_back(describe_device(api, static_cast<unsigned>(i), ordinal));
    else
      to.notes.push_back(describe(api, status, fmt::format("asking for GPU {}", i)).message);
  }
}

void detail::add_topology(const DriverApi* api, const NvmlApi& nvml, Inventory& to) {
  std::vector<std::pair<const Device*, NvmlDevice>> known;
  for (const Device& device : to.devices)
    if (device.vendor == Vendor::nvidia) known.emplace_back(&device, find_handle(nvml, device));
  for (std::size_t i = 0; i < known.size(); ++i)
    for (std::size_t j = i + 1; j < known.size(); ++j) {
      const auto& [first, first_handle] = known[i];
      const auto& [second, second_handle] = known[j];
      PeerLink link{first->index, second->index, false, 0, "system"};
      int can = 0, back = 0, ancestor = 50;
      const auto a = static_cast<DeviceOrdinal>(first->index);
      const auto b = static_cast<DeviceOrdinal>(second->index);
      link.peer_access = api != nullptr &&
                         api->cuDeviceCanAccessPeer(&can, a, b) == DriverStatus::ok && can != 0 &&
                         api->cuDeviceCanAccessPeer(&back, b, a) == DriverStatus::ok && back != 0;
      if (first_handle != nullptr && second_handle != nullptr) {
        link.nvlinks = count_nvlinks(nvml, first_handle, *second);
        if (nvml.common_ancestor != nullptr &&
            nvml.common_ancestor(first_handle, second_handle, &ancestor) == NvmlStatus::ok)
          link.path = path_name(ancestor);
      }
      // Through a switch no link's other end is the device; but only NVLink does atomics as well.
      int atomics = 0;
      if (link.peer_access)
        api->cuDeviceGetP2PAttribute(&atomics, PeerAttribute::native_atomics, a, b);
      if (link.nvlinks > 0 || atomics != 0) link.path = "nvlink";
      to.links.push_back(std::move(link));
    }
}

Inventory discover(const DiscoveryPlaces& places) {
  Inventory inventory;
  look_for_nvidia(places, inventory);
  std::string sysfs = places.sysfs;
  if (sysfs.empty())
    if (const char* root = std::getenv("ZOMMA_SYSFS")) sysfs = root;
  detail::add_from_sysfs(sysfs.empty() ? "/sys" : sysfs, inventory);
  detail::add_from_libraries(places.rocm_smi, places.level_zero, inventory);
  return inventory;
}

std::string inventory_json(const Inventory& inventory) {
  namespace json = boost::json;
  json::array devices, links, notes;
  for (const Device& d : inventory.devices) {
    json::object to{{"vendor", to_text(d.vendor)},
                    {"index", d.index},
                    {"name", d.name},
                    {"pci", d.pci},
                    {"numa_node", d.numa_node}};
    if (!d.uuid.empty()) to["uuid"] = d.uuid;
    if (d.memory_bytes > 0) to["memory_bytes"] = d.memory_bytes;
    if (d.vendor == Vendor::nvidia) {
      to["compute_capability"] = fmt::format("{}.{}", d.capability_major, d.capability_minor);
      to["multiprocessors"] = d.multiprocessors;
      to["clock_hertz"] = d.clock_hertz;
      to["memory_bytes_per_second"] = d.memory_bytes_per_second;
      to["ecc"] = d.ecc;
      to["virtual_memory"] = d.virtual_memory;
      to["memory_pools"] = d.memory_pools;
    } else {
      to["kernel_driver"] = d.kernel_driver;
      if (d.memory_used_bytes) to["memory_used_bytes"] = *d.memory_used_bytes;
      if (d.temperature_celsius) to["temperature_celsius"] = *d.temperature_celsius;
      if (d.power_watts) to["power_watts"] = *d.power_watts;
    }
    devices.push_back(std::move(to));
  }
  for (const PeerLink& l : inventory.links)
    links.push_back({{"from", l.from},
                     {"to", l.to},
                     {"peer_access", l.peer_access},
                     {"nvlinks", l.nvlinks},
                     {"path", l.path}});
  for (const std::string& note : inventory.notes) notes.emplace_back(note);
  json::object driver{{"release", inventory.driver_release}};
  if (inventory.cuda_version) driver["cuda"] = version_text(*inventory.cuda_version);
  return json::serialize(json::object{{"driver", std::move(driver)},
                                      {"devices", std::move(devices)},
                                      {"links", std::move(links)},
                                      {"notes", std::move(notes)}});
}

}  // namespace zomma::gpu
