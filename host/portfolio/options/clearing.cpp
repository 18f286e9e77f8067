// clearing.cpp: see clearing.h.
#include "portfolio/options/clearing.h"

#include <zomma/event.h>

#include "portfolio/valuation.h"

namespace zomma::options {
namespace {

Error wrong(std::string message) { return {Errc::invalid_argument, std::move(message)}; }
// Room for a few of the largest amounts to meet in one account.
constexpr std::int64_t largest_amount = int64_max / 64;
constexpr std::int64_t largest_ratio = 10'000;

Error unknown(InstrumentId instrument) {
  return {Errc::not_found, "no option is listed as instrument " + std::to_string(instrument.value)};
}

}  // namespace

std::size_t ClearingHouse::add_holder(Money cash) {
  holders_.push_back({});
  holders_.back().cash = cash;
  return holders_.size() - 1;
}

Result<void> ClearingHouse::list(const Contract& contract) {
  const auto fine = check(contract);
  if (!fine) return fine.error();
  if (!contracts_.emplace(contract.instrument, contract).second)
    return wrong("instrument " + std::to_string(contract.instrument.value) + " is listed already");
  return {};
}

const Contract* ClearingHouse::contract(InstrumentId instrument) const {
  const auto found = contracts_.find(instrument);
  return found == contracts_.end() ? nullptr : &found->second;
}

void ClearingHouse::pay(Holder& holder, Money amount) {
  holder.cash += amount;
  outside_ -= amount;
}

void ClearingHouse::move(std::map<InstrumentId, std::int64_t>& positions, InstrumentId id,
                         std::int64_t change) {
  if (change == 0) return;
  const auto place = positions.try_emplace(id, 0).first;
  place->second += change;
  if (place->second == 0) positions.erase(place);
}

Result<void> ClearingHouse::check_trade(std::size_t buyer, std::size_t seller,
                                        std::int64_t quantity, Money price,
                                        std::int64_t multiplier) const {
  if (buyer >= holders_.size() || seller >= holders_.size() || buyer == seller)
    return wrong("a trade needs two different holders below " + std::to_string(holders_.size()));
  const Int128 amount = static_cast<Int128>(quantity) * multiplier * price.value;
  if (quantity < 1 || quantity > largest_amount || price.value < 0 || amount > largest_amount)
    return wrong("a trade of " + std::to_string(quantity) + " at " + std::to_string(price.value) +
                 "e-8: expected a quantity from 1, a price from 0 and an amount within money");
  return {};
}

Result<void> ClearingHouse::trade_option(std::size_t buyer, std::size_t seller,
                                         InstrumentId instrument, std::int64_t contracts,
                                         Money premium) {
  const Contract* terms = contract(instrument);
  if (!terms) return unknown(instrument);
  const auto fine = check_trade(buyer, seller, contracts, premium, terms->multiplier);
  if (!fine) return fine;
  for (const std::int64_t held : {holders_[buyer].held(instrument) + contracts,
                                  holders_[seller].held(instrument) - contracts})
    if (static_cast<Int128>(magnitude(held)) * terms->exercise_amount().value > largest_amount)
      return wrong("a position of " + std::to_string(held) +
                   " contracts, whose exercise would leave the range of money");
  const Money amount{premium.value * terms->multiplier * contracts};
  Holder &to = holders_[buyer], &from = holders_[seller];
  to.cash -= amount;
  from.cash += amount;
  move(to.contracts, instrument, contracts);
  move(from.contracts, instrument, -contracts);
  pay(to, -option_fee(fees_, Side::buy, contracts, amount));
  pay(from, -option_fee(fees_, Side::sell, contracts, amount));
  return {};
}

Result<void> ClearingHouse::trade_shares(std::size_t buyer, std::size_t seller,
                                         InstrumentId security, std::int64_t units, Money price) {
  const auto fine = check_trade(buyer, seller, units, price, 1);
  if (!fine) return fine;
  const Money amount{price.value * units};
  Holder &to = holders_[buyer], &from = holders_[seller];
  to.cash -= amount;
  from.cash += amount;
  move(to.shares, security, units);
  move(from.shares, security, -units);
  pay(to, -share_fee(fees_, Side::buy, units, amount, false));
  pay(from, -share_fee(fees_, Side::sell, units, amount, false));
  return {};
}

Result<void> ClearingHouse::instruct(std::size_t holder, InstrumentId instrument,
                                     const Instruction& word) {
  if (holder >= holders_.size()) return wrong("an instruction of an unknown holder");
  if (!contract(instrument)) return unknown(instrument);
  Holder& who = holders_[holder];
  if (word.exercise < 0 || word.exercise > std::max<std::int64_t>(who.held(instrument), 0))
    return wrong("an instruction to exercise " + std::to_string(word.exercise) +
                 " contracts of which " + std::to_string(who.held(instrument)) + " are held");
  who.instructions[instrument] = word;
  return {};
}

void ClearingHouse::book(Settlements& out, const Contract& contract, const Settled& event) {
  Holder& who = holders_[event.holder];
  who.cash += event.cash + event.fee;
  pay(who, -event.fee);
  move(who.contracts, event.instrument, event.quantity);
  if (event.delivered.valid()) {
    move(who.shares, event.delivered, event.delivered_units);
    const bool takes = (event.kind == ZM_EVENT_EXERCISED) == (contract.right == Right::call);
    const std::int64_t units = contract.second_units * magnitude(event.quantity);
    move(who.shares, contract.second, takes ? units : -units);
  }
  out.push_back(event);
}

Result<void> ClearingHouse::assign(Settlements& out, const Contract& contract, std::int64_t count,
                                   const SettlementPrices& prices, std::uint32_t code) {
  std::vector<std::int64_t> shorts;
  for (const Holder& holder : holders_)
    shorts.push_back(std::max<std::int64_t>(-holder.held(contract.instrument), 0));
  const auto assigned = allocate(shorts, count, allocation_, random_);
  if (!assigned) return assigned.error();
  for (std::size_t i = 0; i < holders_.size(); ++i)
    if ((*assigned)[i] > 0)
      book(out, contract, settle(i, contract, (*assigned)[i], false, prices, fees_, code));
  return {};
}

Result<Settlements> ClearingHouse::exercise(std::size_t holder, InstrumentId instrument,
                                            std::int64_t contracts) {
  const Contract* listed = contract(instrument);
  if (!listed) return unknown(instrument);
  if (listed->style != Style::american)
    return wrong("a European contract cannot be exercised before it expires");
  if (listed->delivery == Delivery::cash)
    return Error{Errc::unsupported, "early exercise of cash-settled contracts is not modelled"};
  if (holder >= holders_.size() || contracts < 1 || contracts > holders_[holder].held(instrument))
    return wrong("exercise of " + std::to_string(contracts) + " contracts that are not held");
  const Contract terms = *listed;
  Settlements out;
  const auto fine = assign(out, terms, contracts, {}, ZM_SETTLED_EARLY);
  if (!fine) return fine.error();
  book(out, terms, settle(holder, terms, contracts, true, {}, fees_, ZM_SETTLED_EARLY));
  Instruction& word = holders_[holder].instructions[instrument];
  word.exercise = std::min(word.exercise, holders_[holder].held(instrument));
  return out;
}

void ClearingHouse::lapse(Settlements& out, const Contract& contract,
                          const SettlementPrices& prices) {
  for (std::size_t i = 0; i < holders_.size(); ++i) {
    Holder& holder = holders_[i];
    const std::int64_t rest = holder.held(contract.instrument);
    holder.instructions.erase(contract.instrument);
    if (rest == 0) continue;
    book(out, contract, options::lapse(i, contract, rest, prices));
  }
}

Result<Settlements> ClearingHouse::expire(InstrumentId instrument, const SettlementPrices& prices) {
  const Contract* listed = contract(instrument);
  if (!listed) return unknown(instrument);
  if (prices.underlying.value < 0 || prices.second.value < 0)
    return wrong("a settlement value below zero");
  const Contract terms = *listed;
  std::vector<std::int64_t> exercised;
  std::int64_t count = 0;
  for (const Holder& holder : holders_) {
    const auto word = holder.instructions.find(instrument);
    exercised.push_back(exercised_at_expiry(
        terms, holder.held(instrument),
        word == holder.instructions.end() ? Instruction{} : word->second, prices));
    count += exercised.back();
  }
  Settlements out;
  const auto fine = assign(out, terms, count, prices, ZM_SETTLED_EXPIRY);
  if (!fine) return fine.error();
  for (std::size_t i = 0; i < holders_.size(); ++i)
    if (exercised[i] > 0)
      book(out, terms, settle(i, terms, exercised[i], true, prices, fees_, ZM_SETTLED_EXPIRY));
  lapse(out, terms, prices);
  contracts_.erase(instrument);
  return out;
}

Result<Settlements> ClearingHouse::apply(const CorporateAction& action) {
  if (action.new_units < 1 || action.old_units < 1 || action.cash.value < 0 ||
      action.new_units > largest_ratio || action.old_units > largest_ratio)
    return wrong("a corporate action needs ratios from 1 to 10000 and cash not below zero");
  for (const Holder& holder : holders_)
    if (static_cast<Int128>(magnitude(holder.units(action.underlying))) *
            (static_cast<Int128>(action.cash.value) + action.new_units) >
        largest_amount)
      return wrong("a corporate action whose amounts leave the range of money");
  if (action.kind == ActionKind::distribution && !action.distributed.valid())
    return wrong("a distribution names what is distributed");
  std::vector<Adjustment> adjusted;
  for (const auto& [id, terms] : contracts_) {
    if (terms.underlying != action.underlying) continue;
    const auto after = adjust(terms, action);
    if (!after) return after.error();
    const auto fine = check(after->contract);
    if (!fine) return fine.error();
    adjusted.push_back(after.value());
  }
  Settlements out;
  for (std::size_t i = 0; i < holders_.size(); ++i) {
    const auto event = act_on_shares(i, holders_[i].units(action.underlying), action);
    if (!event) continue;
    move(holders_[i].shares, action.underlying, event->quantity);
    move(holders_[i].shares, event->delivered, event->delivered_units);
    pay(holders_[i], event->cash);
    out.push_back(*event);
  }
  for (const Adjustment& after : adjusted) {
    if (!after.changed) continue;
    contracts_[after.contract.instrument] = after.contract;
    for (std::size_t i = 0; i < holders_.size(); ++i) {
      Holder& holder = holders_[i];
      const std::int64_t held = holder.held(after.contract.instrument);
      if (held == 0) continue;
      const Settled event = act_on_contracts(i, held, after, action);
      move(holder.contracts, event.instrument, event.quantity);
      const auto word = holder.instructions.find(event.instrument);
      if (word != holder.instructions.end()) word->second.exercise *= after.contracts_factor;
      out.push_back(event);
    }
  }
  return out;
}

Settlements ClearingHouse::interest(std::int64_t credit_ppm, std::int64_t debit_ppm,
                                    std::int64_t days) {
  Settlements out;
  for (std::size_t i = 0; i < holders_.size(); ++i) {
    const auto event = interest_on(i, holders_[i].cash, credit_ppm, debit_ppm, days);
    if (!event) continue;
    pay(holders_[i], event->cash);
    out.push_back(*event);
  }
  return out;
}

}  // namespace zomma::options
