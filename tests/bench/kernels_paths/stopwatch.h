// stopwatch.h: time a thread was on a core, and medians of it.
#pragma once

#include <algorithm>
#include <ctime>
#include <vector>

namespace zomma::bench {

// Seconds this thread was on a core, so that a busy machine does not count.
inline double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

template <class Body>
double seconds(Body&& body) {
  const double start = thread_seconds();
  body();
  return thread_seconds() - start;
}

inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace zomma::bench
