#include "std_function_chain.h"

#include <cstdlib>

namespace zomma::bench {

FunctionChain::FunctionChain(const Instrument& instrument, const ScopeLimits& limits) {
  using Intent = const zm_intent&;
  using Context = const RiskContext&;
  const auto value = [instrument](Intent i) {
    return notional(instrument, {i.price}, {i.quantity}).value;
  };
  const auto worst = [](Intent i, Context c) {
    return i.side == ZM_SIDE_BUY ? c.position.value + c.open_buy.value + i.quantity
                                 : -c.position.value + c.open_sell.value + i.quantity;
  };
  checks_ = {
      [](Intent, Context c) { return !c.gateway_ready; },
      [](Intent, Context c) { return c.market_state != ZM_MARKET_OPEN; },
      [](Intent i, Context c) {
        return i.time_in_force > ZM_TIF_FOK || (c.expires.value != 0 && c.expires <= c.now);
      },
      [limits](Intent i, Context) { return i.quantity > limits.max_quantity->value; },
      [instrument](Intent i, Context) { return i.quantity % instrument.lot.value != 0; },
      [instrument](Intent i, Context) { return i.price % instrument.tick.value != 0; },
      [limits, value](Intent i, Context) { return value(i) > limits.max_order_notional->value; },
      [limits](Intent, Context c) {
        return c.now.value - c.reference_time.value > limits.max_reference_age->value;
      },
      [limits](Intent i, Context c) {
        const std::int64_t mid = (c.bid.value + c.ask.value) / 2;
        const std::int64_t reach = mid * *limits.collar_bps / 10'000;
        return i.side == ZM_SIDE_BUY ? i.price > mid + reach : i.price < mid - reach;
      },
      [](Intent i, Context c) {
        if (c.best_own_opposite == no_price) return false;
        return i.side == ZM_SIDE_BUY ? i.price >= c.best_own_opposite.value
                                     : i.price <= c.best_own_opposite.value;
      },
      [worst](Intent i, Context c) {
        return (i.flags & ZM_INTENT_REDUCE_ONLY) != 0 && worst(i, c) > 0;
      },
      [limits, worst](Intent i, Context c) { return worst(i, c) > limits.max_position->value; },
      [limits, value](Intent i, Context c) {
        return c.own.gross.value + value(i) > limits.max_gross_notional->value;
      },
      [limits](Intent, Context c) {
        return c.own.daily_pnl.value <= -limits.max_daily_loss->value;
      },
      [limits](Intent, Context c) {
        return c.own.high_water.value - c.own.equity.value >= limits.max_drawdown->value;
      },
      [limits](Intent, Context c) { return c.own.open_orders >= *limits.max_open_orders; },
  };
}

std::uint64_t FunctionChain::evaluate(const zm_intent& intent, const RiskContext& context) const {
  std::uint64_t breaches = 0;
  for (std::size_t i = 0; i < checks_.size(); ++i)
    breaches |= static_cast<std::uint64_t>(checks_[i](intent, context)) << i;
  return breaches;
}

}  // namespace zomma::bench
