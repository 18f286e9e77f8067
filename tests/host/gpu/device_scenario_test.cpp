// device_scenario_test.cpp: scenarios as files: what they say happens, and what they may not say.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <string>

#include "fakes/gpu/world.h"
#include "gpu/health.h"

using namespace zomma;
using namespace zomma::gpu;
using fake_gpu::World;

namespace {

fake_gpu::Scenario shipped(const char* name) {
  return fake_gpu::read_scenario(std::string(ZOMMA_SOURCE_DIR "/tests/fakes/gpu/scenarios/") +
                                 name);
}

}  // namespace

TEST_CASE("the overheating scenario: one device well, the other held down") {
  World::instance().play(shipped("overheating.toml"));
  auto monitor = HealthMonitor::open(ZOMMA_FAKE_LIBNVML);
  REQUIRE(monitor);
  const auto devices = monitor->read().devices;
  CHECK(devices[0].verdict == Verdict::well);
  CHECK(devices[1].verdict == Verdict::degraded);
  CHECK(devices[1].temperature_celsius == 88.0);
}

TEST_CASE("the scenario of a device that falls off the bus turns at the third reading") {
  World::instance().play(shipped("off_the_bus.toml"));
  auto monitor = HealthMonitor::open(ZOMMA_FAKE_LIBNVML);
  REQUIRE(monitor);
  CHECK(monitor->read().devices[0].verdict == Verdict::well);
  CHECK(monitor->read().devices[0].verdict == Verdict::well);
  const auto lost = monitor->read().devices[0];
  CHECK(lost.verdict == Verdict::unhealthy);
  CHECK(lost.lost);
  CHECK(lost.last_xid == 79);
}

TEST_CASE("a scenario that says what cannot be is refused with its line") {
  const auto path = std::filesystem::temp_directory_path() / "zomma_scenario_test.toml";
  for (const char* text :
       {"[[device]]\ntemprature_celsius = 3\n", "deferred = 1\n", "[device]\n",
        "[[device]]\nname = 3\n", "[[device]]\npower_milliwatts = [\"a\"]\n", "x"}) {
    std::ofstream(path) << text;
    INFO(text);
    CHECK_THROWS_WITH(fake_gpu::read_scenario(path.string()), Catch::Contains("line"));
  }
  std::filesystem::remove(path);
}
