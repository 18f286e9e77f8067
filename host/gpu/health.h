// health.h: how the NVIDIA devices are: sensors, error counts, Xids, and a verdict with reasons.
// Read through NVML, which may take milliseconds a call: by the sampler's thread, never by one that
// trades.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/types.h"
#include "gpu/nvml_api.h"

namespace zomma::gpu {

enum class Verdict : std::uint8_t {
  well,
  degraded,  // works, but slower than it should, or needs a reset when convenient
  unhealthy  // gets no new work
};
const char* to_text(Verdict verdict);

// nvmlClocksEventReasons: why the clocks are below what the load asks for.
enum ThrottleReason : std::uint64_t {
  throttle_idle = 0x1,
  throttle_application_clocks = 0x2,
  throttle_software_power_cap = 0x4,
  throttle_hardware_slowdown = 0x8,
  throttle_sync_boost = 0x10,
  throttle_software_thermal = 0x20,
  throttle_hardware_thermal = 0x40,
  throttle_power_brake = 0x80,
  throttle_display_clocks = 0x100
};
// "hw_thermal", ... of each bit that is set, lowest first; a bit that is not known gives its
// number.
std::vector<std::string> throttle_names(std::uint64_t reasons);

// One device at one time. Empty: this device or driver does not tell.
struct DeviceHealth {
  unsigned index = 0;
  std::string uuid, name, pci;
  bool lost = false;  // fell off the bus, or needs a reset before it answers

  std::optional<std::uint64_t> memory_total_bytes, memory_used_bytes, memory_free_bytes;
  std::optional<double> temperature_celsius, slowdown_celsius, shutdown_celsius;
  std::optional<double> power_watts, power_limit_watts, energy_joules;
  std::optional<double> utilisation, memory_utilisation;  // of the last sample period, 0 to 1
  std::optional<double> sm_clock_hertz, memory_clock_hertz;
  std::optional<std::uint64_t> throttle_reasons;                // ThrottleReason bits
  std::optional<std::uint64_t> ecc_corrected, ecc_uncorrected;  // since the driver was loaded
  std::optional<bool> retirement_pending;
  std::optional<unsigned> remapped_corrected, remapped_uncorrected;  // rows
  std::optional<bool> remap_pending, remap_failed;
  std::optional<unsigned> pcie_replays, pcie_generation, pcie_width;

  std::map<std::uint64_t, std::uint64_t> xids;  // Xid -> how often since the monitor was opened
  std::optional<std::uint64_t> last_xid;

  Verdict verdict = Verdict::well;
  std::vector<std::string> reasons;  // of the verdict, empty when well
};

struct HealthSnapshot {
  Nanoseconds taken_at{};      // monotonic clock
  Nanoseconds took{};          // the reading, from taken_at on
  std::string driver_release;  // "580.65.06"
  std::vector<DeviceHealth> devices;
};

// The verdict by the numbers: unhealthy on an Xid that is not an application's, an uncorrected
// memory error, a failed row remap, the shutdown temperature; degraded on the slowdown temperature,
// a clock held down by the hardware, a reset or remap that is due.
void judge(DeviceHealth& device);

// All NVIDIA devices of this machine. One thread at a time.
class HealthMonitor {
 public:
  // Opens NVML at `path` (empty: the default) and the devices' event queue. Errors as load_nvml's.
  static Result<HealthMonitor> open(const std::string& path = {});
  HealthMonitor(HealthMonitor&&) noexcept;
  HealthMonitor& operator=(HealthMonitor&&) noexcept;
  ~HealthMonitor();

  // Reads all sensors and whatever Xids have come. A device that is lost is in the answer,
  // unhealthy.
  HealthSnapshot read();
  // Takes the Xids that have come, without reading a sensor; true if one has. Cheap: ten times a
  // second.
  bool poll_xids();
  // After an operator has reset device `index`: its Xids no longer count.
  void forget_xids(unsigned index);

 private:
  struct State;
  explicit HealthMonitor(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// {"driver": ..., "devices": [{...}]}; what a device does not tell is left out. Units as in the
// names.
std::string health_json(const HealthSnapshot& snapshot);

}  // namespace zomma::gpu
