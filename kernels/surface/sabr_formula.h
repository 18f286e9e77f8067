// sabr_formula.h: the expansions over any Real, so that the fit differentiates the very formula
// that prices.
#pragma once

#include <zomma/kernels/elementary_more.h>
#include <zomma/kernels/surface/dual.h>
#include <zomma/kernels/surface/sabr.h>

#include <cmath>

namespace zomma::kernels::sabr_formula {

inline double value_of(double x) { return x; }
template <int N>
double value_of(const Dual<N>& x) {
  return x.value;
}

// What depends on the strike but not on alpha, rho, nu.
struct Strike {
  double log_ratio = 0;     // ln(forward / strike)
  double geometric = 0;     // (forward strike)^((1 - beta) / 2)
  double distance = 0;      // z alpha / nu
  double leading = 0;       // volatility = alpha * leading * z / x(z) * (1 + ... expiry)
  double alpha_square = 0;  // the coefficient of alpha^2 in the expiry's term
};

inline Strike prepare(SabrFormula formula, double beta, double forward, double strike) {
  Strike out;
  const double free = 1.0 - beta;
  if (formula == SabrFormula::hagan_normal && beta == 0.0) {  // no logarithm: any sign
    out.geometric = 1.0;
    out.distance = forward - strike;
    out.leading = 1.0;
    return out;
  }
  const double l = detail::log_ratio(forward, strike), square = l * l;
  out.log_ratio = l;
  out.geometric = power(forward * strike, 0.5 * free);
  const double level =
      1.0 + free * free * square / 24.0 + free * free * free * free * square * square / 1920.0;
  const double over = 1.0 / (out.geometric * out.geometric);
  switch (formula) {
    case SabrFormula::hagan_lognormal:
      out.distance = out.geometric * l;
      out.leading = 1.0 / (out.geometric * level);
      out.alpha_square = free * free / 24.0 * over;
      break;
    case SabrFormula::obloj_lognormal: {
      const double u = free * l, mean = u == 0.0 ? 1.0 : expm1(u) / u;
      out.distance = power(strike, free) * mean * l;
      out.leading = 1.0 / (power(strike, free) * mean);
      out.alpha_square = free * free / 24.0 * over;
      break;
    }
    case SabrFormula::hagan_normal:
      out.distance = out.geometric * l;
      out.leading = power(forward * strike, 0.5 * beta) *
                    (1.0 + square / 24.0 + square * square / 1920.0) / level;
      out.alpha_square = -beta * (2.0 - beta) / 24.0 * over;
      break;
  }
  return out;
}

// z / x(z), x = ln((sqrt(1 - 2 rho z + z^2) + z - rho) / (1 - rho)). x is odd under (z, rho) ->
// (-z, -rho), which keeps the logarithm's argument above 1 and free of cancellation.
template <class Real>
Real z_over_x(Real z, Real rho) {
  if (std::fabs(value_of(z)) < 3e-6)
    return 1.0 - 0.5 * rho * z + (2.0 - 3.0 * rho * rho) * z * z / 12.0;
  if (value_of(z) < 0) {
    z = -z;
    rho = -rho;
  }
  const Real root = sqrt((z - rho) * (z - rho) + (1.0 - rho) * (1.0 + rho));
  // root - 1 + z, over (1 - rho), with root - 1 = z (z - 2 rho) / (root + 1).
  const Real excess = z * ((z - 2.0 * rho) / (root + 1.0) + 1.0) / (1.0 - rho);
  return z / log1p(excess);
}

template <class Real>
Real volatility(const Strike& at, double beta, const Real& alpha, const Real& rho, const Real& nu,
                double expiry) {
  const Real z = nu / alpha * at.distance;
  const Real growth = at.alpha_square * alpha * alpha +
                      0.25 * beta / at.geometric * rho * nu * alpha +
                      (2.0 - 3.0 * rho * rho) / 24.0 * nu * nu;
  return alpha * at.leading * z_over_x(z, rho) * (1.0 + growth * expiry);
}

}  // namespace zomma::kernels::sabr_formula
