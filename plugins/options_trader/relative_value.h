// relative_value.h: which contracts are rich or cheap against the fitted surface, in units of the
// quote's own half spread, and whether gamma itself is.
#pragma once

#include "exposure.h"

namespace options {

struct ValueRules {
  double entry = 1.0;  // half spreads beyond the price that is paid or got
  double exit = 0.0;   // half spreads of remaining edge at which a position is given back
  double min_days = 7, max_days = 120, max_delta = 0.8, min_delta = 0.05;
  double max_spread = 0.25;  // (ask - bid) / mid
  double min_fit = 0.5;      // share of the expiry's mid vols that the fit has inside bid and ask
  double fee = 0;            // per unit, one way
};

struct Edge {
  std::uint32_t row = UINT32_MAX;
  double sell = 0;  // of selling at the bid, in half spreads, after fees; positive = rich
  double buy = 0;   // of buying at the ask; positive = cheap
};

inline double half_spread(const Columns& columns, std::uint32_t row) {
  return std::max(0.5 * (columns.chain->ask[row] - columns.chain->bid[row]), 0.005);
}

// False where the row is unfit, or the surface under it is.
inline bool edge_of(const Columns& columns, const zm_chain_expiry& expiry, std::uint32_t row,
                    const ValueRules& rules, Edge& out) {
  const zm_chain& chain = *columns.chain;
  const double model = at(chain.model_price, row), half = half_spread(columns, row);
  if (!tradable(columns, row) || !std::isfinite(model) || !(chain.bid[row] > 0) ||
      !(expiry.fit_inside >= rules.min_fit))
    return false;
  out = {row, (chain.bid[row] - rules.fee - model) / half,
         (model - chain.ask[row] - rules.fee) / half};
  return true;
}

// What is most worth selling and buying now; a row UINT32_MAX where nothing is.
struct Pair {
  Edge rich, cheap;
};
inline Pair extremes(const Columns& columns, const ValueRules& rules) {
  Pair pair;
  pair.rich.sell = pair.cheap.buy = rules.entry;
  const zm_chain& chain = *columns.chain;
  if ((chain.flags & (ZM_CHAIN_SUSPECT | ZM_CHAIN_ARBITRAGE)) != 0) return pair;
  for (std::uint32_t e = 0; e < chain.expiry_count; ++e) {
    const zm_chain_expiry& expiry = chain.expiries[e];
    const double days = expiry.years * 365;
    if (!(days >= rules.min_days && days <= rules.max_days)) continue;
    for (std::uint32_t row = expiry.first; row < expiry.first + expiry.count; ++row) {
      const double delta = std::abs(chain.delta[row]), spread = chain.ask[row] - chain.bid[row];
      Edge edge;
      if (!(delta >= rules.min_delta && delta <= rules.max_delta) ||
          !edge_of(columns, expiry, row, rules, edge))
        continue;
      if (spread > rules.max_spread * columns.mid(row) && spread > 0.05) continue;
      if (edge.sell > pair.rich.sell) pair.rich = edge;
      if (edge.buy > pair.cheap.buy) pair.cheap = edge;
    }
  }
  return pair;
}

// Whether a position has done its work: what was bought is no longer cheap at the mid, what was
// sold no longer rich.
inline bool spent(const Columns& columns, std::uint32_t row, bool bought, const ValueRules& rules) {
  const double gap =
      (at(columns.chain->model_price, row) - columns.mid(row)) / half_spread(columns, row);
  if (!std::isfinite(gap)) return false;
  return bought ? gap <= rules.exit : -gap <= rules.exit;
}

}  // namespace options
