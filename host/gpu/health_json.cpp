// health_json.cpp: a health snapshot as JSON.
#include <boost/json.hpp>

#include "gpu/health.h"
#include "gpu/xid.h"

namespace zomma::gpu {
namespace {

namespace json = boost::json;

template <class T>
void put(json::object& to, const char* name, const std::optional<T>& value) {
  if (value) to[name] = *value;
}

json::array texts(const std::vector<std::string>& from) {
  json::array to;
  for (const std::string& text : from) to.emplace_back(text);
  return to;
}

const char* to_text(XidClass kind) {
  switch (kind) {
    case XidClass::application:
      return "application";
    case XidClass::device:
      return "device";
    case XidClass::page:
      return "page";
  }
  return "unknown";
}

json::array xids(const DeviceHealth& device) {
  json::array to;
  for (const auto& [xid, count] : device.xids)
    to.push_back({{"xid", xid},
                  {"count", count},
                  {"class", to_text(classify_xid(xid))},
                  {"meaning", describe_xid(xid)}});
  return to;
}

json::object describe_device(const DeviceHealth& d) {
  json::object to{{"index", d.index},
                  {"uuid", d.uuid},
                  {"name", d.name},
                  {"pci", d.pci},
                  {"verdict", zomma::gpu::to_text(d.verdict)},
                  {"reasons", texts(d.reasons)},
                  {"xids", xids(d)}};
  put(to, "memory_total_bytes", d.memory_total_bytes);
  put(to, "memory_used_bytes", d.memory_used_bytes);
  put(to, "memory_free_bytes", d.memory_free_bytes);
  put(to, "temperature_celsius", d.temperature_celsius);
  put(to, "slowdown_celsius", d.slowdown_celsius);
  put(to, "shutdown_celsius", d.shutdown_celsius);
  put(to, "power_watts", d.power_watts);
  put(to, "power_limit_watts", d.power_limit_watts);
  put(to, "energy_joules", d.energy_joules);
  put(to, "utilisation_ratio", d.utilisation);
  put(to, "memory_utilisation_ratio", d.memory_utilisation);
  put(to, "sm_clock_hertz", d.sm_clock_hertz);
  put(to, "memory_clock_hertz", d.memory_clock_hertz);
  if (d.throttle_reasons) to["throttled_by"] = texts(throttle_names(*d.throttle_reasons));
  put(to, "ecc_corrected", d.ecc_corrected);
  put(to, "ecc_uncorrected", d.ecc_uncorrected);
  put(to, "retirement_pending", d.retirement_pending);
  put(to, "remapped_rows_corrected", d.remapped_corrected);
  put(to, "remapped_rows_uncorrected", d.remapped_uncorrected);
  put(to, "remap_pending", d.remap_pending);
  put(to, "remap_failed", d.remap_failed);
  put(to, "pcie_replays", d.pcie_replays);
  put(to, "pcie_generation", d.pcie_generation);
  put(to, "pcie_width", d.pcie_width);
  return to;
}

}  // namespace

std::string health_json(const HealthSnapshot& snapshot) {
  json::array devices;
  for (const DeviceHealth& device : snapshot.devices) devices.push_back(describe_device(device));
  return json::serialize(
      json::object{{"driver", snapshot.driver_release}, {"devices", std::move(devices)}});
}

}  // namespace zomma::gpu
