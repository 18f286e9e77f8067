// memory_ladder_test.cpp: what happens when there is no memory: each rung by itself, each call of the
// device failing in turn, and a hundred thousand failures at random. The results are the processor's.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "base/random.h"
#include "gpu/memory/arena.h"
#include "gpu/memory/batch.h"
#include "gpu/memory/host_memory.h"
#include "host/gpu/memory/failing_device.h"

using namespace zomma;
using namespace zomma::gpu;

namespace {

constexpr std::uint64_t mib = 1 << 20;
constexpr std::uint64_t plenty = ~std::uint64_t{0};

// Some work with a result: a value an item, through a scratch block in device memory.
std::uint64_t value_of(std::uint64_t item) { return item * item ^ (item << 7); }

struct Squares {
  DeviceHeap& heap;
  ClientId client;
  StreamId stream;
  TagId tag;
  std::uint64_t bytes_per_item;
  std::vector<std::uint64_t> results;

  Result<void> device(std::uint64_t first, std::uint64_t count) {
    auto input = HeapBlock::allocate(heap, client, {count * bytes_per_item, stream, tag, 256});
    if (!input) return input.error();
    auto output = HeapBlock::allocate(heap, client, {count * 8, stream, tag, 256});
    if (!output) return output.error();
    auto* out = reinterpret_cast<std::uint64_t*>(output->address());
    for (std::uint64_t i = 0; i < count; ++i) out[i] = value_of(first + i);
    std::memcpy(results.data() + first, out, count * 8);
    return {};
  }
  Result<void> processor(std::uint64_t first, std::uint64_t count) {
    for (std::uint64_t i = first; i < first + count; ++i) results[i] = value_of(i);
    return {};
  }
  Result<BatchReport> run(std::uint64_t items, std::uint64_t least, bool with_processor = true) {
    results.assign(items, 0);
    BatchWork work;
    work.device = [this](std::uint64_t f, std::uint64_t n) { return device(f, n); };
    if (with_processor) {
      work.processor = [this](std::uint64_t f, std::uint64_t n) { return processor(f, n); };
    }
    work.least = least;
    return run_batch(heap, items, work);
  }
  bool right() const {
    for (std::uint64_t i = 0; i < results.size(); ++i) {
      if (results[i] != value_of(i)) return false;
    }
    return true;
  }
};

struct Bench {
  explicit Bench(std::uint64_t bytes)
      : memory(HostMemory::create(bytes).value()), device(memory),
        arena(Arena::create(device, {bytes, 4}).value()) {
    HeapOptions options;
    options.pinned_limit_bytes = 8 * mib;
    heap.emplace(arena, options);
    raw_stream = memory.add_stream();
    stream = heap->add_stream(raw_stream).value();
  }
  Squares squares(ClientId client, std::uint64_t bytes_per_item) {
    return {*heap, client, stream, heap->tag("squares"), bytes_per_item, {}};
  }
  RungCount count(Rung rung) const { return heap->counts()[static_cast<std::size_t>(rung)]; }

  HostMemory memory;
  FailingDevice device;
  Arena arena;
  std::optional<DeviceHeap> heap;
  DriverStream raw_stream = nullptr;
  StreamId stream = no_stream;
};

}  // namespace

TEST_CASE("a batch that does not fit is halved until it does") {
  Bench bench(16 * mib);
  const ClientId client = bench.heap->open_client({"wheel", plenty, 0});
  Squares squares = bench.squares(client, 64 * 1024);
  const auto report = squares.run(1000, 1);
  REQUIRE(report);
  CHECK(report->device_items == 1000);
  CHECK(report->splits >= 3);
  CHECK(bench.count(Rung::split).tried == report->splits);
  CHECK(bench.count(Rung::split).helped > 0);
  CHECK(squares.right());
  CHECK(bench.heap->figures().taken_bytes == 0);
}

