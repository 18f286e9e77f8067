// memory_pinned_test.cpp: pinned host memory in slabs, with a limit.
#include <catch2/catch.hpp>

#include "gpu/memory/host_memory.h"
#include "gpu/memory/pinned_pool.h"
#include "host/gpu/memory/failing_device.h"

using namespace zomma;
using namespace zomma::gpu;

namespace {
constexpr std::uint64_t mib = 1 << 20;
}

TEST_CASE("small pinned blocks share a slab, and a large one has its own") {
  HostMemory memory = HostMemory::create(2 * mib).value();
  PinnedPool pool(memory, 32 * mib);
  const auto first = pool.allocate(1000), second = pool.allocate(1000);
  REQUIRE(first);
  REQUIRE(second);
  CHECK(first->address != second->address);
  CHECK(pool.pinned_bytes() == 8 * mib);
  CHECK(pool.taken_bytes() == 2048);
  REQUIRE(pool.allocate(12 * mib));
  CHECK(pool.pinned_bytes() == 20 * mib);
  CHECK(memory.pinned_blocks() == 2);
}

TEST_CASE("pinned memory ends at its limit, and empty slabs make room for others") {
  HostMemory memory = HostMemory::create(2 * mib).value();
  PinnedPool pool(memory, 10 * mib);
  const auto first = pool.allocate(8 * mib);
  REQUIRE(first);
  CHECK(pool.allocate(2 * mib));
  CHECK(pool.allocate(1).error().code == Errc::exhausted);
  CHECK(pool.allocate(0).error().code == Errc::invalid_argument);
  CHECK(pool.allocate(~std::uint64_t{0}).error().code == Errc::exhausted);
  REQUIRE(pool.free(*first));
  CHECK(pool.allocate(5 * mib));
  CHECK(pool.pinned_bytes() <= 10 * mib);
}

TEST_CASE("a pinned block freed twice is refused, even when its slab went and another came") {
  HostMemory memory = HostMemory::create(2 * mib).value();
  PinnedPool pool(memory, 32 * mib);
  const auto block = pool.allocate(100);
  REQUIRE(pool.free(*block));
  CHECK(pool.free(*block).error().code == Errc::invalid_argument);
  CHECK(pool.trim() == 8 * mib);
  CHECK(memory.pinned_blocks() == 0);
  REQUIRE(pool.allocate(100));
  CHECK_FALSE(pool.free(*block));
  CHECK_FALSE(pool.free({nullptr, 1, 99, {}}));
  CHECK(pool.taken_bytes() == 256);
}

TEST_CASE("a system that pins no slab may still pin what is needed") {
  HostMemory memory = HostMemory::create(2 * mib).value();
  FailingDevice device(memory);
  PinnedPool pool(device, 32 * mib);
  device.fail_after(0);
  REQUIRE(pool.allocate(1000));
  CHECK(pool.pinned_bytes() == 1024);
}
