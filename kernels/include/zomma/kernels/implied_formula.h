// implied_formula.h: implied volatility of Black and of Bachelier, over any Real, in a fixed number
// of steps: a guess good to 5 %, one Householder step of order four in rough arithmetic (to 1e-6),
// one in full. implied.h runs them over spans.
//
// Black, out of the money, undiscounted: y = |ln(F / K)|, s = sigma sqrt(T), d1 = s / 2 - y / s,
// d2 = d1 - s and c = price / min(F, K) = Phi(d1) - e^y Phi(d2) = phi(d1) (M(-d1) - M(-d2)), M
// being Mills' ratio; 1 - c = phi(d1) (M(d1) + M(-d2)). ln c, or ln(1 - c) where c > 0.45, is
// solved for s: its derivatives are rational in d1, s and the bracket. Where s and y are small the
// difference of Mills' ratios is summed from its Taylor series, so no digits are lost.
#pragma once

#include <zomma/kernels/elementary.h>

namespace zomma::kernels {

namespace detail {

// M(d) for d >= -0.75, to 1e-16, or 2e-8 where rough or float.
template <bool rough, class Real>
ZM_INLINE Real mills_shifted(Real d) {
  const Real inverse = Real(1) / (d + Real(4.75));
  const Real t = fma(Real(-8), inverse, Real(1));
  if constexpr (rough || is_single<Real>)
    return inverse * horner(t, 2.2750571739879435, -2.5734564715344006, 2.349184495904461,
                            -1.708631598079613, 0.9544318595367216, -0.37261816550647464,
                            0.0705464597268771, 0.017796565250002092, -0.014615052259451346,
                            0.0007909244663078478, 0.0019250768058703988, -0.0002247754141973029,
                            -0.0001865102186507829);
  else
    return inverse * horner(t, 2.2750571739879435, -2.5734563023255284, 2.349184596900042,
                            -1.7086363683508847, 0.9544290104306993, -0.3725793496008767,
                            0.07056968225419995, 0.017659201806094777, -0.014697515914715256,
                            0.001033609222944901, 0.002071829187913237, -0.0004437124604217734,
                            -0.0003212917136008453, 9.364089881437253e-05, 6.107385491998608e-05,
                            -1.618518395707705e-05, -1.36790045187525e-05, 2.005332993928469e-06,
                            3.220330459618095e-06, 3.8771064877344905e-08, -6.950759858017659e-07,
                            -1.1978092525405178e-07, 1.1506865586491126e-07, 3.620518098142813e-08,
                            -1.037286365697035e-08, -4.4676491792453135e-09);
}

// One step of order four (Householder) for f(x) = 0, relative to x: given newton = -f / g, g = x
// f', a and b with x^2 f'' = g (a - g) and b = x^2 d(a/x)/dx. Relative, so nothing overflows where
// x is 1e-300.
template <class Real>
ZM_INLINE Real householder_step(Real newton, Real g, Real a, Real b) {
  const Real curve = a - g, twist = fma(curve, curve - g, b);
  return newton * fma(Real(0.5) * curve, newton, Real(1)) /
         fma(newton, fma(twist * Real(1.0 / 6.0), newton, curve), Real(1));
}

// h with phi(h) / h - Phi(-h) = 1 / rho, to 0.5 % for 0 < rho < 1e303.
template <class Real>
ZM_INLINE Real bachelier_guess(Real rho) {
  const Real x = Real(0.4) * rho;
  const Real near = x * fma(x, fma(x, Real(1.0 / 3.0), Real(-0.5)), Real(1));
  const Real length = select(x < Real(0.01), near, log_ratio<true>(Real(1) + x, Real(1)));
  const Real t = Real(1) / sqrt(Real(1) + length);
  return length * horner(t, 0.0023236783809112522, 1.3330481651538666, 0.7676893929178239,
                         -8.793506948503897, 17.99232855623622, -14.90552205759557,
                         4.601412890966394);
}

// d with 1 - Phi(d) = p, given ln p, to 5e-4 for p < 0.5 (Abramowitz and Stegun 26.2.23).
template <class Real>
ZM_INLINE Real quantile_guess(Real log_p) {
  const Real t = sqrt(Real(-2) * log_p);
  return t - horner(t, 2.515517, 0.802853, 0.010328) / horner(t, 1.0, 1.432788, 0.189269, 0.001308);
}

// 1 / M(d) to 0.5 % for d >= 0 (Boerjesson and Sundberg 1979).
template <class Real>
ZM_INLINE Real inverse_mills_guess(Real d) {
  return fma(Real(0.661), d, Real(0.339) * sqrt(fma(d, d, Real(5.51))));
}

// s for y >= 3 or c > 0.45, where M(-d2) hardly changes: d1 from c = Phi(d1) (1 - M(-d2) / M(-d1)),
// or from 1 - c = Phi(-d1) (1 + M(-d2) / M(d1)).
template <class Real>
ZM_INLINE Real black_wing_guess(Real y, Real target, MaskOf<Real> upper) {
  const Real log_target = log_ratio<true>(target, Real(1));
  const Real twice_y = y + y;
  Real d = quantile_guess(log_target - select(upper, Real(0.4), Real(0)));
  const Real ratio = inverse_mills_guess(d) / inverse_mills_guess(sqrt(fma(d, d, twice_y)));
  const Real rest = select(upper, Real(1) + ratio, Real(1) - ratio);
  const Real log_p = log_target - log_ratio<true>(rest, Real(1));
  d = quantile_guess(minimum(log_p, select(upper, Real(-0.2), Real(-0.6))));
  const Real root = sqrt(fma(d, d, twice_y));
  return select(upper, root + d, twice_y / (root + d));
}

// M(u - s/2) - M(u + s/2) from the derivatives M' = u M - 1, M(n+1) = u M(n) + n M(n-1); right to
// epsilon (1 + u^2) where u s < 1 and s < 1.3.
template <bool rough, class Real>
ZM_INLINE Real mills_difference(Real u, Real s) {
  constexpr int terms = rough || is_single<Real> ? 5 : 13;
  const Real half = Real(0.5) * s, square = half * half;
  Real before = mills_positive<rough>(u), now = fma(u, before, Real(-1));
  Real sum = now, power(1);
  for (int k = 1; k < terms; ++k) {
    for (int n = 2 * k - 1; n <= 2 * k; ++n) {
      const Real next = fma(u, now, before * Real(ScalarOf<Real>(n)));
      before = now;
      now = next;
    }
    power = power * square * Real(ScalarOf<Real>(1.0 / ((2 * k) * (2 * k + 1))));
    sum = fma(power, now, sum);
  }
  return -(s * sum);
}

// s improved by one step.
template <bool rough, class Real>
ZM_INLINE Real black_step(Real y, Real s, Real target, MaskOf<Real> upper) {
  const Real inverse = Real(1) / s, u = y * inverse;
  const Real d1 = fma(Real(0.5), s, -u), minus_d2 = fma(Real(0.5), s, u);
  const MaskOf<Real> small = (s < Real(1.2)) & (y < Real(1)) & !upper;
  Real z(0);
  if (any(!small)) {
    const Real first = mills_shifted<rough>(select(upper, d1, -d1));
    const Real second = mills_positive<rough>(minus_d2);
    z = select(upper, first + second, first - second);
  }
  if (any(small)) z = select(small, mills_difference<rough>(u, s), z);
  const Real signed_z = select(upper, -z, z);
  const Real log_error = log_ratio<rough>(z * Real(0.39894228040143267794), target);
  const Real f = fma(Real(-0.5) * d1, d1, log_error);
  const Real b = fma(Real(-3) * u, u, Real(-0.25) * s * s);
  return fma(s, householder_step(-(f * signed_z * inverse), s / signed_z, -(d1 * minus_d2), b), s);
}

// h improved by one step.
template <bool rough, class Real>
ZM_INLINE Real bachelier_step(Real rho, Real h) {
  const Real both = Real(1) / (h * (h + Real(4))), inverse = both * (h + Real(4));
  const Real mills = mills_numerator<rough>(fma(Real(-8) * h, both, Real(1))) * (both * h);
  const Real rest = fma(-h, mills, Real(1));
  const Real square = h * h, ratio = rest * rho * inverse * Real(0.39894228040143267794);
  const Real f = fma(Real(-0.5), square, log_ratio<rough>(ratio, Real(1)));
  const Real step =
      householder_step(f * rest, Real(-1) / rest, Real(-2) - square, Real(2) - square);
  return fma(h, step, h);
}

}  // namespace detail

// s = sigma sqrt(T) of Black's formula from y = |ln(F / K)| <= 700, c = (out-of-the-money price) /
// min(F, K) between 1e-303 and 1, and rest = 1 - c. Within 3 units of (1 + |c / (s dc/ds)|)
// epsilon.
template <class Real>
ZM_INLINE Real implied_black_deviation(Real y, Real c, Real rest) {
  const MaskOf<Real> upper = c > Real(0.45), wing = upper | (y >= Real(3));
  const Real target = select(upper, rest, c);
  // e^(y / 2) turns c into the price over sqrt(F K), which is nearest to Bachelier's.
  const Real grown = horner(y, 1.0, 0.5, 0.125, 1.0 / 48, 1.0 / 384);
  const Real rho = maximum(y * grown / c, Real(is_single<Real> ? 1e-18 : 1e-100));
  const Real normal = c / grown * (rho / detail::bachelier_guess(rho));
  Real s = normal * fma(normal * normal, Real(0.04), Real(1));
  if (any(wing)) s = select(wing, detail::black_wing_guess(y, target, upper), s);
  s = detail::black_step<true>(y, s, target, upper);
  return detail::black_step<false>(y, s, target, upper);
}

// sigma of Bachelier's formula from m = |F - K| and the out-of-the-money price p > 0, with
// m / p < 1e300: solves p = m (phi(h) / h - Phi(-h)) for h = m / (sigma sqrt(T)). Within 3 units of
// (1 + |p / (sigma dp/dsigma)|) epsilon.
template <class Real>
ZM_INLINE Real implied_bachelier(Real m, Real p, Real root_t) {
  const Real rho = maximum(m / p, Real(is_single<Real> ? 1e-18 : 1e-100));
  Real h = detail::bachelier_guess(rho);
  h = detail::bachelier_step<true>(rho, h);
  h = detail::bachelier_step<false>(rho, h);
  return p * (rho / (h * root_t));
}

}  // namespace zomma::kernels
