// settlement.h: what exercise, assignment, expiry and corporate actions do to one holder: the
// change of positions and cash, as a value. Pure functions; whoever keeps the positions applies
// them.
#pragma once

#include <optional>
#include <vector>

#include "portfolio/options/adjust.h"
#include "portfolio/options/exercise.h"
#include "portfolio/options/fees.h"

namespace zomma::options {

// What happened to one holder; the host's side of zm_settlement.
struct Settled {
  std::size_t holder{};
  std::uint16_t kind{};  // ZM_EVENT_ASSIGNED, _EXERCISED, _LAPSED, _ADJUSTED, _CASH
  InstrumentId instrument;
  std::int64_t quantity{};  // change of the position in `instrument`
  Money price{};            // strike, settlement value or amount per unit
  Money cash{};             // in (+) or out (-), fees included
  InstrumentId delivered;   // what came or went with it
  std::int64_t delivered_units{};
  Money fee{};           // within cash
  std::uint32_t code{};  // ZM_SETTLED_*
};
using Settlements = std::vector<Settled>;

// One side of `count` exercised contracts: the exerciser's, or that of an assigned short. Units of
// a second security are the caller's to move: Contract::second_units a contract, as
// delivered_units go.
Settled settle(std::size_t holder, const Contract& contract, std::int64_t count, bool exerciser,
               const SettlementPrices& prices, const FeeSchedule& fees, std::uint32_t code);
// `held` contracts, signed, that nobody exercised.
Settled lapse(std::size_t holder, const Contract& contract, std::int64_t held,
              const SettlementPrices& prices);
// `units` of the action's underlying, signed; nothing if they are not concerned.
std::optional<Settled> act_on_shares(std::size_t holder, std::int64_t units,
                                     const CorporateAction& action);
// `held` contracts whose terms became those of `after`.
Settled act_on_contracts(std::size_t holder, std::int64_t held, const Adjustment& after,
                         const CorporateAction& action);
// A year's rates in millionths on cash over `days`, earned when positive, owed when negative; to
// the nearest cent; nothing if that is none.
std::optional<Settled> interest_on(std::size_t holder, Money cash, std::int64_t credit_ppm,
                                   std::int64_t debit_ppm, std::int64_t days);

}  // namespace zomma::options
