// health.cpp: reading the devices through NVML, and the verdict.
#include "gpu/health.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "gpu/xid.h"

namespace zomma::gpu {
namespace {

bool is_lost(NvmlStatus status) {
  return status == NvmlStatus::gpu_is_lost || status == NvmlStatus::reset_required;
}

// Calls one sensor; false where the driver has no such function or the device does not tell.
template <class... Parameters, class... Arguments>
bool ask(DeviceHealth& device, NvmlStatus (*function)(Parameters...), Arguments... arguments) {
  if (function == nullptr) return false;
  const NvmlStatus status = function(arguments...);
  if (is_lost(status)) device.lost = true;
  return status == NvmlStatus::ok;
}

void read_memory(const NvmlApi& api, NvmlDevice handle, DeviceHealth& to) {
  NvmlMemory memory{};
  if (!ask(to, api.memory, handle, &memory)) return;
  to.memory_total_bytes = memory.total;
  to.memory_used_bytes = memory.used;
  to.memory_free_bytes = memory.free;
}

void read_heat(const NvmlApi& api, NvmlDevice handle, DeviceHealth& to) {
  unsigned value = 0;
  if (ask(to, api.temperature, handle, nvml_temperature_gpu, &value))
    to.temperature_celsius = value;
  if (ask(to, api.threshold, handle, NvmlThreshold::slowdown, &value)) to.slowdown_celsius = value;
  if (ask(to, api.threshold, handle, NvmlThreshold::shutdown, &value)) to.shutdown_celsius = value;
}

void read_power(const NvmlApi& api, NvmlDevice handle, DeviceHealth& to) {
  unsigned milliwatts = 0;
  unsigned long long millijoules = 0;
  if (ask(to, api.power, handle, &milliwatts)) to.power_watts = milliwatts * 1e-3;
  if (ask(to, api.power_limit, handle, &milliwatts)) to.power_limit_watts = milliwatts * 1e-3;
  if (ask(to, api.energy, handle, &millijoules))
    to.energy_joules = static_cast<double>(millijoules) * 1e-3;
}

void read_speed(const NvmlApi& api, NvmlDevice handle, DeviceHealth& to) {
  NvmlUtilisation rates{};
  unsigned mhz = 0;
  unsigned long long reasons = 0;
  if (ask(to, api.utilisation, handle, &rates)) {
    to.utilisation = rates.gpu * 0.01;
    to.memory_utilisation = rates.memory * 0.01;
  }
  if (ask(to, api.clock, handle, NvmlClock::sm, &mhz)) to.sm_clock_hertz = mhz * 1e6;
  if (ask(to, api.clock, handle, NvmlClock::memory, &mhz)) to.memory_clock_hertz = mhz * 1e6;
  if (ask(to, api.throttle_reasons, handle, &reasons)) to.throttle_reasons = reasons;
}

void read_errors(const NvmlApi& api, NvmlDevice handle, DeviceHealth& to) {
  unsigned long long count = 0;
  int pending = 0;
  unsigned corrected = 0, uncorrected = 0, due = 0, failed = 0;
  if (ask(to, api.ecc_errors, handle, NvmlErrorKind::corrected, nvml_since_driver_load, &count))
    to.ecc_corrected = count;
  if (ask(to, api.ecc_errors, handle, NvmlErrorKind::uncorrected, nvml_since_driver_load, &count))
    to.ecc_uncorrected = count;
  if (ask(to, api.retirement_pending, handle, &pending)) to.retirement_pending = pending != 0;
  if (!ask(to, api.remapped_rows, handle, &corrected, &uncorrected, &due, &failed)) return;
  to.remapped_corrected = corrected;
  to.remapped_uncorrected = uncorrected;
  to.remap_pending = due != 0;
  to.remap_failed = failed != 0;
}

void read_bus(const NvmlApi& api, NvmlDevice handle, DeviceHealth& to) {
  unsigned value = 0;
  if (ask(to, api.pcie_replays, handle, &value)) to.pcie_replays = value;
  if (ask(to, api.pcie_generation, handle, &value)) to.pcie_generation = value;
  if (ask(to, api.pcie_width, handle, &value)) to.pcie_width = value;
}

}  // namespace

const char* to_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::well:
      return "well";
    case Verdict::degraded:
      return "degraded";
    case Verdict::unhealthy:
      return "unhealthy";
  }
  return "unknown";
}

