// heston_element.h: one expiry of heston.h in parts that every backend runs: how far the integrand
// reaches, its coefficients at a node, their sums for a strike, and the answer to a quote.
#pragma once

#include <zomma/kernels/black_value.h>
#include <zomma/kernels/heston.h>
#include <zomma/kernels/heston_characteristic.h>

#include <cstddef>
#include <limits>

namespace zomma::kernels {

namespace heston_detail {

constexpr double pi = 3.14159265358979323846;
constexpr double tail_exponent =
    27;  // e^-27 = 2e-12 of sqrt(FK), a bound that is met in the far tail only
constexpr std::size_t most_nodes = 65536;
// Coefficient series: price, then optionally its two derivatives by ln S, then its five by the
// parameters.
constexpr int most_series = 8;
// Node j belongs to sum j % sums_side_by_side, whatever the vector unit.
constexpr int sums_side_by_side = 8;
constexpr double infinity = std::numeric_limits<double>::infinity();

// The time at which E[S^p] becomes infinite (Andersen and Piterbarg 2007, proposition 3.1), p
// outside [0, 1].
ZM_HOST_DEVICE inline double explosion_time(const HestonParameters& m, double p) {
  const double q = m.sigma * m.sigma, k = 0.5 * p * (p - 1);
  const double half_a = (m.rho * m.sigma * p - m.kappa) / q;
  const double discriminant = half_a * half_a - 2 * k / q;
  if (discriminant >= 0) {
    if (half_a <= 0) return infinity;
    const double gamma = sqrt(discriminant);
    return log((half_a + gamma) / (half_a - gamma)) / (gamma * q);
  }
  const double beta = sqrt(-discriminant);
  return 2 / (beta * q) *
         (half_a < 0 ? pi + arc_tangent(beta / half_a, 1.0) : arc_tangent(beta, half_a));
}

}  // namespace heston_detail

// ln E[(S_T / F)^power] for a real power; false where the moment is infinite by `expiry` (Andersen
// and Piterbarg 2007).
ZM_HOST_DEVICE inline bool log_moment(const HestonParameters& m, const JumpParameters& jumps,
                                      double expiry, double power, double& out) {
  if (heston_detail::explosion_time(m, power) <= 1.001 * expiry) return false;
  const Complex<double> p{power, 0};
  const auto exponent = heston_solver(m, expiry, p).exponent();
  out =
      m.kappa * m.theta * exponent.a.re + m.v0 * exponent.b.re + jump_exponent(jumps, expiry, p).re;
  return magnitude(out) < heston_detail::infinity && out >= -1e-9;
}

// The mean of the total variance to expiry, jumps included.
ZM_HOST_DEVICE inline double mean_variance(const HestonParameters& m, const JumpParameters& jumps,
                                           double expiry) {
  const double x = m.kappa * expiry;
  const double average = x < 1e-8 ? 1 - 0.5 * x : -expm1(-x) / x;
  const double jump = jumps.mean * jumps.mean + jumps.deviation * jumps.deviation;
  return expiry * (m.theta + (m.v0 - m.theta) * average + jumps.intensity * jump);
}

// The w beyond which E[(S_T/F)^centre; |ln(S_T/F)| > w] is below e^-27, by Chernoff's bound over
// the finite moments. Centre 1/2 bounds the time value over sqrt(FK), centre 0 the probability.
ZM_HOST_DEVICE inline double tail_width(const HestonParameters& m, const JumpParameters& jumps,
                                        double expiry, double variance, double centre) {
  using heston_detail::tail_exponent;
  double width = 0;
  for (int right = 1; right >= 0; --right) {
    const double side = right == 1 ? 1.0 : -1.0;
    // The powers 0 and 1 have moment 1 whatever the model; from 0 the left tail has no such bound.
    const double nearest = side > 0 ? 1 - centre : centre;
    double best = nearest > 0 ? tail_exponent / nearest : 1000;
    for (double distance = nearest > 0 ? 1.4 * nearest : 0.05; distance < 3000; distance *= 1.35) {
      const double p = centre + side * distance;
      double moment = 0;
      if (!log_moment(m, jumps, expiry, p, moment)) break;
      const double bound =
          (tail_exponent + maximum(moment, 0.5 * variance * p * (p - 1))) / distance;
      if (bound > best) break;
      best = bound;
    }
    width = maximum(width, best);
  }
  return width;
}

namespace heston_detail {

// What all nodes of an expiry share. `step` is for strikes with |ln(F/K)| <= reach.
struct Node {
  HestonParameters model;
  JumpParameters jumps;
  double expiry, variance, step;
  int series;

