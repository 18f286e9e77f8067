// workload.h: the pattern of RMM's random_allocations benchmark: 73 % allocations of uniform size until
// `blocks` have been made or `limit` bytes live, otherwise a random live block is freed. Drawn before
// the clock starts, so that the generator is in no figure.
#pragma once

#include <cstdint>
#include <vector>

#include "base/random.h"

namespace zomma::bench {

struct Step {
  std::uint32_t bytes = 0;  // 0: free
  std::uint32_t slot = 0;   // what is freed: an index into the live blocks, taken modulo their number
};

struct Workload {
  std::vector<Step> steps;
  std::size_t most_live = 0;
  std::uint64_t most_bytes = 0;
};

// `steps` in all (0: twice `blocks`).
inline Workload random_allocations(std::uint64_t blocks, std::uint64_t largest, std::uint64_t limit,
                                   std::uint64_t seed, std::uint64_t steps = 0) {
  Random random(seed);
  Workload workload;
  std::vector<std::uint32_t> live;
  std::uint64_t bytes = 0, made = 0;
  if (steps == 0) steps = 2 * blocks;
  workload.steps.reserve(steps);
  while (workload.steps.size() < steps) {
    const auto size = static_cast<std::uint32_t>(random.between(1, static_cast<std::int64_t>(largest)));
    if (live.empty() || (random.chance(73, 100) && made < blocks && bytes + size < limit)) {
      workload.steps.push_back({size, 0});
      live.push_back(size);
      bytes += size;
      ++made;
    } else {
      const std::size_t slot = random.below(live.size());
      workload.steps.push_back({0, static_cast<std::uint32_t>(slot)});
      bytes -= live[slot];
      live[slot] = live.back();
      live.pop_back();
    }
    workload.most_live = std::max(workload.most_live, live.size());
    workload.most_bytes = std::max(workload.most_bytes, bytes);
  }
  return workload;
}

}  // namespace zomma::bench
