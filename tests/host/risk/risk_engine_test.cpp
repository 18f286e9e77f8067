// The pre-trade checks where the recorded questions do not reach: every limit at limit - 1, limit
// and limit + 1 with random numbers, two scopes, replaces, extreme and malformed input.
#include <catch2/catch.hpp>

#include "base/random.h"
#include "questions.h"

using namespace zomma;
using namespace zomma::test;

TEST_CASE("codes, bits and table agree") {
  std::uint64_t all = 0;
  for (std::size_t i = 0; i < check_count; ++i) {
    const CheckInfo& entry = check_table()[i];
    CHECK(static_cast<std::size_t>(entry.check) == i);
    REQUIRE(entry.code >= 1);
    REQUIRE(entry.code <= 32);  // IntentRecord::breaches
    CHECK((all & breach_bit(entry.code)) == 0);
    all |= breach_bit(entry.code);
    CHECK(check_of_code(entry.code) == &entry);
  }
  for (std::uint32_t code = ZM_REASON_KILL; code <= ZM_REASON_TIME_IN_FORCE; ++code)
    CHECK(check_of_code(code) != nullptr);
  CHECK(check_of_code(ZM_REASON_MALFORMED) == nullptr);
}

TEST_CASE("without limits a sound order passes") {
  RiskEngine engine = engine_with({});
  CHECK(engine.check(order(ZM_SIDE_BUY, 100, 10'000), calm()).passed());
  CHECK(engine.passed() == 1);
}

TEST_CASE("each limit refuses above itself and nowhere else") {
  Random random(17);
  const bool for_firm = GENERATE(false, true);
  for (int round = 0; round < 300; ++round) {
    const bool buy = random.chance(1, 2);
    const std::uint32_t side = buy ? ZM_SIDE_BUY : ZM_SIDE_SELL;
    const std::int64_t quantity = random.between(1, 1000) * 10, price = random.between(1, 5000) * 5;
    const std::int64_t notional = quantity * price * 1'000'000;  // two decimals to eight
    const std::int64_t step = random.between(-1, 1);
    RiskContext context = calm();
    context.position = {random.between(-5000, 5000)};
    context.open_buy = {random.between(0, 5000)};
    context.open_sell = {random.between(0, 5000)};
    context.firm_position = context.position;
    context.firm_open_buy = context.open_buy;
    context.firm_open_sell = context.open_sell;
    RiskSums sums;
    sums.gross = {random.between(0, 1'000'000'000)};
    sums.net = {random.between(-1'000'000'000, 1'000'000'000)};
    sums.open_orders = random.between(0, 100);
    context.own = context.firm = sums;

    const auto judge = [&](std::uint32_t code, bool refused,
                           const std::function<void(ScopeLimits&)>& set) {
      RiskEngine engine = engine_with(for_firm ? firm(set) : own(set));
      const Verdict verdict = engine.evaluate(order(side, quantity, price), context);
      INFO(describe(verdict, stock()) << " step " << step);
      CHECK(verdict.code == (refused ? code : std::uint32_t{ZM_REASON_NONE}));
      CHECK(verdict.breaches == (refused ? breach_bit(code) : 0));
      CHECK(verdict.record_mask() == verdict.breaches);
    };
    const bool below = step < 0;  // the limit is one less than what the order comes to
    judge(ZM_REASON_MIN_MAX_QUANTITY, below,
          [&](ScopeLimits& s) { s.max_quantity = Quantity{quantity + step}; });
    judge(ZM_REASON_MIN_MAX_QUANTITY, step > 0,
          [&](ScopeLimits& s) { s.min_quantity = Quantity{quantity + step}; });
    judge(ZM_REASON_MAX_NOTIONAL, below,
          [&](ScopeLimits& s) { s.max_order_notional = Money{notional + step}; });
    const std::int64_t worst = buy ? context.position.value + context.open_buy.value + quantity
                                   : -context.position.value + context.open_sell.value + quantity;
    judge(ZM_REASON_POSITION, below,
          [&](ScopeLimits& s) { s.max_position = Quantity{worst + step}; });
    judge(ZM_REASON_GROSS_NOTIONAL, below, [&](ScopeLimits& s) {
      s.max_gross_notional = Money{sums.gross.value + notional + step};
    });
    const std::int64_t net = std::abs(sums.net.value + (buy ? notional : -notional));
    judge(risk_net_notional, below,
          [&](ScopeLimits& s) { s.max_net_notional = Money{net + step}; });
    judge(ZM_REASON_OPEN_ORDERS, step <= 0,
          [&](ScopeLimits& s) { s.max_open_orders = sums.open_orders + step; });
  }
}

TEST_CASE("losses and drawdowns refuse from the limit on") {
  const std::int64_t step = GENERATE(-1, 0, 1);
  const std::int64_t limit = 100'000'000;
  RiskContext context = calm();
  SECTION("daily loss") {
    context.own.daily_pnl = {-(limit + step)};
    RiskEngine engine = engine_with(own([&](ScopeLimits& s) { s.max_daily_loss = Money{limit}; }));
    CHECK(engine.evaluate(order(ZM_SIDE_BUY, 10, 10'000), context).code ==
          (step >= 0 ? ZM_REASON_DAILY_LOSS : ZM_REASON_NONE));
  }
  SECTION("drawdown in money") {
    context.own.high_water = {7};
    context.own.equity = {7 - limit - step};
    RiskEngine engine = engine_with(own([&](ScopeLimits& s) { s.max_drawdown = Money{limit}; }));
    CHECK(engine.evaluate(order(ZM_SIDE_BUY, 10, 10'000), context).code ==
          (step >= 0 ? ZM_REASON_DRAWDOWN : ZM_REASON_NONE));
  }
  SECTION("drawdown as a share of the high water, of the firm") {
    context.firm.high_water = {1'000'000};
    context.firm.equity = {900'000 - step};
    RiskEngine engine = engine_with(firm([&](ScopeLimits& s) { s.max_drawdown_bps = 1000; }));
    CHECK(engine.evaluate(order(ZM_SIDE_BUY, 10, 10'000), context).code ==
          (step >= 0 ? ZM_REASON_DRAWDOWN : ZM_REASON_NONE));
  }
}

TEST_CASE("the collar holds the aggressive side only, to half a price unit") {
  RiskContext context = calm();
  context.bid = {10'000};
  context.ask = {10'025};  // mid 10012.5; 100 bps: 10112.625 above, 9912.375 below
  RiskEngine engine = engine_with(firm([](ScopeLimits& s) { s.collar_bps = 100; }));
  const auto code = [&](std::uint32_t side, std::int64_t price) {
    return engine.evaluate(order(side, 10, price), context).code;
  };
  CHECK(code(ZM_SIDE_BUY, 10'110) == ZM_REASON_NONE);
  CHECK(code(ZM_SIDE_BUY, 10'115) == ZM_REASON_PRICE_COLLAR);
  CHECK(code(ZM_SIDE_BUY, 5) == ZM_REASON_NONE);
  CHECK(code(ZM_SIDE_SELL, 9'915) == ZM_REASON_NONE);
  CHECK(code(ZM_SIDE_SELL, 9'910) == ZM_REASON_PRICE_COLLAR);
  CHECK(code(ZM_SIDE_SELL, 99'995) == ZM_REASON_NONE);
  SECTION("ticks and basis points together: the nearer edge") {
    RiskEngine both = engine_with(firm([](ScopeLimits& s) {
      s.collar_bps = 100;
      s.collar_ticks = 3;
    }));
    CHECK(both.evaluate(order(ZM_SIDE_BUY, 10, 10'025), context).passed());
    CHECK(both.evaluate(order(ZM_SIDE_BUY, 10, 10'030), context).code == ZM_REASON_PRICE_COLLAR);
  }
}

TEST_CASE("a reference that is old or missing refuses with its own code") {
  RiskEngine engine = engine_with(firm([](ScopeLimits& s) {
    s.max_reference_age = Nanoseconds{500};
    s.collar_bps = 100;
  }));
  RiskContext context = calm();
  const zm_intent intent = order(ZM_SIDE_BUY, 10, 10'000);
  context.reference_time = {context.now.value - 500};
  CHECK(engine.evaluate(intent, context).passed());
  context.reference_time = {context.now.value - 501};
  CHECK(engine.evaluate(intent, context).code == ZM_REASON_STALE_REFERENCE);
  context = calm();
  context.ask = no_price;
  CHECK(engine.evaluate(intent, context).code == ZM_REASON_STALE_REFERENCE);
}

TEST_CASE("a market order is valued at the price it would meet, and refused when there is none") {
  RiskEngine engine = engine_with(
      firm([](ScopeLimits& s) { s.max_order_notional = Money{10 * 10'010ll * 1'000'000}; }));
  zm_intent intent = order(ZM_SIDE_BUY, 10, 0);
  intent.type = ZM_ORDER_MARKET;
  RiskContext context = calm();
  CHECK(engine.evaluate(intent, context).passed());
  context.ask = {10'011};
  CHECK(engine.evaluate(intent, context).code == ZM_REASON_MAX_NOTIONAL);
  context.ask = no_price;
  CHECK(engine.evaluate(intent, context).code == ZM_REASON_STALE_REFERENCE);
}

TEST_CASE("an order that could trade with our own is refused, at any price if it has none") {
  RiskEngine engine = engine_with({});
  RiskContext context = calm();
  context.best_own_opposite = {10'000};
  CHECK(engine.evaluate(order(ZM_SIDE_BUY, 10, 9'995), context).passed());
  CHECK(engine.evaluate(order(ZM_SIDE_BUY, 10, 10'000), context).code == ZM_REASON_SELF_TRADE);
  CHECK(engine.evaluate(order(ZM_SIDE_SELL, 10, 10'005), context).passed());
  CHECK(engine.evaluate(order(ZM_SIDE_SELL, 10, 10'000), context).code == ZM_REASON_SELF_TRADE);
  zm_intent market = order(ZM_SIDE_SELL, 10, 0);
  market.type = ZM_ORDER_MARKET;
  CHECK(engine.evaluate(market, context).code == ZM_REASON_SELF_TRADE);
}

TEST_CASE("reduce-only refuses whatever could carry the position through zero") {
  RiskEngine engine = engine_with({});
  RiskContext context = calm();
  context.position = {-100};
  context.open_buy = {40};
  zm_intent intent = order(ZM_SIDE_BUY, 60, 10'000);
  intent.flags = ZM_INTENT_REDUCE_ONLY;
  CHECK(engine.evaluate(intent, context).passed());
  intent.quantity = 70;
  CHECK(engine.evaluate(intent, context).code == ZM_REASON_REDUCE_ONLY);
  intent.side = ZM_SIDE_SELL;
  intent.quantity = 10;
  CHECK(engine.evaluate(intent, context).code == ZM_REASON_REDUCE_ONLY);
  intent.flags = 0;
  CHECK(engine.evaluate(intent, context).passed());
  engine.set_reducing({0}, true);
  CHECK(engine.evaluate(intent, context).code == ZM_REASON_REDUCE_ONLY);
}

TEST_CASE("an order that brings an oversized position down passes the position limit") {
  RiskEngine engine = engine_with(own([](ScopeLimits& s) { s.max_position = Quantity{50}; }));
  RiskContext context = calm();
  context.position = {1000};
  CHECK(engine.evaluate(order(ZM_SIDE_SELL, 100, 10'000), context).passed());
  CHECK(engine.evaluate(order(ZM_SIDE_BUY, 10, 10'000), context).code == ZM_REASON_POSITION);
}

TEST_CASE("a replace is checked for what it adds") {
  RiskContext context = calm();
  context.position = {0};
  context.open_buy = {100};  // this very order, nothing filled
  context.worst_quantity = {100};
  context.worst_price = {10'000};
  context.open_notional = {100 * 10'000ll * 1'000'000};
  context.own.gross = context.open_notional;
  context.own.open_orders = 1;
  LimitTree tree = own([&](ScopeLimits& s) {
    s.max_position = Quantity{150};
    s.max_gross_notional = Money{150 * 10'000ll * 1'000'000};
    s.max_open_orders = 1;
    s.max_quantity = Quantity{200};
  });
  RiskEngine engine = engine_with(tree);
  CHECK(engine.evaluate(replace(ZM_SIDE_BUY, 150, 10'000), context).passed());
  CHECK(engine.evaluate(replace(ZM_SIDE_BUY, 50, 10'000), context).passed());
  CHECK(engine.evaluate(replace(ZM_SIDE_BUY, 160, 9'000), context).code == ZM_REASON_POSITION);
  CHECK(engine.evaluate(replace(ZM_SIDE_BUY, 150, 10'005), context).code ==
        ZM_REASON_GROSS_NOTIONAL);
  const Verdict too_large = engine.evaluate(replace(ZM_SIDE_BUY, 210, 9'000), context);
  CHECK(too_large.code == ZM_REASON_MIN_MAX_QUANTITY);
  CHECK((too_large.breaches & breach_bit(ZM_REASON_POSITION)) != 0);
  CHECK(engine.evaluate(replace(ZM_SIDE_BUY, 105, 10'000), context).code == ZM_REASON_LOT);
  SECTION("the same order again is no duplicate of itself") {
    tree.firm.duplicate_window = Nanoseconds{1000};
    RiskEngine strict = engine_with(tree);
    CHECK(strict.check(replace(ZM_SIDE_BUY, 150, 10'000), context).passed());
    CHECK(strict.check(replace(ZM_SIDE_BUY, 150, 10'000), context).passed());
  }
}

TEST_CASE("intents that make no sense are malformed, whatever else they are") {
  RiskEngine engine = engine_with({});
  const auto code = [&](const std::function<void(zm_intent&)>& spoil) {
    zm_intent intent = order(ZM_SIDE_BUY, 10, 10'000);
    spoil(intent);
    return engine.evaluate(intent, calm()).code;
  };
  CHECK(code([](zm_intent&) {}) == ZM_REASON_NONE);
  CHECK(code([](zm_intent& i) { i.kind = 9; }) == ZM_REASON_MALFORMED);
  CHECK(code([](zm_intent& i) { i.side = 2; }) == ZM_REASON_MALFORMED);
  CHECK(code([](zm_intent& i) { i.type = 4; }) == ZM_REASON_MALFORMED);
  CHECK(code([](zm_intent& i) { i.quantity = 0; }) == ZM_REASON_MALFORMED);
  CHECK(code([](zm_intent& i) { i.quantity = INT64_MIN; }) == ZM_REASON_MALFORMED);
  CHECK(code([](zm_intent& i) { i.price = 0; }) == ZM_REASON_MALFORMED);
  CHECK(code([](zm_intent& i) { i.price = ZM_NO_PRICE; }) == ZM_REASON_MALFORMED);
  CHECK(code([](zm_intent& i) { i.flags = 4; }) == ZM_REASON_MALFORMED);
  CHECK(code([](zm_intent& i) { i.display_quantity = 20; }) == ZM_REASON_MALFORMED);
  CHECK(code([](zm_intent& i) { i.type = ZM_ORDER_STOP; }) == ZM_REASON_MALFORMED);
  CHECK(code([](zm_intent& i) { i.instrument = 2; }) == ZM_REASON_UNKNOWN_INSTRUMENT);
  CHECK(code([](zm_intent& i) { i.instrument = ZM_NO_INSTRUMENT; }) ==
        ZM_REASON_UNKNOWN_INSTRUMENT);
  CHECK(code([](zm_intent& i) { i.time_in_force = 4; }) == ZM_REASON_TIME_IN_FORCE);
  CHECK(code([](zm_intent& i) {
          i.time_in_force = ZM_TIF_IOC;
          i.flags = ZM_INTENT_POST_ONLY;
        }) == ZM_REASON_TIME_IN_FORCE);
}

TEST_CASE("random and extreme numbers are answered, never wrapped around") {
  LimitTree tree = firm([](ScopeLimits& s) {
    s.max_position = Quantity{1'000'000};
    s.max_gross_notional = Money{INT64_MAX - 1};
    s.max_net_notional = Money{INT64_MAX - 1};
    s.collar_bps = 100;
    s.max_delta = 1'000'000;
    s.max_drawdown_bps = 1000;
    s.max_orders_per_second = 1000;
    s.duplicate_window = Nanoseconds{100};
  });
  RiskEngine engine = engine_with(tree);
  Random random(23);
  const auto any = [&] {
    const std::int64_t special[] = {
        0, 1, -1, INT64_MAX, INT64_MIN, INT64_MAX - 1, INT64_MIN + 1, 10'000};
    return random.chance(1, 2) ? special[random.below(8)] : static_cast<std::int64_t>(random());
  };
  for (int i = 0; i < 20'000; ++i) {
    zm_intent intent = order(static_cast<std::uint32_t>(random.below(2)), any(), any());
    intent.kind = random.chance(1, 3) ? ZM_INTENT_REPLACE : ZM_INTENT_NEW;
    intent.type = static_cast<std::uint32_t>(random.below(4));
    intent.stop_price = any();
    RiskContext context = calm();
    context.bid = {any()};
    context.ask = {any()};
    context.position = {any()};
    context.open_buy = {magnitude(any())};
    context.firm_position = {any()};
    context.own.gross = {magnitude(any())};
    context.firm.net = {any()};
    context.firm.equity = {any()};
    context.firm.high_water = {any()};
    context.firm.delta = any();
    context.unit_delta = any();
    context.worst_quantity = {magnitude(any())};
    context.open_notional = {magnitude(any())};
    const Verdict verdict = engine.evaluate(intent, context);
    CHECK_FALSE(describe(verdict, stock()).empty());
    if (verdict.code == ZM_REASON_MALFORMED || intent.kind != ZM_INTENT_NEW) continue;
    const Int128 held = context.firm_position.value;
    const Int128 worst = (intent.side == ZM_SIDE_BUY ? held : -held) + intent.quantity;
    REQUIRE(((verdict.breaches & breach_bit(ZM_REASON_POSITION)) != 0) == (worst > 1'000'000));
  }
}

TEST_CASE("verdicts read as sentences") {
  RiskEngine engine = engine_with(firm([](ScopeLimits& s) {
    s.max_quantity = Quantity{50};
    s.min_quantity = Quantity{20};
    s.max_order_notional = Money{1'000'00000000};
  }));
  const Verdict large = engine.evaluate(order(ZM_SIDE_BUY, 60, 10'000), calm());
  CHECK(describe(large, stock()) == "MAXQTY: ORDER_QTY 60 > 50 (also MAXNTL)");
  CHECK(describe(engine.evaluate(order(ZM_SIDE_BUY, 10, 10'000), calm()), stock()) ==
        "MAXQTY: ORDER_QTY 10 < 20");
  CHECK(describe(engine.evaluate(order(ZM_SIDE_BUY, 40, 10'000), calm()), stock()) ==
        "MAXNTL: ORDER_NOTIONAL 4000.00000000 > 1000.00000000");
  CHECK(describe(Verdict{}, stock()) == "OK");
}
