// merton.h: European options on an asset with lognormal jumps (Merton 1976), as a Poisson mixture
// of Black prices.
#pragma once

#include <zomma/kernels/backend.h>
#include <zomma/kernels/elementary_more.h>
#include <zomma/kernels/heston.h>
#include <zomma/kernels/status.h>

#include <cstdint>
#include <span>

namespace zomma::kernels {

// Undiscounted value of an option on `forward` with n jumps at Poisson weight e^{-m} m^n / n!, m =
// intensity * expiry: the mixture's forward is F exp(-m j) (1 + j)^n and its variance volatility^2
// expiry + n deviation^2, where j = E[J] - 1. The sum runs from the largest term outward in both
// directions to where a term is below 1e-18 of the whole's bound. sign is +1 for a call, -1 for a
// put. Source: Merton (1976), eq. 16.
ZM_HOST_DEVICE inline double merton_value(double forward, double strike, double expiry,
                                          double volatility, const JumpParameters& jumps,
                                          int sign) {
  const double m = jumps.intensity * expiry;
  const double log_jump = jumps.mean + 0.5 * jumps.deviation * jumps.deviation;
  const double start = log(forward) - m * (exp(log_jump) - 1.0);
  const double diffusion = volatility * volatility * expiry, log_strike = log(strike);
  // A call's n-th term is at most weight * forward_n, itself Poisson with mean m (1 + j); a put's
  // at most weight * K.
  const double centre = ::floor(sign > 0 ? m * exp(log_jump) : m);
  const double bound = sign > 0 ? forward : strike;
  double total = 0;
  for (int direction = 0; direction < 2; ++direction) {
    for (double n = direction == 0 ? centre : centre - 1; n >= 0; n += direction == 0 ? 1 : -1) {
      const double log_weight = (m > 0 ? n * log(m) : 0.0) - m - log_factorial(n);
      const double log_forward = start + n * log_jump;
      const double deviation = sqrt(diffusion + n * jumps.deviation * jumps.deviation);
      const double d1 = (log_forward - log_strike) / deviation + 0.5 * deviation;
      const double asset = exp(log_weight + log_forward), cash = exp(log_weight + log_strike);
      total += sign * (asset * norm_cdf(sign * d1) - cash * norm_cdf(sign * (d1 - deviation)));
      if (m == 0 || (sign > 0 ? asset : cash) < 1e-18 * bound) break;
    }
  }
  return total > 0 ? total : 0.0;
}

// One option an element; spans of one length (status may be empty). Years; continuous rates a year.
struct MertonBatch {
  std::span<const double> spot, strike, expiry, rate, yield;
  std::span<const std::int8_t> sign;
};

// Prices every element under one model. invalid_setting for volatility <= 0, negative intensity or
// deviation, more than 1e6 expected jumps a year or a mean log-jump beyond 50; length_mismatch;
// `domain` for a bad element.
Status merton_price(Backend& backend, double volatility, const JumpParameters& jumps,
                    const MertonBatch& terms, std::span<double> price,
                    std::span<ElementStatus> status);

}  // namespace zomma::kernels
