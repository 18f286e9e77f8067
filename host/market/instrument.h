// instrument.h: what can be traded: its numbers' scales, its increments, its fees. Defined before the first event.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/types.h"

namespace zomma {

enum class InstrumentKind : std::uint8_t { equity, spot, perpetual, future, option };

struct Instrument {
  InstrumentId id;
  std::string symbol;    // as the operator writes it: "BTCUSDT.spot"
  std::string venue;     // "binance", "nasdaq"
  std::string currency;  // of price and money: "USD", "USDT"
  InstrumentKind kind{InstrumentKind::equity};
  int price_digits{2};     // a Price of 6180010 with 2 digits is 61800.10
  int quantity_digits{0};  // a Quantity of 12345 with 5 digits is 0.12345
  Price tick{1};           // smallest price step, in Price units
  Quantity lot{1};         // smallest quantity step, in Quantity units
  std::int64_t multiplier{1};  // units of the underlying per unit of quantity
  double maker_fee_bps{0};     // of notional; negative = rebate
  double taker_fee_bps{0};
  Money fee_per_unit{0};       // per whole unit of quantity (US equities), added to the bps fee
};

// The value of `quantity` at `price`, in Money. Exact to the last digit, rounded toward zero; saturates instead of wrapping.
Money notional(const Instrument& instrument, Price price, Quantity quantity);

// "61800.10" for a Price of this instrument, "0.12345" for a Quantity.
std::string format_price(const Instrument& instrument, Price price);
std::string format_quantity(const Instrument& instrument, Quantity quantity);
double to_double(const Instrument& instrument, Price price);
double to_double(const Instrument& instrument, Quantity quantity);
constexpr double to_double(Money money) { return static_cast<double>(money.value) * 1e-8; }

}  // namespace zomma
