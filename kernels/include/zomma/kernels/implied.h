// implied.h: implied volatilities in batches, Black and Bachelier, in a fixed number of steps; the
// formulas are in implied_formula.h.
#pragma once

#include <zomma/kernels/backend.h>
#include <zomma/kernels/status.h>

#include <cstdint>
#include <span>

namespace zomma::kernels {

enum class ImpliedModel : std::uint8_t {
  black,      // a relative volatility; forward and strike positive
  bachelier,  // an absolute volatility, in units of the forward; forward and strike of any sign
};

// One quote an element. Prices are undiscounted: multiply by e^rT first. Maturity is in years.
template <class T>
struct ImpliedQuotes {
  std::span<const std::int8_t> sign;  // +1 a call, -1 a put
  std::span<const T> price, forward, strike, maturity;
};

// The volatility per square root of a year at which the model has the price, within 3 units of
// (1 + c) epsilon, c being the condition of the volatility by the price, for prices down to 1e-300
// of the strike. Where the price is not above the intrinsic value the element's status is
// `below_intrinsic`, where it is not below the forward (call) or the strike (put) `above_bound`,
// with maturity <= 0 `expired`, for NaN, infinities, other signs, strikes and forwards that the
// model does not know, and time values below 1e-303 of the strike (fp32: 1e-36) `domain`; the
// volatility is then zero. Columns of different length: length_mismatch, and nothing is written.
Status implied_volatility(Backend& backend, ImpliedModel model, const ImpliedQuotes<double>& quotes,
                          std::span<double> volatility, std::span<ElementStatus> status = {});
Status implied_volatility(Backend& backend, ImpliedModel model, const ImpliedQuotes<float>& quotes,
                          std::span<float> volatility, std::span<ElementStatus> status = {});

}  // namespace zomma::kernels
