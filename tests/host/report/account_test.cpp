// account_test.cpp: the report's own books: positions that flip, fees, drawdowns, statistics of
// intervals.
#include "observe/report/account.h"

#include "base/random.h"
#include "host/report/records.h"

namespace zomma {
namespace {

using test::close_to;
using test::dollars;
using test::second;
using test::start;

TEST_CASE("a sale through zero closes the long first and opens a short with the rest") {
  Holding holding;
  holding.fill(Side::buy, {1'000 * dollars}, {10}, {dollars}, start);  // 10 at 100
  CHECK(holding.cost().value == 1'000 * dollars);
  holding.fill(Side::sell, {1'650 * dollars}, {15}, {2 * dollars}, start);  // 15 at 110
  CHECK(holding.quantity().value == -5);
  CHECK(holding.cost().value == -550 * dollars);
  ProfitAndLoss pnl = holding.pnl({-5 * 110 * dollars});
  CHECK(pnl.realised.value == 100 * dollars);
  CHECK(pnl.unrealised.value == 0);
  holding.fill(Side::buy, {600 * dollars}, {5}, {0}, start);  // 5 at 120
  pnl = holding.pnl({0});
  CHECK(pnl.realised.value == 50 * dollars);
  CHECK(pnl.gross().value == 50 * dollars);
  CHECK(pnl.fees.value == 3 * dollars);
  CHECK(pnl.net().value == 47 * dollars);
  CHECK(holding.turnover().value == 3'250 * dollars);
}

TEST_CASE("closing a part takes its share of the average cost") {
  Holding holding;
  holding.fill(Side::sell, {200 * dollars}, {2}, {0}, start);  // 2 at 100
  holding.fill(Side::sell, {330 * dollars}, {3}, {0}, start);  // 3 at 110: average 106
  holding.fill(Side::buy, {100 * dollars}, {1}, {0}, start);   // 1 at 100: 6 gained
  const ProfitAndLoss pnl = holding.pnl({-4 * 106 * dollars});
  CHECK(pnl.realised.value == 6 * dollars);
  CHECK(pnl.unrealised.value == 0);
}

TEST_CASE("a rebate is a negative fee and adds to the profit") {
  Holding holding;
  holding.fill(Side::buy, {100 * dollars}, {1}, {-dollars}, start);
  CHECK(holding.pnl({100 * dollars}).net().value == dollars);
}

TEST_CASE(
    "realised and unrealised add up to cash and value, to the last digit, whatever is traded") {
  Random random(1);
  Holding holding;
  std::int64_t cash = 0, position = 0;
  for (int i = 0; i < 20'000; ++i) {
    const Side side = random.chance(1, 2) ? Side::buy : Side::sell;
    const std::int64_t quantity = random.between(1, 40);
    const std::int64_t value = quantity * random.between(1'000'001, 1'999'999);
    holding.fill(side, {value}, {quantity}, {0}, start);
    cash -= sign(side) * value;
    position += sign(side) * quantity;
    const std::int64_t worth = position * random.between(1'000'001, 1'999'999);
    REQUIRE(holding.quantity().value == position);
    REQUIRE(holding.pnl({worth}).gross().value == cash + worth);
  }
}

TEST_CASE("inventory is averaged over time and holding time follows Little's law") {
  Holding holding;
  holding.fill(Side::buy, {100 * dollars}, {4}, {0}, start + 10 * second);
  holding.fill(Side::sell, {100 * dollars}, {4}, {0},
               start + 30 * second);  // 4 units held for 20 s
  holding.fill(Side::sell, {100 * dollars}, {2}, {0}, start + 60 * second);
  holding.fill(Side::buy, {100 * dollars}, {2}, {0}, start + 70 * second);  // 2 units held for 10 s
  holding.elapse(start + 100 * second);
  const Inventory inventory = holding.inventory(100 * second, 1);
  CHECK(inventory.last.value == 0);
  CHECK(inventory.most_long.value == 4);
  CHECK(inventory.most_short.value == -2);
  CHECK(inventory.mean == close_to((4 * 20 - 2 * 10) / 100.0));
  CHECK(inventory.mean_absolute == close_to((4 * 20 + 2 * 10) / 100.0));
  CHECK(inventory.time_in_position == close_to(0.30));
  CHECK(inventory.holding_seconds == close_to((4 * 20 + 2 * 10) / 6.0));
}

TEST_CASE("drawdown is the deepest fall from a peak, and knows how long it took") {
  EquityCurve curve;
  curve.begin(start);
  const std::int64_t equity[] = {10, 4, 7, 12, 11, 2, 6};  // seconds 1 to 7
  for (int i = 0; i < 7; ++i)
    curve.sample(start + (i + 1) * second, {equity[i] * dollars}, {50 * dollars});
  const Drawdown drawdown = curve.drawdown({});
  CHECK(drawdown.deepest.value == 10 * dollars);  // from 12 to 2
  CHECK(drawdown.peak_to_trough.value == 2 * second);
  CHECK(drawdown.longest.value == 3 * second);  // seconds 1 to 4, and 4 to the end at 7
  CHECK_FALSE(drawdown.recovered);
  CHECK(drawdown.basis == Drawdown::Basis::peak_exposure);
  CHECK(drawdown.percent == close_to(20.0));
  const Drawdown of_capital = curve.drawdown({88 * dollars});
  CHECK(of_capital.basis == Drawdown::Basis::capital);
  CHECK(of_capital.percent == close_to(10.0));  // of the 88 + 12 that it had come to
}

TEST_CASE("a loss from the first second on is a drawdown from zero") {
  EquityCurve curve;
  curve.begin(start);
  curve.sample(start + second, {-3 * dollars}, {});
  CHECK(curve.drawdown({}).deepest.value == 3 * dollars);
  CHECK(curve.drawdown({}).basis == Drawdown::Basis::none);
  CHECK_FALSE(has_value(curve.drawdown({}).percent));
}

TEST_CASE("Sharpe and t are those of the P&L per interval, not annualised") {
  EquityCurve curve;
  curve.begin(start);
  std::int64_t equity = 0;
  for (int i = 1; i <= 3; ++i)
    curve.sample(start + i * second, {(equity += i) * dollars}, {});  // gains 1, 2, 3
  const IntervalStatistics seconds = curve.per_second();
  CHECK(seconds.interval.value == second);
  CHECK(seconds.count == 3);
  CHECK(seconds.mean == close_to(2));
  CHECK(seconds.deviation == close_to(1));
  CHECK(seconds.sharpe == close_to(2));
  CHECK(seconds.t == close_to(2 * std::sqrt(3.0)));
  CHECK(curve.per_minute().count == 0);
  for (int i = 4; i <= 125; ++i)
    curve.sample(start + i * second, {(equity += i <= 60 ? 0 : 1) * dollars}, {});
  CHECK(curve.per_minute().count == 2);
  CHECK(curve.per_minute().mean == close_to((6 + 60) / 2.0));
}

TEST_CASE("a curve that never moves has no Sharpe ratio instead of a division by zero") {
  EquityCurve curve;
  curve.begin(start);
  for (int i = 1; i <= 100; ++i) curve.sample(start + i * second, {}, {});
  CHECK(curve.per_second().count == 100);
  CHECK_FALSE(has_value(curve.per_second().sharpe));
  CHECK_FALSE(has_value(curve.per_second().t));
}

}  // namespace
}  // namespace zomma
