// instrument.h: what can be traded: its numbers' scales, its increments, its fees. Defined before
// the first event.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/types.h"

namespace zomma {

enum class InstrumentKind : std::uint8_t { equity, spot, perpetual, future, option };

// What an option is an option on. Its multiplier is the instrument's.
struct OptionTerms {
  std::string underlying;  // symbol of an instrument
  std::uint32_t expiry{};  // yyyymmdd, the exchange's day
  Price strike{};          // with the option's price_digits
  bool put{false};
  bool american{true};
  bool am_settled{false};  // on the opening of the expiry day
  bool cash_settled{false};
  std::int64_t deliverable{100};  // units of the underlying per contract; 0 if cash-settled
  bool operator==(const OptionTerms&) const = default;
};

struct Instrument {
  InstrumentId id;
  std::string symbol;    // as the operator writes it: "BTCUSDT.spot"
  std::string venue;     // "binance", "nasdaq"
  std::string currency;  // of price and money: "USD", "USDT"
  InstrumentKind kind{InstrumentKind::equity};
  int price_digits{2};         // a Price of 6180010 with 2 digits is 61800.10
  int quantity_digits{0};      // a Quantity of 12345 with 5 digits is 0.12345
  Price tick{1};               // smallest price step, in Price units
  Quantity lot{1};             // smallest quantity step, in Quantity units
  std::int64_t multiplier{1};  // units of the underlying per unit of quantity
  double maker_fee_bps{0};     // of notional; negative = rebate
  double taker_fee_bps{0};
  Money fee_per_unit{0};  // per whole unit of quantity (US equities), added to the bps fee
  std::optional<OptionTerms> option{};  // of kind option
};

// The value of `quantity` at `price`, in Money. Exact to the last digit, rounded toward zero;
// saturates instead of wrapping.
Money notional(const Instrument& instrument, Price price, Quantity quantity);

// "61800.10" for a Price of this instrument, "0.12345" for a Quantity.
std::string format_price(const Instrument& instrument, Price price);
std::string format_quantity(const Instrument& instrument, Quantity quantity);
double to_double(const Instrument& instrument, Price price);
double to_double(const Instrument& instrument, Quantity quantity);
constexpr double to_double(Money money) { return static_cast<double>(money.value) * 1e-8; }

}  // namespace zomma
