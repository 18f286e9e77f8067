// model.h: weights learned while trading, from the past only: recursive least squares with
// forgetting and a ridge start. Source: Haykin, Adaptive Filter Theory, ch. 10 (exponentially
// weighted RLS).
#pragma once

#include <array>
#include <cmath>
#include <cstddef>

namespace hft {

template <std::size_t N>
class OnlineRegression {
 public:
  using Vector = std::array<double, N>;

  explicit OnlineRegression(double ridge = 100.0, double forgetting = 0.9995)
      : forgetting_(forgetting) {
    for (std::size_t i = 0; i < N; ++i) covariance_[i][i] = 1.0 / ridge;
  }
  void set_forgetting(double forgetting) { forgetting_ = forgetting; }

  double predict(const Vector& x) const {
    double sum = 0;
    for (std::size_t i = 0; i < N; ++i) sum += weights_[i] * x[i];
    return sum;
  }

  // `y` is what followed `x`. The covariance is kept bounded and symmetric, so long runs of idle
  // inputs cannot blow it up.
  void learn(const Vector& x, double y) {
    Vector gain{};
    double scale = forgetting_;
    for (std::size_t i = 0; i < N; ++i) {
      for (std::size_t j = 0; j < N; ++j) gain[i] += covariance_[i][j] * x[j];
      scale += x[i] * gain[i];
    }
    const double error = y - predict(x);
    for (std::size_t i = 0; i < N; ++i) weights_[i] += gain[i] / scale * error;
    for (std::size_t i = 0; i < N; ++i) {
      for (std::size_t j = i; j < N; ++j) {
        double value = (covariance_[i][j] - gain[i] * gain[j] / scale) / forgetting_;
        if (i == j && value > largest_variance) value = largest_variance;
        covariance_[i][j] = covariance_[j][i] = value;
      }
    }
    ++observations_;
  }

  const Vector& weights() const { return weights_; }
  std::size_t observations() const { return observations_; }

 private:
  static constexpr double largest_variance = 1.0;
  double forgetting_;
  Vector weights_{};
  std::array<Vector, N> covariance_{};
  std::size_t observations_ = 0;
};

// Brings an input to unit size by its own past: x / sqrt(mean of x^2 so far, recent more), cut at
// +-4.
class Normaliser {
 public:
  void observe(double x) {
    if (count_ < memory) ++count_;
    square_ += (x * x - square_) / static_cast<double>(count_);
  }
  double operator()(double x) const {
    if (square_ <= 0) return 0.0;
    const double scaled = x / std::sqrt(square_);
    return scaled > 4 ? 4 : scaled < -4 ? -4 : scaled;
  }

 private:
  static constexpr std::size_t memory = 3000;  // five minutes of samples at ten a second
  double square_ = 0;
  std::size_t count_ = 0;
};

}  // namespace hft
