// decay.h: exponentially fading sums and means on event time. No clock: the caller says when.
#pragma once

#include <cmath>
#include <cstdint>

namespace hft {

// exp(-x) for x >= 0. Between two events of a busy market x is tiny: a fifth-degree polynomial is
// then exact to 1e-13.
inline double fading(double x) {
  if (x > 0.01) return std::exp(-x);
  return 1.0 - x * (1.0 - x * (0.5 - x * (1.0 / 6 - x * (1.0 / 24 - x / 120))));
}

// A sum whose contributions halve every `half_life_ns`.
class FadingSum {
 public:
  explicit FadingSum(double half_life_ns = 1e9) { set_half_life(half_life_ns); }
  void set_half_life(double half_life_ns) { rate_per_ns_ = 0.6931471805599453 / half_life_ns; }
  void add(std::int64_t now_ns, double amount) {
    sum_ = at(now_ns) + amount;
    last_ns_ = now_ns;
  }
  double at(std::int64_t now_ns) const {
    if (now_ns <= last_ns_ || sum_ == 0) return sum_;
    return sum_ * fading(rate_per_ns_ * static_cast<double>(now_ns - last_ns_));
  }

 private:
  double rate_per_ns_ = 0;
  double sum_ = 0;
  std::int64_t last_ns_ = 0;
};

// A mean over time of a value that holds from one observation to the next; older time weighs less.
class FadingMean {
 public:
  explicit FadingMean(double half_life_ns = 1e9) { set_half_life(half_life_ns); }
  void set_half_life(double half_life_ns) { rate_per_ns_ = 0.6931471805599453 / half_life_ns; }
  // `value` holds from now on.
  void observe(std::int64_t now_ns, double value) {
    if (!started_) {
      mean_ = value;
      started_ = true;
    } else {
      mean_ = at(now_ns);
    }
    held_ = value;
    last_ns_ = now_ns;
  }
  double at(std::int64_t now_ns) const {
    if (now_ns <= last_ns_) return mean_;
    const double keep = fading(rate_per_ns_ * static_cast<double>(now_ns - last_ns_));
    return mean_ * keep + held_ * (1.0 - keep);
  }
  bool started() const { return started_; }

 private:
  double rate_per_ns_ = 0;
  double mean_ = 0, held_ = 0;
  std::int64_t last_ns_ = 0;
  bool started_ = false;
};

}  // namespace hft
