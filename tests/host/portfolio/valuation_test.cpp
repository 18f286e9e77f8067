// Prices and quantities into Money: the same as notional(), rounded as promised, and never wrapped
// around.
#include <catch2/catch.hpp>

#include "base/random.h"
#include "portfolio/valuation.h"

using namespace zomma;

namespace {

Instrument scaled(int price_digits, int quantity_digits, std::int64_t multiplier = 1) {
  Instrument instrument;
  instrument.price_digits = price_digits;
  instrument.quantity_digits = quantity_digits;
  instrument.multiplier = multiplier;
  return instrument;
}

}  // namespace

TEST_CASE("a valuation equals the notional for every scale") {
  Random random(1);
  for (int price_digits = 0; price_digits <= 8; ++price_digits) {
    for (int quantity_digits = 0; quantity_digits <= 8; ++quantity_digits) {
      for (const std::int64_t multiplier : {1, 10, 100, 1000}) {
        const Instrument instrument = scaled(price_digits, quantity_digits, multiplier);
        const Valuation valuation(instrument);
        for (int i = 0; i < 50; ++i) {
          const int shift = static_cast<int>(random.below(60));
          const Price price{random.between(-1'000'000'000, 1'000'000'000) >> (shift / 2)};
          const Quantity quantity{random.between(-1'000'000'000'000, 1'000'000'000'000) >> shift};
          REQUIRE(valuation.value(price, quantity) == notional(instrument, price, quantity));
          REQUIRE(valuation.value_at_half(2 * price.value, quantity) ==
                  notional(instrument, price, quantity));
        }
      }
    }
  }
}

TEST_CASE("a value at half a price unit is exact where the decimals allow it") {
  CHECK(Valuation(scaled(2, 0)).value_at_half(20'005, {3}).value == 300'07500000);
  CHECK(Valuation(scaled(8, 0)).value_at_half(3, {1}).value ==
        1);  // 1.5 units of the last decimal: toward zero
  CHECK(Valuation(scaled(8, 0)).value_at_half(-3, {1}).value == -1);
}

TEST_CASE("values beyond the range stop at its end") {
  for (const auto& instrument :
       {scaled(0, 0), scaled(2, 5), scaled(8, 8), scaled(0, 0, 1'000'000'000'000'000'000)}) {
    const Valuation valuation(instrument);
    CHECK(valuation.value({INT64_MAX}, {INT64_MAX}).value == INT64_MAX);
    CHECK(valuation.value({INT64_MAX}, {INT64_MIN}).value == INT64_MIN);
    CHECK(valuation.value({INT64_MIN}, {INT64_MIN}).value == INT64_MAX);
    CHECK(valuation.value_at_half(INT64_MIN, {INT64_MAX}).value == INT64_MIN);
    CHECK(valuation.value({0}, {INT64_MAX}).value == 0);
  }
}

TEST_CASE("fees are rounded half away from zero at the eighth decimal") {
  Instrument instrument =
      scaled(0, 8);  // a price of 1 and a quantity of 1 is one unit of the eighth decimal
  instrument.taker_fee_bps = 5000;  // one half
  instrument.maker_fee_bps = -5000;
  const Valuation valuation(instrument);
  CHECK(valuation.fee({1}, {1}, false).value == 1);
  CHECK(valuation.fee({1}, {1}, true).value == -1);
  CHECK(valuation.fee({1}, {2}, false).value == 1);
  CHECK(valuation.fee({1}, {3}, false).value == 2);
  instrument.taker_fee_bps = 4999;
  CHECK(Valuation(instrument).fee({1}, {1}, false).value == 0);
}

TEST_CASE("fees per unit and in basis points add up") {
  Instrument equity = scaled(4, 0);
  equity.fee_per_unit = {300'000};  // 0.003
  equity.maker_fee_bps = -0.1;
  CHECK(Valuation(equity).fee({5'855'000}, {200}, false).value == 60'000'000);
  CHECK(Valuation(equity).fee({5'855'000}, {200}, true).value ==
        60'000'000 - 117'100'000);  // 117,100 at a thousandth of a percent
  Instrument coin = scaled(2, 5);
  coin.taker_fee_bps = 10;
  CHECK(Valuation(coin).fee({61'800'10}, {12'345}, false).value ==
        7'62922235);  // 61800.10 * 0.12345 / 1000 = 7.629222345
}

TEST_CASE("the average price is the nearest price unit") {
  const Valuation valuation(scaled(2, 0));
  CHECK(valuation.average_price({300'00000000}, {3}).value == 100'00);
  CHECK(valuation.average_price({-300'00000000}, {-3}).value == 100'00);
  CHECK(valuation.average_price({100'00500000}, {1}).value == 100'01);
  CHECK(valuation.average_price({5}, {0}).value == 0);
  const Valuation future(scaled(2, 0, 50));
  CHECK(future.average_price(future.value({4'321'25}, {7}), {7}).value == 4'321'25);
}
