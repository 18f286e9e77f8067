// measure.h: medians, and rows beside a reference of the same run.
#pragma once

#include <algorithm>
#include <cstdio>
#include <vector>

#include "base/clock.h"

namespace zomma::bench {

// Median seconds of `repeats` runs of `work`.
template <class Work>
double median_seconds(int repeats, Work&& work) {
  std::vector<double> seconds;
  for (int i = 0; i < repeats; ++i) {
    const auto begin = monotonic_now();
    work();
    seconds.push_back(static_cast<double>((monotonic_now() - begin).value) * 1e-9);
  }
  std::nth_element(seconds.begin(), seconds.begin() + repeats / 2, seconds.end());
  return seconds[static_cast<std::size_t>(repeats / 2)];
}

}  // namespace zomma::bench
