// measure.h: medians of repeated timings, in the thread's own processor time: on a shared machine
// the wall clock would count other programs' turns too.
#pragma once

#include <time.h>

#include <algorithm>
#include <vector>

namespace zomma::bench {

inline double thread_microseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) * 1e-3;
}

// Median over `repeats` of the microseconds that one of `count` calls takes.
template <class F>
double microseconds(int repeats, int count, const F& call) {
  std::vector<double> samples;
  for (int r = 0; r < repeats; ++r) {
    const double start = thread_microseconds();
    for (int i = 0; i < count; ++i) call(i);
    samples.push_back((thread_microseconds() - start) / count);
  }
  std::sort(samples.begin(), samples.end());
  return samples[samples.size() / 2];
}

}  // namespace zomma::bench
