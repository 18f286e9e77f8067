// inventory_sysfs.cpp: GPUs as the kernel shows them under bus/pci/devices: AMD's and Intel's with
// what their kernel drivers tell, and NVIDIA's that no driver serves.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "gpu/inventory.h"

namespace zomma::gpu {
namespace {

namespace fs = std::filesystem;

constexpr unsigned vendor_amd = 0x1002, vendor_intel = 0x8086, vendor_nvidia = 0x10de;

// The first line of a file of sysfs, without trailing blanks; empty where it cannot be read.
std::string first_line(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  while (!line.empty() && (line.back() == ' ' || line.back() == '\n')) line.pop_back();
  return line;
}

std::optional<std::uint64_t> number(const fs::path& file, int base = 10) {
  const std::string text = first_line(file);
  const std::size_t skip = base == 16 && text.compare(0, 2, "0x") == 0 ? 2 : 0;
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + skip, end, value, base);
  if (error != std::errc{} || stop != end || text.size() == skip) return std::nullopt;
  return value;
}

int numa_node(const fs::path& folder) {
  const std::string text = first_line(folder / "numa_node");
  int node = -1;
  std::from_chars(text.data(), text.data() + text.size(), node);
  return node;
}

// PCI classes 03xxxx (display) and 12xxxx (accelerators: AMD's Instinct).
bool is_gpu_class(std::uint64_t pci_class) {
  const std::uint64_t base = pci_class >> 16;
  return base == 0x03 || base == 0x12;
}

std::vector<fs::path> sorted_folders(const fs::path& parent) {
  std::vector<fs::path> folders;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(parent, ignored)) folders.push_back(entry.path());
  std::sort(folders.begin(), folders.end());
  return folders;
}

// The sensors of a device are in a folder that the kernel numbers: hwmon/hwmon3.
void read_sensors(const fs::path& folder, Device& device) {
  for (const fs::path& sensors : sorted_folders(folder / "hwmon")) {
    if (const auto millidegrees = number(sensors / "temp1_input"))
      device.temperature_celsius = static_cast<double>(*millidegrees) * 1e-3;
    for (const char* name : {"power1_average", "power1_input"})
      if (const auto microwatts = number(sensors / name); microwatts && !device.power_watts)
        device.power_watts = static_cast<double>(*microwatts) * 1e-6;
  }
}

// amdgpu shows video memory beside the device; i915 and xe beside its card or in its tiles.
void read_memory(const fs::path& folder, Device& device) {
  if (const auto total = number(folder / "mem_info_vram_total")) device.memory_bytes = *total;
  device.memory_used_bytes = number(folder / "mem_info_vram_used");
  if (device.memory_bytes > 0) return;
  for (const fs::path& card : sorted_folders(folder / "drm"))
    if (const auto total = number(card / "lmem_total_bytes")) device.memory_bytes = *total;
  for (const fs::path& tile : sorted_folders(folder))
    if (tile.filename().string().compare(0, 4, "tile") == 0)
      if (const auto bytes = number(tile / "physical_vram_size_bytes", 16))
        device.memory_bytes += *bytes;
}

Device read_device(const fs::path& folder, Vendor vendor) {
  Device device;
  device.vendor = vendor;
  device.pci = folder.filename().string();
  std::error_code ignored;
  const fs::path driver = fs::read_symlink(folder / "driver", ignored);
  device.kernel_driver = driver.filename().string();
  device.name = first_line(folder / "product_name");
  if (device.name.empty())
    device.name = fmt::format("{} {}", to_text(vendor), first_line(folder / "device"));
  device.uuid = first_line(folder / "unique_id");
  device.numa_node = numa_node(folder);
  read_memory(folder, device);
  read_sensors(folder, device);
  return device;
}

}  // namespace

void detail::add_from_sysfs(const std::string& root, Inventory& to) {
  unsigned amd = 0, intel = 0;
  for (const fs::path& folder : sorted_folders(fs::path(root) / "bus/pci/devices")) {
    const auto vendor = number(folder / "vendor", 16);
    const auto pci_class = number(folder / "class", 16);
    if (!vendor || !pci_class || !is_gpu_class(*pci_class)) continue;
    const std::string pci = folder.filename().string();
    const bool shown = std::any_of(to.devices.begin(), to.devices.end(),
                                   [&](const Device& device) { return device.pci == pci; });
    if (*vendor == vendor_nvidia && !shown)
      to.notes.push_back(
          fmt::format("an NVIDIA device is at {}, but the driver does not show it: "
                      "install the driver, or look at CUDA_VISIBLE_DEVICES",
                      pci));
    if (*vendor != vendor_amd && *vendor != vendor_intel) continue;
    Device device = read_device(folder, *vendor == vendor_amd ? Vendor::amd : Vendor::intel);
    device.index = *vendor == vendor_amd ? amd++ : intel++;
    if (device.kernel_driver.empty())
      to.notes.push_back(
          fmt::format("no kernel driver serves the {} device at {}", to_text(device.vendor), pci));
    to.devices.push_back(std::move(device));
  }
}

}  // namespace zomma::gpu
