// valuation.h: prices and quantities of one instrument turned into Money, and back, in integers.
// The same numbers as notional() (market/instrument.h), in a form small enough to sit beside a
// position.
//
// Hot path: no allocation, no division unless the instrument carries more than eight decimals in
// all.
#pragma once

#include <cstdint>
#include <limits>

#include "base/types.h"
#include "market/instrument.h"

namespace zomma {

__extension__ using Int128 = __int128;

constexpr std::int64_t int64_max = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t int64_min = std::numeric_limits<std::int64_t>::min();

constexpr std::int64_t saturate(Int128 value) {
  if (value > int64_max) return int64_max;
  if (value < int64_min) return int64_min;
  return static_cast<std::int64_t>(value);
}

// a + b, held at the ends of the range instead of wrapping.
constexpr std::int64_t add_saturated(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) return b < 0 ? int64_min : int64_max;
  return sum;
}
constexpr Money add_saturated(Money a, Money b) { return {add_saturated(a.value, b.value)}; }

constexpr std::int64_t magnitude(std::int64_t value) {
  return value < 0 ? (value == int64_min ? int64_max : -value) : value;
}

// numerator / denominator, rounded to the nearest, halves away from zero. denominator > 0.
Int128 divide_rounded(Int128 numerator, Int128 denominator);

class Valuation {
 public:
  Valuation() = default;
  explicit Valuation(const Instrument& instrument);

  // Equals notional(instrument, price, quantity): exact up to eight decimals, beyond that rounded
  // toward zero; saturates.
  Money value(Price price, Quantity quantity) const { return value(price.value, quantity, down_); }

  // The value at half of `doubled_price`: a mid is (bid + ask) / 2 and need not be a whole number.
  // Rounded toward zero.
  Money value_at_half(std::int64_t doubled_price, Quantity quantity) const {
    return value(doubled_price, quantity, 2 * down_);
  }

  // The price at which `quantity` is worth `cost`, to the nearest price unit; 0 for no quantity.
  Price average_price(Money cost, Quantity quantity) const;

  // What a fill costs: bps of its value plus the fee per whole unit, each rounded half away from
  // zero to the eighth decimal. Negative = rebate.
  Money fee(Price price, Quantity quantity, bool maker) const;

 private:
  Money value(std::int64_t price, Quantity quantity, std::int64_t down) const {
    const Int128 product = static_cast<Int128>(price) * quantity.value;
    const auto high = static_cast<std::int64_t>(product >> 64);
    // Beyond this the next multiplication could leave 128 bits, and the result is far outside
    // of 64.
    if (high >= high_limit_ || high < -high_limit_) [[unlikely]]
      return {high < 0 ? int64_min : int64_max};
    const Int128 raw = product * up_;
    if (down == 1) return {saturate(raw)};
    if (down == 2) return {saturate(raw / 2)};  // a shift
    const auto narrow = static_cast<std::int64_t>(raw);
    if (narrow == raw) return {narrow / down};  // a 64-bit division is several times cheaper
    return {saturate(raw / down)};
  }

  std::int64_t up_ = 1;  // multiplier, times 10^(8 - digits) where the digits are fewer than eight
  std::int64_t down_ = 1;  // 10^(digits - 8) where they are more
  std::int64_t high_limit_ = std::int64_t{1} << 62;
  std::int64_t unit_ = 1;                         // 10^quantity_digits
  std::int64_t maker_rate_ = 0, taker_rate_ = 0;  // of the value, scaled by 10^12: 1 bps is 10^8
  std::int64_t fee_per_unit_ = 0;
};

}  // namespace zomma