TEST_CASE("a batch whose least piece does not fit goes to the processor, with the same results") {
  Bench bench(16 * mib);
  const ClientId client = bench.heap->open_client({"wheel", 64 * 1024, 0});
  Squares squares = bench.squares(client, 64 * 1024);
  const auto report = squares.run(100, 10);
  REQUIRE(report);
  CHECK(report->processor_items == 100);
  CHECK(report->device_items == 0);
  CHECK(squares.right());
}

TEST_CASE("a batch without memory and without a processor version is refused in words") {
  Bench bench(16 * mib);
  const ClientId client = bench.heap->open_client({"wheel", 64 * 1024, 0});
  Squares squares = bench.squares(client, 64 * 1024);
  const auto report = squares.run(100, 10, false);
  REQUIRE_FALSE(report);
  CHECK(report.error().code == Errc::exhausted);
  CHECK(report.error().message.find("no version for the processor") != std::string::npos);
  CHECK(bench.count(Rung::refuse).tried == 1);
}

TEST_CASE("an error that is no lack of memory ends a batch at once") {
  Bench bench(16 * mib);
  BatchWork work;
  work.device = [](std::uint64_t, std::uint64_t) {
    return Result<void>(Error{Errc::io, "the device fell off the bus"});
  };
  work.processor = [](std::uint64_t, std::uint64_t) { return Result<void>(); };
  const auto report = run_batch(*bench.heap, 10, work);
  REQUIRE_FALSE(report);
  CHECK(report.error().code == Errc::io);
}

TEST_CASE("each rung can be made to fail, and the next one helps") {
  Bench bench(16 * mib);
  const ClientId client = bench.heap->open_client({"wheel", plenty, 0});
  // A rung tries to take again, so as many takes fail as rungs that only seem to help.
  const std::vector<std::pair<std::uint32_t, Rung>> steps{
      {1, Rung::reclaim}, {2, Rung::trim}, {3, Rung::spill}};
  for (const auto& [failures, helper] : steps) {
    const auto buffer = bench.heap->make_spillable(
        *bench.heap->allocate(client, {1 * mib, no_stream, {}, 256}), no_stream);
    const auto before = bench.count(helper).helped;
    bench.heap->inject(Rung::take, failures);
    const auto got = bench.heap->allocate(client, {1 * mib, bench.stream, {}, 256});
    REQUIRE(got);
    CHECK(bench.count(helper).helped == before + 1);
    REQUIRE(bench.heap->free(*got, bench.stream));
    REQUIRE(bench.heap->drop(*buffer));
  }
  bench.heap->inject(Rung::take, 1);
  bench.heap->inject(Rung::reclaim, 1);
  bench.heap->inject(Rung::trim, 1);
  bench.heap->inject(Rung::spill, 1);
  const auto refused = bench.heap->allocate(client, {1 * mib, bench.stream, {}, 256});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::exhausted);
  for (const Rung rung : {Rung::reclaim, Rung::trim, Rung::spill}) {
    INFO(name(rung));
    CHECK(bench.count(rung).injected == 1);
  }
  // A queue that takes nobody, halves that are not made, a processor that is passed over.
  bench.heap->inject(Rung::wait, 1);
  CHECK_FALSE(bench.heap->enqueue(client, {1, no_stream, {}, 256}, {1}));
  bench.heap->inject(Rung::split, 100);
  bench.heap->inject(Rung::cpu, 1);
  Squares squares = bench.squares(client, 64 * 1024);
  CHECK_FALSE(squares.run(1000, 1));
  const auto on_processor = squares.run(1000, 1);
  REQUIRE(on_processor);
  CHECK(on_processor->processor_items == 1000);
  CHECK(squares.right());
}

