// device_driver_test.cpp: opening the driver: what is said where there is none, an old one, a
// broken one; and that the fake driver is one, as far as the host can tell.
#include <catch2/catch.hpp>

#include <cstring>
#include <string>
#include <vector>

#include "fakes/gpu/world.h"
#include "gpu/driver_api.h"

using namespace zomma;
using namespace zomma::gpu;
using fake_gpu::World;

namespace {

bool says(const Error& error, const char* text) {
  INFO(error.message);
  return error.message.find(text) != std::string::npos;
}

DriverApi fake_driver(fake_gpu::Scenario scenario) {
  World::instance().play(std::move(scenario));
  auto api = load_driver(ZOMMA_FAKE_LIBCUDA);
  if (!api) FAIL(api.error().message);
  REQUIRE(initialise(*api));
  DriverContext context{};
  REQUIRE(api->cuDevicePrimaryCtxRetain(&context, 0) == DriverStatus::ok);
  REQUIRE(api->cuCtxSetCurrent(context) == DriverStatus::ok);
  return *api;
}

}  // namespace

TEST_CASE("a machine without a driver is told so, by the name of the library that is missing") {
  const auto api = load_driver("libcuda-that-is-not-there.so.1");
  REQUIRE_FALSE(api);
  CHECK(api.error().code == Errc::not_found);
  CHECK(says(api.error(), "no GPU driver: libcuda-that-is-not-there.so.1"));
}

TEST_CASE("a driver that is too old is refused with its version and the one that is needed") {
  auto scenario = fake_gpu::with_devices(1);
  scenario.driver_version = 11040;
  World::instance().play(scenario);
  const auto api = load_driver(ZOMMA_FAKE_LIBCUDA);
  REQUIRE_FALSE(api);
  CHECK(api.error().code == Errc::incompatible);
  CHECK(says(api.error(), "is for CUDA 11.4, and at least 12.0 is needed"));
}

TEST_CASE("a driver that lacks a function is refused by the name of the function") {
  const auto api = load_driver(ZOMMA_FAKE_LIBCUDA_INCOMPLETE);
  REQUIRE_FALSE(api);
  CHECK(api.error().code == Errc::incompatible);
  CHECK(says(api.error(), "has no function cuGetErrorName"));
}

TEST_CASE("a driver without a device is not an error of the driver") {
  World::instance().play(fake_gpu::Scenario{});
  const auto api = load_driver(ZOMMA_FAKE_LIBCUDA);
  REQUIRE(api);
  const auto started = initialise(*api);
  REQUIRE_FALSE(started);
  CHECK(started.error().code == Errc::not_found);
  CHECK(says(started.error(), "CUDA_VISIBLE_DEVICES"));
}

TEST_CASE("a kernel module of another version than libcuda is named with its remedy") {
  auto scenario = fake_gpu::with_devices(1);
  scenario.failures = {{"cuInit", 1, 803, true}};
  World::instance().play(scenario);
  const auto started = initialise(*load_driver(ZOMMA_FAKE_LIBCUDA));
  REQUIRE_FALSE(started);
  CHECK(started.error().code == Errc::incompatible);
  CHECK(says(started.error(), "reload the nvidia modules or reboot"));
}

TEST_CASE("device memory is limited by the device, and a failed call can be scripted") {
  auto scenario = fake_gpu::with_devices(1);
  scenario.devices[0].memory_bytes = 1 << 20;
  scenario.failures = {{"cuMemAlloc_v2", 3, 2, false}};
  const DriverApi api = fake_driver(scenario);
  DeviceAddress first{}, second{};
  CHECK(api.cuMemAlloc(&first, 1 << 19) == DriverStatus::ok);
  CHECK(api.cuMemAlloc(&second, (1 << 19) + 1) == DriverStatus::out_of_memory);
  CHECK(api.cuMemAlloc(&second, 16) == DriverStatus::out_of_memory);  // the script
  CHECK(api.cuMemAlloc(&second, 1 << 19) == DriverStatus::ok);
  std::size_t free = 1, total = 0;
  CHECK(api.cuMemGetInfo(&free, &total) == DriverStatus::ok);
  CHECK(free == 0);
  CHECK(total == 1 << 20);
  CHECK(api.cuMemFree(first) == DriverStatus::ok);
  CHECK(api.cuMemFree(second) == DriverStatus::ok);
  CHECK(World::instance().state(0).used_bytes == 0);
}

TEST_CASE("memory goes to the device and back in stream order, not before somebody waits") {
  auto scenario = fake_gpu::with_devices(1);
  scenario.deferred = true;
  const DriverApi api = fake_driver(scenario);
  DriverStream stream{};
  REQUIRE(api.cuStreamCreateWithPriority(&stream, stream_non_blocking, 0) == DriverStatus::ok);
  DeviceAddress memory{};
  REQUIRE(api.cuMemAlloc(&memory, 64) == DriverStatus::ok);
  const std::vector<char> sent(64, 'x');
  std::vector<char> back(64, 'y');
  REQUIRE(api.cuMemcpyHtoDAsync(memory, sent.data(), 64, stream) == DriverStatus::ok);
  REQUIRE(api.cuMemcpyDtoHAsync(back.data(), memory, 64, stream) == DriverStatus::ok);
  CHECK(api.cuStreamQuery(stream) == DriverStatus::not_ready);
  CHECK(back[0] == 'y');
  CHECK(api.cuStreamSynchronize(stream) == DriverStatus::ok);
  CHECK(back == sent);
}

