// heston_reference.h: a plain Heston pricer with gradients for the tests and benchmarks of calibration: Lewis' integral less
// Black's, by the double-exponential trapezoid rule; the gradient of the characteristic function by hand.
// Sources: Lewis (2000); Cui, del Bano Rollin & Germano (2017) for analytic gradients in calibration.
#pragma once

#include <zomma/kernels/surface/model_fit.h>

#include <cmath>
#include <complex>
#include <memory>
#include <vector>

namespace zomma::test {

using Complex = std::complex<double>;

// Plain products: std::complex checks each for infinities, which never occur here and cost a call.
inline Complex times(Complex a, Complex b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}
inline Complex inverse(Complex a) {
  const double norm = a.real() * a.real() + a.imag() * a.imag();
  return {a.real() / norm, -a.imag() / norm};
}

// ln of the characteristic function of ln(S/F) is c + d v0; its value and derivatives at u - i/2.
struct Characteristic {
  Complex value;
  Complex by[5];
};

inline Characteristic characteristic(const kernels::HestonPoint& p, double expiry, double u, bool slopes) {
  const auto [v0, kappa, theta, sigma, rho] = p;
  const double a = u * u + 0.25;
  const Complex iv(0.5, u), xi = kappa - rho * sigma * iv;
  const Complex d = std::sqrt(times(xi, xi) + sigma * sigma * a), over_d = inverse(d);
  const Complex e = std::exp(-d * expiry), q = times(xi, 1.0 - e) + times(d, 1.0 + e), over_q = inverse(q);
  const Complex big_d = -a * times(1.0 - e, over_q);
  const Complex m = -sigma * sigma * a * inverse(xi + d);
  const Complex bracket = m * expiry - 2.0 * std::log(times(q, 0.5 * over_d));
  const double scale = kappa * theta / (sigma * sigma);
  Characteristic out;
  out.value = std::exp(scale * bracket + big_d * v0);
  if (!slopes) return out;
  out.by[0] = big_d;
  out.by[2] = kappa / (sigma * sigma) * bracket;
  const Complex xi_by[3] = {1.0, -rho * iv, -sigma * iv};  // kappa, sigma, rho
  const double scale_by[3] = {theta / (sigma * sigma), -2.0 * scale / sigma, 0.0};
  const int place[3] = {1, 3, 4};
  for (int i = 0; i < 3; ++i) {
    const Complex d_by = times(times(xi, xi_by[i]) + (i == 1 ? sigma * a : 0.0), over_d);
    const Complex e_by = -expiry * times(d_by, e);
    const Complex q_by = times(xi_by[i], 1.0 - e) - times(xi, e_by) + times(d_by, 1.0 + e) + times(d, e_by);
    const Complex ratio = times(q_by, over_q);
    const Complex big_by = a * times(e_by, over_q) - times(big_d, ratio);
    const Complex bracket_by = (xi_by[i] - d_by) * expiry - 2.0 * (ratio - times(d_by, over_d));
    out.by[place[i]] = scale_by[i] * bracket + scale * bracket_by + big_by * v0;
  }
  for (Complex& by : out.by) by = times(by, out.value);
  return out;
}

// Prices quotes grouped by expiry (neighbours share one); an empty gradient is not computed. Nodes and their sines are laid out at the first call.
class HestonReference {
 public:
  explicit HestonReference(int nodes, double reach) : nodes_(static_cast<std::size_t>(nodes)), reach_(reach) {}

