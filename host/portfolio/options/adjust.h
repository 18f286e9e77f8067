// adjust.h: what a corporate action makes of a contract, by OCC's conventions (By-Laws Art. VI
// section 11A): the holder's position keeps its worth, the terms change.
#pragma once

#include "base/result.h"
#include "market/options/contract.h"

namespace zomma::options {

enum class ActionKind : std::uint8_t {
  ordinary_dividend,
  special_dividend,
  split,
  distribution,
  cash_merger,
  rename
};
// How a split that is no whole multiple (3 for 2) is carried: in the deliverable, strike and
// multiplier as they were (since September 2007), or in strike, multiplier and deliverable
// (before).
enum class OddSplit : std::uint8_t { deliverable, strike };

struct CorporateAction {
  ActionKind kind{ActionKind::ordinary_dividend};
  InstrumentId underlying;
  Money cash{};  // per unit: of a dividend or merger; of a split: what a whole new unit is paid at
                 // in lieu of fractions
  std::int64_t new_units{1}, old_units{1};  // of a split: new for every old; of a distribution:
                                            // new_units of `distributed` for every old_units
  InstrumentId distributed;
  OddSplit odd{OddSplit::deliverable};
};

// Contracts multiply by `contracts_factor`; everything else is in the new terms.
struct Adjustment {
  Contract contract;
  std::int64_t contracts_factor{1};
  bool changed{};
};

// A special dividend below this a unit ($12.50 a standard contract) changes nothing.
constexpr Money smallest_special{12'500'000};

// Whole splits n:1: n times the contracts, strike / n to the nearest cent. Reverse and odd splits:
// the deliverable, fractions as cash. Special dividends: strike less cash; where that would not
// leave a strike, the cash joins the deliverable. Distributions: the second security joins. Cash
// mergers: the deliverable becomes cash. Ordinary dividends and renames change nothing. Refuses
// ratios below one, a second distribution, another underlying's action.
Result<Adjustment> adjust(const Contract& contract, const CorporateAction& action);

// Units after a split, and the cash (per `action.cash`, to the cent) for the fraction of a unit
// that is lost; both negative for a short. Halves of a cent away from zero.
struct SplitUnits {
  std::int64_t units{};
  Money in_lieu{};
};
SplitUnits split_units(std::int64_t units, const CorporateAction& action);

}  // namespace zomma::options
