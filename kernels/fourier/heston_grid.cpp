// heston_grid.cpp: where the trapezoid rule stands, and its coefficients.
#include "heston_grid.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace zomma::kernels {
namespace {

constexpr double pi = 3.14159265358979323846;
constexpr double tail_exponent =
    27;  // e^-27 = 2e-12 of sqrt(FK), a bound that is met in the far tail only
constexpr std::size_t most_nodes = 65536;
constexpr double ramp[Lanes::width] = {0, 1, 2, 3};

// The time at which E[S^p] becomes infinite (Andersen and Piterbarg 2007, proposition 3.1), p
// outside [0, 1].
double explosion_time(const HestonParameters& m, double p) {
  const double q = m.sigma * m.sigma, k = 0.5 * p * (p - 1);
  const double half_a = (m.rho * m.sigma * p - m.kappa) / q;
  const double discriminant = half_a * half_a - 2 * k / q;
  if (discriminant >= 0) {
    if (half_a <= 0) return std::numeric_limits<double>::infinity();
    const double gamma = std::sqrt(discriminant);
    return log((half_a + gamma) / (half_a - gamma)) / (gamma * q);
  }
  const double beta = std::sqrt(-discriminant);
  return 2 / (beta * q) * (half_a < 0 ? pi + arc_tangent(beta / half_a, 1.0) : arc_tangent(beta, half_a));
}

}  // namespace

bool log_moment(const HestonParameters& m, const JumpParameters& jumps, double expiry, double power,
                double& out) {
  if (explosion_time(m, power) <= 1.001 * expiry) return false;
  const Complex<double> p{power, 0};
  const auto exponent = heston_solver(m, expiry, p).exponent();
  out =
      m.kappa * m.theta * exponent.a.re + m.v0 * exponent.b.re + jump_exponent(jumps, expiry, p).re;
  return std::isfinite(out) && out >= -1e-9;
}

double mean_variance(const HestonParameters& m, const JumpParameters& jumps, double expiry) {
  const double x = m.kappa * expiry;
  const double average = x < 1e-8 ? 1 - 0.5 * x : -expm1(-x) / x;
  const double jump = jumps.mean * jumps.mean + jumps.deviation * jumps.deviation;
  return expiry * (m.theta + (m.v0 - m.theta) * average + jumps.intensity * jump);
}

double tail_width(const HestonParameters& m, const JumpParameters& jumps, double expiry,
                  double variance, double centre) {
  double width = 0;
  for (const double side : {1.0, -1.0}) {
    // The powers 0 and 1 have moment 1 whatever the model; from 0 the left tail has no such bound.
    const double nearest = side > 0 ? 1 - centre : centre;
    double best = nearest > 0 ? tail_exponent / nearest : 1000;
    for (double distance = nearest > 0 ? 1.4 * nearest : 0.05; distance < 3000; distance *= 1.35) {
      const double p = centre + side * distance;
      double moment = 0;
      if (!log_moment(m, jumps, expiry, p, moment)) break;
      const double bound =
          (tail_exponent + std::max(moment, 0.5 * variance * p * (p - 1))) / distance;
      if (bound > best) break;
      best = bound;
    }
    width = std::max(width, best);
  }
  return width;
}

bool HestonGrid::fill(const HestonParameters& m, const JumpParameters& jumps, double expiry,
                      double reach, bool greeks, bool gradient) {
  variance_ = mean_variance(m, jumps, expiry);
  series_ = gradient ? 8 : greeks ? 3 : 1;
  step_ = 2 * pi / (tail_width(m, jumps, expiry, variance_, 0.5) + reach);
  const double floor = gradient ? 1e-16 : 1e-13;
  coefficients_.clear();
  blocks_ = 0;
  for (double first = 0;; first += Lanes::width) {
    if (first >= static_cast<double>(most_nodes)) return false;
    const Lanes u = Lanes(step_) * (Lanes(first) + Lanes::load(ramp));
    const Complex<Lanes> p{Lanes(0.5), u};
    const auto solver = heston_solver(m, Lanes(expiry), p);
    const auto exponent = solver.exponent();
    Complex<Lanes> log_phi = Lanes(m.kappa * m.theta) * exponent.a + Lanes(m.v0) * exponent.b;
    if (jumps.intensity > 0) log_phi = log_phi + jump_exponent(jumps, Lanes(expiry), p);
    const Complex<Lanes> phi = complex_exp(log_phi);
    const Lanes xi = fma(u, u, 0.25), black = exp_short(Lanes(-0.5 * variance_) * xi);
    Lanes weight = Lanes(step_ / pi) / xi;
    if (first == 0) weight.set(0, 0.5 * weight[0]);
    const std::size_t at = coefficients_.size();
    coefficients_.resize(at + series_);
    Complex<Lanes>* c = &coefficients_[at];
    c[0] = {weight * (phi.re - black), weight * phi.im};
    if (series_ > 1) {
      c[1] = p * c[0];
      c[2] = p * c[1];
    }
    if (series_ > 3) {
      const Complex<Lanes> full = weight * phi;
      const Lanes zero(0.0), one(1.0);
      const auto along = [&](Complex<Lanes> beta_dot, double q_dot) {
        const auto dot = solver.tangent(beta_dot, Lanes(q_dot));
        return Lanes(m.kappa * m.theta) * dot.a + Lanes(m.v0) * dot.b;
      };
      c[3] = full * exponent.b;
      c[4] = full * (along({one, zero}, 0.0) + Lanes(m.theta) * exponent.a);
      c[5] = full * (Lanes(m.kappa) * exponent.a);
      c[6] = full * along(Lanes(-m.rho) * p, 2 * m.sigma);
      c[7] = full * along(Lanes(-m.sigma) * p, 0.0);
    }
    ++blocks_;
    const double last = u[3], size = std::sqrt(phi.re[3] * phi.re[3] + phi.im[3] * phi.im[3]) + black[3];
    if (!(std::fabs(c[0].re[0]) < 1e300)) return false;
    if (blocks_ % 2 == 0 && size * std::max(1.0, last) < floor * (last * last + 0.25)) return true;
  }
}

// The phase turns by a fixed angle from block to block; two phases a block apart hide the latency
// of turning them.
template <int series>
void HestonGrid::sums_of(double k, double* out) const {
  const double turn = step_ * k;
  Complex<Lanes> phase[2], rotation;
  for (int i = 0; i < 2; ++i) {
    sine_cosine(Lanes(turn) * (Lanes(4.0 * i) + Lanes::load(ramp)), phase[i].im,
                phase[i].re);
  }
  sine_cosine(Lanes(8 * turn), rotation.im, rotation.re);
  Lanes total[2][series];
  for (int s = 0; s < series; ++s) total[0][s] = total[1][s] = Lanes(0.0);
  const Complex<Lanes>* c = coefficients_.data();
  for (std::size_t b = 0; b < blocks_; b += 2, c += 2 * series) {
    for (int i = 0; i < 2; ++i) {
      for (int s = 0; s < series; ++s) {
        const Complex<Lanes> term = c[i * series + s];
        total[i][s] = fma(term.re, phase[i].re, fma(-term.im, phase[i].im, total[i][s]));
      }
      phase[i] = phase[i] * rotation;
    }
  }
  for (int s = 0; s < series; ++s) {
    const Lanes sum = total[0][s] + total[1][s];
    out[s] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
  }
}

void HestonGrid::sums(double k, double* out) const {
  if (series_ == 1) return sums_of<1>(k, out);
  if (series_ == 3) return sums_of<3>(k, out);
  sums_of<8>(k, out);
}

}  // namespace zomma::kernels
