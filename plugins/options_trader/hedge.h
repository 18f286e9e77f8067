// hedge.h: how much delta to leave alone, and which option brings vega or a crash loss back within
// its bound.
#pragma once

#include "exposure.h"

namespace options {

// Half-width of the band around the delta-neutral position within which trading costs more than the
// risk is worth, in shares: (3/2 exp(-r t) lambda S gamma^2 / a)^(1/3); lambda is the cost of a
// trade as a share of its value, `gamma` of the whole book (shares per 1.00), `a` the aversion to
// risk per unit of currency. Whalley and Wilmott, "An asymptotic analysis of an optimal hedging
// model for option pricing with transaction costs", Mathematical Finance 7 (1997), eq. 3.10.
inline double hedge_band(double cost, double spot, double gamma, double aversion, double rate,
                         double years) {
  if (!(cost > 0) || !(aversion > 0)) return 0;
  return std::cbrt(1.5 * std::exp(-rate * years) * cost * spot * gamma * gamma / aversion);
}

// Shares to trade: none inside the band, else to its nearer edge.
inline double hedge_trade(double delta, double band) {
  if (delta > band) return band - delta;
  if (delta < -band) return -band - delta;
  return 0;
}

// Contracts of an option with `vega` a contract that bring `book` within +-limit; 0 where it is
// there already.
inline double vega_trade(double book, double vega, double limit) {
  if (std::abs(book) <= limit || !(vega > 0)) return 0;
  const double excess = book > 0 ? book - limit : book + limit;
  return -std::copysign(std::ceil(std::abs(excess) / vega - 1e-9), excess);
}

// Contracts of a bought put whose gain in the crash is `gain` each, to cover a loss (negative)
// beyond `limit` (positive).
inline double tail_trade(double loss, double limit, double gain) {
  if (-loss <= limit || !(gain > 0)) return 0;
  return std::ceil((-loss - limit) / gain - 1e-9);
}

// The row whose strike is nearest to the money in the expiry nearest to `days`, tradable;
// UINT32_MAX where none is.
inline std::uint32_t at_the_money(const Columns& columns, double days, bool put) {
  std::uint32_t found = UINT32_MAX;
  double least = 1e18;
  for (std::uint32_t e = 0; e < columns.chain->expiry_count; ++e) {
    const zm_chain_expiry& expiry = columns.chain->expiries[e];
    if (!(expiry.years * 365 >= 1)) continue;
    for (std::uint32_t row = expiry.first; row < expiry.first + expiry.count; ++row) {
      if (columns.is_put(row) != put || !tradable(columns, row)) continue;
      const double off = std::abs(expiry.years * 365 - days) * 1e3 +
                         std::abs(columns.strike[row] - columns.chain->spot) / columns.chain->spot;
      if (off < least) {
        least = off;
        found = row;
      }
    }
  }
  return found;
}

// The tradable put with |delta| nearest to `delta` in the expiry nearest to `days`.
inline std::uint32_t tail_put(const Columns& columns, double days, double delta) {
  std::uint32_t found = UINT32_MAX;
  double least = 1e18;
  for (std::uint32_t e = 0; e < columns.chain->expiry_count; ++e) {
    const zm_chain_expiry& expiry = columns.chain->expiries[e];
    if (!(expiry.years * 365 >= 1)) continue;
    for (std::uint32_t row = expiry.first; row < expiry.first + expiry.count; ++row) {
      if (!columns.is_put(row) || !tradable(columns, row)) continue;
      const double off = std::abs(expiry.years * 365 - days) * 1e3 +
                         std::abs(std::abs(columns.chain->delta[row]) - delta);
      if (off < least) {
        least = off;
        found = row;
      }
    }
  }
  return found;
}

}  // namespace options
