// settlement.cpp: see settlement.h.
#include "portfolio/options/settlement.h"

#include <zomma/event.h>

#include "portfolio/valuation.h"

namespace zomma::options {
namespace {

Money to_cent(Money amount) {
  constexpr std::int64_t cent = 1'000'000;
  return {static_cast<std::int64_t>(divide_rounded(amount.value, cent)) * cent};
}

}  // namespace

Settled settle(std::size_t holder, const Contract& contract, std::int64_t count, bool exerciser,
               const SettlementPrices& prices, const FeeSchedule& fees, std::uint32_t code) {
  Settled event{holder,
                static_cast<std::uint16_t>(exerciser ? ZM_EVENT_EXERCISED : ZM_EVENT_ASSIGNED),
                contract.instrument,
                exerciser ? -count : count,
                contract.strike,
                {},
                {},
                0,
                exerciser ? exercise_fee(fees, count) : assignment_fee(fees, count),
                code};
  if (contract.delivery == Delivery::cash) {
    const std::int64_t gain =
        saturate(static_cast<Int128>(exercise_value(contract, prices).value) * count);
    event.cash = {exerciser ? gain : -gain};
    event.price = prices.underlying;
  } else {
    // Who exercises a call or is assigned on a put takes the deliverable and pays for it.
    const bool takes = exerciser == (contract.right == Right::call);
    const std::int64_t direction = takes ? 1 : -1;
    event.delivered = contract.underlying;
    event.delivered_units = direction * contract.deliverable * count;
    event.cash = {direction * count *
                  (contract.deliverable_cash.value - contract.exercise_amount().value)};
    event.fee += share_fee(fees, takes ? Side::buy : Side::sell, contract.deliverable * count,
                           {contract.exercise_amount().value * count}, true);
  }
  event.cash -= event.fee;
  return event;
}

Settled lapse(std::size_t holder, const Contract& contract, std::int64_t held,
              const SettlementPrices& prices) {
  return {holder, ZM_EVENT_LAPSED,  contract.instrument, -held, prices.underlying, {}, {}, 0,
          {},     ZM_SETTLED_EXPIRY};
}

std::optional<Settled> act_on_shares(std::size_t holder, std::int64_t units,
                                     const CorporateAction& action) {
  if (units == 0 || action.kind == ActionKind::rename) return std::nullopt;
  Settled event{holder, ZM_EVENT_CASH,      action.underlying, 0, action.cash, {}, {}, 0,
                {},     ZM_SETTLED_DIVIDEND};
  switch (action.kind) {
    case ActionKind::rename:
      break;
    case ActionKind::special_dividend:
      event.code = ZM_SETTLED_SPECIAL_DIVIDEND;
      [[fallthrough]];
    case ActionKind::ordinary_dividend:
      event.cash = {action.cash.value * units};
      break;
    case ActionKind::split: {
      const SplitUnits after = split_units(units, action);
      event.kind = ZM_EVENT_ADJUSTED;
      event.code = ZM_SETTLED_SPLIT;
      event.quantity = after.units - units;
      event.cash = after.in_lieu;
      break;
    }
    case ActionKind::distribution:
      event.kind = ZM_EVENT_ADJUSTED;
      event.code = ZM_SETTLED_SPLIT;
      event.delivered = action.distributed;
      event.delivered_units = units * action.new_units / action.old_units;
      break;
    case ActionKind::cash_merger:
      event.kind = ZM_EVENT_ADJUSTED;
      event.code = ZM_SETTLED_SPECIAL_DIVIDEND;
      event.quantity = -units;
      event.cash = {action.cash.value * units};
      break;
  }
  return event;
}

Settled act_on_contracts(std::size_t holder, std::int64_t held, const Adjustment& after,
                         const CorporateAction& action) {
  return {holder,
          ZM_EVENT_ADJUSTED,
          after.contract.instrument,
          held * (after.contracts_factor - 1),
          after.contract.strike,
          {},
          {},
          0,
          {},
          action.kind == ActionKind::special_dividend ? std::uint32_t{ZM_SETTLED_SPECIAL_DIVIDEND}
                                                      : std::uint32_t{ZM_SETTLED_SPLIT}};
}

std::optional<Settled> interest_on(std::size_t holder, Money cash, std::int64_t credit_ppm,
                                   std::int64_t debit_ppm, std::int64_t days) {
  const Money due = to_cent(simple_interest(cash, cash.value > 0 ? credit_ppm : debit_ppm, days));
  if (due.value == 0) return std::nullopt;
  return Settled{holder, ZM_EVENT_CASH, {}, 0, {}, due, {}, 0, {}, ZM_SETTLED_INTEREST};
}

}  // namespace zomma::options
