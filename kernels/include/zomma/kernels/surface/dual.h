// dual.h: numbers that carry their gradient in N parameters: exact first derivatives of any formula
// written in a Real, where writing them by hand would be a page. Griewank & Walther (2008), forward
// mode.
#pragma once

#include <zomma/kernels/elementary_more.h>

#include <array>
#include <cmath>

namespace zomma::kernels {

template <int N>
struct Dual {
  double value = 0;
  std::array<double, N> gradient{};

  Dual() = default;
  Dual(double constant) : value(constant) {}  // NOLINT: a constant is a Dual without a gradient
  static Dual variable(double value, int index) {
    Dual out(value);
    out.gradient[static_cast<std::size_t>(index)] = 1.0;
    return out;
  }
  // f(*this), where f has `value` and derivative `slope` here.
  Dual chain(double f, double slope) const {
    Dual out(f);
    for (std::size_t i = 0; i < N; ++i) out.gradient[i] = slope * gradient[i];
    return out;
  }

  friend Dual combine(const Dual& a, const Dual& b, double value, double by_a, double by_b) {
    Dual out(value);
    for (std::size_t i = 0; i < N; ++i)
      out.gradient[i] = by_a * a.gradient[i] + by_b * b.gradient[i];
    return out;
  }
  friend Dual operator+(const Dual& a, const Dual& b) {
    return combine(a, b, a.value + b.value, 1, 1);
  }
  friend Dual operator-(const Dual& a, const Dual& b) {
    return combine(a, b, a.value - b.value, 1, -1);
  }
  friend Dual operator*(const Dual& a, const Dual& b) {
    return combine(a, b, a.value * b.value, b.value, a.value);
  }
  friend Dual operator/(const Dual& a, const Dual& b) {
    const double quotient = a.value / b.value;
    return combine(a, b, quotient, 1.0 / b.value, -quotient / b.value);
  }
  friend Dual operator-(const Dual& a) { return a.chain(-a.value, -1); }
  friend bool operator<(const Dual& a, const Dual& b) { return a.value < b.value; }
  friend bool operator>(const Dual& a, const Dual& b) { return a.value > b.value; }
};

template <int N>
Dual<N> sqrt(const Dual<N>& a) {
  const double root = std::sqrt(a.value);
  return a.chain(root, 0.5 / root);
}
template <int N>
Dual<N> exp(const Dual<N>& a) {
  const double e = kernels::exp(a.value);
  return a.chain(e, e);
}
template <int N>
Dual<N> log(const Dual<N>& a) {
  return a.chain(kernels::log(a.value), 1.0 / a.value);
}
template <int N>
Dual<N> log1p(const Dual<N>& a) {
  return a.chain(kernels::log1p(a.value), 1.0 / (1.0 + a.value));
}
template <int N>
Dual<N> fabs(const Dual<N>& a) {
  return a.value < 0 ? -a : a;
}

}  // namespace zomma::kernels
