// device_health_test.cpp: what the monitor reads, and the verdicts: which fault takes a device out
// of service, which only slows it, which is none of its own.
#include <catch2/catch.hpp>

#include <boost/json.hpp>

#include "fakes/gpu/world.h"
#include "gpu/health.h"
#include "gpu/xid.h"

using namespace zomma;
using namespace zomma::gpu;
using fake_gpu::World;

namespace {

HealthMonitor fake_monitor(fake_gpu::Scenario scenario) {
  World::instance().play(std::move(scenario));
  auto monitor = HealthMonitor::open(ZOMMA_FAKE_LIBNVML);
  if (!monitor) FAIL(monitor.error().message);
  return std::move(*monitor);
}

bool has_reason(const DeviceHealth& device, const char* text) {
  for (const std::string& reason : device.reasons)
    if (reason.find(text) != std::string::npos) return true;
  return false;
}

}  // namespace

TEST_CASE("without NVML the monitor says which library is missing") {
  const auto monitor = HealthMonitor::open("libnvml-not-there.so.1");
  REQUIRE_FALSE(monitor);
  CHECK(monitor.error().code == Errc::not_found);
  CHECK(monitor.error().message.find("libnvml-not-there.so.1") != std::string::npos);
}

TEST_CASE("a kernel module that is not loaded is told with its remedy") {
  auto scenario = fake_gpu::with_devices(1);
  scenario.failures = {{"nvmlInit_v2", 1, 9, true}};
  World::instance().play(scenario);
  const auto monitor = HealthMonitor::open(ZOMMA_FAKE_LIBNVML);
  REQUIRE_FALSE(monitor);
  CHECK(monitor.error().code == Errc::not_found);
  CHECK(monitor.error().message.find("modprobe nvidia") != std::string::npos);
}

TEST_CASE("a healthy device is read in base units and found well") {
  auto scenario = fake_gpu::with_devices(2);
  scenario.devices[1].temperature_celsius = {55};
  scenario.devices[1].power_milliwatts = {350500};
  scenario.devices[1].utilisation_percent = {80};
  auto monitor = fake_monitor(scenario);
  const HealthSnapshot snapshot = monitor.read();
  CHECK(snapshot.driver_release == "580.65.06");
  REQUIRE(snapshot.devices.size() == 2);
  const DeviceHealth& device = snapshot.devices[1];
  CHECK(device.uuid == "GPU-00000000-0000-0000-0000-000000000001");
  CHECK(device.pci == "00000000:02:00.0");
  CHECK(device.temperature_celsius == 55.0);
  CHECK(device.power_watts == 350.5);
  CHECK(device.utilisation == 0.8);
  CHECK(device.sm_clock_hertz == 1.98e9);
  CHECK(device.memory_total_bytes == std::uint64_t{16} << 30);
  CHECK(device.verdict == Verdict::well);
  CHECK(device.reasons.empty());
}

TEST_CASE("a device that heats up is degraded at its slowdown temperature, unhealthy at shutdown") {
  auto scenario = fake_gpu::with_devices(1);
  scenario.devices[0].temperature_celsius = {86, 87, 92, 60};
  auto monitor = fake_monitor(scenario);
  CHECK(monitor.read().devices[0].verdict == Verdict::well);
  const auto warm = monitor.read();
  CHECK(warm.devices[0].verdict == Verdict::degraded);
  CHECK(has_reason(warm.devices[0], "87 C, slows down at 87 C"));
  CHECK(monitor.read().devices[0].verdict == Verdict::unhealthy);
  CHECK(monitor.read().devices[0].verdict == Verdict::well);
}

TEST_CASE("an application's Xid is counted and leaves the device in service") {
  auto scenario = fake_gpu::with_devices(1);
  for (const std::uint64_t xid : {13, 31, 43, 45, 68, 109}) scenario.xids.push_back({0, xid, 1});
  auto monitor = fake_monitor(scenario);
  const auto device = monitor.read().devices[0];
  CHECK(device.verdict == Verdict::well);
  CHECK(device.xids.size() == 6);
  CHECK(device.last_xid == 109);
}

