// memory_arena_test.cpp: chunks under blocks, order between streams, and what is left when a call fails.
#include <catch2/catch.hpp>

#include <cstring>
#include <map>
#include <vector>

#include "base/random.h"
#include "fakes/gpu/world.h"
#include "gpu/memory/arena.h"
#include "gpu/memory/driver_memory.h"
#include "gpu/memory/host_memory.h"
#include "host/gpu/memory/failing_device.h"

using namespace zomma;
using namespace zomma::gpu;

namespace {

constexpr std::uint64_t mib = 1 << 20;
constexpr std::uint64_t gib = 1 << 30;

HostMemory host_memory(std::uint64_t bytes) {
  auto memory = HostMemory::create(bytes);
  if (!memory) FAIL(memory.error().message);
  return std::move(*memory);
}

Arena arena_of(DeviceMemory& memory, std::uint64_t bytes) {
  auto arena = Arena::create(memory, {bytes, 4});
  if (!arena) FAIL(arena.error().message);
  return std::move(*arena);
}

BlockHandle take(Arena& arena, std::uint64_t bytes, StreamId stream = no_stream) {
  auto block = arena.allocate(bytes, stream);
  if (!block) FAIL(block.error().message);
  return *block;
}

std::uint64_t* words(Arena& arena, BlockHandle block) {
  return reinterpret_cast<std::uint64_t*>(arena.address(block));
}

}  // namespace

TEST_CASE("memory is reserved in chunks of 2 MiB as blocks need it, and not before") {
  HostMemory memory = host_memory(64 * mib);
  Arena arena = arena_of(memory, 64 * mib);
  CHECK(arena.figures().reserved_bytes == 0);
  const BlockHandle small = take(arena, 1);
  CHECK(arena.bytes(small) == 256);
  CHECK(arena.address(small) % 256 == 0);
  CHECK(arena.figures().reserved_bytes == 2 * mib);
  const BlockHandle large = take(arena, 5 * mib);
  CHECK(arena.figures().reserved_bytes == 6 * mib);
  arena.free(small, no_stream);
  arena.free(large, no_stream);
  CHECK(arena.figures().reserved_bytes == 6 * mib);
  CHECK(*arena.trim() == 6 * mib);
  CHECK(memory.chunks_made() == 0);
}

TEST_CASE("free memory in pieces all over the arena makes one block, for its chunks move") {
  HostMemory memory = host_memory(64 * mib);
  Arena arena = arena_of(memory, 64 * mib);
  std::vector<BlockHandle> blocks;
  for (int i = 0; i < 32; ++i) blocks.push_back(take(arena, 2 * mib));
  for (std::size_t i = 0; i < blocks.size(); i += 2) arena.free(blocks[i], no_stream);
  CHECK(arena.index().largest_free() * granule_bytes >= 128 * mib);
  CHECK(arena.figures().largest_free_bytes == 32 * mib);
  CHECK(arena.figures().fragmentation() == 0.0);
  std::memset(words(arena, blocks[1]), 7, 2 * mib);
  const BlockHandle whole = take(arena, 32 * mib);
  CHECK(arena.counters().chunks_moved == 16);
  CHECK(arena.figures().reserved_bytes == 64 * mib);
  std::memset(words(arena, whole), 9, 32 * mib);
  CHECK(*words(arena, blocks[1]) == 0x0707070707070707u);
  const auto refused = arena.allocate(1, no_stream);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::exhausted);
}

