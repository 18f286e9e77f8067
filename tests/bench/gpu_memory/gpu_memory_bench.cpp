// What an allocation costs the processor and what memory it wastes, on RMM's own pattern, beside a
// pool as RMM's (list_pool.h) on the same steps. The device is host memory that nobody writes to:
// chunks are mapped, but no driver is called, on either side.
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <vector>

#include "bench/gpu_memory/list_pool.h"
#include "bench/gpu_memory/workload.h"
#include "gpu/memory/arena.h"
#include "gpu/memory/device_heap.h"
#include "gpu/memory/host_memory.h"

namespace {

using namespace zomma;
using namespace zomma::gpu;
using bench::Workload;

constexpr std::uint64_t mib = 1 << 20;
constexpr std::uint64_t gib = 1 << 30;
constexpr std::uint64_t limit = 16 * gib;

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

template <class T>
T must(Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "%s\n", result.error().message.c_str());
  std::exit(1);
}

// Of this thread: other work on the machine is in no figure.
double processor_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

// Nanoseconds a step. `allocate(bytes)` answers a handle, `free(handle)` takes it; what is left is
// freed after the clock stops.
template <class Handle, class Allocate, class Free>
double replay(const Workload& workload, Allocate&& allocate, Free&& free) {
  std::vector<Handle> live;
  live.reserve(workload.most_live);
  const double start = processor_ns();
  for (const bench::Step& step : workload.steps) {
    if (step.bytes != 0) {
      live.push_back(allocate(step.bytes));
    } else {
      free(live[step.slot]);
      live[step.slot] = live.back();
      live.pop_back();
    }
  }
  const double elapsed = processor_ns() - start;
  for (const Handle& handle : live) free(handle);
  return elapsed / static_cast<double>(workload.steps.size());
}

double run_index(const Workload& workload) {
  Tlsf tlsf(static_cast<std::uint32_t>(2 * limit / granule_bytes));
  std::mutex mutex;
  return replay<BlockHandle>(
      workload,
      [&](std::uint64_t bytes) {
        const std::lock_guard lock(mutex);
        return *tlsf.allocate(static_cast<std::uint32_t>((bytes + 255) / 256));
      },
      [&](BlockHandle block) {
        const std::lock_guard lock(mutex);
        tlsf.free(block);
      });
}

double run_list(const Workload& workload) {
  bench::ListPool pool(2 * limit);
  return replay<std::uint64_t>(
      workload, [&](std::uint64_t bytes) { return pool.allocate(bytes); },
      [&](std::uint64_t address) { pool.free(address); });
}

// The whole path: lock, budget, ledger, stream order, arena. `warm`: chunks were mapped by a first
// pass.
struct Heap {
  HostMemory memory = must(HostMemory::create(2 * limit));
  Arena arena = must(Arena::create(memory, {2 * limit, 4}));
  DeviceHeap heap{arena};
  ClientId client = heap.open_client({"bench", ~std::uint64_t{0}, 0});
  StreamId stream = must(heap.add_stream(memory.add_stream()));

  double run(const Workload& workload) {
    return replay<Allocation>(
        workload,
        [&](std::uint64_t bytes) {
          return must(heap.allocate(client, {bytes, stream, {}, granule_bytes}));
        },
        [&](const Allocation& block) { (void)heap.free(block, stream); });
  }
};

// Host time of the whole path, of the index alone, and of the list.
void time_pattern(std::uint64_t blocks, bool quick) {
  const Workload workload = bench::random_allocations(blocks, 4 * mib, limit, blocks);
  std::vector<double> whole, index, list;
  Heap heap;
  const double cold = heap.run(workload);
  // One after the other: in turns, the list would empty the caches for the others.
  const int repeats = quick ? 1 : 25;
  for (int repeat = 0; repeat < repeats; ++repeat) whole.push_back(heap.run(workload));
  for (int repeat = 0; repeat < repeats; ++repeat) index.push_back(run_index(workload));
  for (int repeat = 0; repeat < (blocks <= 16'000 ? repeats : 1); ++repeat) {
    list.push_back(run_list(workload));
  }
  std::printf(
      "%7zu blocks (%5zu live): whole path %6.1f ns/op (first pass, chunks mapped: %7.1f) | "
      "index %5.1f | list %8.1f | list/whole %6.1f\n",
      static_cast<std::size_t>(blocks), workload.most_live, median(whole), cold, median(index),
      median(list), median(list) / median(whole));
}

// Memory after `steps` random operations at a load.
void waste(std::uint64_t largest, std::uint64_t load, std::uint64_t capacity, std::uint64_t steps) {
  HostMemory memory = must(HostMemory::create(capacity));
  Arena arena = must(Arena::create(memory, {capacity, 4}));
  const StreamId stream = must(arena.add_stream(memory.add_stream()));
  const Workload workload = bench::random_allocations(~std::uint64_t{0}, largest, load, 5, steps);
  std::vector<BlockHandle> live;
  live.reserve(workload.most_live);
  for (const bench::Step& step : workload.steps) {
    if (step.bytes != 0) {
      live.push_back(must(arena.allocate(step.bytes, stream)));
    } else {
      arena.free(live[step.slot], stream);
      live[step.slot] = live.back();
      live.pop_back();
    }
  }
  const MemoryFigures before = arena.figures();
  must(arena.trim());
  const MemoryFigures after = arena.figures();
  const bool nearly_all = static_cast<bool>(arena.allocate(before.free_bytes() / 10 * 9, stream));
  const auto ratio = [](std::uint64_t a, std::uint64_t b) {
    return static_cast<double>(a) / static_cast<double>(b);
  };
  std::printf(
      "1 B to %3zu MiB, %4.1f of %4.1f GiB live (%5zu blocks): reserved/allocated %.4f (%.4f "
      "before trim), lost beside live blocks %.1f %% of taken | largest free %5.1f %% of free | 90 "
      "%% "
      "of free in one block: %s\n",
      static_cast<std::size_t>(largest / mib), ratio(before.taken_bytes, gib), ratio(capacity, gib),
      live.size(), ratio(after.reserved_bytes, after.taken_bytes),
      ratio(before.reserved_bytes, before.taken_bytes),
      100 * ratio(before.free_bytes() - before.largest_free_bytes, before.taken_bytes),
      100 * ratio(before.largest_free_bytes, before.free_bytes()), nearly_all ? "yes" : "no");
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
  std::printf(
      "random allocations of 1 B to 4 MiB, at most 16 GiB live; processor time, medians of 25\n");
  for (const std::uint64_t blocks : {1'000, 10'000, 16'000, 100'000}) {
    if (blocks <= 16'000 || !quick) time_pattern(blocks, quick);
  }
  const std::uint64_t steps = quick ? 500'000 : 10'000'000;
  std::printf("after %zu random operations\n", static_cast<std::size_t>(steps));
  waste(1 * mib, 16 * gib, 32 * gib, steps);
  waste(4 * mib, 16 * gib, 32 * gib, steps);
  waste(64 * mib, 16 * gib, 32 * gib, steps);
  waste(4 * mib, 16 * gib, 24 * gib, steps);
  waste(4 * mib, 16 * gib, 20 * gib, steps);
}
