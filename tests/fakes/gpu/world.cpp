#include "fakes/gpu/world.h"

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <thread>
#include <utility>

namespace zomma::fake_gpu {
namespace {

Scenario first_scenario() {
  const char* path = std::getenv("ZOMMA_FAKE_GPU");
  if (path == nullptr || *path == '\0') return with_devices(1);
  try {
    return read_scenario(path);
  } catch (const std::runtime_error& error) {
    std::fprintf(stderr, "fake GPU: %s\n", error.what());
    std::abort();
  }
}

bool takes_the_context_down(int status) { return status >= 700 && status <= 719; }

}  // namespace

World& World::instance() {
  // Never destroyed: the fakes may be called by other libraries' destructors.
  static World* world = new World;
  return *world;
}

World::World() { play(first_scenario()); }

void World::play(Scenario scenario) {
  const std::lock_guard lock(mutex_);
  scenario_ = std::move(scenario);
  states_.assign(scenario_.devices.size(), {});
  calls_.clear();
  lost_.reset();
  ++epoch_;
}

std::optional<int> World::enter(const char* function) {
  std::uint64_t wait_us = 0;
  std::optional<int> answer;
  {
    const std::lock_guard lock(mutex_);
    const std::uint64_t call = ++calls_[function];
    for (const LatencySpec& latency : scenario_.latencies)
      if (latency.function == "*" || latency.function == function) wait_us = latency.microseconds;
    answer = lost_;
    for (const FailureSpec& failure : scenario_.failures)
      if (failure.function == function &&
          (call == failure.call || (failure.from_then_on && call > failure.call)))
        answer = failure.status;
    if (answer && takes_the_context_down(*answer)) lost_ = answer;
  }
  if (wait_us > 0) std::this_thread::sleep_for(std::chrono::microseconds(wait_us));
  return answer;
}

std::uint64_t World::calls(const std::string& function) const {
  const std::lock_guard lock(mutex_);
  const auto found = calls_.find(function);
  return found == calls_.end() ? 0 : found->second;
}

bool World::take(int device, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  DeviceState& here = state(device);
  const std::uint64_t total = scenario_.devices[static_cast<std::size_t>(device)].memory_bytes;
  if (bytes > total - here.used_bytes) return false;
  here.used_bytes += bytes;
  return true;
}

void World::give(int device, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  state(device).used_bytes -= bytes;
}

std::uint64_t World::next(const std::vector<std::uint64_t>& series, std::uint64_t& reads) {
  const std::uint64_t index = reads < series.size() ? reads : series.size() - 1;
  ++reads;
  return series[index];
}

}  // namespace zomma::fake_gpu
