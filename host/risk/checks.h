// checks.h: the pre-trade checks by name: their order of evaluation, their codes, texts and
// parameters. The table behind docs/reference/risk.md, and the only place that knows which check
// comes first.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <zomma/order.h>

namespace zomma {

// Codes of the checks that zomma/order.h does not name. They are reason codes like those there and
// never reused. All codes of checks lie in 1..32, so that a mask of breaches fits
// IntentRecord.breaches: bit (code - 1).
enum : std::uint32_t {
  risk_restricted = 21,        // the instrument is on a restricted list for this side
  risk_price_band = 22,        // outside the venue's price band (LULD)
  risk_share_of_volume = 23,   // quantity against the average daily volume
  risk_locate = 24,            // short sale without a locate
  risk_short_sale_price = 25,  // short sale at or below the national best bid under Rule 201
  risk_net_notional = 26,
  risk_delta = 27,
  risk_vega = 28,
  risk_cash = 29,
  risk_margin = 30,
  risk_gamma = 31,
  risk_concentration = 32,  // too much of the equity in one underlying
  risk_last_code = 32
};

// Checks in the order of their evaluation. The first that refuses gives the code.
enum class Check : std::uint8_t {
  kill,
  gateway,
  instrument,
  market_state,
  restricted,
  time_in_force,
  quantity,
  lot,
  tick,
  order_notional,
  stale_reference,
  collar,
  price_band,
  share_of_volume,
  duplicate,
  self_trade,
  reduce_only,
  position,
  locate,
  short_sale_price,
  gross_notional,
  net_notional,
  delta,
  gamma,
  vega,
  cash,
  margin,
  concentration,
  daily_loss,
  drawdown,
  open_orders,
  rate,
  count
};
constexpr std::size_t check_count = static_cast<std::size_t>(Check::count);

// What a check's numbers count, for texts.
enum class CheckUnit : std::uint8_t { none, quantity, price, money, duration, count, bps, decimal };

struct CheckInfo {
  Check check;
  std::uint32_t code;     // ZM_REASON_* or risk_*
  std::string_view name;  // "MAXQTY"
  std::string_view rule;  // "R06": its row in the catalogue of pre-trade checks
  std::string_view text;  // reject text; {found} and {limit} stand for Verdict's numbers
  CheckUnit unit;
  std::string_view
      parameter;  // where the limit is written in the configuration; empty = set by the program
};

// check_table()[i].check == Check(i).
const std::array<CheckInfo, check_count>& check_table();
const CheckInfo& info(Check check);
// Null when the code belongs to no check (ZM_REASON_MALFORMED, a venue's code).
const CheckInfo* check_of_code(std::uint32_t code);

// Bit of a code in Verdict::breaches and IntentRecord::breaches.
constexpr std::uint64_t breach_bit(std::uint32_t code) { return std::uint64_t{1} << (code - 1); }

}  // namespace zomma
