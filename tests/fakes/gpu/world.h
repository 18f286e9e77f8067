// world.h: the state that the fake driver and the fake NVML share: devices, what is allocated on
// them, how often each function was called. A shared library of its own, so that a test which links
// it sees the same world as the fakes that the host opened.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "fakes/gpu/scenario.h"

namespace zomma::fake_gpu {

// A device while the scenario plays.
struct DeviceState {
  std::uint64_t used_bytes = 0;
  std::uint64_t temperature_reads = 0, power_reads = 0, throttle_reads = 0, corrected_reads = 0,
                uncorrected_reads = 0, utilisation_reads = 0;
  int contexts = 0;  // how often the primary context is held
};

class World {
 public:
  // Plays $ZOMMA_FAKE_GPU, a scenario file; without it, one device.
  static World& instance();

  // Begins anew. Handles and memory of before are gone: only when nobody uses them.
  void play(Scenario scenario);

  // Every fake function opens with it: counts the call, waits its latency, and answers the status
  // that the scenario wants it to fail with. Statuses 700 to 719 stay, as on a device.
  std::optional<int> enter(const char* function);

  const Scenario& scenario() const { return scenario_; }
  DeviceState& state(int device) { return states_.at(static_cast<std::size_t>(device)); }
  int device_count() const { return static_cast<int>(scenario_.devices.size()); }
  std::uint64_t calls(const std::string& function) const;
  // Takes `bytes` of a device's memory; false where there are not so many.
  bool take(int device, std::uint64_t bytes);
  void give(int device, std::uint64_t bytes);
  // What the scenario's series says at this reading.
  static std::uint64_t next(const std::vector<std::uint64_t>& series, std::uint64_t& reads);
  // A new scenario, a new epoch: fakes drop what they hold from an older one.
  std::uint64_t epoch() const { return epoch_; }
  std::recursive_mutex& mutex() { return mutex_; }

 private:
  World();
  mutable std::recursive_mutex mutex_;
  Scenario scenario_;
  std::vector<DeviceState> states_;
  std::map<std::string, std::uint64_t> calls_;
  std::optional<int> lost_;
  std::uint64_t epoch_ = 0;
};

}  // namespace zomma::fake_gpu
