// settings.h: the parameters of the options trader; docs/reference/options_trader.md explains each.
#pragma once

#include <zomma/zomma.hpp>

#include <cstdint>

#include "relative_value.h"

namespace options {

struct TraderSettings {
  bool relative_value = true, gamma_scalping = false, short_gamma = false, vega_hedging = true,
       tail_hedging = false, delta_hedging = true;
  double entry_spreads = 1.0, exit_spreads = 0.25, min_days = 7, max_days = 120, min_delta = 0.05,
         max_delta = 0.8;
  double max_spread = 0.25, min_fit = 0.5, close_days = 2;
  double order_vega = 50, max_vega = 2000, max_contracts = 50, max_stress_loss = 20'000;
  std::int64_t max_positions = 40;
  double scalp_edge = 0.03, scalp_days = 30, scalp_vega = 500, history_days = 20;
  double vega_days = 60, tail_days = 60, tail_delta = 0.08;
  double hedge_cost_bps = 2, risk_aversion = 1e-4, min_band = 1;
  double fee_per_contract = 0.65, decide_every_s = 60, max_chain_age_s = 900;

  ValueRules rules(double multiplier) const {
    return {entry_spreads, exit_spreads, min_days,
            max_days,      max_delta,    min_delta,
            max_spread,    min_fit,      fee_per_contract / multiplier};
  }
};

template <class V>
using T = zm::parameter<TraderSettings, V>;
using TR = T<double>;
using TN = T<std::int64_t>;
using TB = T<bool>;

inline constexpr auto trader_parameters = zm::parameters(
    TB{&TraderSettings::relative_value, "relative_value", "",
       "buy what is cheap and sell what is rich against the fitted surface"},
    TB{&TraderSettings::gamma_scalping, "gamma_scalping", "",
       "hold straddles where implied and realised volatility differ"},
    TB{&TraderSettings::short_gamma, "short_gamma", "",
       "sell straddles, too, where implied volatility is the higher one"},
    TB{&TraderSettings::vega_hedging, "vega_hedging", "",
       "bring vega back within max_vega by options at the money"},
    TB{&TraderSettings::tail_hedging, "tail_hedging", "",
       "buy puts far out of the money when the stress loss passes its limit"},
    TB{&TraderSettings::delta_hedging, "delta_hedging", "",
       "trade the underlying at the edge of the hedging band"},
    TR{&TraderSettings::entry_spreads, "entry_spreads", "half spreads",
       "least edge beyond the price paid, after fees", 0, 100},
    TR{&TraderSettings::exit_spreads, "exit_spreads", "half spreads",
       "edge at the mid below which a position is closed", -100, 100},
    TR{&TraderSettings::min_days, "min_days", "days",
       "least calendar days to expiry of what is opened", 0, 1000},
    TR{&TraderSettings::max_days, "max_days", "days",
       "most calendar days to expiry of what is opened", 0, 1000},
    TR{&TraderSettings::min_delta, "min_delta", "delta", "least |delta| of what is opened", 0, 1},
    TR{&TraderSettings::max_delta, "max_delta", "delta", "most |delta| of what is opened", 0, 1},
    TR{&TraderSettings::max_spread, "max_spread", "ratio", "most (ask - bid) / mid", 0, 2},
    TR{&TraderSettings::min_fit, "min_fit", "ratio",
       "least share of an expiry's mid vols that the fit has inside bid and ask", 0, 1},
    TR{&TraderSettings::close_days, "close_days", "days",
       "positions are closed when so few days are left", 0, 1000},
    TR{&TraderSettings::order_vega, "order_vega", "currency",
       "vega of one order, per 1.00 of vol divided by 100 (a point)", 0.01, 1e7},
    TR{&TraderSettings::max_vega, "max_vega", "currency", "most |vega| of an underlying, per point",
       0, 1e9},
    TR{&TraderSettings::max_contracts, "max_contracts", "contracts", "most contracts of one option",
       1, 1e6},
    TR{&TraderSettings::max_stress_loss, "max_stress_loss", "currency",
       "most loss of all underlyings, each in its worst scenario", 0, 1e12},
    TN{&TraderSettings::max_positions, "max_positions", "options",
       "most different options held on one underlying", 1, 60},
    TR{&TraderSettings::scalp_edge, "scalp_edge", "vol",
       "least difference of realised and implied volatility", 0, 5},
    TR{&TraderSettings::scalp_days, "scalp_days", "days", "expiry that straddles are sought at", 1,
       1000},
    TR{&TraderSettings::scalp_vega, "scalp_vega", "currency",
       "vega of a whole straddle position, per point", 0, 1e9},
    TR{&TraderSettings::history_days, "history_days", "days",
       "daily returns heard before realised volatility is trusted", 5, 500},
    TR{&TraderSettings::vega_days, "vega_days", "days", "expiry that vega is hedged at", 1, 1000},
    TR{&TraderSettings::tail_days, "tail_days", "days", "expiry that tail puts are sought at", 1,
       1000},
    TR{&TraderSettings::tail_delta, "tail_delta", "delta", "|delta| of tail puts", 0.005, 0.5},
    TR{&TraderSettings::hedge_cost_bps, "hedge_cost_bps", "bps",
       "cost of trading the underlying, of its value", 0, 1000},
    TR{&TraderSettings::risk_aversion, "risk_aversion", "1/currency",
       "aversion to the variance of wealth; larger hedges more often", 1e-9, 10},
    TR{&TraderSettings::min_band, "min_band", "units", "the band is never narrower", 0, 1e9},
    TR{&TraderSettings::fee_per_contract, "fee_per_contract", "currency",
       "cost of one contract, each way", 0, 1000},
    TR{&TraderSettings::decide_every_s, "decide_every_s", "s",
       "least time between two decisions on one underlying", 0, 1e7},
    TR{&TraderSettings::max_chain_age_s, "max_chain_age_s", "s", "an older chain is not traded on",
       0, 1e7});

}  // namespace options
