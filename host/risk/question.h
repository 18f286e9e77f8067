// question.h: one intent with everything that several checks need of it, worked out once. Private
// to the risk engine.
#pragma once

#include "risk/risk_engine.h"

namespace zomma {

struct RiskEngine::Question {
  const zm_intent& intent;
  const RiskContext& context;
  const InstrumentState& instrument;
  const InstanceState& instance;
  const EffectiveLimits& limits;
  bool replace, buy;
  bool limited;              // the price binds
  std::int64_t price;        // what it is valued at; no_price = nothing to go by
  std::int64_t doubled_mid;  // reference, times two
  bool has_reference;
  std::int64_t increment;  // of quantity, to what is in flight already
  std::int64_t notional;   // of the whole order
  std::int64_t notional_increment;
  std::int64_t worst, firm_worst;  // position after this side's open orders and the increment;
                                   // positive = in its direction
};

// Drawdown of a scope, never negative in practice: the high water is never below the equity.
inline std::int64_t drawdown_of(const RiskSums& sums) {
  return saturate(static_cast<Int128>(sums.high_water.value) - sums.equity.value);
}
// A loss of exactly the limit is a breach.
inline bool daily_loss_breached(const RiskSums& sums, const EffectiveSums& limits) {
  return limits.max_daily_loss != int64_max && sums.daily_pnl.value <= -limits.max_daily_loss;
}
inline bool drawdown_breached(const RiskSums& sums, const EffectiveSums& limits) {
  constexpr std::int64_t bps = 10'000;
  const std::int64_t drawdown = drawdown_of(sums);
  if (limits.max_drawdown != int64_max && drawdown >= limits.max_drawdown) return true;
  return limits.max_drawdown_bps != int64_max && sums.high_water.value > 0 &&
         static_cast<Int128>(drawdown) * bps >=
             static_cast<Int128>(sums.high_water.value) * limits.max_drawdown_bps;
}

}  // namespace zomma
