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

// out[t] = the best of the last `window` values for t >= window - 1, in three operations a value
// whatever the window: the best of the tail of one block and of the head of the next (van Herk
// 1992).
template <class Best>
void extremes(std::span<const double> values, std::size_t window, Best&& best,
              std::vector<double>& tail, std::vector<double>& out) {
  const std::size_t n = values.size();
  tail.resize(n);
  out.resize(n);
  if (n < window) return;
  for (std::size_t begin = 0; begin < n; begin += window) {
    const std::size_t end = std::min(begin + window, n);
    tail[end - 1] = values[end - 1];
    for (std::size_t t = end - 1; t-- > begin;) tail[t] = best(values[t], tail[t + 1]);
    double head = values[begin];
    for (std::size_t t = begin; t < end; ++t) out[t] = head = best(head, values[t]);
  }
  for (std::size_t t = window - 1; t < n; ++t) out[t] = best(tail[t + 1 - window], out[t]);
}

}  // namespace zomma::kernels::windows
