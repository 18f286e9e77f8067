// rows.h: the shape shared by batches over instruments: each row is checked, worked on alone, and
// marked.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <span>

#include <zomma/kernels/backend.h>
#include <zomma/kernels/features/bars.h>
#include <zomma/kernels/status.h>

namespace zomma::kernels::rows {

inline bool all_finite(std::span<const double> row) {
  double sum = 0;  // x - x is 0 for finite x and NaN otherwise
  for (const double x : row) sum += x - x;
  return sum == 0;
}
inline bool all_positive(std::span<const double> row) {
  return all_finite(row) && std::all_of(row.begin(), row.end(), [](double x) { return x > 0; });
}
inline bool none_negative(std::span<const double> row) {
  return all_finite(row) && std::all_of(row.begin(), row.end(), [](double x) { return x >= 0; });
}

inline std::span<const double> row_of(std::span<const double> values, std::size_t row,
                                      std::size_t length) {
  return values.subspan(row * length, length);
}
inline std::span<double> row_of(std::span<double> values, std::size_t row, std::size_t length) {
  return values.subspan(row * length, length);
}

// One row of bars.
struct Bars {
  std::span<const double> open, high, low, close, volume;

  bool good_prices() const {
    if (!all_positive(open) || !all_positive(high) || !all_positive(low) || !all_positive(close))
      return false;
    for (std::size_t t = 0; t < close.size(); ++t) {
      const double body_low = open.empty() ? close[t] : std::min(open[t], close[t]);
      const double body_high = open.empty() ? close[t] : std::max(open[t], close[t]);
      if (body_low < low[t] || body_high > high[t]) return false;
    }
    return true;
  }
};

inline Bars bars_of(const BarSeries& bars, std::size_t row, std::size_t length) {
  const auto take = [&](std::span<const double> values) {
    return values.empty() ? values : row_of(values, row, length);
  };
  return {take(bars.open), take(bars.high), take(bars.low), take(bars.close), take(bars.volume)};
}

// The length of a row when every span given is instruments rows of one length; else false.
inline bool row_length(std::size_t instruments, std::initializer_list<std::size_t> sizes,
                       std::size_t& length) {
  const std::size_t size = *sizes.begin();
  for (const std::size_t other : sizes) {
    if (other != size) return false;
  }
  if (instruments == 0) {
    length = 0;
    return size == 0;
  }
  length = size / instruments;
  return size % instruments == 0;
}

// Calls work(row) for each row on the backend; false marks the row as outside the domain.
template <class Work>
void for_each(Backend& backend, std::size_t count, std::size_t cost,
              std::span<ElementStatus> status, Work&& work) {
  const std::size_t grain = std::max<std::size_t>(1, 16384 / std::max<std::size_t>(cost, 1));
  backend.for_chunks(count, grain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) {
      const bool good = work(row);
      if (!status.empty()) status[row] = good ? ElementStatus::ok : ElementStatus::domain;
    }
  });
}

// False, and zeros in all of them, when one of the outputs of a row overflowed.
inline bool settle(std::initializer_list<std::span<double>> outputs, std::size_t row,
                   std::size_t length) {
  bool good = true;
  for (const auto out : outputs) good = good && all_finite(row_of(out, row, length));
  if (!good) {
    for (const auto out : outputs) std::fill_n(out.data() + row * length, length, 0.0);
  }
  return good;
}

}  // namespace zomma::kernels::rows
