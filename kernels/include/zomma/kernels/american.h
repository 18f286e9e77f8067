// american.h: American options on a lognormal asset with continuous rates, by the integral equation
// of their exercise boundary. Price, Greeks and boundary come from one solve.
#pragma once

#include <zomma/kernels/backend.h>
#include <zomma/kernels/status.h>

#include <cstdint>
#include <span>

namespace zomma::kernels {

// How fine the discretisation is. Errors for spot = 100, over realistic terms from half a day to
// twenty years.
enum class AmericanPreset : std::uint8_t {
  fast,      // root mean square 1e-5
  precise,   // 5e-7
  accurate,  // at most 1e-6, that is 1e-8 of the spot
};

// One option an element; all spans have one length. Expiry in years; rate, yield and volatility a
// year, continuous. `sign` is +1 for a call and -1 for a put.
struct AmericanTermsBatch {
  std::span<const double> spot, strike, expiry, rate, yield, volatility;
  std::span<const std::int8_t> sign;
};

// What is wanted; an empty span is not computed. theta = -dV/dT a year; vega and rho are for a
// change of 1 (not 1 %) and cost two solves more each. boundary is the spot at which exercise is
// optimal today: 0 for a put and infinity for a call that is never exercised early.
struct AmericanValues {
  std::span<double> price, delta, gamma, theta, vega, rho, boundary;
  std::span<ElementStatus> status;
};

// Prices every element. Status::length_mismatch, with nothing written, if spans differ in length.
// An element has status `domain` and zeros where an input is NaN or infinite, spot, strike, expiry
// or volatility is not positive (an expired option has no boundary), |rate| or |yield| exceeds 1,
// sign is not +-1, or the option has two boundaries (a put with yield < rate < 0, a call with rate
// < yield < 0); `no_convergence` and zeros where the iteration failed. Four options at a time share
// the vector lanes; an element's result does not depend on its neighbours.
Status american_price(Backend& backend, AmericanPreset preset, const AmericanTermsBatch& terms,
                      const AmericanValues& out);

// The volatility in [1e-3, 5] at which the model's price is `price`; terms.volatility is ignored
// and may be empty. Bracketed secant steps until the price agrees to 1e-10 of the spot plus strike.
// `below_intrinsic` where price is at or below the value at the lowest volatility, `above_bound`
// where above that at the highest, `no_convergence` after 60 steps.
Status american_implied_volatility(Backend& backend, AmericanPreset preset,
                                   const AmericanTermsBatch& terms, std::span<const double> price,
                                   std::span<double> volatility, std::span<ElementStatus> status);

}  // namespace zomma::kernels
