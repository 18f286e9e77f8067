// european.h: European options in batches: value and Greeks of Black-Scholes-Merton, Black-76 and
// Bachelier in one pass over columns, and the strike that has a given delta. For fp64 and fp32; the
// formulas are in european_formula.h.
#pragma once

#include <zomma/kernels/backend.h>
#include <zomma/kernels/european_formula.h>
#include <zomma/kernels/status.h>

#include <cstdint>
#include <span>

namespace zomma::kernels {

enum class EuropeanModel : std::uint8_t {
  black_scholes,  // Black-Scholes-Merton: spot, continuous yield
  black76,        // Black 1976: `spot` holds the forward of the expiry, `yield` is not read
  bachelier,      // normal: as black76, `volatility` is absolute, forward and strike of any sign
};

// One option an element. Rates, yields and volatilities are per year (0.05 is 5 %), continuously
// compounded; maturity is in years. `yield` may be empty: zero.
template <class T>
struct EuropeanOptions {
  std::span<const std::int8_t> sign;  // +1 a call, -1 a put
  std::span<const T> spot, strike, maturity, rate, yield, volatility;
};

// Cash dividends of the one underlying of a batch, as (years from now, amount): those with 0 < time
// <= maturity are taken out of the spot at their present value ("escrowed"), and the Greeks are
// those by the unadjusted spot: rho and theta, charm, veta and color hear the change of the present
// value.
template <class T>
struct CashDividends {
  std::span<const T> time, amount;
};

// Each span has the length of the batch, or is empty: not wanted.
template <class T>
using EuropeanResults = EuropeanTable<std::span<T>>;

// Fills `results` and `status` (may be empty). An element whose inputs are outside the domain (NaN,
// infinite, a sign other than 1 or -1, a spot or strike that is not positive but for Bachelier, no
// volatility, results beyond the range of T) has zeros and status `domain`; with maturity <= 0,
// `expired`. Where a column's length differs: length_mismatch and nothing is written. Dividends
// with another model than black_scholes, or with results beyond EuropeanLevel::standard:
// invalid_setting. No allocation; chunks run on `backend`. Two dozen columns that begin at the same
// place of a 4 KiB page, as large allocations do, take each other's place in the nearest cache:
// begin each a cache line further than the one before.
Status european_greeks(Backend& backend, EuropeanModel model,
                       const EuropeanOptions<double>& options,
                       const EuropeanResults<double>& results, std::span<ElementStatus> status = {},
                       const CashDividends<double>& dividends = {});
Status european_greeks(Backend& backend, EuropeanModel model, const EuropeanOptions<float>& options,
                       const EuropeanResults<float>& results, std::span<ElementStatus> status = {},
                       const CashDividends<float>& dividends = {});

enum class DeltaKind : std::uint8_t {
  spot,     // e^-qT Phi(d1) for a call, the hedge in the spot
  forward,  // Phi(d1) for a call, the hedge in the forward
};

// One delta an element: between 0 and 1 for calls, -1 and 0 for puts (times e^-qT where it is the
// spot's).
template <class T>
struct DeltaQuotes {
  std::span<const std::int8_t> sign;
  std::span<const T> delta, spot, maturity, rate, yield, volatility;
};

// The Black-Scholes-Merton strike whose option has the given delta; premiums are not part of the
// delta. An element whose delta no strike has, or with inputs outside the domain of
// european_greeks, has a zero and status `domain` (`expired`).
Status strike_from_delta(Backend& backend, DeltaKind kind, const DeltaQuotes<double>& quotes,
                         std::span<double> strike, std::span<ElementStatus> status = {});
Status strike_from_delta(Backend& backend, DeltaKind kind, const DeltaQuotes<float>& quotes,
                         std::span<float> strike, std::span<ElementStatus> status = {});

}  // namespace zomma::kernels
