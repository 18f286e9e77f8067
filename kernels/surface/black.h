// black.h: internal to the fits: the undiscounted out-of-the-money price of Black's formula with vega, and its inverse
// near a known volatility.
#pragma once

#include <zomma/kernels/elementary.h>

#include <cmath>

namespace zomma::kernels::black {

struct Value {
  double price = 0, vega = 0;  // vega by the total deviation sigma sqrt(T)
};

// log_ratio = ln(forward / strike); a call where it is <= 0, else a put.
inline Value out_of_the_money(double forward, double strike, double log_ratio, double deviation) {
  const double side = log_ratio <= 0 ? 1.0 : -1.0;
  const double d = log_ratio / deviation + 0.5 * deviation;
  return {side * (forward * norm_cdf(side * d) - strike * norm_cdf(side * (d - deviation))), forward * norm_pdf(d)};
}

// Total deviation of a price by Halley's steps from a guess, or -1 where the price has none or the steps do not settle.
inline double deviation_of(double price, double forward, double strike, double log_ratio, double guess, double* vega) {
  if (!(price > 0) || !(price < std::fmin(forward, strike))) return -1.0;
  double s = guess;
  for (int i = 0; i < 12; ++i) {
    const Value at = out_of_the_money(forward, strike, log_ratio, s);
    *vega = at.vega;
    if (!(at.vega > 0)) return -1.0;
    const double newton = (at.price - price) / at.vega;
    if (std::fabs(newton) <= 1e-13 * s) return s;
    // vega's own slope: vomma / vega = d1 d2 / s.
    const double bend = log_ratio * log_ratio / (s * s * s) - 0.25 * s;
    double next = s - newton / std::fmax(1.0 - 0.5 * newton * bend, 0.5);
    if (!(next > 0.2 * s)) next = 0.2 * s;
    if (next > 5.0 * s) next = 5.0 * s;
    if (std::fabs(next - s) <= 1e-9 * s) return next;  // cubic: the next step is below rounding
    s = next;
  }
  return -1.0;
}

}  // namespace zomma::kernels::black
