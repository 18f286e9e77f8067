// american_boundary.h: the early-exercise boundary of an American put and its price as integrals
// over that boundary. Everything is in units of the strike; a call is a put with spot and strike,
// and both rates, exchanged. Sources: Kim (1990), eq. 8; Andersen, Lake and Offengenden (2016),
// "High-performance American option pricing".
#pragma once

#include <zomma/kernels/elementary_short.h>

namespace zomma::kernels {

// The numbers of a discretisation that do not depend on the option; the tables are owned elsewhere.
// Time to expiry is node[i]^3 T at node i. An integral over [0, tau] is a Gauss-Legendre sum in x
// over [0, 1] after u = tau (1 - (1 - x^2)^2), which is smooth at both ends: root[j] = 1 - x_j^2,
// so that tau - u = tau root[j]^2.
struct AmericanRule {
  static constexpr int max_nodes = 24, max_products = 960;  // of nodes, and of nodes times points
  int nodes, points, sweeps, price_points;
  double step;  // share of an update that is taken; many nodes need less than 1 for r / q near 1
  const double* node;  // [nodes] ascending, the last is 1
  const double *root, *inverse_root,
      *weight;                  // [points]; weight = 4 x_j times that of Gauss-Legendre
  const double* interpolation;  // [nodes][points][nodes]: nodes' values to the value at u_ij
  const double *price_root, *price_weight,
      *price_interpolation;  // the same for the last node alone
};

// A put with strike 1 on a lognormal asset: continuous rates a year, expiry in years. Early
// exercise needs rate > 0, or rate = 0 and yield < 0.
template <class Real>
struct AmericanTerms {
  Real rate, yield, volatility, expiry;
};

// The boundary B at the nodes, as h = (ln B - ln B(0+))^2, which is smooth in the cube root of
// time.
template <class Real>
struct AmericanBoundary {
  Real log_start;  // ln B(0+) = ln min(1, rate / yield)
  Real lowest;     // ln of the perpetual boundary, which no B undercuts, less log_start
  Real last_step;  // the largest change of ln B in the last sweep
  Real h[AmericanRule::max_nodes];
  Real discount[AmericanRule::max_products];  // e^{-yield (tau - u)} at u_ij, the same in every
                                              // sweep
};

// Value of a put with strike 1, its first two derivatives by spot, the boundary today, and how far
// ln B still moved.
template <class Real>
struct AmericanValue {
  Real price, delta, gamma, boundary, last_step;
};

namespace american_detail {

constexpr double inverse_sqrt_2 = 0.70710678118654752440;
constexpr double inverse_sqrt_2pi = 0.39894228040143267794;

// discount Phi(d), given peak = discount exp(-d^2/2): accurate in the lower tail.
template <class Real>
ZM_INLINE Real discounted_cdf(Real d, Real discount, Real peak) {
  const Real tail = Real(0.5) * erfcx_positive(magnitude(d) * Real(inverse_sqrt_2)) * peak;
  return select(d < Real(0.0), tail, discount - tail);
}

// The value at a quadrature point from those at the nodes.
template <class Real>
ZM_INLINE Real interpolate(const double* row, const Real* h, int nodes) {
  Real even = Real(row[0]) * h[0], odd = Real(0.0);
  for (int k = 1; k < nodes; k += 2) {
    odd = fma(Real(row[k]), h[k], odd);
    if (k + 1 < nodes) even = fma(Real(row[k + 1]), h[k + 1], even);
  }
  return maximum(even + odd, Real(0.0));
}

// Three Newton steps on the QD+ equation (Li 2010, eq. 33 with the European theta), whose root lies
// within about 0.3 % of the boundary. g(S) = (1 - e^{-q tau} Phi(-d1)) S + a (1 - S - v) + b Theta,
// v and Theta those of the European put.
template <class Real>
ZM_HOST_DEVICE inline Real refine_guess(const AmericanTerms<Real>& terms, Real tau, Real s,
                                        Real low, Real high) {
  const Real r = maximum(terms.rate, Real(1e-7)), q = terms.yield;
  const Real v2 = terms.volatility * terms.volatility;
  const Real r_discount = exp_short(-r * tau), q_discount = exp_short(-q * tau),
             h = Real(1.0) - r_discount;
  const Real alpha = Real(2.0) * r / v2, omega = Real(2.0) * (r - q) / v2 - Real(1.0);
  const Real root = sqrt(fma(omega, omega, Real(4.0) * alpha / h));
  const Real lambda = Real(-0.5) * (omega + root);  // 2 lambda + omega = -root
  const Real slope = alpha / (h * h * root);
  const Real scale = -r_discount * alpha / root;
  const Real a = lambda - scale * (Real(1.0) / h - slope / root);
  const Real b = -Real(2.0) / (v2 * root);
  const Real deviation = terms.volatility * sqrt(tau), inverse = Real(1.0) / deviation;
  const Real half_decay = Real(0.5) * v2 * inverse;  // sigma / (2 sqrt tau)
  for (int step = 0; step < 3; ++step) {
    const Real d1 = (log_short(s) + (r - q) * tau) * inverse + Real(0.5) * deviation;
    const Real d2 = d1 - deviation;
    const Real peak1 = exp_short(-fma(q, tau, Real(0.5) * d1 * d1)), peak2 = peak1 * s;
    const Real tail1 = discounted_cdf(-d1, q_discount, peak1);
    const Real tail2 = discounted_cdf(-d2, r_discount, peak2);
    const Real density = Real(inverse_sqrt_2pi) * peak1;
    const Real v = tail2 - s * tail1;
    const Real theta = r * tail2 - s * fma(q, tail1, half_decay * density);
    const Real g = (Real(1.0) - tail1) * s + a * (Real(1.0) - s - v) + b * theta;
    const Real decay_slope = half_decay * (Real(1.0) - d1 * inverse);
    const Real theta_slope = density * ((q - r) * inverse - decay_slope) - q * tail1;
    const Real g_slope =
        Real(1.0) - tail1 + density * inverse + a * (tail1 - Real(1.0)) + b * theta_slope;
    const Real next = s - g / g_slope;
    s = maximum(minimum(next, Real(0.5) * (s + high)), Real(0.5) * (s + low));
  }
  return s;
}

// ln of the perpetual put's boundary, x / (x - 1) with x the negative root of v x (x - 1) / 2 + (r
// - q) x - r, written without cancellation for either sign of the drift.
template <class Real>
ZM_HOST_DEVICE inline Real log_perpetual(const AmericanTerms<Real>& terms) {
  const Real r = terms.rate, v2 = terms.volatility * terms.volatility;
  const Real drift = r - terms.yield - Real(0.5) * v2;
  const Real root = sqrt(drift * drift + Real(2.0) * r * v2);
  const Real x = select(drift > Real(0.0), (drift + root) / v2,
                        Real(2.0) * r / maximum(root - drift, Real(1e-300)));
  return -log_short(Real(1.0) + Real(1.0) / maximum(x, Real(1e-200)));
}

// Where the iteration starts: an exponential decay from B(0+) to the perpetual boundary (Bjerksund
// and Stensland 1993, eq. 9, by put-call symmetry), then QD+.
template <class Real>
ZM_HOST_DEVICE inline void guess(const AmericanRule& rule, const AmericanTerms<Real>& terms,
                                 AmericanBoundary<Real>& out) {
  const Real r = terms.rate, q = terms.yield;
  const Real start = exp_short(out.log_start);
  const Real perpetual = start * exp_short(maximum(out.lowest, Real(-7.0)));
  const Real scale = start * start * perpetual / (start - perpetual);
  const Real near = Real(1.0) / start, far = Real(1.0) / perpetual;
  for (int i = 0; i < rule.nodes; ++i) {
    const Real x = Real(rule.node[i]), tau = terms.expiry * x * x * x;
    const Real decay = ((r - q) * tau - Real(2.0) * terms.volatility * sqrt(tau)) * scale;
    const Real gone = Real(1.0) - exp_short(minimum(decay, Real(-1e-9)));
    const Real b = Real(1.0) / (near + (far - near) * gone);
    const Real l = log_short(refine_guess(terms, tau, b, perpetual, start)) - out.log_start;
    out.h[i] = l * l;
  }
}

// ln B at node i, less ln B(0+), by the smooth-pasting fixed point B = e^{-(r-q) tau} N / D (FP-A
// of the paper).
template <class Real>
ZM_HOST_DEVICE inline Real updated(const AmericanRule& rule, const AmericanTerms<Real>& terms,
                                   const AmericanBoundary<Real>& boundary, int i) {
  const Real x = Real(rule.node[i]), tau = terms.expiry * x * x * x;
  const Real deviation = terms.volatility * sqrt(tau), inverse = Real(1.0) / deviation;
  const Real r_tau = terms.rate * tau, q_tau = terms.yield * tau, drift = r_tau - q_tau;
  const Real half = Real(0.5) * deviation, density = Real(inverse_sqrt_2pi) * inverse;
  const Real l = -sqrt(boundary.h[i]);
  const Real* discount = boundary.discount + i * rule.points;
  Real n_sum = Real(0.0), d_sum = Real(0.0);
  const double* row = rule.interpolation + static_cast<long>(i) * rule.points * rule.nodes;
  for (int j = 0; j < rule.points; ++j, row += rule.nodes) {
    const Real y = Real(rule.root[j]), y2 = y * y, w = Real(rule.weight[j]);
    const Real gap = l + sqrt(interpolate(row, boundary.h, rule.nodes));  // ln B(tau) / B(u)
    const Real minus = fma(drift, y2, gap) * inverse * Real(rule.inverse_root[j]) - half * y;
    const Real plus = fma(deviation, y, minus);
    const Real minus_peak = exp_short(-fma(r_tau, y2, Real(0.5) * minus * minus));
    const Real plus_peak = exp_short(-fma(q_tau, y2, Real(0.5) * plus * plus));
    const Real cdf = discounted_cdf(plus, discount[j], plus_peak);
    n_sum = fma(w, minus_peak, n_sum);
    d_sum = fma(w, fma(y, cdf, density * plus_peak), d_sum);
  }
  const Real minus = (l + boundary.log_start + drift) * inverse - half, plus = minus + deviation;
  const Real minus_peak = exp_short(-fma(Real(0.5) * minus, minus, r_tau));
  const Real plus_peak = exp_short(-fma(Real(0.5) * plus, plus, q_tau));
  const Real n = density * fma(r_tau, n_sum, minus_peak);
  const Real d =
      fma(density, plus_peak, discounted_cdf(plus, exp_short(-q_tau), plus_peak)) + q_tau * d_sum;
  return log_short(n / d) - boundary.log_start;
}

}  // namespace american_detail

// The boundary at the nodes of `rule`: sweeps from the shortest time to the longest, each node
// using those already updated, which converges where updating all at once does not.
template <class Real>
ZM_HOST_DEVICE inline void american_boundary(const AmericanRule& rule,
                                             const AmericanTerms<Real>& terms,
                                             AmericanBoundary<Real>& out) {
  // yield <= rate starts at the strike; a rate of zero has a negative yield by contract.
  out.log_start = log_short(select(terms.rate < terms.yield, terms.rate / terms.yield, Real(1.0)));
  out.lowest = minimum(american_detail::log_perpetual(terms) - out.log_start, Real(-1e-12));
  american_detail::guess(rule, terms, out);
  for (int i = 0; i < rule.nodes; ++i) {
    const Real x = Real(rule.node[i]), q_tau = terms.yield * terms.expiry * x * x * x;
    for (int j = 0; j < rule.points; ++j) {
      out.discount[i * rule.points + j] = exp_short(-q_tau * Real(rule.root[j] * rule.root[j]));
    }
  }
  for (int sweep = 0; sweep < rule.sweeps; ++sweep) {
    out.last_step = Real(0.0);
    for (int i = 0; i < rule.nodes; ++i) {
      const Real l = -sqrt(out.h[i]);
      const Real to = american_detail::updated(rule, terms, out, i);
      const Real next = maximum(minimum(fma(Real(rule.step), to - l, l), Real(-1e-12)), out.lowest);
      out.last_step = maximum(out.last_step, magnitude(next - l));
      out.h[i] = next * next;
    }
  }
}

// The early-exercise premium of the put at `spot` (in strikes) above the boundary, and its
// derivatives: Kim's integral of r e^{-rt} Phi(-d2) - q S e^{-qt} Phi(-d1) and the same under the
// integral sign, the densities joined by S e^{-qt} phi(d1) = B e^{-rt} phi(d2).
template <class Real>
ZM_HOST_DEVICE inline AmericanValue<Real> american_premium(const AmericanRule& rule,
                                                           const AmericanTerms<Real>& terms,
                                                           const AmericanBoundary<Real>& boundary,
                                                           Real spot) {
  using namespace american_detail;
  const Real today = exp_short(boundary.log_start - sqrt(boundary.h[rule.nodes - 1]));
  const Real s = maximum(spot, today * Real(1.0 + 1e-12)),
             log_s = log_short(s) - boundary.log_start;
  const Real deviation = terms.volatility * sqrt(terms.expiry), inverse = Real(1.0) / deviation;
  const Real r_tau = terms.rate * terms.expiry, q_tau = terms.yield * terms.expiry;
  Real price = Real(0.0), delta = Real(0.0), gamma = Real(0.0);
  const double* row = rule.price_interpolation;
  for (int j = 0; j < rule.price_points; ++j, row += rule.nodes) {
    const Real y = Real(rule.price_root[j]), y2 = y * y, wy = Real(rule.price_weight[j]) * y;
    const Real l = -sqrt(interpolate(row, boundary.h, rule.nodes));
    const Real iv = inverse * Real(1.0 / rule.price_root[j]), v = deviation * y;
    const Real d2 = fma(r_tau - q_tau, y2, log_s - l) * iv - Real(0.5) * v, d1 = d2 + v;
    const Real peak2 = exp_short(-fma(r_tau, y2, Real(0.5) * d2 * d2)),
               peak1 = exp_short(-fma(q_tau, y2, Real(0.5) * d1 * d1));
    const Real tail2 = discounted_cdf(-d2, exp_short(-r_tau * y2), peak2);
    const Real tail1 = discounted_cdf(-d1, exp_short(-q_tau * y2), peak1);
    price = fma(wy, fma(r_tau, tail2, -q_tau * s * tail1), price);
    // d/dS: -r e^{-rt} phi(d2) / (S v) + q e^{-qt} phi(d1) / v - q e^{-qt} Phi(-d1)
    const Real f2 = Real(inverse_sqrt_2pi) * peak2 * iv, f1 = Real(inverse_sqrt_2pi) * peak1 * iv;
    delta = fma(wy, fma(q_tau, f1 - tail1, -r_tau * f2 / s), delta);
    gamma = fma(wy, fma(q_tau * f1, Real(1.0) - d1 * iv, r_tau * f2 / s * fma(d2, iv, Real(1.0))),
                gamma);
  }
  return {price, delta, gamma / s, today, boundary.last_step};
}

// The European put with strike 1, for the part of the price that needs no boundary.
template <class Real>
ZM_HOST_DEVICE inline AmericanValue<Real> american_european_part(const AmericanTerms<Real>& terms,
                                                                 Real s) {
  using namespace american_detail;
  const Real deviation = terms.volatility * sqrt(terms.expiry), inverse = Real(1.0) / deviation;
  const Real r_tau = terms.rate * terms.expiry, q_tau = terms.yield * terms.expiry;
  const Real d2 = (log_short(s) + r_tau - q_tau) * inverse - Real(0.5) * deviation,
             d1 = d2 + deviation;
  const Real peak2 = exp_short(-(r_tau + Real(0.5) * d2 * d2)),
             peak1 = exp_short(-(q_tau + Real(0.5) * d1 * d1));
  const Real tail2 = discounted_cdf(-d2, exp_short(-r_tau), peak2),
             tail1 = discounted_cdf(-d1, exp_short(-q_tau), peak1);
  return {tail2 - s * tail1, -tail1, Real(inverse_sqrt_2pi) * peak1 * inverse / s, Real(0.0),
          Real(0.0)};
}

}  // namespace zomma::kernels
