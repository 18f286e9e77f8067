// scenario.cpp: a scenario from TOML. Unknown keys are refused: a misspelt one would test nothing.
#include "fakes/gpu/scenario.h"

#include <algorithm>
#include <initializer_list>
#include <sstream>
#include <stdexcept>
#include <string_view>

#define TOML_EXCEPTIONS 1
#include <toml++/toml.h>

namespace zomma::fake_gpu {
namespace {

[[noreturn]] void refuse(const toml::node& node, const std::string& reason) {
  std::ostringstream text;
  text << node.source() << ": " << reason;
  throw std::runtime_error(text.str());
}

void only(const toml::table& table, std::initializer_list<std::string_view> known) {
  for (const auto& [key, value] : table)
    if (std::find(known.begin(), known.end(), key.str()) == known.end())
      refuse(value, "no such key: " + std::string(key.str()));
}

template <class T>
void read(const toml::table& table, std::string_view key, T& to) {
  const toml::node* node = table.get(key);
  if (node == nullptr) return;
  const auto value = node->value_exact<std::conditional_t<
      std::is_same_v<T, bool>, bool,
      std::conditional_t<std::is_same_v<T, std::string>, std::string, std::int64_t>>>();
  if (!value) refuse(*node, std::string(key) + " is of another type");
  to = static_cast<T>(*value);
}

void read_series(const toml::table& table, std::string_view key, std::vector<std::uint64_t>& to) {
  const toml::node* node = table.get(key);
  if (node == nullptr) return;
  to.clear();
  if (const auto one = node->value_exact<std::int64_t>())
    to.push_back(static_cast<std::uint64_t>(*one));
  else if (const toml::array* many = node->as_array())
    for (const toml::node& element : *many) {
      const auto value = element.value_exact<std::int64_t>();
      if (!value) refuse(element, std::string(key) + " holds whole numbers");
      to.push_back(static_cast<std::uint64_t>(*value));
    }
  if (to.empty()) refuse(*node, std::string(key) + " is a number or a list of numbers");
}

// The tables of [[key]].
template <class Body>
void each(const toml::table& root, std::string_view key, Body body) {
  const toml::node* node = root.get(key);
  if (node == nullptr) return;
  const toml::array* tables = node->as_array();
  if (tables == nullptr)
    refuse(*node, std::string(key) + " is written [[" + std::string(key) + "]]");
  for (const toml::node& element : *tables) body(*element.as_table());
}

void read_device(const toml::table& table, DeviceSpec& to) {
  only(table, {"name",
               "uuid",
               "pci_domain",
               "pci_bus",
               "pci_device",
               "memory_bytes",
               "capability_major",
               "capability_minor",
               "multiprocessors",
               "clock_mhz",
               "memory_clock_mhz",
               "memory_bus_bits",
               "numa_node",
               "maps_memory",
               "ecc",
               "temperature_celsius",
               "power_milliwatts",
               "throttle_reasons",
               "corrected_errors",
               "uncorrected_errors",
               "utilisation_percent",
               "power_limit_milliwatts",
               "slowdown_celsius",
               "shutdown_celsius",
               "remapped_uncorrectable",
               "remap_failed",
               "retirement_pending",
               "pcie_generation",
               "pcie_width"});
  read(table, "name", to.name);
  read(table, "uuid", to.uuid);
  read(table, "pci_domain", to.pci_domain);
  read(table, "pci_bus", to.pci_bus);
  read(table, "pci_device", to.pci_device);
  read(table, "memory_bytes", to.memory_bytes);
  read(table, "capability_major", to.capability_major);
  read(table, "capability_minor", to.capability_minor);
  read(table, "multiprocessors", to.multiprocessors);
  read(table, "clock_mhz", to.clock_mhz);
  read(table, "memory_clock_mhz", to.memory_clock_mhz);
  read(table, "memory_bus_bits", to.memory_bus_bits);
  read(table, "numa_node", to.numa_node);
  read(table, "maps_memory", to.maps_memory);
  read(table, "ecc", to.ecc);
  read_series(table, "temperature_celsius", to.temperature_celsius);
  read_series(table, "power_milliwatts", to.power_milliwatts);
  read_series(table, "throttle_reasons", to.throttle_reasons);
  read_series(table, "corrected_errors", to.corrected_errors);
  read_series(table, "uncorrected_errors", to.uncorrected_errors);
  read_series(table, "utilisation_percent", to.utilisation_percent);
  read(table, "power_limit_milliwatts", to.power_limit_milliwatts);
  read(table, "slowdown_celsius", to.slowdown_celsius);
  read(table, "shutdown_celsius", to.shutdown_celsius);
  read(table, "remapped_uncorrectable", to.remapped_uncorrectable);
  read(table, "remap_failed", to.remap_failed);
  read(table, "retirement_pending", to.retirement_pending);
  read(table, "pcie_generation", to.pcie_generation);
  read(table, "pcie_width", to.pcie_width);
}

DeviceSpec numbered(int index) {
  DeviceSpec device;
  device.name = "Fake GPU " + std::to_string(index);
  device.uuid.replace(device.uuid.size() - 1, 1, std::to_string(index % 10));
  device.pci_bus = 1 + index;
  return device;
}

}  // namespace

Scenario with_devices(int count) {
  Scenario scenario;
  for (int i = 0; i < count; ++i) scenario.devices.push_back(numbered(i));
  return scenario;
}

Scenario read_scenario(const std::string& path) {
  toml::table root;
  try {
    root = toml::parse_file(path);
  } catch (const toml::parse_error& error) {
    std::ostringstream text;
    text << path << ": " << error;
    throw std::runtime_error(text.str());
  }
  only(root, {"driver_version", "driver_release", "deferred", "device", "fail", "xid", "latency",
              "link"});
  Scenario scenario;
  read(root, "driver_version", scenario.driver_version);
  read(root, "driver_release", scenario.driver_release);
  read(root, "deferred", scenario.deferred);
  each(root, "device", [&](const toml::table& table) {
    scenario.devices.push_back(numbered(static_cast<int>(scenario.devices.size())));
    read_device(table, scenario.devices.back());
  });
  each(root, "fail", [&](const toml::table& table) {
    only(table, {"function", "call", "status", "from_then_on"});
    FailureSpec& to = scenario.failures.emplace_back();
    read(table, "function", to.function);
    read(table, "call", to.call);
    read(table, "status", to.status);
    read(table, "from_then_on", to.from_then_on);
  });
  each(root, "xid", [&](const toml::table& table) {
    only(table, {"device", "xid", "wait"});
    XidSpec& to = scenario.xids.emplace_back();
    read(table, "device", to.device);
    read(table, "xid", to.xid);
    read(table, "wait", to.wait);
  });
  each(root, "latency", [&](const toml::table& table) {
    only(table, {"function", "microseconds"});
    LatencySpec& to = scenario.latencies.emplace_back();
    read(table, "function", to.function);
    read(table, "microseconds", to.microseconds);
  });
  each(root, "link", [&](const toml::table& table) {
    only(table, {"first", "second", "nvlinks", "common_ancestor"});
    LinkSpec& to = scenario.links.emplace_back();
    read(table, "first", to.first);
    read(table, "second", to.second);
    read(table, "nvlinks", to.nvlinks);
    read(table, "common_ancestor", to.common_ancestor);
  });
  return scenario;
}

}  // namespace zomma::fake_gpu
