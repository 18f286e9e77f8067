#include "market/instrument.h"

#include <limits>

namespace zomma {
namespace {

__extension__ using Wide = __int128;

Money saturate(Wide value) {
  constexpr auto high = std::numeric_limits<std::int64_t>::max();
  constexpr auto low = std::numeric_limits<std::int64_t>::min();
  if (value > high) return {high};
  if (value < low) return {low};
  return {static_cast<std::int64_t>(value)};
}

std::string format_scaled(std::int64_t value, int digits) {
  if (digits == 0) return std::to_string(value);
  const bool negative = value < 0;
  std::uint64_t magnitude =
      negative ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  std::string text;
  for (int i = 0; magnitude != 0 || i <= digits; ++i) {
    if (i == digits) text.insert(text.begin(), '.');
    text.insert(text.begin(), static_cast<char>('0' + magnitude % 10));
    magnitude /= 10;
  }
  if (negative) text.insert(text.begin(), '-');
  return text;
}

}  // namespace

Money notional(const Instrument& instrument, Price price, Quantity quantity) {
  const int digits = instrument.price_digits + instrument.quantity_digits;
  const Wide raw = static_cast<Wide>(price.value) * quantity.value * instrument.multiplier;
  if (digits <= money_digits) return saturate(raw * power_of_ten(money_digits - digits));
  return saturate(raw / power_of_ten(digits - money_digits));
}

std::string format_price(const Instrument& instrument, Price price) {
  if (price == no_price) return "-";
  return format_scaled(price.value, instrument.price_digits);
}
std::string format_quantity(const Instrument& instrument, Quantity quantity) {
  return format_scaled(quantity.value, instrument.quantity_digits);
}
double to_double(const Instrument& instrument, Price price) {
  return static_cast<double>(price.value) /
         static_cast<double>(power_of_ten(instrument.price_digits));
}
double to_double(const Instrument& instrument, Quantity quantity) {
  return static_cast<double>(quantity.value) /
         static_cast<double>(power_of_ten(instrument.quantity_digits));
}

}  // namespace zomma
