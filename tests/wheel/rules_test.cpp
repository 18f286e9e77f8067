// Sizing, legging and rolling, each worked by hand.
#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

#include "../../plugins/wheel/plan.h"
#include "../../plugins/wheel/roll.h"
#include "../../plugins/wheel/sizing.h"

using namespace wheels;

TEST_CASE("each bound of the size binds where it is the least") {
  Standing now;
  now.equity = 100'000;
  now.free_cash = 100'000;
  Limits limits{1, 1, 10, 1000};
  const auto size = [&](double kelly) {
    return size_of(kelly, 9'000, 9'000, 2'500, 0.3, now, limits);
  };
  CHECK(size(0.5).contracts == 5);
  CHECK(size(0.5).bound == Bound::kelly);
  now.free_cash = 27'000;
  CHECK(size(0.5).contracts == 3);
  CHECK(size(0.5).bound == Bound::cash);
  now.buying_power = 18'500;
  CHECK(size(0.5).bound == Bound::margin);
  CHECK(size(0.5).contracts == 2);
  now.tied_up_here = 88'000;
  CHECK(size(0.5).bound == Bound::position);
  CHECK(size(0.5).contracts == 1);
  now.tied_up = 95'000;
  CHECK(size(0.5).bound == Bound::allocation);
  CHECK(size(0.5).contracts == 0);
  limits.max_contracts = 0;
  CHECK(size_of(0.5, 9'000, 9'000, 2'500, 0.3, Standing{}, limits).contracts == 0);
}

TEST_CASE("the portfolio's volatility bounds the size by what is held and how it moves along") {
  // Held: 50,000 of delta at 20 %: 10,000 a year. A contract: 5,000 at 20 %: 1,000. Limit: 15,000.
  const std::vector<double> exposure{50'000}, volatility{0.2};
  Standing now;
  now.equity = 100'000;
  now.free_cash = 1e9;
  now.variance = 1e8;
  now.exposure = exposure;
  now.volatility = volatility;
  const Limits limits{100, 100, 0.15, 1000};
  const auto contracts = [&](double rho) {
    const std::vector<double> correlation{rho};
    now.correlation = correlation;
    return size_of(1, 100, 0, 5'000, 0.2, now, limits).contracts;
  };
  CHECK(contracts(1) == 5);    // 10,000 + 5 x 1,000
  CHECK(contracts(0) == 11);   // sqrt(15^2 - 10^2) = 11.18
  CHECK(contracts(-1) == 25);  // through zero to the other side
}

TEST_CASE("a later step trades no more than what it leans on has filled") {
  Plan plan;
  plan.purpose = Purpose::open;
  plan.add({1, ZM_SIDE_BUY, 5, 0, -1, 0, 0, 1});
  plan.add({2, ZM_SIDE_SELL, 5, 0, 0, 0, 0, 0});
  CHECK(plan.wanted() == 5);
  plan.fill(3);
  CHECK(plan.order_ended(2));  // the first try: two are missing, once more
  CHECK(plan.current == 0);
  CHECK(plan.wanted() == 2);
  CHECK(plan.order_ended(2));  // the second was the last: on with three
  CHECK(plan.current == 1);
  CHECK(plan.wanted() == 3);
  plan.fill(1);
  CHECK(plan.order_ended(2));
  CHECK_FALSE(plan.order_ended(2));
  CHECK_FALSE(plan.active());
  CHECK(plan.orphans(0) == 2);  // bought to protect what was never sold
}

TEST_CASE("when nothing of the first step fills, nothing that leans on it is sent") {
  Plan plan;
  plan.purpose = Purpose::roll;
  plan.add({1, ZM_SIDE_BUY, 5, 0, -1, 0, 0, 0});
  plan.add({2, ZM_SIDE_SELL, 5, 0, 0, 0, 0, 0});
  CHECK_FALSE(plan.order_ended(1));
  CHECK_FALSE(plan.active());
}

namespace {

// A put sold at 2.00, 30 days before its end.
HeldStructure put_sold_at_two(double cost, double delta) {
  HeldStructure s;
  s.now.kind = Kind::put;
  s.now.legs = 1;
  s.now.leg[0] = {0, 0, -1, 95, cost, true};
  s.now.days = 30;
  s.now.delta = delta;
  s.now.capital = 95;
  s.now.ev = -1;
  s.contracts = 1;
  s.entry = 2;
  s.cost = cost;
  s.known = true;
  return s;
}

}  // namespace

TEST_CASE("triggers answer to profit, loss, delta, days and dividends") {
  RollRules rules{0.6, 7, 0.5, 2, 0.05, true, false};
  CHECK(triggered(put_sold_at_two(1.5, -0.2), rules, nullptr) == Trigger::none);
  CHECK(triggered(put_sold_at_two(0.8, -0.2), rules, nullptr) == Trigger::profit);
  CHECK(triggered(put_sold_at_two(3.0, -0.5), rules, nullptr) == Trigger::delta);
  CHECK(triggered(put_sold_at_two(6.0, -0.5), rules, nullptr) == Trigger::loss);
  HeldStructure late = put_sold_at_two(1.5, -0.2);
  late.now.days = 7;
  CHECK(triggered(late, rules, nullptr) == Trigger::days);
  const KnownDay dividend{20240301, 0.5};
  HeldStructure call = put_sold_at_two(1.5, 0.9);
  call.now.leg[0].put = false;
  call.time_value = 0.3;
  CHECK(triggered(call, {0, 0, 1, 0, 0, true, false}, &dividend) == Trigger::dividend);
  call.time_value = 0.6;
  CHECK(triggered(call, {0, 0, 1, 0, 0, true, false}, &dividend) == Trigger::none);
}

TEST_CASE("the roll with the best expected value after costs and time is chosen") {
  RollRules rules{0.6, 0, 1, 0, 0.0, true, true};
  HeldStructure held = put_sold_at_two(0.8, -0.1);
  Candidate next;
  next.kind = Kind::put;
  next.credit = 2;
  next.capital = 93;
  next.days = 60;
  next.ev = 0.4;
  held.now.ev = -0.7;  // keeping it is expected to cost 0.70, ending it costs 0.80
  CHECK(choose(held, next, rules).action == Action::roll);
  CHECK(choose(held, next, rules).ev_roll == Approx(-0.4));
  held.now.ev = -0.3;
  CHECK(choose(held, next, rules).action == Action::hold);
  rules.hold_when_better = false;
  CHECK(choose(held, next, rules).action == Action::roll);
  next.ev = -0.1;
  CHECK(choose(held, next, rules).action == Action::close);
  next.ev = 0.4;
  next.credit = 0.7;  // would not pay for the old one
  CHECK(choose(held, next, rules).action == Action::close);
  rules.credit_only = false;
  CHECK(choose(held, next, rules).action == Action::roll);
  rules.opportunity_yield = 0.10;  // 93 x 10 % x 30 days = 0.76 for the time that a roll takes
  CHECK(choose(held, next, rules).action == Action::close);
}
