// memory_heap_test.cpp: budgets, the ledger, spillable buffers, the queue and bad input.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstring>
#include <optional>

#include "gpu/memory/arena.h"
#include "gpu/memory/device_heap.h"
#include "gpu/memory/host_memory.h"

using namespace zomma;
using namespace zomma::gpu;

namespace {

constexpr std::uint64_t mib = 1 << 20;
constexpr std::uint64_t plenty = ~std::uint64_t{0};

// A device of host memory, an arena on it and a heap, with a clock that the test moves.
struct Bench {
  explicit Bench(std::uint64_t bytes, std::size_t queue_limit = 8)
      : memory(HostMemory::create(bytes).value()),
        arena(Arena::create(memory, {bytes, 4}).value()) {
    HeapOptions options;
    options.queue_limit = queue_limit;
    options.clock = [this] { return now; };
    heap.emplace(arena, options);
  }
  Allocation take(ClientId client, std::uint64_t bytes, StreamId stream = no_stream) {
    auto got = heap->allocate(client, {bytes, stream, {}, 256});
    if (!got) FAIL(got.error().message);
    return *got;
  }
  RungCount count(Rung rung) const { return heap->counts()[static_cast<std::size_t>(rung)]; }

  HostMemory memory;
  Arena arena;
  Nanoseconds now{0};
  std::optional<DeviceHeap> heap;
};

bool says(const Error& error, const char* text) {
  INFO(error.message);
  return error.message.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("an instance over its budget is refused, and its neighbour notices nothing") {
  Bench bench(64 * mib);
  const ClientId small = bench.heap->open_client({"wheel", 4 * mib, 0});
  const ClientId other = bench.heap->open_client({"maker", plenty, 0});
  bench.take(small, 3 * mib);
  const auto refused =
      bench.heap->allocate(small, {2 * mib, no_stream, bench.heap->tag("surface"), 256});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::refused);
  CHECK(says(refused.error(), "wheel asks for 2097152 bytes (surface) and holds 3145728"));
  bench.take(other, 32 * mib);
  bench.take(small, 1 * mib);
  CHECK(bench.heap->clients()[0].refused == 1);
  CHECK(bench.heap->clients()[0].peak_bytes == 4 * mib);
  CHECK(bench.heap->clients()[1].refused == 0);
}

TEST_CASE("what an instance has not freed when it retires is named by its tag and taken back") {
  Bench bench(64 * mib);
  const ClientId client = bench.heap->open_client({"wheel", plenty, 0});
  const TagId surface = bench.heap->tag("surface"), paths = bench.heap->tag("paths");
  REQUIRE(bench.heap->allocate(client, {1000, no_stream, surface, 256}));
  REQUIRE(bench.heap->allocate(client, {5000, no_stream, paths, 256}));
  REQUIRE(bench.heap->allocate(client, {5000, no_stream, paths, 256}));
  const auto freed = bench.heap->allocate(client, {1 * mib, no_stream, paths, 256});
  REQUIRE(bench.heap->free(*freed));
  const auto report = bench.heap->retire(client);
  REQUIRE(report);
  REQUIRE(report->leaks.size() == 2);
  CHECK(report->leaks[0].tag == "surface");
  CHECK(report->leaks[0].bytes == 1024);
  CHECK(report->leaks[1].tag == "paths");
  CHECK(report->leaks[1].blocks == 2);
  CHECK(report->leaked_bytes == 1024 + 2 * 5120);
  CHECK(bench.heap->figures().taken_bytes == 0);
  CHECK(bench.heap->clients().empty());
  CHECK_FALSE(bench.heap->retire(client));
  CHECK(bench.heap->allocate(client, {1, no_stream, {}, 256}).error().code ==
        Errc::invalid_argument);
}

TEST_CASE("an instance that freed everything leaves nothing to name") {
  Bench bench(8 * mib);
  const ClientId client = bench.heap->open_client({"wheel", plenty, 0});
  REQUIRE(bench.heap->free(bench.take(client, 100)));
  CHECK(bench.heap->retire(client)->leaks.empty());
}

TEST_CASE("a block is freed once, by the heap that gave it, on its device") {
  Bench bench(16 * mib);
  const ClientId client = bench.heap->open_client({"wheel", plenty, 0});
  const Allocation block = bench.take(client, 100);
  Allocation elsewhere = block;
  elsewhere.device = 3;
  CHECK(says(bench.heap->free(elsewhere).error(), "belongs to device 3, not to device 0"));
  Allocation shifted = block;
  shifted.address += 8;
  CHECK(says(bench.heap->free(shifted).error(), "its address is not that of the block"));
  Allocation invented = block;
  invented.block.node = 4000;
  CHECK(says(bench.heap->free(invented).error(), "never gave it out"));
  CHECK(says(bench.heap->free(block, 7).error(), "stream 7, which is not open"));
  REQUIRE(bench.heap->free(block));
  const auto twice = bench.heap->free(block);
  CHECK(twice.error().code == Errc::invalid_argument);
  CHECK(says(twice.error(), "freed before"));
  CHECK(bench.heap->figures().taken_bytes == 0);
}

TEST_CASE("sizes, alignments, tags and streams that cannot be are refused by name") {
  Bench bench(16 * mib);
  const ClientId client = bench.heap->open_client({"wheel", plenty, 0});
  const auto code = [&](AllocationRequest request) {
    return bench.heap->allocate(client, request).error().code;
  };
  CHECK(code({0, no_stream, {}, 256}) == Errc::invalid_argument);
  CHECK(code({1, no_stream, {}, 0}) == Errc::invalid_argument);
  CHECK(code({1, no_stream, {}, 3}) == Errc::invalid_argument);
  CHECK(code({1, no_stream, {99}, 256}) == Errc::invalid_argument);
  CHECK(code({1, 5, {}, 256}) == Errc::invalid_argument);
  CHECK(code({plenty, no_stream, {}, 256}) == Errc::exhausted);
  CHECK(code({plenty / 2, no_stream, {}, 256}) == Errc::exhausted);
  CHECK(bench.heap->figures().taken_bytes == 0);
}

TEST_CASE("a buffer of lesser priority gives way, and comes back with its bytes") {
  Bench bench(16 * mib);
  const ClientId low = bench.heap->open_client({"learn", plenty, 1});
  const ClientId high = bench.heap->open_client({"maker", plenty, 5});
  const Allocation block = bench.take(low, 8 * mib);
  std::memset(reinterpret_cast<void*>(block.address), 0x5A, block.bytes);
  const auto buffer = bench.heap->make_spillable(block, no_stream);
  REQUIRE(buffer);
  CHECK(says(bench.heap->free(block).error(), "it is spillable"));
  const Allocation urgent = bench.take(high, 12 * mib);
  CHECK(bench.count(Rung::spill).helped == 1);
  CHECK(bench.heap->pinned_bytes() >= 8 * mib);
  std::memset(reinterpret_cast<void*>(urgent.address), 0, urgent.bytes);
  // The lesser one does not push the greater one out.
  CHECK(bench.heap->hold(*buffer, no_stream).error().code == Errc::exhausted);
  REQUIRE(bench.heap->free(urgent));
  const auto address = bench.heap->hold(*buffer, no_stream);
  REQUIRE(address);
  const auto* bytes = reinterpret_cast<const unsigned char*>(*address);
  CHECK(std::count(bytes, bytes + 8 * mib, 0x5A) == static_cast<std::ptrdiff_t>(8 * mib));
  // A held buffer stays.
  CHECK(bench.heap->allocate(high, {12 * mib, no_stream, {}, 256}).error().code == Errc::exhausted);
  CHECK(bench.heap->drop(*buffer).error().code == Errc::busy);
  REQUIRE(bench.heap->release(*buffer));
  CHECK_FALSE(bench.heap->release(*buffer));
  REQUIRE(bench.heap->drop(*buffer));
  CHECK_FALSE(bench.heap->drop(*buffer));
  CHECK(bench.heap->figures().taken_bytes == 0);
}

TEST_CASE("several buffers give way when one is not enough, the least important first") {
  Bench bench(16 * mib);
  const ClientId low = bench.heap->open_client({"learn", plenty, 1});
  const ClientId middle = bench.heap->open_client({"wheel", plenty, 2});
  const ClientId high = bench.heap->open_client({"maker", plenty, 5});
  const auto keep = bench.heap->make_spillable(bench.take(middle, 4 * mib), no_stream);
  for (int i = 0; i < 3; ++i) {
    REQUIRE(bench.heap->make_spillable(bench.take(low, 4 * mib), no_stream));
  }
  bench.take(high, 8 * mib);
  CHECK(bench.count(Rung::spill).helped == 1);
  CHECK(bench.heap->clients()[0].used_bytes == 4 * mib);
  CHECK(bench.heap->clients()[1].used_bytes == 4 * mib);
  CHECK(bench.heap->hold(*keep, no_stream));
}

TEST_CASE("who waits is served by priority, then by age, and a large request is not overtaken") {
  Bench bench(16 * mib);
  const ClientId low = bench.heap->open_client({"learn", plenty, 1});
  const ClientId high = bench.heap->open_client({"maker", plenty, 5});
  const Allocation first = bench.take(low, 8 * mib), second = bench.take(low, 8 * mib);
  const auto early = bench.heap->enqueue(low, {2 * mib, no_stream, {}, 256}, {100});
  const auto late = bench.heap->enqueue(low, {2 * mib, no_stream, {}, 256}, {100});
  const auto large = bench.heap->enqueue(high, {12 * mib, no_stream, {}, 256}, {100});
  REQUIRE(bench.heap->free(first));
  CHECK_FALSE(bench.heap->poll(*large));
  CHECK_FALSE(bench.heap->poll(*early));
  // Somebody who comes now does not go before them.
  CHECK(bench.heap->allocate(low, {256, no_stream, {}, 256}).error().code == Errc::exhausted);
  REQUIRE(bench.heap->free(second));
  const auto got = bench.heap->poll(*large);
  REQUIRE(got);
  REQUIRE(*got);
  CHECK(*bench.heap->poll(*early));
  CHECK(*bench.heap->poll(*late));
  CHECK(bench.heap->waiting() == 0);
  const auto again = bench.heap->poll(*large);
  CHECK(again->error().code == Errc::invalid_argument);
}

TEST_CASE("a request whose deadline passes is answered so, and frees the way for those behind it") {
  Bench bench(16 * mib);
  const ClientId client = bench.heap->open_client({"wheel", plenty, 1});
  const Allocation block = bench.take(client, 8 * mib);
  bench.take(client, 8 * mib);
  const auto large = bench.heap->enqueue(client, {16 * mib, no_stream, {}, 256}, {100});
  const auto small = bench.heap->enqueue(client, {1 * mib, no_stream, {}, 256}, {1000});
  REQUIRE(bench.heap->free(block));
  CHECK_FALSE(bench.heap->poll(*small));
  bench.now = {100};
  const auto expired = bench.heap->poll(*large);
  REQUIRE(expired);
  CHECK(expired->error().code == Errc::timeout);
  CHECK(says(expired->error(), "wheel waited for 16777216 bytes (untagged) until its deadline"));
  const auto got = bench.heap->poll(*small);
  REQUIRE(got);
  CHECK(*got);
}

TEST_CASE("the queue is bounded, and a retired instance waits no longer") {
  Bench bench(4 * mib, 2);
  const ClientId client = bench.heap->open_client({"wheel", plenty, 1});
  bench.take(client, 4 * mib);
  const auto first = bench.heap->enqueue(client, {mib, no_stream, {}, 256}, {100});
  const auto second = bench.heap->enqueue(client, {mib, no_stream, {}, 256}, {100});
  REQUIRE(second);
  const auto third = bench.heap->enqueue(client, {mib, no_stream, {}, 256}, {100});
  CHECK(third.error().code == Errc::exhausted);
  CHECK(says(third.error(), "2 requests wait already"));
  REQUIRE(bench.heap->retire(client));
  CHECK(bench.heap->waiting() == 0);
  CHECK(bench.heap->poll(*first)->error().code == Errc::refused);
}

TEST_CASE("a ticket that is dropped leaves the queue, and a block that had come for it goes back") {
  Bench bench(16 * mib);
  const ClientId client = bench.heap->open_client({"wheel", plenty, 1});
  const Allocation filler = bench.take(client, 16 * mib);
  auto behind = bench.heap->enqueue(client, {2 * mib, no_stream, {}, 256}, {100});
  {
    const auto dropped = bench.heap->enqueue(client, {4 * mib, no_stream, {}, 256}, {100});
    CHECK(bench.heap->waiting() == 2);
  }
  CHECK(bench.heap->waiting() == 1);
  REQUIRE(bench.heap->free(filler));
  CHECK(bench.heap->waiting() == 0);
  CHECK(bench.heap->clients()[0].used_bytes == 2 * mib);  // answered, and not fetched
  behind = HeapTicket();
  CHECK(bench.heap->clients()[0].used_bytes == 0);
  CHECK(bench.heap->figures().taken_bytes == 0);
}

TEST_CASE("an answer that nobody fetched is no block any more once its client has retired") {
  Bench bench(16 * mib);
  const ClientId client = bench.heap->open_client({"wheel", plenty, 1});
  const auto ticket = bench.heap->enqueue(client, {2 * mib, no_stream, {}, 256}, {100});
  const auto report = bench.heap->retire(client);
  REQUIRE(report);
  CHECK(report->leaked_bytes == 2 * mib);
  const auto answer = bench.heap->poll(*ticket);
  REQUIRE(answer);
  CHECK(answer->error().code == Errc::refused);
  CHECK(says(answer->error(), "retired before it took its 2097152 bytes"));
}

TEST_CASE("who waits at its own budget does not hold up the others") {
  Bench bench(16 * mib);
  const ClientId tight = bench.heap->open_client({"learn", 8 * mib, 5});
  const ClientId other = bench.heap->open_client({"wheel", plenty, 1});
  const Allocation filler = bench.take(other, 12 * mib);
  const auto waiting = bench.heap->enqueue(tight, {6 * mib, no_stream, {}, 256}, {100});
  const auto also = bench.heap->enqueue(tight, {6 * mib, no_stream, {}, 256}, {100});
  const auto behind = bench.heap->enqueue(other, {1 * mib, no_stream, {}, 256}, {100});
  REQUIRE(bench.heap->free(filler));
  CHECK(*bench.heap->poll(*waiting));
  CHECK_FALSE(bench.heap->poll(*also));
  CHECK(*bench.heap->poll(*behind));
}
