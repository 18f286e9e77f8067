// engine_chains.cpp: the engine's option chains: made of its contracts, told every event, refreshed
// when a packet ends for those who listen to the underlying.
#include <algorithm>
#include <map>

#include "market/options/calendar.h"
#include "market/options/contract.h"
#include "runtime/engine.h"
#include "runtime/merger.h"

namespace zomma {
namespace {

// Outside the calendar a contract is taken to end at four in the afternoon of its expiry date.
options::Contract contract_of(const Instrument& instrument, InstrumentId underlying) {
  const OptionTerms& terms = *instrument.option;
  options::Contract contract;
  contract.instrument = instrument.id;
  contract.underlying = underlying;
  contract.right = terms.put ? options::Right::put : options::Right::call;
  contract.style = terms.american ? options::Style::american : options::Style::european;
  contract.settlement = terms.am_settled ? options::Settlement::am : options::Settlement::pm;
  contract.delivery = terms.cash_settled ? options::Delivery::cash : options::Delivery::physical;
  contract.expiry_date = terms.expiry;
  contract.strike = {terms.strike.value *
                     power_of_ten(money_digits - std::min(instrument.price_digits, money_digits))};
  contract.multiplier = instrument.multiplier;
  contract.deliverable = terms.cash_settled ? 0 : terms.deliverable;
  contract.adjusted = !terms.cash_settled && terms.deliverable != instrument.multiplier;
  if (!options::set_times(contract))
    contract.last_trade = contract.expiry = options::new_york(terms.expiry, 16, 0);
  return contract;
}

}  // namespace

std::vector<options::Contract> Engine::listed_contracts(
    const std::vector<Instrument>& instruments) {
  std::map<std::string, InstrumentId> stocks;
  for (const Instrument& one : instruments)
    if (!one.option) stocks.emplace(one.symbol, one.id);
  std::vector<options::Contract> contracts;
  for (const Instrument& one : instruments) {
    if (!one.option) continue;
    const auto found = stocks.find(one.option->underlying);
    if (found == stocks.end()) continue;
    auto contract = contract_of(one, found->second);
    if (options::to_c(contract, one.price_digits)) contracts.push_back(contract);
  }
  return contracts;
}

void Engine::build_chains() {
  for (const Instrument& one : settings_.instruments)
    if (const options::Contract* contract = clearing_.contract(one.id)) {
      markets_[one.id.value].underlying = contract->underlying.value;
      markets_[contract->underlying.value].settles = true;
    }
  for (const Instrument& one : settings_.instruments) {
    if (!markets_[one.id.value].settles) continue;
    chains_.emplace_back();
    build_chain(static_cast<std::uint32_t>(chains_.size() - 1), one.id);
  }
}

// From the terms as they are now. A chain whose contracts changed begins anew.
void Engine::build_chain(std::uint32_t number, InstrumentId underlying) {
  std::vector<options::ChainBook::Member> members;
  for (const Instrument& one : settings_.instruments) {
    Market& market = markets_[one.id.value];
    if (market.underlying != underlying.value) continue;
    const auto terms = options::to_c(*clearing_.contract(one.id), one.price_digits);
    if (!terms) continue;  // a strike finer than its price: known to clearing alone
    members.push_back({*terms, one.price_digits});
    market.chain = number;
    market.apart = clearing_.apart(one.id);
  }
  markets_[underlying.value].chain = number;
  options::ChainSettings settings = settings_.chains;
  const auto& modelled = settings_.modelled_chains;
  settings.modelled =
      std::find(modelled.begin(), modelled.end(), underlying.value) != modelled.end();
  chains_[number] = std::make_unique<options::ChainBook>(
      underlying.value, settings_.instruments[underlying.value].price_digits, std::move(members),
      std::move(settings));
}

void Engine::tell_chain(const zm_event& event) {
  const std::uint32_t number = markets_[event.instrument].chain;
  const bool known = chains_[number]->touched();
  chains_[number]->on_event(event);
  if (!known) touched_chains_.push_back(number);
}

// Chains that nobody listens to stay as they are until somebody does.
void Engine::refresh_chains(const zm_event& cause) {
  std::sort(touched_chains_.begin(), touched_chains_.end());
  std::erase_if(touched_chains_, [&](std::uint32_t number) {
    options::ChainBook& chain = *chains_[number];
    if ((markets_[chain.underlying()].subscriptions & ZM_SUBSCRIBE_STATE) == 0) return false;
    chain.refresh(now_.value);
    zm_event event{};
    event.ts_ns = cause.ts_ns;
    event.exchange_ns = cause.exchange_ns;
    event.instrument = chain.underlying();
    event.kind = ZM_EVENT_CHAIN;
    event.flags = ZM_FLAG_LAST;
    const zm_chain view = chain.view();
    event.u.chain.contracts = view.count;
    event.u.chain.two_sided = chain.two_sided();
    event.u.chain.flags = view.flags;
    packet_.push_back(event);
    return true;
  });
}

zm_status Engine::chain(InstanceId id, InstrumentId underlying, zm_chain& out) const {
  if (underlying.value >= markets_.size() ||
      (markets_[underlying.value].listeners >> id.value & 1) == 0)
    return ZM_E_NOT_FOUND;
  const std::uint32_t number = markets_[underlying.value].chain;
  if (number == UINT32_MAX || chains_[number]->underlying() != underlying.value)
    return ZM_E_NOT_FOUND;
  out = chains_[number]->view();
  // Of a feed that fell silent the last chain stays, and looks as good as ever.
  if (now_.value - out.ts_ns > settings_.chains.max_age_ns) out.flags |= ZM_CHAIN_SUSPECT;
  return ZM_OK;
}

zm_status Engine::surface_vol(InstanceId id, InstrumentId underlying,
                              std::span<const double> strike, std::span<const double> years,
                              std::span<double> out) const {
  zm_chain view{};
  if (const zm_status known = chain(id, underlying, view); known != ZM_OK) return known;
  const options::ChainBook& book = *chains_[markets_[underlying.value].chain];
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = book.surface_vol(strike[i], years[i]);
  return ZM_OK;
}

}  // namespace zomma
