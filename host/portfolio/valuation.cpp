#include "portfolio/valuation.h"

#include <algorithm>
#include <cmath>

namespace zomma {
namespace {

// Rates are fractions scaled by 10^12: one basis point is 10^8.
constexpr std::int64_t rate_scale = 1'000'000'000'000;
constexpr double rate_per_bps = 1e8;
constexpr std::int64_t largest_up = std::int64_t{1} << 62;

std::int64_t rate_of(double bps) {
  const double rate = std::nearbyint(bps * rate_per_bps);
  constexpr double largest =
      1e18;  // a fee of a million times the value is a mistake, but it must not overflow
  return static_cast<std::int64_t>(std::clamp(rate, -largest, largest));
}

}  // namespace

Int128 divide_rounded(Int128 numerator, Int128 denominator) {
  const Int128 quotient = numerator / denominator;
  const Int128 rest = numerator % denominator;
  const Int128 distance = rest < 0 ? -rest : rest;
  if (distance < denominator - distance) return quotient;
  return numerator < 0 ? quotient - 1 : quotient + 1;
}

Valuation::Valuation(const Instrument& instrument) {
  const int digits = instrument.price_digits + instrument.quantity_digits;
  const Int128 up = static_cast<Int128>(std::max<std::int64_t>(instrument.multiplier, 1)) *
                    power_of_ten(std::max(0, money_digits - digits));
  up_ = static_cast<std::int64_t>(std::min<Int128>(up, largest_up));
  down_ = power_of_ten(std::max(0, digits - money_digits));
  high_limit_ = largest_up / up_;
  unit_ = power_of_ten(instrument.quantity_digits);
  maker_rate_ = rate_of(instrument.maker_fee_bps);
  taker_rate_ = rate_of(instrument.taker_fee_bps);
  fee_per_unit_ = instrument.fee_per_unit.value;
}

Price Valuation::average_price(Money cost, Quantity quantity) const {
  if (quantity.value == 0) return {0};
  // cost = price * quantity * up / down
  const Int128 denominator = static_cast<Int128>(quantity.value) * up_;
  const Int128 numerator = static_cast<Int128>(cost.value) * down_;
  return {saturate(denominator > 0 ? divide_rounded(numerator, denominator)
                                   : divide_rounded(-numerator, -denominator))};
}

Money Valuation::fee(Price price, Quantity quantity, bool maker) const {
  const std::int64_t rate = maker ? maker_rate_ : taker_rate_;
  const Money notional = value(price, quantity);
  Int128 fee = 0;
  if (rate != 0) fee += divide_rounded(static_cast<Int128>(notional.value) * rate, rate_scale);
  if (fee_per_unit_ != 0)
    fee += divide_rounded(static_cast<Int128>(fee_per_unit_) * quantity.value, unit_);
  return {saturate(fee)};
}

}  // namespace zomma
