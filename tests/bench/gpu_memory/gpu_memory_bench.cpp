// What an allocation costs the processor and what memory it wastes, on RMM's own pattern, beside a pool
// as RMM's (list_pool.h) on the same steps.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "bench/gpu_memory/list_pool.h"
#include "bench/gpu_memory/workload.h"
#include "gpu/memory/tlsf.h"

namespace {

using namespace zomma;
using namespace zomma::gpu;
using bench::Workload;

constexpr std::uint64_t mib = 1 << 20;
constexpr std::uint64_t limit = std::uint64_t{16} << 30;

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Nanoseconds a step. `allocate(bytes)` answers a handle, `free(handle)` takes it.
template <class Handle, class Allocate, class Free>
double replay(const Workload& workload, Allocate&& allocate, Free&& free) {
  std::vector<Handle> live;
  live.reserve(workload.most_live);
  const Nanoseconds start = monotonic_now();
  for (const bench::Step& step : workload.steps) {
    if (step.bytes != 0) {
      live.push_back(allocate(step.bytes));
    } else {
      const std::size_t slot = step.slot;
      free(live[slot]);
      live[slot] = live.back();
      live.pop_back();
    }
  }
  const auto elapsed = static_cast<double>((monotonic_now() - start).value);
  return elapsed / static_cast<double>(workload.steps.size());
}

double run_tlsf(const Workload& workload) {
  Tlsf tlsf(static_cast<std::uint32_t>(2 * limit / 256));
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

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
  std::printf("random allocations of 1 B to 4 MiB, at most 16 GiB live; host time only\n");
  for (const std::uint64_t blocks : {1'000, 10'000, 16'000, 100'000}) {
    if (blocks > 16'000 && quick) continue;
    const Workload workload = bench::random_allocations(blocks, 4 * mib, limit, blocks);
    std::vector<double> index, list;
    for (int repeat = 0; repeat < (quick ? 1 : 7); ++repeat) {
      index.push_back(run_tlsf(workload));
      if (blocks <= 16'000 || repeat == 0) list.push_back(run_list(workload));
    }
    std::printf("%7zu blocks (%6zu live): index %6.1f ns/op | list %8.1f | ratio %6.1f\n",
                static_cast<std::size_t>(blocks), workload.most_live, median(index), median(list),
                median(list) / median(index));
  }
}
