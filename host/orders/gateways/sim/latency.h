// latency.h: delays of the simulated exchange, sampled in integers from a table of quantiles, so
// that every compiler and every run draws the same ones.
#pragma once

#include <cstdint>
#include <vector>

#include "base/random.h"
#include "base/types.h"

namespace zomma {

class LatencyModel {
 public:
  static LatencyModel constant(Nanoseconds value);
  static LatencyModel uniform(Nanoseconds minimum, Nanoseconds maximum);
  // minimum + a log-normal delay of this median and standard deviation of the logarithm; cut at
  // `maximum` (0 = at the 99.95 % quantile, which is where the table ends).
  static LatencyModel lognormal(Nanoseconds minimum, Nanoseconds median, double sigma,
                                Nanoseconds maximum);
  // Evenly spaced quantiles, from the least to the greatest delay; at least one.
  static LatencyModel empirical(std::vector<Nanoseconds> quantiles);

  Nanoseconds sample(Random& random) const {
    if (table_.size() == 1) return {table_[0]};
    const std::uint64_t position = random.below((table_.size() - 1) << fraction_bits);
    const std::size_t index = position >> fraction_bits;
    const auto fraction = static_cast<std::int64_t>(position & ((1u << fraction_bits) - 1));
    return {table_[index] + (table_[index + 1] - table_[index]) * fraction / (1 << fraction_bits)};
  }

 private:
  static constexpr int fraction_bits = 16;
  std::vector<std::int64_t> table_{0};  // quantiles, ascending
};

}  // namespace zomma