  ZM_HOST_DEVICE static Node make(const HestonParameters& model, const JumpParameters& jumps,
                                  double expiry, double reach, int series) {
    const double variance = mean_variance(model, jumps, expiry);
    const double step = 2 * pi / (tail_width(model, jumps, expiry, variance, 0.5) + reach);
    return {model, jumps, expiry, variance, step, series};
  }

  // The integrand has ended where its size at u, as coefficients() answers it, is that small.
  ZM_HOST_DEVICE bool ended(double u, double size) const {
    const double floor = series == most_series ? 1e-16 : 1e-13;
    return size * maximum(1.0, u) < floor * (u * u + 0.25);
  }

  // The coefficients at u into c[0 .. series), and the size of the characteristic functions there.
  template <class Real>
  ZM_INLINE Real coefficients(Real u, Real share, Complex<Real>* c) const {
    const Complex<Real> p{Real(0.5), u};
    const auto solver = heston_solver(model, Real(expiry), p);
    const auto exponent = solver.exponent();
    Complex<Real> log_phi =
        Real(model.kappa * model.theta) * exponent.a + Real(model.v0) * exponent.b;
    if (jumps.intensity > 0) log_phi = log_phi + jump_exponent(jumps, Real(expiry), p);
    const Complex<Real> phi = complex_exp(log_phi);
    const Real xi = fma(u, u, Real(0.25)), black = exp_short(Real(-0.5 * variance) * xi);
    const Real weight = share * (Real(step / pi) / xi);
    c[0] = {weight * (phi.re - black), weight * phi.im};
    if (series > 1) {
      c[1] = p * c[0];
      c[2] = p * c[1];
    }
    if (series > 3) {
      const Complex<Real> full = weight * phi;
      const Real zero(0.0), one(1.0);
      const auto along = [&](Complex<Real> beta_dot, double q_dot) {
        const auto dot = solver.tangent(beta_dot, Real(q_dot));
        return Real(model.kappa * model.theta) * dot.a + Real(model.v0) * dot.b;
      };
      c[3] = full * exponent.b;
      c[4] = full * (along({one, zero}, 0.0) + Real(model.theta) * exponent.a);
      c[5] = full * (Real(model.kappa) * exponent.a);
      c[6] = full * along(Real(-model.rho) * p, 2 * model.sigma);
      c[7] = full * along(Real(-model.sigma) * p, 0.0);
    }
    return sqrt(phi.re * phi.re + phi.im * phi.im) + black;
  }
};

// h/pi times the sum over nodes of Re[c e^{iuk}] for each series; turn = step * ln(F/K). c holds
// `blocks` of as many nodes as a Real has lanes, each block series by series, a whole number of
// rounds of the sums side by side. The phase turns by a fixed angle from round to round; several
// phases hide the latency of turning them.
template <int series, class Real>
ZM_HOST_DEVICE inline void sums_of(const Complex<Real>* c, std::size_t blocks, double turn,
                                   double* out) {
  constexpr int width = RealTraits<Real>::width, parts = sums_side_by_side / width;
  Complex<Real> phase[parts], rotation;
  double start[sums_side_by_side];
  for (int i = 0; i < sums_side_by_side; ++i) start[i] = turn * i;
  for (int i = 0; i < parts; ++i) {
    Real angle;
    if constexpr (width == 1)
      angle = start[i];
    else
      angle = Real::load(start + i * width);
    sine_cosine(angle, phase[i].im, phase[i].re);
  }
  sine_cosine(Real(sums_side_by_side * turn), rotation.im, rotation.re);
  Real total[parts][series];
  for (int i = 0; i < parts; ++i)
    for (int s = 0; s < series; ++s) total[i][s] = Real(0.0);
  for (std::size_t b = 0; b < blocks; b += parts, c += parts * series) {
    for (int i = 0; i < parts; ++i) {
      for (int s = 0; s < series; ++s) {
        const Complex<Real> term = c[i * series + s];
        total[i][s] = fma(term.re, phase[i].re, fma(-term.im, phase[i].im, total[i][s]));
      }
      phase[i] = phase[i] * rotation;
    }
  }
  for (int s = 0; s < series; ++s) {
    double sum[sums_side_by_side];
    for (int i = 0; i < parts; ++i) {
      if constexpr (width == 1)
        sum[i] = total[i][s];
      else
        total[i][s].store(sum + i * width);
    }
    out[s] = ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
  }
}

template <class Real>
ZM_HOST_DEVICE inline void sums(int series, const Complex<Real>* c, std::size_t blocks, double turn,
                                double* out) {
  if (series == 1) return sums_of<1>(c, blocks, turn, out);
  if (series == 3) return sums_of<3>(c, blocks, turn, out);
  sums_of<8>(c, blocks, turn, out);
}

ZM_HOST_DEVICE inline int series_of(const HestonValues& out) {
  return !out.gradient.empty() ? 8 : !out.delta.empty() || !out.gamma.empty() ? 3 : 1;
}

ZM_HOST_DEVICE inline bool positive_number(double x) { return x > 0 && x < infinity; }

ZM_HOST_DEVICE inline bool valid_quote(const HestonQuotes& quotes, std::size_t i) {
  return positive_number(quotes.strike[i]) && (quotes.sign[i] == 1 || quotes.sign[i] == -1);
}

struct ForwardAndDiscount {
  double forward, discount;
  bool good;