  bool operator()(const kernels::HestonPoint& p, std::span<const kernels::SurfaceQuote> quotes,
                  std::span<double> price, std::span<kernels::HestonPoint> gradient) {
    if (slices_.empty()) prepare(quotes);
    for (const Slice& slice : slices_) {
      for (std::size_t n = 0; n < nodes_; ++n) {
        const Characteristic at = characteristic(p, slice.expiry, slice.u[n], !gradient.empty());
        const double w = slice.weight[n];
        real_[n][0] = w * (slice.black[n] - at.value.real()), imag_[n][0] = -w * at.value.imag();
        for (std::size_t j = 0; j < 5 && !gradient.empty(); ++j)
          real_[n][j + 1] = -w * at.by[j].real(), imag_[n][j + 1] = -w * at.by[j].imag();
      }
      for (std::size_t i = slice.begin; i < slice.end; ++i) {
        const double* turn = turns_.data() + 2 * nodes_ * i;
        if (gradient.empty()) {
          double sum = 0;
          for (std::size_t n = 0; n < nodes_; ++n) sum += turn[2 * n] * real_[n][0] - turn[2 * n + 1] * imag_[n][0];
          price[i] = black_[i] + scale_[i] * sum;
          continue;
        }
        double sum[6] = {};
        for (std::size_t n = 0; n < nodes_; ++n)
          for (std::size_t j = 0; j < 6; ++j) sum[j] += turn[2 * n] * real_[n][j] - turn[2 * n + 1] * imag_[n][j];
        price[i] = black_[i] + scale_[i] * sum[0];
        for (std::size_t j = 0; j < 5; ++j) gradient[i][j] = scale_[i] * sum[j + 1];
      }
    }
    return true;
  }

 private:
  struct Slice {
    double expiry;
    std::size_t begin, end;
    std::vector<double> u, weight, black;
  };

  static double normal(double x) { return 0.5 * std::erfc(-x * 0.70710678118654752440); }

  void prepare(std::span<const kernels::SurfaceQuote> quotes) {
    real_.resize(nodes_), imag_.resize(nodes_);
    turns_.resize(2 * nodes_ * quotes.size());
    for (std::size_t begin = 0; begin < quotes.size();) {
      std::size_t end = begin;
      double vol = 0;
      while (end < quotes.size() && quotes[end].expiry == quotes[begin].expiry) vol += quotes[end++].bid_vol;
      vol /= static_cast<double>(end - begin);
      Slice slice{quotes[begin].expiry, begin, end, {}, {}, {}};
      const double w = vol * vol * slice.expiry, low = -3.2, high = std::log(reach_);
      const double h = (high - low) / static_cast<double>(nodes_ - 1);
      for (std::size_t n = 0; n < nodes_; ++n) {
        const double t = low + h * static_cast<double>(n), u = std::exp(t - std::exp(-t)) / std::sqrt(w);
        slice.u.push_back(u);
        slice.weight.push_back(h * u * (1.0 + std::exp(-t)) / (u * u + 0.25) / 3.14159265358979323846);
        slice.black.push_back(std::exp(-0.5 * w * (u * u + 0.25)));
      }
      for (std::size_t i = begin; i < end; ++i) {
        const double f = quotes[i].forward, k = quotes[i].strike, x = std::log(f / k), s = std::sqrt(w);
        const double side = k >= f ? 1.0 : -1.0;
        black_.push_back(side * (f * normal(side * (x / s + 0.5 * s)) - k * normal(side * (x / s - 0.5 * s))));
        scale_.push_back(std::sqrt(f * k));
        for (std::size_t n = 0; n < nodes_; ++n) {
          turns_[2 * (nodes_ * i + n)] = std::cos(slice.u[n] * x);
          turns_[2 * (nodes_ * i + n) + 1] = std::sin(slice.u[n] * x);
        }
      }
      slices_.push_back(std::move(slice));
      begin = end;
    }
  }

  std::size_t nodes_;
  double reach_;
  std::vector<Slice> slices_;
  std::vector<double> turns_, black_, scale_;
  std::vector<std::array<double, 6>> real_, imag_;
};

// A pricer for one fit: the quotes of later calls must be those of the first.
// The integral ends at u = reach / deviation of the return.
inline kernels::SurfacePricer<5> heston_reference(int nodes = 64, double reach = 100) {
  auto reference = std::make_shared<HestonReference>(nodes, reach);
  return [reference](const kernels::HestonPoint& p, std::span<const kernels::SurfaceQuote> quotes,
                     std::span<double> price, std::span<kernels::HestonPoint> gradient) {
    return (*reference)(p, quotes, price, gradient);
  };
}

// 104 Black volatilities of DAX options, 5 July 2002 (Sepp 2003, "Pricing European-style options under jump diffusion
// processes with stochastic volatility"); expiries in whole weeks, linear zero rates, bid = ask.
std::vector<kernels::SurfaceQuote> dax_quotes();

}  // namespace zomma::test