TEST_CASE("a block goes to another stream only when that one runs after the last use") {
  // Each stream leaves a mark on every granule it used; who gets the granule must come after the mark.
  HostMemory memory = host_memory(128 * mib);
  Arena arena = arena_of(memory, 96 * mib);
  struct Mark {
    DriverStream stream;
    std::uint64_t ticket;
  };
  std::vector<DriverStream> streams;
  std::vector<StreamId> ids;
  for (int i = 0; i < 4; ++i) {
    streams.push_back(memory.add_stream());
    ids.push_back(*arena.add_stream(streams.back()));
  }
  std::map<std::uint64_t, Mark> marks;  // by 64 KiB of address
  struct Live {
    BlockHandle block;
    std::size_t stream;
  };
  std::vector<Live> live;
  Random random(3);
  std::uint64_t taken = 0, early = 0;
  for (int step = 0; step < 40'000; ++step) {
    if (random.chance(1, 50)) memory.complete(streams[random.below(4)]);
    if (random.chance(1, 400)) REQUIRE(arena.trim(48 * mib));
    if (random.chance(52, 100)) {
      const std::size_t stream = random.below(4);
      const auto block = arena.allocate(64 * 1024 * (1 + random.below(64)), ids[stream], 64 * 1024);
      if (!block) {
        REQUIRE(block.error().code == Errc::exhausted);
        continue;
      }
      ++taken;
      const std::uint64_t ticket = memory.submit(streams[stream]);
      for (std::uint64_t at = 0; at < arena.bytes(*block); at += 64 * 1024) {
        const std::uint64_t key = (arena.address(*block) + at) / (64 * 1024);
        const auto mark = marks.find(key);
        if (mark != marks.end() &&
            !memory.runs_after(streams[stream], mark->second.stream, mark->second.ticket)) {
          ++early;
        }
        marks[key] = {streams[stream], ticket};
      }
      live.push_back({*block, stream});
    } else if (!live.empty()) {
      const std::size_t at = random.below(live.size());
      arena.free(live[at].block, ids[live[at].stream]);
      live[at] = live.back();
      live.pop_back();
    }
  }
  CHECK(early == 0);
  CHECK(taken > 10'000);
  CHECK(arena.counters().events > 0);
  CHECK(arena.counters().chunks_moved > 0);
  CHECK(arena.index().consistent());
}

TEST_CASE("one stream alone records no event and waits for nothing") {
  HostMemory memory = host_memory(64 * mib);
  Arena arena = arena_of(memory, 64 * mib);
  const DriverStream stream = memory.add_stream();
  const StreamId id = *arena.add_stream(stream);
  for (int i = 0; i < 1000; ++i) {
    const BlockHandle block = take(arena, 3 * mib, id);
    memory.submit(stream);
    arena.free(block, id);
  }
  CHECK(memory.events_recorded() == 0);
  CHECK(memory.synchronizations() == 0);
  CHECK(arena.figures().reserved_bytes <= 4 * mib);
}

TEST_CASE("a stream that goes leaves its memory to all, and its number to the next") {
  HostMemory memory = host_memory(16 * mib);
  Arena arena = arena_of(memory, 16 * mib);
  const DriverStream first = memory.add_stream(), second = memory.add_stream();
  const StreamId one = *arena.add_stream(first);
  const BlockHandle block = take(arena, 16 * mib, one);
  memory.submit(first);
  arena.free(block, one);
  REQUIRE(arena.remove_stream(one));
  CHECK_FALSE(arena.remove_stream(one));
  CHECK_FALSE(arena.allocate(1, one));
  const StreamId two = *arena.add_stream(second);
  CHECK(two == one);
  CHECK(arena.allocate(16 * mib, two));
  CHECK(memory.events_recorded() == 0);
}

TEST_CASE("a request that no arena could serve is refused with what was asked and what there is") {
  HostMemory memory = host_memory(16 * mib);
  Arena arena = arena_of(memory, 16 * mib);
  CHECK(arena.allocate(0, no_stream).error().code == Errc::invalid_argument);
  CHECK(arena.allocate(1, 9).error().code == Errc::invalid_argument);
  CHECK(arena.allocate(1, no_stream, 3).error().code == Errc::invalid_argument);
  CHECK(arena.allocate(1, no_stream, 4 * mib).error().code == Errc::invalid_argument);
  const auto absurd = arena.allocate(~std::uint64_t{0}, no_stream);
  CHECK(absurd.error().code == Errc::exhausted);
  CHECK(absurd.error().message.find("18446744073709551615 bytes") != std::string::npos);
  CHECK_FALSE(Arena::create(memory, {1, 4}));
  CHECK_FALSE(Arena::create(memory, {~std::uint64_t{0}, 4}));
}

TEST_CASE("whichever call of the device fails, no chunk is lost and the next request succeeds") {
  HostMemory memory = host_memory(32 * mib);
  const std::uint64_t before = memory.chunks_made();
  bool passed = false;
  for (std::uint64_t n = 0; !passed; ++n) {
    FailingDevice device(memory);
    device.fail_after(n);
    {
      auto arena = Arena::create(device, {32 * mib, 4});
      if (!arena) {
        CHECK(arena.error().code == Errc::exhausted);
        continue;
      }
      const DriverStream one = memory.add_stream(), two = memory.add_stream();
      const auto first = arena->add_stream(one), second = arena->add_stream(two);
      std::vector<BlockHandle> blocks;
      for (int i = 0; i < 8; ++i) {
        if (auto block = arena->allocate(3 * mib, *first)) blocks.push_back(*block);
      }
      memory.submit(one);
      for (std::size_t i = 0; i < blocks.size(); i += 2) arena->free(blocks[i], *first);
      auto large = arena->allocate(14 * mib, *second);
      auto other = arena->allocate(2 * mib, *second);
      passed = device.armed();
      device.fail_never();
      if (!large) large = arena->allocate(14 * mib, *second);
      CHECK(large);
      CHECK(arena->index().consistent());
      CHECK(arena->figures().reserved_bytes == memory.chunks_made() * 2 * mib);
    }
    REQUIRE(memory.chunks_made() == before);
    REQUIRE(n < 200);
  }
}

TEST_CASE("after a million random operations nearly all free memory can be one block") {
  HostMemory memory = host_memory(32 * gib);
  Arena arena = arena_of(memory, 32 * gib);
  const StreamId stream = *arena.add_stream(memory.add_stream());
  Random random(8);
  std::vector<BlockHandle> live;
  while (arena.figures().taken_bytes < 16 * gib) {
    for (int i = 0; i < 50; ++i) live.push_back(take(arena, 1 + random.below(4 * mib), stream));
  }
  for (int step = 0; step < 1'000'000; ++step) {
    const std::size_t at = random.below(live.size());
    arena.free(live[at], stream);
    live[at] = take(arena, 1 + random.below(4 * mib), stream);
  }
  const MemoryFigures figures = arena.figures();
  CHECK(figures.fragmentation() <= 0.05);
  REQUIRE(arena.trim());
  const double ratio = static_cast<double>(arena.figures().reserved_bytes) /
                       static_cast<double>(figures.taken_bytes);
  CHECK(ratio <= 1.05);
  CHECK(arena.allocate(figures.free_bytes() / 10 * 9, stream));
}

TEST_CASE("the driver maps, moves and returns chunks as host memory does") {
  auto scenario = fake_gpu::with_devices(1);
  scenario.devices[0].memory_bytes = 64 * mib;
  fake_gpu::World::instance().play(scenario);
  auto api = load_driver(ZOMMA_FAKE_LIBCUDA);
  if (!api) FAIL(api.error().message);
  REQUIRE(initialise(*api));
  DriverContext context{};
  REQUIRE(api->cuDevicePrimaryCtxRetain(&context, 0) == DriverStatus::ok);
  {
    auto memory = DriverMemory::create(*api, 0, context);
    if (!memory) FAIL(memory.error().message);
    DriverStream one{}, two{};
    REQUIRE(api->cuCtxPushCurrent(context) == DriverStatus::ok);
    REQUIRE(api->cuStreamCreateWithPriority(&one, stream_non_blocking, 0) == DriverStatus::ok);
    REQUIRE(api->cuStreamCreateWithPriority(&two, stream_non_blocking, 0) == DriverStatus::ok);
    REQUIRE(api->cuCtxPopCurrent(&context) == DriverStatus::ok);
    // More than the device has: the driver's refusal, not the arena's count, ends the growth.
    Arena arena = arena_of(*memory, 128 * mib);
    const StreamId first = *arena.add_stream(one), second = *arena.add_stream(two);
    std::vector<BlockHandle> blocks;
    for (;;) {
      auto block = arena.allocate(4 * mib, first);
      if (!block) {
        CHECK(block.error().code == Errc::exhausted);
        break;
      }
      blocks.push_back(*block);
    }
    CHECK(blocks.size() >= 12);
    const char text[] = "what lies in device memory";
    char back[sizeof text] = {};
    REQUIRE(memory->copy_to_device(arena.address(blocks[1]), text, sizeof text, one));
    for (std::size_t i = 0; i < blocks.size(); i += 2) arena.free(blocks[i], first);
    CHECK(arena.allocate(4 * mib * (blocks.size() / 2), second));
    CHECK(arena.counters().chunks_moved > 0);
    REQUIRE(memory->copy_to_host(back, arena.address(blocks[1]), sizeof text, one));
    REQUIRE(memory->synchronize(one));
    CHECK(std::strcmp(text, back) == 0);
  }
  std::size_t free_bytes = 0, total = 0;
  REQUIRE(api->cuCtxPushCurrent(context) == DriverStatus::ok);
  REQUIRE(api->cuMemGetInfo(&free_bytes, &total) == DriverStatus::ok);
  CHECK(free_bytes == total);
}
