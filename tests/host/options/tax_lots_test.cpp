// tax_lots_test.cpp: which lot goes, wash sales, premiums in the basis, and money that adds up.
#include <catch2/catch.hpp>

#include "base/random.h"
#include "portfolio/options/attribution.h"
#include "portfolio/options/tax_lots.h"

using namespace zomma;
using namespace zomma::options;

namespace {
constexpr std::int64_t day_ns = 86'400'000'000'000;
Nanoseconds day(std::int64_t n) { return {n * day_ns}; }
Money usd(std::int64_t dollars) { return {dollars * 100'000'000}; }

TaxLots three_lots(LotMethod method) {
  TaxLots lots(method);
  REQUIRE(lots.trade(day(0), Side::buy, 100, usd(1000), {}, 11));
  REQUIRE(lots.trade(day(100), Side::buy, 100, usd(3000), {}, 12));
  REQUIRE(lots.trade(day(200), Side::buy, 100, usd(2000), {}, 13));
  return lots;
}
}  // namespace

TEST_CASE("the method says which lot goes first, a chosen lot goes before it") {
  const auto first_cost = [](LotMethod method, std::vector<std::uint64_t> chosen = {}) {
    TaxLots lots = three_lots(method);
    const auto gone = lots.trade(day(400), Side::sell, 50, usd(1250), {}, 14, chosen);
    REQUIRE(gone);
    REQUIRE(gone->size() == 1);
    CHECK(lots.quantity() == 250);
    return (*gone)[0].cost;
  };
  CHECK(first_cost(LotMethod::fifo) == usd(500));
  CHECK(first_cost(LotMethod::lifo) == usd(1000));
  CHECK(first_cost(LotMethod::hifo) == usd(1500));
  CHECK(first_cost(LotMethod::fifo, {3}) == usd(1000));
  TaxLots lots = three_lots(LotMethod::fifo);
  CHECK_FALSE(lots.trade(day(400), Side::sell, 1, usd(1), {}, 1, {9}));
  CHECK_FALSE(lots.trade(day(100), Side::sell, 1, usd(1), {}, 1));
  CHECK_FALSE(lots.trade(day(400), Side::sell, 0, usd(1), {}, 1));
  const auto gone = lots.trade(day(400), Side::sell, 150, usd(3000), usd(3), 1);
  REQUIRE(gone);
  REQUIRE(gone->size() == 2);
  CHECK((*gone)[0].long_term);
  CHECK_FALSE((*gone)[1].long_term);
  CHECK((*gone)[0].proceeds == usd(1998));  // 100 of 150 of 2997
}

TEST_CASE("a loss replaced within 30 days is a wash sale and moves into the new lot") {
  TaxLots lots;
  REQUIRE(lots.trade(day(0), Side::buy, 100, usd(5000), {}, 1));
  REQUIRE(lots.trade(day(100), Side::sell, 100, usd(4000), {}, 2));
  SECTION("bought again on the thirtieth day: 60 of 100 are replaced") {
    REQUIRE(lots.trade(day(130), Side::buy, 60, usd(2500), {}, 3));
    CHECK(lots.closed()[0].wash_quantity == 60);
    CHECK(lots.closed()[0].disallowed == usd(600));
    CHECK(lots.cost() == usd(3100));
  }
  SECTION("bought on the thirty-first day") {
    REQUIRE(lots.trade(day(131), Side::buy, 100, usd(4100), {}, 3));
    CHECK(lots.closed()[0].wash_quantity == 0);
    CHECK(lots.cost() == usd(4100));
  }
}