  ZM_HOST_DEVICE ForwardAndDiscount(double spot, const HestonExpiry& slice)
      : forward(spot * exp((slice.rate - slice.yield) * slice.expiry)),
        discount(exp(-slice.rate * slice.expiry)),
        good(positive_number(spot) && positive_number(slice.expiry) && positive_number(forward) &&
             positive_number(discount)) {}
};

ZM_HOST_DEVICE inline void write(const HestonValues& out, std::size_t i, ElementStatus status,
                                 double price = 0, double delta = 0, double gamma = 0,
                                 HestonGradient gradient = {}) {
  if (!out.price.empty()) out.price[i] = price;
  if (!out.delta.empty()) out.delta[i] = delta;
  if (!out.gamma.empty()) out.gamma[i] = gamma;
  if (!out.gradient.empty()) out.gradient[i] = gradient;
  if (!out.status.empty()) out.status[i] = status;
}

// Quote i from its sums; k = ln(F/K).
ZM_HOST_DEVICE inline void answer(const HestonQuotes& quotes, std::size_t i,
                                  const ForwardAndDiscount& market, double variance, double k,
                                  int series, const double* sum, const HestonValues& out) {
  const double strike = quotes.strike[i], forward = market.forward, discount = market.discount;
  const double scale = discount * sqrt(forward * strike);
  const auto black = black_value(forward, strike, k, sqrt(variance), quotes.sign[i]);
  // By ln S: value, then its first and second derivative.
  const double price = discount * black.price - scale * sum[0];
  double first = 0, second = 0;
  if (series > 1) {
    first = discount * forward * black.delta - scale * sum[1];
    second = discount * forward * (black.delta + forward * black.gamma) - scale * sum[2];
  }
  HestonGradient gradient{};
  if (series > 3)
    gradient = {-scale * sum[3], -scale * sum[4], -scale * sum[5], -scale * sum[6],
                -scale * sum[7]};
  if (!(magnitude(price + first + second + gradient.sigma + gradient.kappa) < infinity))
    return write(out, i, ElementStatus::no_convergence);
  const double s = quotes.spot;
  write(out, i, ElementStatus::ok, maximum(price, 0.0), first / s, (second - first) / (s * s),
        gradient);
}

}  // namespace heston_detail

}  // namespace zomma::kernels
