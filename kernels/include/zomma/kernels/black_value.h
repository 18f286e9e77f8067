// black_value.h: Black's undiscounted price of one option with its first derivatives, and its
// inverse: what the transforms take as control variate and the fits as yardstick. Batches are in
// european.h and implied.h.
#pragma once

#include <zomma/kernels/implied_formula.h>

namespace zomma::kernels {

struct BlackValue {
  double price, delta, gamma;  // derivatives by the forward
  double vega;                 // by the total deviation sigma sqrt(T)
};

// log_ratio = ln(forward / strike), sign +1 a call, -1 a put; deviation > 0.
ZM_HOST_DEVICE inline BlackValue black_value(double forward, double strike, double log_ratio,
                                             double deviation, int sign) {
  const double d1 = log_ratio / deviation + 0.5 * deviation;
  const double cdf1 = norm_cdf(sign * d1), cdf2 = norm_cdf(sign * (d1 - deviation));
  const double density = norm_pdf(d1);
  return {sign * (forward * cdf1 - strike * cdf2), sign * cdf1, density / (forward * deviation),
          forward * density};
}

// The same of the option that is out of the money.
ZM_HOST_DEVICE inline BlackValue black_out_of_the_money(double forward, double strike,
                                                        double log_ratio, double deviation) {
  return black_value(forward, strike, log_ratio, deviation, log_ratio <= 0 ? 1 : -1);
}

// Total deviation of an out-of-the-money price, or -1 where the price has none.
ZM_HOST_DEVICE inline double black_deviation(double price, double forward, double strike,
                                             double log_ratio) {
  const double bound = minimum(forward, strike), share = price / bound;
  if (!(share > 1e-303 && share < 1) || !(magnitude(log_ratio) <= 700)) return -1;
  return implied_black_deviation(magnitude(log_ratio), share, (bound - price) / bound);
}

}  // namespace zomma::kernels
