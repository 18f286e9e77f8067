// risk_context.h: the facts of one question to the pre-trade checks, taken from where they live:
// open orders from the OMS, positions and profit from the portfolio, prices from the caller.
//
// Hot path: no allocation.
#pragma once

#include "orders/oms.h"
#include "portfolio/portfolio.h"
#include "risk/risk_engine.h"

namespace zomma {

// What the engine knows of an instrument's market at the moment of asking.
struct MarketFacts {
  std::uint32_t state{ZM_MARKET_UNKNOWN};
  Price bid{no_price}, ask{no_price};
  Nanoseconds updated_at{};  // when the venue last said anything that confirms them
};

// A REPLACE with what it leaves to its order filled in: instrument, side, type, time in force, stop
// price. Without a price of its own (ZM_NO_PRICE) it keeps the order's.
inline zm_intent completed(zm_intent replace, const Order& order) {
  replace.instrument = order.instrument.value;
  replace.side = static_cast<std::uint32_t>(order.side);
  replace.type = static_cast<std::uint32_t>(order.type);
  replace.time_in_force = static_cast<std::uint32_t>(order.time_in_force);
  replace.flags = 0;
  if (order.post_only) replace.flags |= ZM_INTENT_POST_ONLY;
  if (order.reduce_only) replace.flags |= ZM_INTENT_REDUCE_ONLY;
  replace.tag = order.tag;
  replace.stop_price = order.stop_price.value;
  replace.display_quantity = 0;
  if (replace.price == ZM_NO_PRICE) replace.price = order.state.price.value;
  return replace;
}

inline RiskSums risk_sums(const Account& account, const OpenExposure& open) {
  RiskSums sums;
  sums.gross = add_saturated(account.gross_notional, open.notional());
  sums.net = account.value;
  sums.daily_pnl = account.daily_pnl();
  sums.equity = account.equity();
  sums.high_water = account.high_water;
  sums.open_orders = open.orders();
  return sums;
}

// `intent`: a NEW, or a completed REPLACE of `replaced`. The instance must be known; an unknown
// instrument leaves its facts empty (and RiskEngine refuses it).
inline RiskContext make_risk_context(const Oms& oms, const Portfolio& portfolio,
                                     InstanceId instance, const zm_intent& intent,
                                     const Order* replaced, const MarketFacts& market,
                                     bool gateway_ready, Nanoseconds now) {
  RiskContext context;
  context.instance = instance;
  context.order_id = replaced != nullptr ? replaced->id : oms.next_id();
  context.now = now;
  context.gateway_ready = gateway_ready;
  context.market_state = market.state;
  context.bid = market.bid;
  context.ask = market.ask;
  context.reference_time = market.updated_at;
  context.own = risk_sums(portfolio.account(instance), oms.exposure(instance));
  context.firm = risk_sums(portfolio.firm(), oms.firm_exposure());
  context.cash = portfolio.account(instance).cash;
  if (intent.instrument < portfolio.instruments()) {
    const InstrumentId instrument{intent.instrument};
    const OpenExposure& own = oms.exposure(instance, instrument);
    const OpenExposure& firm = oms.firm_exposure(instrument);
    context.position = portfolio.position(instance, instrument).quantity;
    context.open_buy = own.buy();
    context.open_sell = own.sell();
    context.instrument_open_orders = own.orders();
    context.firm_position = portfolio.firm_quantity(instrument);
    context.firm_open_buy = firm.buy();
    context.firm_open_sell = firm.sell();
    context.firm_instrument_open_orders = firm.orders();
    context.best_own_opposite =
        oms.best_own(instrument, intent.side == ZM_SIDE_SELL ? Side::buy : Side::sell);
  }
  if (replaced != nullptr) {
    context.worst_quantity = replaced->state.worst_total();
    context.worst_price = replaced->state.highest_price();
    context.open_notional = replaced->counted_notional;
    context.filled = replaced->state.filled;
  }
  return context;
}

}  // namespace zomma
