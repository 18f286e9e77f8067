// device_sampler_test.cpp: what others see of the sampler's readings, and the Prometheus series.
#include <catch2/catch.hpp>

#include <atomic>

#include "fakes/gpu/world.h"
#include "gpu/sampler.h"
#include "observe/gpu/gpu_metrics.h"

using namespace zomma;
using namespace zomma::gpu;
using fake_gpu::World;

namespace {

constexpr Nanoseconds an_hour{std::int64_t{3600} * 1'000'000'000};
constexpr Nanoseconds a_millisecond{1'000'000};
constexpr HealthSampler::Pace never{an_hour, an_hour};  // only when the test asks

HealthMonitor fake_monitor(fake_gpu::Scenario scenario) {
  World::instance().play(std::move(scenario));
  auto monitor = HealthMonitor::open(ZOMMA_FAKE_LIBNVML);
  if (!monitor) FAIL(monitor.error().message);
  return std::move(*monitor);
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("the first reading is there when the sampler is, and each further one replaces it") {
  auto scenario = fake_gpu::with_devices(1);
  scenario.devices[0].temperature_celsius = {50, 51, 52};
  HealthSampler sampler(fake_monitor(scenario), {}, never);
  CHECK(sampler.latest()->devices[0].temperature_celsius == 50.0);
  const auto kept = sampler.latest();
  sampler.sample_now();
  CHECK(sampler.latest()->devices[0].temperature_celsius == 51.0);
  CHECK(kept->devices[0].temperature_celsius == 50.0);
  CHECK(sampler.readings() == 2);
}

TEST_CASE("a bus error between two readings turns the verdict that trading code reads") {
  auto scenario = fake_gpu::with_devices(2);
  scenario.xids = {{0, 79, 2}};
  HealthSampler sampler(fake_monitor(scenario), {}, never);
  CHECK(sampler.verdict(0) == Verdict::well);
  sampler.sample_now();
  CHECK(sampler.verdict(0) == Verdict::unhealthy);
  CHECK(sampler.verdict(1) == Verdict::well);
  CHECK(sampler.verdict(2) == Verdict::unhealthy);  // there is none
  CHECK(sampler.verdict(1000) == Verdict::unhealthy);
  sampler.forget_xids(0);
  sampler.sample_now();
  CHECK(sampler.verdict(0) == Verdict::well);
}

TEST_CASE("readings come by themselves at the period") {
  std::atomic<int> heard{0};
  HealthSampler sampler(fake_monitor(fake_gpu::with_devices(1)),
                        [&](const HealthSnapshot&) {
                          heard.fetch_add(1);
                          heard.notify_all();
                        },
                        {a_millisecond, an_hour});
  for (int seen = heard.load(); seen < 3; seen = heard.load()) heard.wait(seen);
  CHECK(sampler.readings() >= 2);
}

TEST_CASE("an Xid between two readings is followed by a reading at once") {
  auto scenario = fake_gpu::with_devices(1);
  scenario.xids = {{0, 79, 5}};
  std::atomic<int> heard{0};
  HealthSampler sampler(fake_monitor(scenario),
                        [&](const HealthSnapshot&) {
                          heard.fetch_add(1);
                          heard.notify_all();
                        },
                        {an_hour, a_millisecond});
  heard.wait(1);
  CHECK(sampler.latest()->devices[0].last_xid == 79);
  CHECK(sampler.verdict(0) == Verdict::unhealthy);
}

TEST_CASE("a slow NVML delays nobody who takes the newest reading") {
  auto scenario = fake_gpu::with_devices(1);
  scenario.latencies = {{"nvmlDeviceGetPowerUsage", 2000}};
  HealthSampler sampler(fake_monitor(scenario), {}, never);
  CHECK(sampler.latest()->took.value >= 2'000'000);
  const std::uint64_t calls = World::instance().calls("nvmlDeviceGetPowerUsage");
  for (int i = 0; i < 1000; ++i) CHECK(sampler.latest() != nullptr);
  CHECK(World::instance().calls("nvmlDeviceGetPowerUsage") == calls);
}

TEST_CASE("a reading becomes Prometheus series in base units") {
  auto scenario = fake_gpu::with_devices(1);
  scenario.devices[0].power_milliwatts = {250000};
  scenario.devices[0].throttle_reasons = {throttle_hardware_thermal};
  scenario.devices[0].corrected_errors = {3};
  scenario.xids = {{0, 31, 1}, {0, 31, 1}};
  auto monitor = fake_monitor(scenario);
  Metrics metrics;
  GpuMetrics series(metrics);
  HealthSnapshot snapshot = monitor.read();
  snapshot.took = Nanoseconds{5'000'000};
  series.update(snapshot);
  const std::string text = metrics.expose();
  INFO(text);
  const std::string uuid = R"(uuid="GPU-00000000-0000-0000-0000-000000000000")";
  const std::string id = R"(gpu="0",)" + uuid;
  CHECK(has_line(text, "zomma_gpu_devices 1"));
  CHECK(has_line(text, "zomma_gpu_sample_duration_seconds 0.005"));
  CHECK(has_line(text, "zomma_gpu_power_watts{" + id + "} 250"));
  CHECK(has_line(text, "zomma_gpu_sm_clock_hertz{" + id + "} 1980000000"));
  CHECK(has_line(text, "zomma_gpu_memory_total_bytes{" + id + "} 17179869184"));
  CHECK(has_line(text, "zomma_gpu_healthy{" + id + "} 1"));
  CHECK(has_line(text, "zomma_gpu_degraded{" + id + "} 1"));
  CHECK(has_line(text, "zomma_gpu_throttled{gpu=\"0\",reason=\"hw_thermal\"," + uuid + "} 1"));
  CHECK(has_line(text, "zomma_gpu_throttled{gpu=\"0\",reason=\"power_brake\"," + uuid + "} 0"));
  CHECK(has_line(text, "zomma_gpu_ecc_errors_total{gpu=\"0\",kind=\"corrected\"," + uuid + "} 3"));
  CHECK(has_line(text, "zomma_gpu_xid_errors_total{" + id + R"(,xid="31"} 2)"));
}

TEST_CASE("a sensor that falls silent reads as NaN, one that never spoke has no series") {
  auto scenario = fake_gpu::with_devices(1);
  scenario.failures = {{"nvmlDeviceGetTemperature", 2, 15, true},
                       {"nvmlDeviceGetPowerUsage", 1, 3, true}};
  auto monitor = fake_monitor(scenario);
  Metrics metrics;
  GpuMetrics series(metrics);
  series.update(monitor.read());
  CHECK(metrics.expose().find("zomma_gpu_power_watts") == std::string::npos);
  series.update(monitor.read());
  const std::string text = metrics.expose();
  INFO(text);
  const std::string id = R"({gpu="0",uuid="GPU-00000000-0000-0000-0000-000000000000"})";
  CHECK(has_line(text, "zomma_gpu_temperature_celsius" + id + " NaN"));
  CHECK(has_line(text, "zomma_gpu_healthy" + id + " 0"));
}
