// history.h: daily returns of an underlying, as heard: the last price of each day against the last
// of the day before.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <span>

namespace options {

class History {
 public:
  static constexpr std::size_t capacity = 512;  // two years

  // The underlying's price at some moment of a day (days since 1970). Prices that are no prices are
  // passed over; a day that comes after a hole of more than `longest_hole` days starts afresh,
  // because its return is not a day's.
  void hear(std::int64_t day, double price) {
    if (!(price > 0) || !std::isfinite(price) || day < day_) return;
    if (day > day_) {
      if (close_ > 0 && before_ > 0) push(std::log(close_ / before_), day_);
      before_ = day - day_ > longest_hole ? 0 : close_;
      day_ = day;
    }
    close_ = price;
  }
  // Prices from here on are `factor` times what they would have been: 0.5 after a split of two for
  // one.
  void rescale(double factor) {
    close_ *= factor;
    before_ *= factor;
  }

  std::size_t size() const {
    return static_cast<std::size_t>(count_ < static_cast<std::int64_t>(capacity) ? count_
                                                                                 : capacity);
  }
  // Log return, the oldest first, for i < size().
  double at(std::size_t i) const { return returns_[slot(i)]; }
  std::int64_t day_at(std::size_t i) const { return days_[slot(i)]; }

  // Whether it can be used; asked of what was read from a file.
  bool sane() const { return count_ >= 0; }

  // Annual volatility of the returns, or 0 below two of them.
  double volatility() const {
    const std::size_t n = size();
    if (n < 2) return 0;
    double mean = 0, square = 0;
    for (std::size_t i = 0; i < n; ++i) mean += at(i);
    mean /= static_cast<double>(n);
    for (std::size_t i = 0; i < n; ++i) square += (at(i) - mean) * (at(i) - mean);
    return std::sqrt(square / static_cast<double>(n - 1) * trading_days);
  }

  static constexpr double trading_days = 252;

 private:
  static constexpr std::int64_t longest_hole = 6;  // a weekend with holidays on both sides

  std::size_t slot(std::size_t i) const {
    return (static_cast<std::size_t>(count_) - size() + i) % capacity;
  }
  void push(double value, std::int64_t day) {
    const auto at = static_cast<std::size_t>(count_) % capacity;
    returns_[at] = value;
    days_[at] = day;
    ++count_;
  }

  std::int64_t day_ = 0, count_ = 0;
  double close_ = 0, before_ = 0;
  std::array<double, capacity> returns_{};
  std::array<std::int64_t, capacity> days_{};
};

// Correlation of two histories on the days that both have, drawn towards `prior` as if `prior_days`
// days had shown it.
inline double correlation(const History& a, const History& b, double prior, double prior_days) {
  double saa = 0, sbb = 0, sab = 0, days = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a.day_at(i) < b.day_at(j)) {
      ++i;
      continue;
    }
    if (a.day_at(i) > b.day_at(j)) {
      ++j;
      continue;
    }
    const double x = a.at(i++), y = b.at(j++);
    saa += x * x;
    sbb += y * y;
    sab += x * y;
    days += 1;
  }
  const double sample = saa > 0 && sbb > 0 ? sab / std::sqrt(saa * sbb) : prior;
  return (days * sample + prior_days * prior) / (days + prior_days > 0 ? days + prior_days : 1.0);
}

}  // namespace options
