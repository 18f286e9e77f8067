// sampler.h: one thread that reads the devices' health once a second, or as soon as an Xid has
// come, and leaves the result where others take it without waiting. NVML may take milliseconds a
// call and hang with a dying device: nobody but this thread ever calls it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/types.h"
#include "gpu/health.h"

namespace zomma::gpu {

class HealthSampler {
 public:
  // Called on the sampler's thread after each reading.
  using Listener = std::function<void(const HealthSnapshot&)>;

  static constexpr unsigned most_devices = 64;

  struct Pace {
    Nanoseconds reading{1'000'000'000};  // all sensors
    Nanoseconds xids{100'000'000};  // only whether an Xid has come; one is followed by a reading
  };

  // The first reading has been taken when the constructor returns.
  explicit HealthSampler(HealthMonitor monitor, Listener listener = {});
  HealthSampler(HealthMonitor monitor, Listener listener, Pace pace);
  // Waits for a reading that is under way.
  ~HealthSampler();
  HealthSampler(const HealthSampler&) = delete;
  HealthSampler& operator=(const HealthSampler&) = delete;

  // [any thread] The newest reading, never null. Takes a lock for as long as a pointer is copied.
  std::shared_ptr<const HealthSnapshot> latest() const;

  // [any thread, hot] The verdict on NVML's device `index` in the newest reading: one load. A
  // device that is not there is unhealthy.
  Verdict verdict(unsigned index) const;

  // [any thread] Reads now and returns when that is done.
  void sample_now();

  // [any thread] An operator has reset the device: its Xids are forgotten before the next reading.
  void forget_xids(unsigned index);

  // [any thread] Readings so far.
  std::uint64_t readings() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace zomma::gpu
