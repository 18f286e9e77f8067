// memory_driver_test.cpp: the whole heap on the CUDA driver's calls, by the arena and by the driver's
// pools; and what is left when each driver call fails in turn.
#include <catch2/catch.hpp>

#include <cstring>
#include <memory>
#include <optional>

#include "fakes/gpu/world.h"
#include "gpu/memory/arena.h"
#include "gpu/memory/device_heap.h"
#include "gpu/memory/driver_memory.h"
#include "gpu/memory/pool_backend.h"

using namespace zomma;
using namespace zomma::gpu;

namespace {

constexpr std::uint64_t mib = 1 << 20;
constexpr std::uint64_t plenty = ~std::uint64_t{0};
enum class Kind { arena, pool };

// GPU 0 of the fake driver with 16 MiB, and two streams on it.
struct Gpu {
  explicit Gpu(std::vector<fake_gpu::FailureSpec> failures = {}) {
    auto scenario = fake_gpu::with_devices(1);
    scenario.devices[0].memory_bytes = 16 * mib;
    scenario.failures = std::move(failures);
    fake_gpu::World::instance().play(scenario);
    auto loaded = load_driver(ZOMMA_FAKE_LIBCUDA);
    if (!loaded) FAIL(loaded.error().message);
    api = *loaded;
    REQUIRE(initialise(api));
    REQUIRE(api.cuDevicePrimaryCtxRetain(&context, 0) == DriverStatus::ok);
    REQUIRE(api.cuCtxSetCurrent(context) == DriverStatus::ok);
    for (DriverStream& stream : streams) {
      REQUIRE(api.cuStreamCreateWithPriority(&stream, stream_non_blocking, 0) == DriverStatus::ok);
    }
  }
  std::uint64_t free_bytes() {
    std::size_t left = 0, total = 0;
    REQUIRE(api.cuMemGetInfo(&left, &total) == DriverStatus::ok);
    return left;
  }
  Result<std::unique_ptr<BlockSource>> source(Kind kind, DeviceMemory& memory) {
    if (kind == Kind::pool) {
      auto pool = PoolBackend::create(api, 0, context, memory, 16 * mib);
      if (!pool) return pool.error();
      return std::unique_ptr<BlockSource>(std::move(*pool));
    }
    auto arena = Arena::create(memory, {16 * mib, 4});
    if (!arena) return arena.error();
    return std::unique_ptr<BlockSource>(new Arena(std::move(*arena)));
  }

  DriverApi api;
  DriverContext context{};
  DriverStream streams[2]{};
};

// Takes, fills, spills, brings back, reads and frees. Lack of memory is no error of this function.
void exercise(DeviceHeap& heap, Gpu& gpu, DeviceMemory& memory) {
  const ClientId low = heap.open_client({"learn", plenty, 0});
  const ClientId high = heap.open_client({"maker", plenty, 9});
  auto one = heap.add_stream(gpu.streams[0]), two = heap.add_stream(gpu.streams[1]);
  REQUIRE(one);
  REQUIRE(two);
  char text[64] = "bytes that go away and come back";
  char back[64] = {};
  std::optional<SpillId> buffer;
  bool filled = false;
  if (auto block = heap.allocate(low, {6 * mib, *one, {}, 256})) {
    filled = static_cast<bool>(
        memory.copy_to_device(block->address, text, sizeof text, gpu.streams[0]));
    buffer = *heap.make_spillable(*block, *one);
  }
  if (auto block = heap.allocate(high, {12 * mib, *two, {}, 256})) REQUIRE(heap.free(*block, *two));
  if (buffer) {
    if (auto address = heap.hold(*buffer, *two)) {
      if (memory.copy_to_host(back, *address, sizeof back, gpu.streams[1]) &&
          memory.synchronize(gpu.streams[1]) && filled) {
        CHECK(std::strcmp(text, back) == 0);
      }
      REQUIRE(heap.release(*buffer));
    }
    REQUIRE(heap.drop(*buffer));
  }
  auto left = heap.retire(low);
  if (!left) left = heap.retire(low);
  CHECK(left->leaked_bytes == 0);
  auto rest = heap.retire(high);
  if (!rest) rest = heap.retire(high);
  CHECK(rest->leaked_bytes == 0);
  CHECK(heap.figures().taken_bytes == 0);
}

}  // namespace

TEST_CASE("a heap on the driver spills a buffer and brings it back, by the arena and by the pools") {
  for (const Kind kind : {Kind::arena, Kind::pool}) {
    Gpu gpu;
    const std::uint64_t before = gpu.free_bytes();
    {
      auto memory = DriverMemory::create(gpu.api, 0, gpu.context).value();
      auto source = gpu.source(kind, memory);
      if (!source) FAIL(source.error().message);
      DeviceHeap heap(**source);
      exercise(heap, gpu, memory);
      CHECK(heap.counts()[static_cast<std::size_t>(Rung::spill)].helped == 1);
    }
    CHECK(gpu.free_bytes() == before);
  }
}

TEST_CASE("a pool tells what it holds, and gives back what nobody uses") {
  Gpu gpu;
  auto memory = DriverMemory::create(gpu.api, 0, gpu.context).value();
  auto source = gpu.source(Kind::pool, memory);
  REQUIRE(source);
  BlockSource& pool = **source;
  const StreamId stream = *pool.add_stream(gpu.streams[0]);
  const auto block = pool.allocate(1000, stream, 256);
  REQUIRE(block);
  CHECK(pool.bytes(*block) == 1024);
  CHECK(pool.state(*block) == HandleState::live);
  CHECK(pool.figures().taken_bytes == 1024);
  CHECK(pool.figures().reserved_bytes >= 1024);
  pool.free(*block, stream);
  CHECK(pool.state(*block) == HandleState::stale);
  CHECK(pool.state({7, 0}) == HandleState::foreign);
  CHECK(pool.trim(0));
  CHECK(pool.figures().reserved_bytes == 0);
  CHECK(pool.allocate(1, stream, 4096).error().code == Errc::unsupported);
  CHECK(pool.allocate(0, stream, 256).error().code == Errc::invalid_argument);
  CHECK(pool.allocate(64 * mib, stream, 256).error().code == Errc::exhausted);
  REQUIRE(pool.remove_stream(stream));
  CHECK(pool.allocate(1, stream, 256).error().code == Errc::invalid_argument);
}

TEST_CASE("whichever driver call runs out of memory, nothing leaks") {
  for (const Kind kind : {Kind::arena, Kind::pool}) {
    for (const char* function :
         {"cuMemAddressReserve", "cuMemCreate", "cuMemMap", "cuMemSetAccess", "cuMemHostAlloc",
          "cuMemAllocFromPoolAsync", "cuMemPoolCreate", "cuEventRecord", "cuStreamSynchronize",
          "cuMemcpyDtoHAsync", "cuMemcpyHtoDAsync"}) {
      for (const std::uint64_t call : {1, 2, 4, 7}) {
        INFO(function << " call " << call);
        Gpu gpu({{function, call, 2, false}});
        const std::uint64_t before = gpu.free_bytes();
        {
          auto memory = DriverMemory::create(gpu.api, 0, gpu.context).value();
          auto source = gpu.source(kind, memory);
          if (!source) {
            CHECK(source.error().code == Errc::exhausted);
          } else {
            DeviceHeap heap(**source);
            exercise(heap, gpu, memory);
          }
        }
        REQUIRE(gpu.free_bytes() == before);
      }
    }
  }
}