TEST_CASE("a purchase shortly before the loss replaces it too, the lot that was sold does not") {
  TaxLots lots;
  REQUIRE(lots.trade(day(0), Side::buy, 100, usd(5000), {}, 1));
  REQUIRE(lots.trade(day(90), Side::buy, 40, usd(1700), {}, 2));
  const auto gone = lots.trade(day(100), Side::sell, 100, usd(4000), {}, 3);
  REQUIRE(gone);
  CHECK((*gone)[0].wash_quantity == 40);
  CHECK((*gone)[0].disallowed == usd(400));
  CHECK(lots.cost() == usd(2100));
  TaxLots alone;
  REQUIRE(alone.trade(day(0), Side::buy, 100, usd(5000), {}, 1));
  CHECK(alone.trade(day(10), Side::sell, 50, usd(2000), {}, 2).value()[0].wash_quantity == 0);
}

TEST_CASE("the premium moves into the shares") {
  TaxLots lots;
  // A put written for 250 is assigned at 100 x 50, later the shares are called away at 55 with 120.
  REQUIRE(lots.settle(day(0), Side::buy, 100, usd(5000), usd(250), usd(5), 77));
  CHECK(lots.cost() == usd(4755));
  CHECK(lots.open()[0].origin == 77);
  const auto gone = lots.settle(day(60), Side::sell, 100, usd(5500), usd(120), usd(5), 78);
  REQUIRE(gone);
  CHECK((*gone)[0].gain() == usd(860));  // 5500 + 120 - 5 - 4755
  // A call bought for 300 and exercised at 50.
  REQUIRE(lots.settle(day(61), Side::buy, 100, usd(5000), usd(-300), {}, 79));
  CHECK(lots.cost() == usd(5300));
}

TEST_CASE("splits keep the cost, and short lots mirror long ones") {
  TaxLots lots = three_lots(LotMethod::fifo);
  REQUIRE(lots.split(1, 8));  // 300 -> 37
  CHECK(lots.quantity() == 37);
  CHECK(lots.cost() == usd(6000));
  CHECK_FALSE(lots.split(0, 1));
  TaxLots shorts;
  REQUIRE(shorts.trade(day(0), Side::sell, 100, usd(5000), usd(1), 1));
  CHECK(shorts.cost() == usd(-4999));
  const auto gone = shorts.trade(day(1), Side::buy, 150, usd(6000), {}, 2);
  REQUIRE(gone);
  CHECK((*gone)[0].gain() == usd(999));
  CHECK(shorts.quantity() == 50);
  CHECK(shorts.cost() == usd(2000));
}

TEST_CASE("random trades conserve quantity and money to the last digit") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Random random(seed);
    TaxLots lots(static_cast<LotMethod>(seed % 3));
    std::int64_t held = 0, cash = 0;
    for (int step = 0; step < 300; ++step) {
      const Side side = random.chance(1, 2) ? Side::buy : Side::sell;
      const std::int64_t n = random.between(1, 500);
      const Money amount{random.between(1, 1'000'000'000'000)}, fee{random.between(0, 99'999)};
      REQUIRE(lots.trade(day(step), side, n, amount, fee, 1));
      held += sign(side) * n;
      cash += -sign(side) * amount.value - fee.value;
      std::int64_t gains = 0, disallowed = 0;
      for (const Disposal& gone : lots.closed()) {
        gains += gone.gain().value;
        disallowed += gone.disallowed.value;
        REQUIRE(gone.wash_quantity <= std::abs(gone.quantity));
      }
      CAPTURE(seed, step);
      REQUIRE(lots.quantity() == held);
      // Paid in = costs still open less what wash sales added, less gains.
      REQUIRE(cash == gains + disallowed - lots.cost().value);
    }
  }
}

TEST_CASE("the parts of an attribution sum to the profit") {
  const Attribution day_one = attribute({-40, 2, 30, -700}, {1.5, -0.02, 1.0 / 365, -61.5, 1.3});
  CHECK(day_one.delta == Approx(-60));
  CHECK(day_one.gamma == Approx(2.25));
  CHECK(day_one.vega == Approx(-0.6));
  CHECK(day_one.theta == Approx(-700.0 / 365));
  CHECK(day_one.total() == Approx(-61.5));
  Attribution sum = day_one;
  sum += day_one;
  CHECK(sum.total() == Approx(-123));
}
