// black.h: Black's undiscounted formula as the control variate of the transforms, and the term of
// Merton's sum.
#pragma once

#include <zomma/kernels/elementary.h>

#include <cmath>

namespace zomma::kernels {

struct BlackValue {
  double price, delta, gamma;  // undiscounted; derivatives by the forward
};

inline BlackValue black_value(double forward, double strike, double variance, int sign) {
  const double deviation = std::sqrt(variance),
               d1 = std::log(forward / strike) / deviation + 0.5 * deviation;
  const double cdf1 = norm_cdf(sign * d1), cdf2 = norm_cdf(sign * (d1 - deviation));
  return {sign * (forward * cdf1 - strike * cdf2), sign * cdf1,
          norm_pdf(d1) / (forward * deviation)};
}

}  // namespace zomma::kernels
