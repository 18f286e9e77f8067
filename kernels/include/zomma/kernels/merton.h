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

inline constexpr double merton_most_jumps = 1e8;

struct MertonOption {
  double spot, strike, expiry, rate, yield;
  int sign;  // +1 call, -1 put
};

// Derivatives by the spot, volatility, rate, yield (phi) and the jumps' parameters; theta is as
// time passes.
struct MertonGreeks {
  double price = 0, delta = 0, gamma = 0, vega = 0, theta = 0, rho = 0, phi = 0, vanna = 0,
         vomma = 0, by_intensity = 0, by_jump_mean = 0, by_jump_deviation = 0;
};

// With n jumps at Poisson weight w_n = e^{-m} m^n / n!, m = intensity * expiry, the asset is
// lognormal about F exp(-m j) (1 + j)^n with variance volatility^2 expiry + n deviation^2, where j
// = E[J] - 1. The sum runs from the largest term outward in both directions to where a term is
// below 1e-18 of the whole's bound. Source: Merton (1976), eq. 16; the Greeks are its derivatives,
// with m dw_n/dm = m (w_(n-1) - w_n), so they hold without jumps too. Price alone where not
// `greeks`.
template <bool greeks>
ZM_HOST_DEVICE MertonGreeks merton_element(const MertonOption& o, double volatility,
                                           const JumpParameters& jumps) {
  const double time = o.expiry, m = jumps.intensity * time, log_m = m > 0 ? log(m) : 0.0;
  const double spread = jumps.deviation * jumps.deviation, log_jump = jumps.mean + 0.5 * spread;
  const double jump = exp(log_jump), log_strike = log(o.strike);
  const double log_forward = log(o.spot) + (o.rate - o.yield) * time;
  const double start = log_forward - m * (jump - 1.0), diffusion = volatility * volatility * time;
  // A call's n-th term is at most weight * forward_n, itself Poisson with mean m (1 + j); a put's
  // at most weight * K.
  const double centre = ::floor(o.sign > 0 ? m * jump : m);
  const double log_least = (o.sign > 0 ? log_forward : log_strike) + log(1e-18);
  MertonGreeks sum;
  double asset = 0, cash = 0;            // the legs: value = asset - cash
  double asset_next = 0, cash_next = 0;  // the same at the weights of one jump fewer
  double by_jump_variance = 0;
  for (int direction = 0; direction < 2; ++direction) {
    for (double n = direction == 0 ? centre : centre - 1; n >= 0; n += direction == 0 ? 1 : -1) {
      const double weight = n * log_m - m - log_factorial(n), mean = start + n * log_jump;
      const double s = sqrt(diffusion + n * spread);
      const double d1 = (mean - log_strike) / s + 0.5 * s, d2 = d1 - s;
      const double in1 = o.sign * norm_cdf(o.sign * d1), in2 = o.sign * norm_cdf(o.sign * d2);
      const bool none = m == 0 && n > 0;  // where only the first jump's derivative is left
      const double up = none ? 0.0 : exp(weight + mean),
                   down = none ? 0.0 : exp(weight + log_strike);
      asset += up * in1, cash += down * in2;
      if constexpr (greeks) {
        if (n > 0) {
          const double fewer = (n - 1) * log_m - m - log_factorial(n - 1);
          asset_next += exp(fewer + mean) * in1, cash_next += exp(fewer + log_strike) * in2;
        }
        const double density = up * norm_pdf(d1) / s, by = volatility * time / s;
        sum.gamma += density;
        sum.vega += density * volatility * time;
        sum.vanna -= density * d2 * by;
        sum.vomma += density * (by * by * (d1 * d2 - 1.0) + time);
        by_jump_variance += density * n;
      }
      const double log_term = weight + (o.sign > 0 ? mean : log_strike);
      if (m > 0 ? !(log_term >= log_least) : none || !greeks) break;
    }
  }
  const double discount = exp(-o.rate * time), value = asset - cash;
  sum.price = value > 0 ? discount * value : 0.0;
  if constexpr (greeks) {
    const double moved = m * (asset_next - jump * asset);  // by ln of every jump's factor
    sum.delta = discount * asset / o.spot;
    sum.vega *= discount;
    sum.vanna *= discount / o.spot;
    sum.vomma *= discount;
    sum.rho = time * discount * cash;
    sum.phi = -time * discount * asset;
    sum.by_intensity = time * discount * (asset_next - cash_next - value - (jump - 1.0) * asset);
    sum.theta =
        discount * (o.yield * asset - o.rate * cash - 0.5 * volatility * volatility * sum.gamma) -
        jumps.intensity / time * sum.by_intensity;
    sum.gamma *= discount / (o.spot * o.spot);
    sum.by_jump_mean = discount * moved;
    sum.by_jump_deviation = discount * jumps.deviation * (moved + by_jump_variance);
  }
  return sum;
}

// One option an element; spans of one length (status may be empty). Years; continuous rates a year.
struct MertonBatch {
  std::span<const double> spot, strike, expiry, rate, yield;
  std::span<const std::int8_t> sign;
};

// What is wanted; an empty span is not computed. `status` may be empty.
struct MertonValues {
  std::span<double> price, delta, gamma, vega, theta, rho, phi, vanna, vomma, by_intensity,
      by_jump_mean, by_jump_deviation;
  std::span<ElementStatus> status;
};

// Prices every element under one model. invalid_setting for volatility <= 0, negative intensity or
// deviation, more than 1e6 expected jumps a year or a mean log-jump beyond 50; length_mismatch;
// zeros and `domain` for a bad element, and for one that expects more than merton_most_jumps,
// counted plainly or weighed by their factor. Greeks cost about twice the price.
Status merton_price(Backend& backend, double volatility, const JumpParameters& jumps,
                    const MertonBatch& terms, const MertonValues& out);
Status merton_price(Backend& backend, double volatility, const JumpParameters& jumps,
                    const MertonBatch& terms, std::span<double> price,
                    std::span<ElementStatus> status);

}  // namespace zomma::kernels