std::vector<std::string> throttle_names(std::uint64_t reasons) {
  static constexpr std::pair<std::uint64_t, const char*> known[] = {
      {throttle_idle, "idle"},
      {throttle_application_clocks, "application_clocks"},
      {throttle_software_power_cap, "sw_power_cap"},
      {throttle_hardware_slowdown, "hw_slowdown"},
      {throttle_sync_boost, "sync_boost"},
      {throttle_software_thermal, "sw_thermal"},
      {throttle_hardware_thermal, "hw_thermal"},
      {throttle_power_brake, "power_brake"},
      {throttle_display_clocks, "display_clocks"}};
  std::vector<std::string> names;
  for (const auto& [bit, name] : known)
    if (reasons & bit) names.emplace_back(name);
  for (std::uint64_t bit = 0x200; bit != 0; bit <<= 1)
    if (reasons & bit) names.push_back(fmt::format("0x{:x}", bit));
  return names;
}

void judge(DeviceHealth& device) {
  device.verdict = Verdict::well;
  device.reasons.clear();
  const auto find = [&](Verdict verdict, std::string reason) {
    device.verdict = std::max(device.verdict, verdict);
    device.reasons.push_back(std::move(reason));
  };
  if (device.lost) find(Verdict::unhealthy, "does not answer: off the bus, or a reset is required");
  for (const auto& [xid, count] : device.xids)
    if (classify_xid(xid) != XidClass::application)
      find(Verdict::unhealthy,
           fmt::format("Xid {} ({}) {} time(s){}", xid, describe_xid(xid), count,
                       classify_xid(xid) == XidClass::page ? ", call somebody" : ""));
  if (device.ecc_uncorrected.value_or(0) > 0)
    find(Verdict::unhealthy, fmt::format("{} uncorrected memory errors", *device.ecc_uncorrected));
  if (device.remap_failed.value_or(false))
    find(Verdict::unhealthy, "a memory row could not be remapped: replace the device");
  if (device.retirement_pending.value_or(false) || device.remap_pending.value_or(false))
    find(Verdict::degraded, "memory waits for a reset to be set aside");
  if (device.temperature_celsius) {
    const double heat = *device.temperature_celsius;
    if (device.shutdown_celsius && heat >= *device.shutdown_celsius)
      find(Verdict::unhealthy,
           fmt::format("{} C, shuts down at {} C", heat, *device.shutdown_celsius));
    else if (device.slowdown_celsius && heat >= *device.slowdown_celsius)
      find(Verdict::degraded,
           fmt::format("{} C, slows down at {} C", heat, *device.slowdown_celsius));
  }
  constexpr std::uint64_t held_down = throttle_hardware_slowdown | throttle_hardware_thermal |
                                      throttle_software_thermal | throttle_power_brake;
  if (const std::uint64_t held = device.throttle_reasons.value_or(0) & held_down)
    find(Verdict::degraded,
         fmt::format("clocks held down: {}", fmt::join(throttle_names(held), ", ")));
}

// Everything that one monitor holds; NVML itself stays initialised, for others may use it too.
struct HealthMonitor::State {
  NvmlApi api;
  std::string driver_release;
  struct Known {
    NvmlDevice handle;
    DeviceHealth identity;  // what does not change, and the Xids
  };
  std::vector<Known> devices;
  NvmlEventSet events = nullptr;

  ~State() {
    if (events != nullptr && api.free_event_set != nullptr) api.free_event_set(events);
  }

  Result<void> find_devices();
  void listen();
  bool take_xids();
};

