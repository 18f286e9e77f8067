#include "gpu/sampler.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace zomma::gpu {

struct HealthSampler::State {
  State(HealthMonitor opened, Listener heard, Pace wanted)
      : monitor(std::move(opened)), pace(wanted), listener(std::move(heard)) {
    for (auto& verdict : verdicts) verdict.store(Verdict::unhealthy, std::memory_order_relaxed);
  }

  HealthMonitor monitor;  // [sampler thread]
  const Pace pace;
  const Listener listener;
  std::array<std::atomic<Verdict>, most_devices> verdicts;
  std::atomic<std::uint64_t> readings{0};

  mutable std::mutex mutex;  // what follows
  std::condition_variable changed;
  std::shared_ptr<const HealthSnapshot> latest;
  std::uint64_t wanted = 0;  // readings that somebody asked for
  std::vector<unsigned> to_forget;
  bool reading = false;  // a reading is under way
  bool stopping = false;

  std::thread thread;

  void read_once();
  void run();
};

void HealthSampler::State::read_once() {
  std::vector<unsigned> forget;
  {
    const std::lock_guard lock(mutex);
    forget.swap(to_forget);
  }
  for (const unsigned index : forget) monitor.forget_xids(index);
  auto snapshot = std::make_shared<const HealthSnapshot>(monitor.read());
  for (const DeviceHealth& device : snapshot->devices)
    if (device.index < most_devices)
      verdicts[device.index].store(device.verdict, std::memory_order_relaxed);
  // Whoever hears of a reading finds it.
  {
    const std::lock_guard lock(mutex);
    latest = snapshot;
  }
  if (listener) listener(*snapshot);
  const std::lock_guard lock(mutex);
  readings.fetch_add(1, std::memory_order_relaxed);
  changed.notify_all();
}

void HealthSampler::State::run() {
  std::unique_lock lock(mutex);
  const Nanoseconds nap = std::min(pace.reading, pace.xids);
  Nanoseconds due = monotonic_now() + pace.reading;
  while (!stopping) {
    const bool asked = changed.wait_for(lock, std::chrono::nanoseconds(nap.value), [&] {
      return stopping || wanted > readings.load(std::memory_order_relaxed);
    });
    if (stopping) return;
    reading = true;
    lock.unlock();
    if (asked || monotonic_now() >= due || monitor.poll_xids()) {
      read_once();
      due = monotonic_now() + pace.reading;
    }
    lock.lock();
    reading = false;
  }
}

HealthSampler::HealthSampler(HealthMonitor monitor, Listener listener)
    : HealthSampler(std::move(monitor), std::move(listener), Pace{}) {}

HealthSampler::HealthSampler(HealthMonitor monitor, Listener listener, Pace pace)
    : state_(std::make_unique<State>(std::move(monitor), std::move(listener), pace)) {
  state_->read_once();
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

HealthSampler::~HealthSampler() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->changed.notify_all();
  state_->thread.join();
}

std::shared_ptr<const HealthSnapshot> HealthSampler::latest() const {
  const std::lock_guard lock(state_->mutex);
  return state_->latest;
}

Verdict HealthSampler::verdict(unsigned index) const {
  return index < most_devices ? state_->verdicts[index].load(std::memory_order_relaxed)
                              : Verdict::unhealthy;
}

void HealthSampler::sample_now() {
  std::unique_lock lock(state_->mutex);
  // A reading that is under way may have begun before this call: then the one after it.
  const std::uint64_t target =
      state_->readings.load(std::memory_order_relaxed) + (state_->reading ? 2 : 1);
  if (state_->wanted < target) state_->wanted = target;
  state_->changed.notify_all();
  state_->changed.wait(lock,
                       [&] { return state_->readings.load(std::memory_order_relaxed) >= target; });
}

void HealthSampler::forget_xids(unsigned index) {
  const std::lock_guard lock(state_->mutex);
  state_->to_forget.push_back(index);
}

std::uint64_t HealthSampler::readings() const {
  return state_->readings.load(std::memory_order_relaxed);
}

}  // namespace zomma::gpu
