// windows.h: sums, means and extremes over a moving window, one row. What the indicators are made
// of.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace zomma::kernels::windows {

// Calls put(t, sum of the last `window` values) from t = window - 1 on. Neumaier's compensation
// keeps what a long series of additions and subtractions would lose.
template <class Value, class Put>
void sums(std::size_t count, std::size_t window, Value&& value, Put&& put) {
  double sum = 0, lost = 0;
  const auto add = [&](double x) {
    const double total = sum + x;
    lost += (sum < 0 ? -sum : sum) >= (x < 0 ? -x : x) ? (sum - total) + x : (x - total) + sum;
    sum = total;
  };
  for (std::size_t t = 0; t < count; ++t) {
    add(value(t));
    if (t >= window) add(-value(t - window));
    if (t + 1 >= window) put(t, sum + lost);
  }
}

// Exponential mean with weight `alpha` of value(first), value(first + 1), ..., begun at first +
// window - 1 with the plain mean of the first window values.
template <class Value, class Put>
void smoothed(std::size_t first, std::size_t count, std::size_t window, double alpha, Value&& value,
              Put&& put) {
  if (count < window || count - window < first) return;
  double mean = 0;
  for (std::size_t t = first; t < first + window; ++t)
    mean += value(t) / static_cast<double>(window);
  put(first + window - 1, mean);
  for (std::size_t t = first + window; t < count; ++t) {
    mean += (value(t) - mean) * alpha;
    put(t, mean);
  }
}

// Index of the largest (or smallest) of the last `window` values, by a queue of candidates:
// constant work a value.
template <class Better>
class Extreme {
 public:
  Extreme(std::span<const double> values, std::size_t window)
      : values_(values), window_(window), queue_(values.size()) {}

  double next(std::size_t t) {
    while (end_ > begin_ && !Better{}(values_[queue_[end_ - 1]], values_[t])) --end_;
    queue_[end_++] = t;
    if (queue_[begin_] + window_ <= t) ++begin_;
    return values_[queue_[begin_]];
  }

 private:
  std::span<const double> values_;
  std::size_t window_, begin_ = 0, end_ = 0;
  std::vector<std::size_t> queue_;
};

}  // namespace zomma::kernels::windows
