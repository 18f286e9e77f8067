// latency_histogram.h: durations counted in log-linear bins: 16 to each power of two, so a quantile
// is at most 1/16 above the truth. Fixed size, no allocation after construction.
#pragma once

#include <array>
#include <cstdint>

#include "observe/report/figures.h"

namespace zomma {

class LatencyHistogram {
 public:
  // Negative durations count as 0.
  void add(std::int64_t nanoseconds);
  LatencyHistogram& operator+=(const LatencyHistogram& other);
  std::uint64_t count() const { return count_; }
  LatencyFigures figures() const;

 private:
  static constexpr int sub_bits = 4;
  static constexpr std::size_t bin_count = (64 - sub_bits) << sub_bits;
  static std::size_t bin_of(std::uint64_t nanoseconds);
  static std::int64_t lower_end(std::size_t bin);
  std::int64_t quantile(double share) const;

  std::array<std::uint64_t, bin_count> bins_{};
  std::uint64_t count_ = 0;
  std::int64_t least_ = 0, greatest_ = 0;
  double sum_ = 0;
};

}  // namespace zomma