Result<void> HealthMonitor::State::find_devices() {
  unsigned count = 0;
  if (const NvmlStatus status = api.device_count(&count); status != NvmlStatus::ok)
    return describe(api, status, "counting the devices");
  char text[96] = {};
  if (api.driver_release != nullptr && api.driver_release(text, sizeof text) == NvmlStatus::ok)
    driver_release = text;
  for (unsigned index = 0; index < count; ++index) {
    Known known{nullptr, {}};
    known.identity.index = index;
    // A device that is lost already stays in the list, so that somebody hears of it.
    if (is_lost(api.device(index, &known.handle))) known.identity.lost = true;
    if (known.handle != nullptr) {
      NvmlPci pci{};
      if (api.uuid(known.handle, text, sizeof text) == NvmlStatus::ok) known.identity.uuid = text;
      if (ask(known.identity, api.name, known.handle, text, unsigned{sizeof text}))
        known.identity.name = text;
      if (ask(known.identity, api.pci, known.handle, &pci)) known.identity.pci = pci.bus_id;
    }
    devices.push_back(std::move(known));
  }
  return {};
}

// Without the event queue (a container may not have it) the host still reads sensors.
void HealthMonitor::State::listen() {
  if (api.create_event_set == nullptr || api.register_events == nullptr ||
      api.wait_event == nullptr || api.free_event_set == nullptr ||
      api.create_event_set(&events) != NvmlStatus::ok) {
    events = nullptr;
    return;
  }
  for (Known& known : devices)
    if (known.handle != nullptr) api.register_events(known.handle, nvml_event_xid, events);
}

bool HealthMonitor::State::take_xids() {
  if (events == nullptr) return false;
  bool any = false;
  constexpr int most_at_once = 64;  // a storm of Xids must not keep the sampler here
  for (int i = 0; i < most_at_once; ++i) {
    NvmlEvent event{};
    if (api.wait_event(events, &event, 0) != NvmlStatus::ok) return any;
    if (event.type != nvml_event_xid) continue;
    any = true;
    for (Known& known : devices)
      if (known.handle == event.device) {
        ++known.identity.xids[event.data];
        known.identity.last_xid = event.data;
      }
  }
  return any;
}

HealthMonitor::HealthMonitor(std::unique_ptr<State> state) : state_(std::move(state)) {}
HealthMonitor::HealthMonitor(HealthMonitor&&) noexcept = default;
HealthMonitor& HealthMonitor::operator=(HealthMonitor&&) noexcept = default;
HealthMonitor::~HealthMonitor() = default;

Result<HealthMonitor> HealthMonitor::open(const std::string& path) {
  auto api = load_nvml(path);
  if (!api) return api.error();
  auto state = std::make_unique<State>();
  state->api = std::move(*api);
  if (const auto found = state->find_devices(); !found) return found.error();
  state->listen();
  return HealthMonitor(std::move(state));
}

HealthSnapshot HealthMonitor::read() {
  const NvmlApi& api = state_->api;
  state_->take_xids();
  HealthSnapshot snapshot{monotonic_now(), {}, state_->driver_release, {}};
  for (const State::Known& known : state_->devices) {
    DeviceHealth device = known.identity;
    if (known.handle != nullptr) {
      read_memory(api, known.handle, device);
      read_heat(api, known.handle, device);
      read_power(api, known.handle, device);
      read_speed(api, known.handle, device);
      read_errors(api, known.handle, device);
      read_bus(api, known.handle, device);
    }
    judge(device);
    snapshot.devices.push_back(std::move(device));
  }
  snapshot.took = monotonic_now() - snapshot.taken_at;
  return snapshot;
}

bool HealthMonitor::poll_xids() { return state_->take_xids(); }

void HealthMonitor::forget_xids(unsigned index) {
  if (index >= state_->devices.size()) return;
  state_->devices[index].identity.xids.clear();
  state_->devices[index].identity.last_xid.reset();
}

}  // namespace zomma::gpu
