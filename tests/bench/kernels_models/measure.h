// measure.h: thread CPU time of a repeated job, the median of several runs.
#pragma once

#include <time.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace zomma::bench {

inline double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Median seconds of `runs` calls of job().
template <class Job>
double median_seconds(int runs, Job job) {
  std::vector<double> seconds;
  for (int i = 0; i < runs; ++i) {
    const double start = cpu_seconds();
    job();
    seconds.push_back(cpu_seconds() - start);
  }
  std::nth_element(seconds.begin(), seconds.begin() + runs / 2, seconds.end());
  return seconds[runs / 2];
}

inline bool is_quick(int argc, char** argv) {
  return argc > 1 && std::strcmp(argv[1], "--quick") == 0;
}

}  // namespace zomma::bench
