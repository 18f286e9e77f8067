// questions.h: a stock, sound orders, a calm market and limits for one scope, to be spoiled one at
// a time.
#pragma once

#include <catch2/catch.hpp>

#include <functional>
#include <utility>

#include "risk/risk_engine.h"

namespace zomma::test {

inline Instrument stock() {
  Instrument instrument;
  instrument.id = {0};
  instrument.symbol = "AAPL";
  instrument.price_digits = 2;
  instrument.quantity_digits = 0;
  instrument.tick = {5};
  instrument.lot = {10};
  return instrument;
}

inline zm_intent order(std::uint32_t side, std::int64_t quantity, std::int64_t price) {
  zm_intent intent{};
  intent.size = sizeof intent;
  intent.kind = ZM_INTENT_NEW;
  intent.side = side;
  intent.quantity = quantity;
  intent.price = price;
  return intent;
}
inline zm_intent replace(std::uint32_t side, std::int64_t quantity, std::int64_t price) {
  zm_intent intent = order(side, quantity, price);
  intent.kind = ZM_INTENT_REPLACE;
  intent.order_id = 1;
  return intent;
}

inline RiskContext calm() {
  RiskContext context;
  context.instance = {0};
  context.order_id = {1};
  context.now = {1'000'000'000'000};
  context.market_state = ZM_MARKET_OPEN;
  context.bid = {10'000};
  context.ask = {10'010};
  context.reference_time = context.now;
  return context;
}

inline RiskEngine engine_with(LimitTree limits) {
  RiskEngine engine({stock(), stock()}, std::move(limits));
  REQUIRE(engine.add_instance({0}, "a", 0));
  REQUIRE(engine.add_instance({1}, "b", 1));
  return engine;
}
inline LimitTree firm(const std::function<void(ScopeLimits&)>& set) {
  LimitTree tree;
  set(tree.firm);
  return tree;
}
inline LimitTree own(const std::function<void(ScopeLimits&)>& set) {
  LimitTree tree;
  tree.instances.push_back({{0}, {}});
  set(tree.instances[0].limits);
  return tree;
}

}  // namespace zomma::test
