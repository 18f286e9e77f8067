// contract.h: the terms of an option contract, exact. They change by a corporate action alone
// (portfolio/options/adjust.h). Not here: quotes, positions, models.
#pragma once

#include <cstdint>

#include <zomma/ext/draft/chain.h>

#include "base/result.h"
#include "base/types.h"

namespace zomma::options {

enum class Right : std::uint8_t { call, put };
enum class Style : std::uint8_t { european, american };
enum class Settlement : std::uint8_t { pm, am };  // on the close or the opening of the expiry day
enum class Delivery : std::uint8_t { physical, cash };

// Plain data. Strike and cash are Money (8 decimals), so that 500 / 7 rounded to a cent, a strike
// in thousandths and a premium all are whole numbers.
struct Contract {
  InstrumentId instrument;  // the option's own id
  InstrumentId underlying;  // whose price decides
  Right right{Right::call};
  Style style{Style::american};
  Settlement settlement{Settlement::pm};
  Delivery delivery{Delivery::physical};
  bool adjusted{};
  std::uint32_t expiry_date{};    // yyyymmdd, the exchange's day
  Nanoseconds last_trade{};       // UTC: trading ends
  Nanoseconds expiry{};           // UTC: the settlement value is known
  Money strike{};                 // per unit of the multiplier
  std::int64_t multiplier{100};   // strike and premium times this are money
  std::int64_t deliverable{100};  // units of the underlying per contract; 0 if cash-settled
  Money deliverable_cash{};       // delivered besides
  InstrumentId second;            // another security delivered besides, if valid
  std::int64_t second_units{};    // of it, per contract

  // What the exerciser of a call pays for one contract, and that of a put receives.
  Money exercise_amount() const { return {strike.value * multiplier}; }
};

// Refuses terms no contract can have: no strike, a multiplier below one, a deliverable that
// contradicts the kind of settlement, an expiry before the last trade.
Result<void> check(const Contract& contract);

// The C view of ext/draft/chain.h. `price_digits` are the option's. A strike with more digits than
// that is refused. A second security has no place there; ZM_CONTRACT_ADJUSTED says to ask.
Result<zm_contract> to_c(const Contract& contract, int price_digits);
Result<Contract> from_c(const zm_contract& contract, int price_digits);

}  // namespace zomma::options