TEST_CASE("a stream that waits for an event sees what was queued before it elsewhere") {
  auto scenario = fake_gpu::with_devices(1);
  scenario.deferred = true;
  const DriverApi api = fake_driver(scenario);
  DriverStream first{}, second{};
  DriverEvent event{};
  api.cuStreamCreateWithPriority(&first, stream_non_blocking, 0);
  api.cuStreamCreateWithPriority(&second, stream_non_blocking, 0);
  api.cuEventCreate(&event, event_disable_timing);
  DeviceAddress memory{};
  api.cuMemAlloc(&memory, 1);
  char back = 0;
  api.cuMemsetD8Async(memory, 'a', 1, first);
  SECTION("with the wait") {
    api.cuEventRecord(event, first);
    api.cuStreamWaitEvent(second, event, 0);
    api.cuMemcpyDtoHAsync(&back, memory, 1, second);
    CHECK(api.cuStreamSynchronize(second) == DriverStatus::ok);
    CHECK(back == 'a');
    CHECK(api.cuEventQuery(event) == DriverStatus::ok);
  }
  SECTION("without it, the other stream's work has not happened") {
    api.cuMemcpyDtoHAsync(&back, memory, 1, second);
    CHECK(api.cuStreamSynchronize(second) == DriverStatus::ok);
    CHECK(back != 'a');
  }
}

TEST_CASE(
    "memory mapped at two addresses is one memory, and is given back when both are unmapped") {
  const DriverApi api = fake_driver(fake_gpu::with_devices(1));
  const std::size_t chunk = 2 << 20;
  DeviceAddress range{};
  PhysicalHandle handle{};
  const AllocationProperties on_device;
  REQUIRE(api.cuMemAddressReserve(&range, 4 * chunk, 0, 0, 0) == DriverStatus::ok);
  REQUIRE(api.cuMemCreate(&handle, chunk, &on_device, 0) == DriverStatus::ok);
  REQUIRE(api.cuMemMap(range, chunk, 0, handle, 0) == DriverStatus::ok);
  REQUIRE(api.cuMemMap(range + 2 * chunk, chunk, 0, handle, 0) == DriverStatus::ok);
  CHECK(api.cuMemMap(range, chunk, 0, handle, 0) == DriverStatus::invalid_value);
  CHECK(api.cuMemMap(range + 4 * chunk, chunk, 0, handle, 0) == DriverStatus::invalid_value);
  const AccessDescription access;
  char back = 0;
  SECTION("without access rights a copy faults") {
    CHECK(api.cuMemsetD8Async(range, 'a', 1, nullptr) == DriverStatus::ok);
    CHECK(api.cuCtxSynchronize() == DriverStatus::illegal_address);
  }
  SECTION("with them what is written at one address is read at the other") {
    CHECK(api.cuMemSetAccess(range, chunk, &access, 1) == DriverStatus::ok);
    CHECK(api.cuMemSetAccess(range + 2 * chunk, chunk, &access, 1) == DriverStatus::ok);
    CHECK(api.cuMemsetD8Async(range + 5, 'a', 1, nullptr) == DriverStatus::ok);
    CHECK(api.cuMemcpyDtoHAsync(&back, range + 2 * chunk + 5, 1, nullptr) == DriverStatus::ok);
    CHECK(api.cuCtxSynchronize() == DriverStatus::ok);
    CHECK(back == 'a');
  }
  CHECK(api.cuMemRelease(handle) == DriverStatus::ok);
  CHECK(World::instance().state(0).used_bytes == chunk);
  CHECK(api.cuMemAddressFree(range, 4 * chunk) == DriverStatus::invalid_value);
  CHECK(api.cuMemUnmap(range, chunk) == DriverStatus::ok);
  CHECK(api.cuMemUnmap(range + 2 * chunk, chunk) == DriverStatus::ok);
  CHECK(World::instance().state(0).used_bytes == 0);
  CHECK(api.cuMemAddressFree(range, 4 * chunk) == DriverStatus::ok);
}

TEST_CASE("a pool keeps what is freed up to its threshold, and gives it back when trimmed") {
  const DriverApi api = fake_driver(fake_gpu::with_devices(1));
  DriverPool pool{};
  const PoolProperties on_device;
  REQUIRE(api.cuMemPoolCreate(&pool, &on_device) == DriverStatus::ok);
  std::uint64_t threshold = UINT64_MAX, reserved = 0;
  api.cuMemPoolSetAttribute(pool, PoolAttribute::release_threshold, &threshold);
  DeviceAddress memory{};
  REQUIRE(api.cuMemAllocFromPoolAsync(&memory, 1000, pool, nullptr) == DriverStatus::ok);
  REQUIRE(api.cuMemFreeAsync(memory, nullptr) == DriverStatus::ok);
  api.cuMemPoolGetAttribute(pool, PoolAttribute::reserved_current, &reserved);
  CHECK(reserved == 2 << 20);
  CHECK(api.cuMemPoolTrimTo(pool, 0) == DriverStatus::ok);
  CHECK(World::instance().state(0).used_bytes == 0);
  CHECK(api.cuMemPoolDestroy(pool) == DriverStatus::ok);
}
