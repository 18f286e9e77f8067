// clearing_desk.cpp: see clearing_desk.h. Corporate actions are in clearing_actions.cpp, margin is
// in account_margin.cpp.
#include "portfolio/options/clearing_desk.h"

#include <algorithm>

#include <fmt/core.h>

namespace zomma::options {
namespace {

constexpr std::int64_t day_ns = 86'400'000'000'000;

std::int64_t days_between(Nanoseconds from, Nanoseconds to) {
  return std::max<std::int64_t>((to.value - from.value) / day_ns, 0);
}

}  // namespace

ClearingDesk::ClearingDesk(const std::vector<Instrument>& instruments,
                           std::vector<Contract> contracts, ClearingSettings settings,
                           Portfolio& portfolio)
    : settings_(settings),
      portfolio_(portfolio),
      contracts_(std::move(contracts)),
      place_(instruments.size(), none),
      fixings_(instruments.size()),
      random_(settings.seed) {
  for (const Instrument& one : instruments) {
    units_.push_back(power_of_ten(one.quantity_digits));
    scales_.push_back(power_of_ten(std::max(money_digits - one.price_digits, 0)));
  }
  std::sort(contracts_.begin(), contracts_.end(), [](const Contract& a, const Contract& b) {
    return std::pair(a.expiry, a.instrument) < std::pair(b.expiry, b.instrument);
  });
  state_.resize(contracts_.size());
  open_interest_.resize(contracts_.size());
  for (std::uint32_t i = 0; i < contracts_.size(); ++i) {
    place_[contracts_[i].instrument.value] = i;
    by_underlying_[contracts_[i].underlying].push_back(i);
    fixings_.expect(contracts_[i]);
  }
}

const Contract* ClearingDesk::contract(InstrumentId instrument) const {
  const std::uint32_t at = instrument.value < place_.size() ? place_[instrument.value] : none;
  return at == none ? nullptr : &contracts_[at];
}
bool ClearingDesk::ended(InstrumentId instrument) const {
  const std::uint32_t at = instrument.value < place_.size() ? place_[instrument.value] : none;
  return at != none && state_[at] == State::ended;
}

bool ClearingDesk::apart(InstrumentId instrument) const {
  const std::uint32_t at = instrument.value < place_.size() ? place_[instrument.value] : none;
  return at != none && state_[at] == State::apart;
}

void ClearingDesk::set_open_interest(InstrumentId instrument, std::int64_t contracts) {
  if (const Contract* known = contract(instrument))
    open_interest_[static_cast<std::size_t>(known - contracts_.data())] =
        std::max<std::int64_t>(contracts, 0);
}

// The evening of the first session that ends, with the delay, after `after`.
void ClearingDesk::schedule(Nanoseconds after) {
  Date date = new_york_date(after - settings_.delay);
  if (date < calendar_first) date = calendar_first;
  next_ = never;
  if (contracts_.empty() || !settings_.enabled) return;
  for (; in_calendar(date); date = add_days(date, 1)) {
    if (!session(date)) continue;
    const auto times = session_times(date);
    if (!times || times->close + settings_.delay <= after) continue;
    next_ = times->close + settings_.delay;
    return;
  }
}

ClearingDesk::Outcome ClearingDesk::evening(Nanoseconds due, std::int64_t rate_ppm) {
  Outcome out;
  clear(due, rate_ppm, out);
  schedule(due);
  return out;
}

ClearingDesk::Outcome ClearingDesk::close_books(Nanoseconds now, std::int64_t rate_ppm) {
  Outcome out;
  if (next_ == never || next_ - settings_.delay > now) return out;
  clear(next_, rate_ppm, out);
  schedule(next_);
  return out;
}

void ClearingDesk::clear(Nanoseconds now, std::int64_t rate_ppm, Outcome& out) {
  while (first_alive_ < contracts_.size() && state_[first_alive_] == State::ended) ++first_alive_;
  for (std::size_t i = first_alive_; i < contracts_.size(); ++i) {
    Contract& contract = contracts_[i];
    if (state_[i] == State::ended) continue;
    if (contract.expiry <= now) {
      expire(contract, now, out);
    } else if (portfolio_.held(contract.instrument)) {
      exercise_now(contract, now, out);
      assign_early(contract, now, rate_ppm, out);
    }
  }
  pay_interest(now, out);
  portfolio_.end_of_event();
}

ClearingDesk::Others ClearingDesk::others(const Contract& contract) const {
  std::int64_t longs = 0, shorts = 0;
  for (std::uint32_t i = 0; i < portfolio_.instances(); ++i) {
    const std::int64_t one = held(InstanceId{i}, contract.instrument);
    (one > 0 ? longs : shorts) += magnitude(one);
  }
  const std::int64_t open = std::max(
      {open_interest_[static_cast<std::size_t>(&contract - contracts_.data())], longs, shorts});
  return {open - longs, open - shorts};
}

// Our shorts and the others' draw from one lottery.
void ClearingDesk::assign(const Contract& contract, std::int64_t count,
                          const SettlementPrices& prices, std::uint32_t code, Nanoseconds now,
                          Outcome& out) {
  std::vector<std::int64_t> shorts;
  for (std::uint32_t i = 0; i < portfolio_.instances(); ++i)
    shorts.push_back(std::max<std::int64_t>(-held(InstanceId{i}, contract.instrument), 0));
  shorts.push_back(others(contract).shorts);
  const auto assigned = allocate(shorts, count, settings_.allocation, random_);
  if (!assigned) {
    out.warnings.push_back(assigned.error().message);
    return;
  }
  for (std::size_t i = 0; i + 1 < shorts.size(); ++i)
    if ((*assigned)[i] > 0)
      book(contract, settle(i, contract, (*assigned)[i], false, prices, settings_.fees, code), now,
           out);
}

void ClearingDesk::expire(Contract& contract, Nanoseconds now, Outcome& out) {
  const auto end = [&] {
    state_[static_cast<std::size_t>(&contract - contracts_.data())] = State::ended;
    out.ended.push_back(contract.instrument);
  };
  if (!portfolio_.held(contract.instrument)) return end();
  const Fixings::Value fixing = fixings_.value(contract);
  if (!fixing.known) {
    out.warnings.push_back(fmt::format(
        "instrument {} has expired, but its underlying has no price to settle it at: the position "
        "stays until there is one",
        contract.instrument.value));
    return;
  }
  if (contract.expiry.value - fixing.at.value > day_ns)
    out.warnings.push_back(
        fmt::format("instrument {} settles at a price of its underlying that is {} days old",
                    contract.instrument.value, days_between(fixing.at, contract.expiry)));
  const SettlementPrices prices{fixing.price};
  std::vector<std::int64_t> exercised;
  std::int64_t count =
      exercised_with_pin(contract, others(contract).longs, prices, settings_.pin, random_);
  for (std::uint32_t i = 0; i < portfolio_.instances(); ++i) {
    const auto word = instructions_.find({InstanceId{i}, contract.instrument});
    exercised.push_back(
        exercised_at_expiry(contract, held(InstanceId{i}, contract.instrument),
                            word == instructions_.end() ? Instruction{} : word->second, prices));
    count += exercised.back();
  }
  assign(contract, count, prices, ZM_SETTLED_EXPIRY, now, out);
  for (std::size_t i = 0; i < exercised.size(); ++i) {
    if (exercised[i] > 0)
      book(contract,
           settle(i, contract, exercised[i], true, prices, settings_.fees, ZM_SETTLED_EXPIRY), now,
           out);
    const InstanceId instance{static_cast<std::uint32_t>(i)};
    if (const std::int64_t rest = held(instance, contract.instrument); rest != 0)
      book(contract, lapse(i, contract, rest, prices), now, out);
    instructions_.erase({instance, contract.instrument});
  }
  end();
}

void ClearingDesk::exercise_now(const Contract& contract, Nanoseconds now, Outcome& out) {
  if (contract.style != Style::american || contract.delivery == Delivery::cash) return;
  for (std::uint32_t i = 0; i < portfolio_.instances(); ++i) {
    const auto word = instructions_.find({InstanceId{i}, contract.instrument});
    if (word == instructions_.end() || word->second.exercise == 0) continue;
    const std::int64_t count =
        std::min(word->second.exercise, held(InstanceId{i}, contract.instrument));
    word->second.exercise = 0;
    if (count <= 0) continue;
    assign(contract, count, {}, ZM_SETTLED_EARLY, now, out);
    book(contract, settle(i, contract, count, true, {}, settings_.fees, ZM_SETTLED_EARLY), now,
         out);
  }
}

Money ClearingDesk::value_of(InstrumentId option) const {
  return {portfolio_.doubled_mark(option) * scales_[option.value] / 2};
}

void ClearingDesk::assign_early(const Contract& contract, Nanoseconds now, std::int64_t rate_ppm,
                                Outcome& out) {
  if (contract.style != Style::american || contract.delivery == Delivery::cash) return;
  bool short_of_it = false;
  for (std::uint32_t i = 0; i < portfolio_.instances(); ++i)
    short_of_it = short_of_it || held(InstanceId{i}, contract.instrument) < 0;
  if (!short_of_it) return;
  Contract mirror = contract;
  mirror.right = contract.right == Right::call ? Right::put : Right::call;
  const InstrumentId opposite = same_terms(mirror);
  // What would be given up is unknown where nobody quotes it.
  if (!opposite.valid() || portfolio_.doubled_mark(opposite) == 0) return;
  const Date today = new_york_date(now);
  const std::int64_t days = days_between(now, contract.expiry);
  EarlyTerms terms{fixings_.spot(contract.underlying),
                   contract.right == Right::call
                       ? agenda_.dividends(contract.underlying, today, session_after(today))
                       : agenda_.dividends(contract.underlying, today, contract.expiry_date),
                   simple_interest(contract.strike, rate_ppm, days), value_of(opposite)};
  const std::int64_t count =
      exercised_early(contract, others(contract).longs, terms, settings_.early_permille, random_);
  if (count > 0) assign(contract, count, {}, ZM_SETTLED_EARLY, now, out);
}

// One event of a holder: positions and cash, then the lots, then what the holder hears.
void ClearingDesk::book(const Contract& contract, const Settled& event, Nanoseconds now,
                        Outcome& out) {
  const InstanceId who{static_cast<std::uint32_t>(event.holder)};
  book_lots(contract, event, now, out);
  const Money cash{event.cash.value + event.fee.value};
  const Quantity change{event.quantity * unit(event.instrument)};
  Settled told = event;
  told.quantity = change.value;
  if (event.delivered_units != 0) {
    told.delivered_units = event.delivered_units * unit(event.delivered);
    portfolio_.settle(who, event.instrument, change, {}, event.fee);
    portfolio_.settle(who, event.delivered, {told.delivered_units}, cash, {});
  } else {
    portfolio_.settle(who, event.instrument, change, cash, event.fee);
  }
  out.events.push_back(told);
}

void ClearingDesk::book_lots(const Contract& contract, const Settled& event, Nanoseconds now,
                             Outcome& out) {
  const InstanceId who{static_cast<std::uint32_t>(event.holder)};
  const std::int64_t count = magnitude(event.quantity);
  const Money cash{event.cash.value + event.fee.value};
  TaxLots& own = lots_of(who, event.instrument);
  if (event.delivered_units == 0) {
    const auto closed = own.trade(now, event.quantity > 0 ? Side::buy : Side::sell, count,
                                  {magnitude(cash.value)}, event.fee, event.instrument.value);
    if (!closed) out.warnings.push_back(closed.error().message);
    return;
  }
  // A long was paid for, which is its cost; a short brought something in, which is one below zero.
  const Money premium = -own.withdraw(now, count);
  const auto moved = lots_of(who, event.delivered)
                         .settle(now, event.delivered_units > 0 ? Side::buy : Side::sell,
                                 magnitude(event.delivered_units), {magnitude(cash.value)}, premium,
                                 event.fee, contract.instrument.value);
  if (!moved) out.warnings.push_back(moved.error().message);
}

void ClearingDesk::pay_interest(Nanoseconds now, Outcome& out) {
  const Date today = new_york_date(now);
  const std::int64_t days =
      interest_until_ == 0 ? 0 : day_number(today) - day_number(interest_until_);
  interest_until_ = today;
  if (days <= 0 || (settings_.credit_ppm == 0 && settings_.debit_ppm == 0)) return;
  for (std::uint32_t i = 0; i < portfolio_.instances(); ++i) {
    const auto event = interest_on(i, portfolio_.account(InstanceId{i}).cash, settings_.credit_ppm,
                                   settings_.debit_ppm, days);
    if (!event) continue;
    portfolio_.income(InstanceId{i}, {}, event->cash);
    out.events.push_back(*event);
  }
}

// --- strategies ---

zm_status ClearingDesk::exercise(InstanceId instance, InstrumentId instrument,
                                 std::int64_t quantity) {
  const Contract* terms = contract(instrument);
  if (terms == nullptr || ended(instrument)) return ZM_E_NOT_FOUND;
  const std::int64_t count = quantity / unit(instrument);
  if (quantity < 0 || count > std::max<std::int64_t>(held(instance, instrument), 0))
    return ZM_E_ARGUMENT;
  const bool too_early = terms->style == Style::european && terms->expiry > next_;
  // What settles in cash is paid without being asked.
  if (count > 0 && (too_early || terms->delivery == Delivery::cash)) return ZM_E_STATE;
  instructions_[{instance, instrument}].exercise = count;
  return ZM_OK;
}

zm_status ClearingDesk::decline(InstanceId instance, InstrumentId instrument, bool declined) {
  if (contract(instrument) == nullptr || ended(instrument)) return ZM_E_NOT_FOUND;
  instructions_[{instance, instrument}].decline = declined;
  return ZM_OK;
}

// --- trades ---

Money ClearingDesk::charges(InstrumentId instrument, Side side, Price price,
                            Quantity quantity) const {
  static const FeeSchedule free;
  if (settings_.fees == free) return {};
  const Money proceeds{magnitude(portfolio_.valuation(instrument).value(price, quantity).value)};
  const std::int64_t count = quantity.value / unit(instrument);
  if (contract(instrument) != nullptr) return option_fee(settings_.fees, side, count, proceeds);
  return fixings_.follows(instrument) ? share_fee(settings_.fees, side, count, proceeds, false)
                                      : Money{};
}

TaxLots& ClearingDesk::lots_of(InstanceId instance, InstrumentId instrument) {
  return lots_.try_emplace({instance, instrument}, settings_.lots).first->second;
}

const TaxLots* ClearingDesk::lots(InstanceId instance, InstrumentId instrument) const {
  const auto found = lots_.find({instance, instrument});
  return found == lots_.end() ? nullptr : &found->second;
}

void ClearingDesk::on_fill(InstanceId instance, InstrumentId instrument, Side side, Price price,
                           Quantity quantity, Money fee, OrderId order, Nanoseconds now) {
  const std::int64_t count = quantity.value / unit(instrument);
  if (count < 1 || (contract(instrument) == nullptr && !fixings_.follows(instrument))) return;
  const Money amount{magnitude(portfolio_.valuation(instrument).value(price, quantity).value)};
  (void)lots_of(instance, instrument).trade(now, side, count, amount, fee, order.value);
}

// --- snapshots ---

void ClearingDesk::save(ArchiveWriter& out) const {
  out.put_vector(contracts_);
  out.put_vector(state_);
  out.put_vector(open_interest_);
  out.put<std::uint64_t>(instructions_.size());
  for (const auto& [key, word] : instructions_) {
    out.put(key.first);
    out.put(key.second);
    out.put(word);
  }
  out.put<std::uint64_t>(lots_.size());
  for (const auto& [key, lots] : lots_) {
    out.put(key.first);
    out.put(key.second);
    lots.save(out);
  }
  fixings_.save(out);
  agenda_.save(out);
  out.put(random_);
  out.put(next_);
  out.put(begun_);
  out.put(interest_until_);
}

void ClearingDesk::load(ArchiveReader& in) {
  auto contracts = in.get_vector<Contract>();
  auto state = in.get_vector<State>();
  auto open_interest = in.get_vector<std::int64_t>();
  bool same = contracts.size() == contracts_.size() && state.size() == contracts.size() &&
              open_interest.size() == contracts.size();
  for (std::size_t i = 0; same && i < contracts.size(); ++i)
    same = contracts[i].instrument == contracts_[i].instrument;
  if (!same) return in.fail();
  contracts_ = std::move(contracts);
  state_ = std::move(state);
  first_alive_ = 0;
  open_interest_ = std::move(open_interest);
  instructions_.clear();
  for (auto count = in.get<std::uint64_t>(); count > 0 && in.ok(); --count) {
    const auto who = in.get<InstanceId>();
    const auto what = in.get<InstrumentId>();
    instructions_[{who, what}] = in.get<Instruction>();
  }
  lots_.clear();
  for (auto count = in.get<std::uint64_t>(); count > 0 && in.ok(); --count) {
    const auto who = in.get<InstanceId>();
    const auto what = in.get<InstrumentId>();
    lots_of(who, what).load(in);
  }
  fixings_.load(in);
  agenda_.load(in);
  random_ = in.get<Random>();
  next_ = in.get<Nanoseconds>();
  begun_ = in.get<bool>();
  interest_until_ = in.get<Date>();
}

}  // namespace zomma::options