TEST_CASE("memory that another pool holds unused is asked back before a request fails") {
  HostMemory memory = HostMemory::create(16 * mib).value();
  Arena hoarder = Arena::create(memory, {16 * mib, 4}).value();
  hoarder.free(*hoarder.allocate(12 * mib, no_stream), no_stream);
  Arena arena = Arena::create(memory, {16 * mib, 4}).value();
  HeapOptions options;
  options.trimmers.push_back([&] { return hoarder.trim(0).value(); });
  DeviceHeap heap(arena, options);
  const ClientId client = heap.open_client({"wheel", plenty, 0});
  CHECK(heap.allocate(client, {10 * mib, no_stream, {}, 256}));
  CHECK(heap.counts()[static_cast<std::size_t>(Rung::trim)].helped == 1);
  CHECK(hoarder.figures().reserved_bytes == 0);
}

TEST_CASE("whichever call of the device fails, nothing leaks and the results are the processor's") {
  bool passed = false;
  std::uint64_t failures = 0;
  for (std::uint64_t n = 0; !passed; ++n) {
    Bench bench(16 * mib);
    const ClientId low = bench.heap->open_client({"learn", plenty, 0});
    const ClientId client = bench.heap->open_client({"wheel", plenty, 3});
    bench.device.fail_after(n);
    // A buffer with bytes in it, which has to give way and come back.
    std::optional<SpillId> buffer;
    if (auto block = bench.heap->allocate(low, {6 * mib, bench.stream, {}, 256})) {
      std::memset(reinterpret_cast<void*>(block->address), 0x33, block->bytes);
      bench.memory.submit(bench.raw_stream);
      buffer = *bench.heap->make_spillable(*block, bench.stream);
    }
    Squares squares = bench.squares(client, 64 * 1024);
    const auto report = squares.run(500, 1);
    REQUIRE(report);
    CHECK(squares.right());
    if (buffer) {
      auto address = bench.heap->hold(*buffer, bench.stream);
      if (!address) address = bench.heap->hold(*buffer, bench.stream);
      REQUIRE(address);
      const auto* bytes = reinterpret_cast<const unsigned char*>(*address);
      CHECK(std::count(bytes, bytes + 6 * mib, 0x33) == static_cast<std::ptrdiff_t>(6 * mib));
      REQUIRE(bench.heap->release(*buffer));
      REQUIRE(bench.heap->drop(*buffer));
    }
    passed = bench.device.armed();
    failures += passed ? 0 : 1;
    bench.device.fail_never();
    CHECK(bench.heap->figures().taken_bytes == 0);
    CHECK(bench.heap->retire(low)->leaked_bytes == 0);
    CHECK(bench.heap->retire(client)->leaked_bytes == 0);
    REQUIRE(bench.arena.trim());
    CHECK(bench.memory.chunks_made() == 0);
    REQUIRE(n < 1000);
  }
  CHECK(failures > 10);
}

TEST_CASE("a hundred thousand failures at random change no result and leak nothing") {
  Bench bench(16 * mib);
  const ClientId client = bench.heap->open_client({"wheel", plenty, 0});
  Squares squares = bench.squares(client, 4096);
  Random random(99);
  std::uint64_t wrong = 0, refused = 0;
  const auto injected = [&] {
    std::uint64_t sum = 0;
    for (const RungCount& count : bench.heap->counts()) sum += count.injected;
    return sum;
  };
  while (injected() < 100'000) {
    bench.heap->inject(Rung::take, static_cast<std::uint32_t>(random.below(20)));
    bench.heap->inject(Rung::reclaim, static_cast<std::uint32_t>(random.below(10)));
    bench.heap->inject(Rung::trim, static_cast<std::uint32_t>(random.below(10)));
    if (random.chance(1, 2)) bench.device.fail_after(random.below(40));
    auto report = squares.run(1 + random.below(100), 1 + random.below(8));
    refused += report ? 0 : 1;
    wrong += squares.right() ? 0 : 1;
  }
  CHECK(wrong == 0);
  CHECK(refused == 0);
  CHECK(bench.heap->figures().taken_bytes == 0);
  CHECK(bench.heap->retire(client)->leaks.empty());
}
