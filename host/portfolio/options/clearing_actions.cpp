// clearing_actions.cpp: dividends and splits in the clearing desk: holders first, then the prices
// that were heard, then contracts.
#include <fmt/core.h>

#include <algorithm>

#include "portfolio/options/clearing_desk.h"

namespace zomma::options {

// Among contracts that are listed under their own symbol.
InstrumentId ClearingDesk::same_terms(const Contract& terms) const {
  const auto group = by_underlying_.find(terms.underlying);
  if (group == by_underlying_.end()) return {};
  for (const std::uint32_t at : group->second) {
    const Contract& other = contracts_[at];
    if (state_[at] == State::listed && other.instrument != terms.instrument &&
        other.right == terms.right && other.expiry_date == terms.expiry_date &&
        other.settlement == terms.settlement && other.strike == terms.strike &&
        other.multiplier == terms.multiplier && other.deliverable == terms.deliverable &&
        other.deliverable_cash == terms.deliverable_cash)
      return other.instrument;
  }
  return {};
}

void ClearingDesk::act_on_holders(const CorporateAction& action, Outcome& out) {
  const InstrumentId stock = action.underlying;
  for (std::uint32_t i = 0; i < portfolio_.instances(); ++i) {
    const InstanceId who{i};
    // In the finest units there are, so that a fraction of a share is paid, too.
    auto event = act_on_shares(i, portfolio_.position(who, stock).quantity.value, action);
    if (!event) continue;
    event->cash.value /= unit(stock);
    if (event->kind == ZM_EVENT_CASH) {
      portfolio_.income(who, stock, event->cash);
    } else {
      portfolio_.adjust(who, stock, {event->quantity}, event->cash);
      if (const auto own = lots_.find({who, stock}); own != lots_.end())
        if (const auto split = own->second.split(action.new_units, action.old_units); !split)
          out.warnings.push_back(split.error().message);
    }
    out.events.push_back(*event);
  }
}

// Symbols keep the terms they are listed with; positions move. A position goes on under the symbol
// that has its new terms. Where there is none it stays, with its own terms, apart from what is
// quoted under the old symbol from now on. Lower strikes go first: who is moved down the strikes
// must not be moved twice.
void ClearingDesk::act_on_contracts_of(const CorporateAction& action, Outcome& out) {
  const auto group = by_underlying_.find(action.underlying);
  if (group == by_underlying_.end()) return;
  std::vector<std::uint32_t> concerned;
  for (const std::uint32_t at : group->second)
    if (state_[at] != State::ended && portfolio_.held(contracts_[at].instrument))
      concerned.push_back(at);
  std::stable_sort(concerned.begin(), concerned.end(), [&](std::uint32_t a, std::uint32_t b) {
    return contracts_[a].strike < contracts_[b].strike;
  });
  for (const std::uint32_t at : concerned) {
    const auto after = adjust(contracts_[at], action);
    const auto fine = after ? check(after->contract) : Result<void>(after.error());
    if (!fine)
      out.warnings.push_back(fmt::format("instrument {} cannot be adjusted: {}",
                                         contracts_[at].instrument.value, fine.error().message));
    else if (after->changed)
      adjust_position(at, *after, action, out);
  }
}

void ClearingDesk::adjust_position(std::uint32_t at, const Adjustment& after,
                                   const CorporateAction& action, Outcome& out) {
  const InstrumentId old = contracts_[at].instrument, fresh = same_terms(after.contract);
  const std::int64_t factor = after.contracts_factor;
  portfolio_.restate_mark(old, portfolio_.doubled_mark(old) / factor);
  if (fresh.valid()) {
    portfolio_.restate_mark(fresh, portfolio_.doubled_mark(old));
    open_interest_[place_[fresh.value]] = open_interest_[at] * factor;
  } else {
    contracts_[at] = after.contract;
    state_[at] = State::apart;
    out.changed.push_back(old);
  }
  for (std::uint32_t i = 0; i < portfolio_.instances(); ++i) {
    const InstanceId who{i};
    if (held(who, old) == 0) continue;
    Settled event = act_on_contracts(i, held(who, old), after, action);
    event.quantity *= unit(old);
    portfolio_.adjust(who, old, {event.quantity}, {});
    if (factor != 1) (void)lots_of(who, old).split(factor, 1);
    const auto word = instructions_.find({who, old});
    if (word != instructions_.end()) word->second.exercise *= factor;
    if (fresh.valid()) {
      event.delivered = fresh;
      event.delivered_units = portfolio_.position(who, old).quantity.value;
      event.quantity -= event.delivered_units;
      portfolio_.transfer(who, old, fresh);
      if (auto moved = lots_.extract({who, old})) {
        lots_.erase({who, fresh});  // of an earlier contract of that symbol, closed by now
        moved.key() = {who, fresh};
        lots_.insert(std::move(moved));
      }
      if (word != instructions_.end()) {
        instructions_[{who, fresh}] = word->second;
        instructions_.erase(word);
      }
    }
    out.events.push_back(event);
  }
}

ClearingDesk::Outcome ClearingDesk::corporate(InstrumentId underlying,
                                              const zm_corporate_action& told) {
  Outcome out;
  CorporateAction action;
  action.underlying = underlying;
  switch (told.type) {
    case ZM_CORPORATE_DIVIDEND:
      action.kind = ActionKind::ordinary_dividend;
      break;
    case ZM_CORPORATE_SPECIAL_DIVIDEND:
      action.kind = ActionKind::special_dividend;
      break;
    case ZM_CORPORATE_SPLIT:
      action.kind = ActionKind::split;
      break;
    default:
      return out;
  }
  const bool split = action.kind == ActionKind::split;
  constexpr std::uint32_t largest_ratio = 10'000;
  if (!settings_.enabled) return out;
  if (split ? told.new_units < 1 || told.old_units < 1 || told.new_units > largest_ratio ||
                  told.old_units > largest_ratio
            : told.cash < 0) {
    out.warnings.push_back(fmt::format("a corporate action of instrument {} makes no sense: {}:{}",
                                       underlying.value, told.new_units, told.old_units));
    return out;
  }
  const std::int64_t scale = scales_[underlying.value];
  const Money mark{portfolio_.doubled_mark(underlying) * scale / 2};
  if (split) {
    action.new_units = told.new_units;
    action.old_units = told.old_units;
    action.cash = {mark.value / told.new_units * told.old_units};
  } else {
    action.cash = {told.cash};
  }
  act_on_holders(action, out);
  const Money ex{split ? 0 : action.cash.value};
  fixings_.restate(underlying, action.new_units, action.old_units, ex);
  const Money fresh{split ? action.cash.value : std::max<std::int64_t>(mark.value - ex.value, 0)};
  if (mark.value != 0) portfolio_.restate_mark(underlying, fresh.value * 2 / scale);
  act_on_contracts_of(action, out);
  portfolio_.end_of_event();
  return out;
}

}  // namespace zomma::options
