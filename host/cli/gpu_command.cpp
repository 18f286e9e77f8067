#include "cli/gpu_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <iostream>
#include <string>

#include "cli/admin/admin_client.h"

namespace zomma::cli {
namespace {

using gpu::Device;
using gpu::DeviceHealth;
using gpu::Vendor;
using gpu::Verdict;

std::string gibibytes(std::uint64_t bytes) {
  return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / (std::uint64_t{1} << 30));
}

std::string mebibytes(const boost::json::value& bytes) {
  const auto count = static_cast<double>(bytes.to_number<std::uint64_t>());
  return count < 1e10 ? fmt::format("{:.1f} MiB", count / (1 << 20))
                      : gibibytes(bytes.to_number<std::uint64_t>());
}

std::string_view text_of(const boost::json::value& text) { return text.as_string(); }

std::string describe(const Device& device) {
  std::string text =
      fmt::format("{} {}  {}  {}", to_text(device.vendor), device.index, device.name, device.pci);
  if (device.memory_bytes > 0) text += "  " + gibibytes(device.memory_bytes);
  if (device.vendor == Vendor::nvidia)
    text += fmt::format("  compute {}.{}, {} multiprocessors", device.capability_major,
                        device.capability_minor, device.multiprocessors);
  else
    text +=
        "  driver " + (device.kernel_driver.empty() ? std::string("none") : device.kernel_driver);
  if (device.numa_node >= 0) text += fmt::format("  numa node {}", device.numa_node);
  return text;
}

std::string sensors(const std::optional<double>& celsius, const std::optional<double>& watts,
                    const std::optional<double>& most_watts,
                    const std::optional<std::uint64_t>& used) {
  std::string text;
  if (celsius) text += fmt::format("  {:.0f} C", *celsius);
  if (watts) text += fmt::format("  {:.0f} W", *watts);
  if (most_watts) text += fmt::format(" of {:.0f} W", *most_watts);
  if (used) text += fmt::format("  {} in use", gibibytes(*used));
  return text;
}

std::string describe(const DeviceHealth& health) {
  std::string text =
      to_text(health.verdict) + sensors(health.temperature_celsius, health.power_watts,
                                        health.power_limit_watts, health.memory_used_bytes);
  if (health.utilisation) text += fmt::format("  {:.0f} % busy", *health.utilisation * 100);
  for (const std::string& reason : health.reasons) text += "\n    " + reason;
  return text;
}

const DeviceHealth* find_health(const std::optional<gpu::HealthSnapshot>& health,
                                const Device& device) {
  if (!health || device.vendor != Vendor::nvidia) return nullptr;
  for (const DeviceHealth& known : health->devices)
    if (known.uuid == device.uuid) return &known;
  return nullptr;
}

void print(const gpu::Inventory& inventory, const std::optional<gpu::HealthSnapshot>& health,
           std::ostream& out) {
  if (inventory.cuda_version)
    out << fmt::format(
        "NVIDIA driver {}, CUDA {}\n",
        inventory.driver_release.empty() ? "of unknown release" : inventory.driver_release,
        gpu::version_text(*inventory.cuda_version));
  for (const Device& device : inventory.devices) {
    out << describe(device) << '\n';
    if (const DeviceHealth* known = find_health(health, device))
      out << "  " << describe(*known) << '\n';
    else if (const std::string read = sensors(device.temperature_celsius, device.power_watts,
                                              std::nullopt, device.memory_used_bytes);
             !read.empty())
      out << "  " << read.substr(2) << '\n';
  }
  for (const gpu::PeerLink& link : inventory.links)
    out << fmt::format("{} - {}: {}{}{}\n", link.from, link.to, link.path,
                       link.nvlinks > 0 ? fmt::format(" x{}", link.nvlinks) : "",
                       link.peer_access ? "" : ", no peer access");
  if (inventory.devices.empty()) out << "no GPU: everything runs on the CPU\n";
  for (const std::string& note : inventory.notes) out << "note: " << note << '\n';
}

std::string describe_heap(const boost::json::value& heap) {
  const auto bytes = [&](const char* key) { return mebibytes(heap.at(key)); };
  std::string text = fmt::format(
      "memory lent of GPU {} ({})  {} of {} lent, {} held, largest free {}, fragmentation {:.1f} "
      "%\n",
      heap.at("gpu").to_number<std::uint64_t>(), text_of(heap.at("backend")), bytes("taken_bytes"),
      bytes("capacity_bytes"), bytes("reserved_bytes"), bytes("largest_free_bytes"),
      100 * heap.at("fragmentation").to_number<double>());
  for (const auto& client : heap.at("clients").as_array())
    text += fmt::format("  {}  {} of its {}, at most {}, {} blocks, {} refused\n",
                        text_of(client.at("name")), mebibytes(client.at("used_bytes")),
                        mebibytes(client.at("budget_bytes")), mebibytes(client.at("peak_bytes")),
                        client.at("blocks").to_number<std::uint64_t>(),
                        client.at("refused").to_number<std::uint64_t>());
  std::string rungs;
  for (const auto& rung : heap.at("rungs").as_object())
    if (const auto tried = rung.value().at("tried").to_number<std::uint64_t>(); tried > 0)
      rungs += fmt::format("  {} {}/{}", std::string_view(rung.key()),
                           rung.value().at("helped").to_number<std::uint64_t>(), tried);
  return rungs.empty() ? text : text + "  helped of tried:" + rungs + '\n';
}

void print_lent(const boost::json::value& lent, std::ostream& out) {
  if (!lent.is_array()) return;
  if (lent.get_array().empty()) out << "the host lends no GPU memory now\n";
  try {
    for (const auto& heap : lent.get_array()) out << describe_heap(heap);
  } catch (const std::exception& error) {
    out << "the host's answer is of another version: " << error.what() << '\n';
  }
}

// What a running host says of the memory it lends; null where none runs here.
Result<boost::json::value> ask_for_lent(const std::string& given) {
  const auto socket = find_host(given.empty() ? likely_sockets() : std::vector<std::string>{given});
  if (!socket) return given.empty() ? Result<boost::json::value>(nullptr) : socket.error();
  const auto answer = ask_host(*socket, "GET", "/v1/status", "");
  if (!answer) return answer.error();
  const auto* status = answer->json.if_object();
  const auto* lent = status == nullptr ? nullptr : status->if_contains("gpu_memory");
  return lent == nullptr ? boost::json::value() : *lent;
}

}  // namespace