TEST_CASE("any other Xid takes its device out, and only that, until the operator forgets it") {
  auto scenario = fake_gpu::with_devices(2);
  scenario.xids = {{1, 79, 2}};
  auto monitor = fake_monitor(scenario);
  CHECK(monitor.read().devices[1].verdict == Verdict::well);
  const auto after = monitor.read();
  CHECK(after.devices[0].verdict == Verdict::well);
  CHECK(after.devices[1].verdict == Verdict::unhealthy);
  CHECK(has_reason(after.devices[1],
                   "Xid 79 (the device has fallen off the bus) 1 time(s), call somebody"));
  CHECK(monitor.read().devices[1].verdict == Verdict::unhealthy);
  monitor.forget_xids(1);
  CHECK(monitor.read().devices[1].verdict == Verdict::well);
}

TEST_CASE("the Xid classes are those of the device plugin") {
  CHECK(classify_xid(31) == XidClass::application);
  CHECK(classify_xid(62) == XidClass::device);
  CHECK(classify_xid(63) == XidClass::device);
  CHECK(classify_xid(48) == XidClass::page);
  CHECK(classify_xid(95) == XidClass::page);
  CHECK(classify_xid(100000) == XidClass::device);
}

TEST_CASE("uncorrected memory errors and failed remaps are unhealthy, corrected ones are not") {
  auto scenario = fake_gpu::with_devices(3);
  scenario.devices[0].corrected_errors = {12};
  scenario.devices[1].uncorrected_errors = {0, 1};
  scenario.devices[2].remap_failed = true;
  auto monitor = fake_monitor(scenario);
  auto snapshot = monitor.read();
  CHECK(snapshot.devices[0].verdict == Verdict::well);
  CHECK(snapshot.devices[0].ecc_corrected == 12);
  CHECK(snapshot.devices[1].verdict == Verdict::well);
  CHECK(snapshot.devices[2].verdict == Verdict::unhealthy);
  snapshot = monitor.read();
  CHECK(snapshot.devices[1].verdict == Verdict::unhealthy);
  CHECK(has_reason(snapshot.devices[1], "1 uncorrected memory errors"));
}

TEST_CASE("clocks that the hardware holds down degrade, an idle device or a power cap does not") {
  auto scenario = fake_gpu::with_devices(1);
  scenario.devices[0].throttle_reasons = {throttle_idle, throttle_software_power_cap,
                                          throttle_hardware_thermal | throttle_power_brake};
  auto monitor = fake_monitor(scenario);
  CHECK(monitor.read().devices[0].verdict == Verdict::well);
  CHECK(monitor.read().devices[0].verdict == Verdict::well);
  const auto held = monitor.read().devices[0];
  CHECK(held.verdict == Verdict::degraded);
  CHECK(has_reason(held, "hw_thermal, power_brake"));
}

TEST_CASE("a device that falls off the bus between two readings is in the answer, unhealthy") {
  auto scenario = fake_gpu::with_devices(1);
  scenario.failures = {{"nvmlDeviceGetTemperature", 2, 15, true}};
  auto monitor = fake_monitor(scenario);
  CHECK(monitor.read().devices[0].verdict == Verdict::well);
  const auto lost = monitor.read().devices[0];
  CHECK(lost.verdict == Verdict::unhealthy);
  CHECK(lost.lost);
}

TEST_CASE("what a device does not tell is left out of the JSON, not zero") {
  auto scenario = fake_gpu::with_devices(1);
  scenario.devices[0].ecc = false;
  scenario.xids = {{0, 31, 1}};
  auto monitor = fake_monitor(scenario);
  const auto root = boost::json::parse(health_json(monitor.read())).as_object();
  CHECK(root.at("driver") == "580.65.06");
  const auto& device = root.at("devices").as_array()[0].as_object();
  CHECK_FALSE(device.contains("ecc_corrected"));
  CHECK(device.at("temperature_celsius") == 40.0);
  CHECK(device.at("xids").as_array()[0].as_object().at("class") == "application");
}
