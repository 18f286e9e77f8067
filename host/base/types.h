// types.h: the host's vocabulary. Strong integer types, so that a price cannot be added to a
// quantity by accident. The ABI carries the same values as bare integers (zomma/event.h);
// conversion is explicit on both sides.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

#include <zomma/event.h>
#include <zomma/order.h>

namespace zomma {

// An integer that is one thing and no other. `Tag` tells the kinds apart; arithmetic only where it
// means something.
template <class Tag, class Rep = std::int64_t>
struct Number {
  Rep value{};

  constexpr auto operator<=>(const Number&) const = default;
  constexpr Number operator+(Number other) const { return {static_cast<Rep>(value + other.value)}; }
  constexpr Number operator-(Number other) const { return {static_cast<Rep>(value - other.value)}; }
  constexpr Number operator-() const { return {static_cast<Rep>(-value)}; }
  constexpr Number& operator+=(Number other) {
    value += other.value;
    return *this;
  }
  constexpr Number& operator-=(Number other) {
    value -= other.value;
    return *this;
  }
};

using Price = Number<struct PriceTag>;        // scaled by 10^-Instrument::price_digits
using Quantity = Number<struct QuantityTag>;  // scaled by 10^-Instrument::quantity_digits
using Nanoseconds =
    Number<struct NanosecondsTag>;  // a duration, or a point in time since 1970-01-01 UTC
using Money =
    Number<struct MoneyTag>;  // scaled by 10^-8 of the instrument's currency (money_digits)

constexpr int money_digits = 8;

constexpr Price no_price{ZM_NO_PRICE};

template <class Tag, class Rep = std::uint32_t>
struct Id {
  Rep value{std::numeric_limits<Rep>::max()};  // "none" until assigned
  constexpr auto operator<=>(const Id&) const = default;
  constexpr bool valid() const { return value != std::numeric_limits<Rep>::max(); }
};

using InstrumentId = Id<struct InstrumentTag>;  // dense: an index into the instrument table
using InstanceId = Id<struct InstanceTag>;      // dense: one loaded strategy
using OrderId = Id<struct OrderTag,
                   std::uint64_t>;  // the host's number of an order, unique in a journal, from 1

enum class Side : std::uint8_t { buy = ZM_SIDE_BUY, sell = ZM_SIDE_SELL };
constexpr Side opposite(Side side) { return side == Side::buy ? Side::sell : Side::buy; }
constexpr int sign(Side side) { return side == Side::buy ? 1 : -1; }

enum class OrderType : std::uint8_t {
  limit = ZM_ORDER_LIMIT,
  market = ZM_ORDER_MARKET,
  stop = ZM_ORDER_STOP,
  stop_limit = ZM_ORDER_STOP_LIMIT
};
enum class TimeInForce : std::uint8_t {
  gtc = ZM_TIF_GTC,
  day = ZM_TIF_DAY,
  ioc = ZM_TIF_IOC,
  fok = ZM_TIF_FOK
};

constexpr std::int64_t power_of_ten(int exponent) {
  std::int64_t result = 1;
  while (exponent-- > 0) result *= 10;
  return result;
}

}  // namespace zomma
