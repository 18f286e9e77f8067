// exposure.h: what a book of options on one underlying is exposed to: its Greeks, and its loss in a
// grid of moves of price and volatility, every option priced anew in each.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <span>

#include "../options/columns.h"

namespace options {

// One position as the chain sees it. `quantity` in contracts, signed.
struct Held {
  std::uint32_t row = 0;
  double quantity = 0;
};

// In currency and units of the underlying: delta and gamma in shares (per 1.00 of price), vega
// per 1.00 of vol, theta a year.
struct Greeks {
  double delta = 0, gamma = 0, vega = 0, theta = 0;
};

inline double finite(double x) { return std::isfinite(x) ? x : 0; }

inline Greeks greeks_of(const Columns& columns, std::span<const Held> book, double shares) {
  Greeks sum;
  sum.delta = shares;
  const zm_chain& chain = *columns.chain;
  for (const Held& held : book) {
    const double units = held.quantity * static_cast<double>(columns.contract(held.row).multiplier);
    sum.delta += units * finite(chain.delta[held.row]);
    sum.gamma += units * finite(chain.gamma[held.row]);
    sum.vega += units * finite(chain.vega[held.row]);
    sum.theta += units * finite(chain.theta[held.row]);
  }
  return sum;
}

// The expiry that holds `row`.
inline const zm_chain_expiry* expiry_of(const Columns& columns, std::uint32_t row) {
  for (std::uint32_t e = 0; e < columns.chain->expiry_count; ++e) {
    const zm_chain_expiry& expiry = columns.chain->expiries[e];
    if (row >= expiry.first && row < expiry.first + expiry.count) return &expiry;
  }
  return nullptr;
}

// The vol to price a row with: the surface's, else its own, else NaN.
inline double vol_of(const Columns& columns, std::uint32_t row) {
  const double surface = at(columns.chain->surface_vol, row);
  return surface > 0 ? surface : at(columns.chain->implied_vol, row);
}

// Value of a row per unit after the price moved by the factor `move` and its vol by `vol_points`;
// never below its intrinsic value where it may be exercised early. NaN where it has no vol or no
// forward.
inline double moved_value(const Columns& columns, std::uint32_t row, double move,
                          double vol_points) {
  const zm_chain_expiry* expiry = expiry_of(columns, row);
  const double vol = vol_of(columns, row);
  if (expiry == nullptr || !(vol > 0) || !(expiry->forward > 0)) return std::nan("");
  const double strike = columns.strike[row], spot = columns.chain->spot * move;
  const bool put = columns.is_put(row);
  const double value = std::exp(-expiry->rate * expiry->years) *
                       black(expiry->forward * move, strike, std::max(vol + vol_points, 0.01),
                             std::max(expiry->years, 0.0), put);
  const bool early = (columns.contract(row).flags & ZM_CONTRACT_AMERICAN) != 0;
  return early ? std::max({value, put ? strike - spot : spot - strike, 0.0}) : value;
}

struct Stress {
  static constexpr std::array<double, 7> moves{0.70, 0.80, 0.90, 1.0, 1.10, 1.20, 1.30};
  static constexpr std::array<double, 3> vol_points{-0.05, 0.0, 0.15};

  double worst = 0;  // the largest loss, as a negative number; 0 where nothing loses
  double worst_move = 1, worst_vol = 0;
};

// Contracts without a vol are counted at their worst: sold ones at the move's intrinsic value,
// bought ones at nothing.
inline double loss_at(const Columns& columns, std::span<const Held> book, double shares,
                      double move, double vol_points) {
  double change = shares * columns.chain->spot * (move - 1);
  for (const Held& held : book) {
    const double units = held.quantity * static_cast<double>(columns.contract(held.row).multiplier);
    const double before = moved_value(columns, held.row, 1, 0),
                 after = moved_value(columns, held.row, move, vol_points);
    if (std::isfinite(before) && std::isfinite(after)) {
      change += units * (after - before);
    } else if (units < 0) {
      const double spot = columns.chain->spot * move, strike = columns.strike[held.row];
      change += units * std::max(columns.is_put(held.row) ? strike - spot : spot - strike, 0.0);
    } else {
      change -= units * std::max(finite(columns.mid(held.row)), 0.0);
    }
  }
  return change;
}

inline Stress stress_of(const Columns& columns, std::span<const Held> book, double shares) {
  Stress stress;
  for (const double move : Stress::moves) {
    for (const double points : Stress::vol_points) {
      const double change = loss_at(columns, book, shares, move, points);
      if (change < stress.worst) stress = {change, move, points};
    }
  }
  return stress;
}

}  // namespace options
