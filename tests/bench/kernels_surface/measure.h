// measure.h: medians of repeated timings.
#pragma once

#include <algorithm>
#include <vector>

#include "base/clock.h"

namespace zomma::bench {

// Median over `repeats` of the microseconds that one of `count` calls takes.
template <class F>
double microseconds(int repeats, int count, const F& call) {
  std::vector<double> samples;
  for (int r = 0; r < repeats; ++r) {
    const Nanoseconds start = monotonic_now();
    for (int i = 0; i < count; ++i) call(i);
    samples.push_back(static_cast<double>((monotonic_now() - start).value) * 1e-3 / count);
  }
  std::sort(samples.begin(), samples.end());
  return samples[samples.size() / 2];
}

}  // namespace zomma::bench