int gpu_command(const GpuCommand& command, std::ostream& out) {
  gpu::Inventory inventory = gpu::discover(command.places);
  std::optional<gpu::HealthSnapshot> health;
  auto monitor = gpu::HealthMonitor::open(command.places.libnvml);
  if (monitor) health = monitor->read();
  if (command.json)
    out << fmt::format("{{\"inventory\":{},\"health\":{},\"lent\":{}}}\n",
                       gpu::inventory_json(inventory), health ? gpu::health_json(*health) : "null",
                       boost::json::serialize(command.lent));
  else
    print(inventory, health, out), print_lent(command.lent, out);
  unsigned usable = 0;
  bool all = true;
  for (const Device& device : inventory.devices) {
    const DeviceHealth* known = find_health(health, device);
    const bool well = known == nullptr || known->verdict != Verdict::unhealthy;
    usable += well;
    all = all && well;
  }
  // A device that is lost may be missing from the driver's list, but not from NVML's.
  if (health)
    all = all && std::none_of(health->devices.begin(), health->devices.end(),
                              [](const DeviceHealth& d) { return d.lost; });
  return all && usable >= command.require ? 0 : 1;
}

void add_gpu_command(CLI::App& app, int& status) {
  auto command = std::make_shared<GpuCommand>();
  auto* gpu_app = app.add_subcommand("gpu", "which GPUs there are and how they are");
  gpu_app->add_flag("--json", command->json, "as JSON");
  gpu_app->add_option("--require", command->require,
                      "fail unless so many devices are fit for work");
  auto socket = std::make_shared<std::string>();
  gpu_app->add_option("--socket", *socket, "of the running host whose loans are shown");
  gpu_app->callback([&status, command, socket] {
    auto lent = ask_for_lent(*socket);
    if (!lent) {
      fmt::print(stderr, "zomma: {}\n", lent.error().message);
      status = 1;
      return;
    }
    command->lent = std::move(*lent);
    status = gpu_command(*command, std::cout);
  });
}

}  // namespace zomma::cli
