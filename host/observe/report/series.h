// series.h: a statistic that may have no value, and a curve of such.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace zomma {

constexpr double no_value = std::numeric_limits<double>::quiet_NaN();
inline bool has_value(double statistic) { return std::isfinite(statistic); }

// A curve for a plot, in time order, at most 4,000 points: of a longer history each bucket keeps
// least, greatest and last.
struct Point {
  std::int64_t ts_ns;
  double value;
};
using Series = std::vector<Point>;

}  // namespace zomma
