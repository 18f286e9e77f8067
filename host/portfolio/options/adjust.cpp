// adjust.cpp: see adjust.h.
#include "portfolio/options/adjust.h"

#include "portfolio/valuation.h"

namespace zomma::options {
namespace {

constexpr std::int64_t cent = 1'000'000;

Money to_cent(Int128 numerator, std::int64_t denominator) {
  return {saturate(divide_rounded(numerator, static_cast<Int128>(denominator) * cent) * cent)};
}

void split(Adjustment& result, const CorporateAction& action) {
  Contract& contract = result.contract;
  const bool whole = action.new_units % action.old_units == 0;
  const std::int64_t strike_exact = contract.strike.value;
  if (whole && !contract.second.valid()) {
    const std::int64_t n = action.new_units / action.old_units;
    contract.strike = to_cent(strike_exact, n);
    contract.deliverable_cash = {contract.deliverable_cash.value / n};
    result.contracts_factor = n;
    return;
  }
  const SplitUnits units = split_units(contract.deliverable, action);
  if (action.new_units > action.old_units && action.odd == OddSplit::strike) {
    contract.strike =
        to_cent(static_cast<Int128>(strike_exact) * action.old_units, action.new_units);
    contract.multiplier = contract.multiplier * action.new_units / action.old_units;
  }
  contract.deliverable = units.units;
  contract.deliverable_cash += units.in_lieu;
  contract.adjusted = true;
}

void special_dividend(Adjustment& result, Money cash) {
  Contract& contract = result.contract;
  if (cash < smallest_special) {
    result.changed = false;
    return;
  }
  // The strike carries the dividend only where a unit of it is a unit of the stock.
  if (cash < contract.strike && contract.deliverable == contract.multiplier)
    contract.strike -= cash;
  else
    contract.deliverable_cash += Money{cash.value * contract.deliverable};
  contract.adjusted = true;
}

}  // namespace

SplitUnits split_units(std::int64_t units, const CorporateAction& action) {
  const Int128 exact = static_cast<Int128>(units) * action.new_units;
  SplitUnits out;
  out.units = static_cast<std::int64_t>(exact / action.old_units);
  const Int128 fraction = exact % action.old_units;
  out.in_lieu = to_cent(fraction * action.cash.value, action.old_units);
  return out;
}

Result<Adjustment> adjust(const Contract& contract, const CorporateAction& action) {
  if (action.underlying != contract.underlying)
    return Error{Errc::invalid_argument, "a corporate action of another underlying"};
  if (action.new_units < 1 || action.old_units < 1 || action.cash.value < 0)
    return Error{Errc::invalid_argument, "a corporate action with ratio " +
                                             std::to_string(action.new_units) + ":" +
                                             std::to_string(action.old_units) +
                                             ", expected both above zero and cash not below"};
  Adjustment result{contract, 1, contract.delivery == Delivery::physical};
  if (!result.changed) return result;  // an index has its own divisor
  switch (action.kind) {
    case ActionKind::ordinary_dividend:
    case ActionKind::rename:
      result.changed = false;
      break;
    case ActionKind::split:
      split(result, action);
      break;
    case ActionKind::special_dividend:
      special_dividend(result, action.cash);
      break;
    case ActionKind::distribution:
      if (contract.second.valid() || !action.distributed.valid())
        return Error{Errc::unsupported, "a contract can deliver two securities at most"};
      result.contract.second = action.distributed;
      result.contract.second_units = contract.deliverable * action.new_units / action.old_units;
      result.contract.adjusted = true;
      break;
    case ActionKind::cash_merger:
      result.contract.deliverable_cash += Money{action.cash.value * contract.deliverable};
      result.contract.deliverable = 0;
      result.contract.adjusted = true;
      break;
  }
  return result;
}

}  // namespace zomma::options
