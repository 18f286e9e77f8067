#include "portfolio/portfolio.h"

#include <algorithm>
#include <bit>

namespace zomma {
namespace {

constexpr std::uint32_t archive_mark = 0x504F5254;  // "PORT"
constexpr std::int64_t day_ns = 86'400'000'000'000;

// The part of a position's cost that goes with `closing` out of `held`. What rounding leaves stays
// with the rest, so that closing everything takes everything.
std::int64_t share_of_cost(std::int64_t cost, std::int64_t closing, std::int64_t held) {
  if (closing == held) return cost;
  return static_cast<std::int64_t>(static_cast<Int128>(cost) * closing / held);
}

}  // namespace

Portfolio::Portfolio(const std::vector<Instrument>& instruments, Nanoseconds day_begins)
    : day_begins_(day_begins) {
  marks_.resize(instruments.size());
  for (std::size_t i = 0; i < instruments.size(); ++i)
    marks_[i].valuation = Valuation(instruments[i]);
}

bool Portfolio::add_instance(InstanceId id) {
  if (id.value != accounts_.size() || accounts_.size() >= max_instances) return false;
  accounts_.emplace_back();
  positions_.resize(accounts_.size() * marks_.size());
  return true;
}

void Portfolio::add(Money& sum, Int128 amount) {
  const Int128 exact = static_cast<Int128>(sum.value) + amount;
  sum.value = saturate(exact);
  if (sum.value != exact) [[unlikely]]
    ++overflows_;
}

void Portfolio::add(Quantity& sum, Int128 amount) {
  const Int128 exact = static_cast<Int128>(sum.value) + amount;
  sum.value = saturate(exact);
  if (sum.value != exact) [[unlikely]]
    ++overflows_;
}

void Portfolio::deposit(InstanceId id, Money amount) {
  if (id.value >= accounts_.size()) {
    ++rejected_;
    return;
  }
  for (Account* account : {&accounts_[id.value], &firm_}) {
    add(account->deposits, amount.value);
    add(account->cash, amount.value);
    add(account->high_water, amount.value);
    add(account->day_start, amount.value);
  }
}

// Moves quantity, cost and realised profit; `notional` is that of the whole fill,
// `closing_notional` of its closing part.
void Portfolio::trade(Position& position, Side side, Money notional, Money closing_notional,
                      Quantity quantity, Quantity closing) {
  const std::int64_t direction = sign(side);
  if (closing.value != 0) {
    const std::int64_t cost_out =
        share_of_cost(position.cost.value, closing.value, magnitude(position.quantity.value));
    // A sale brings its notional in for the long's cost; a purchase pays it for the short's
    // (negative) cost.
    add(position.realised, static_cast<Int128>(-direction) * closing_notional.value - cost_out);
    add(position.cost, -static_cast<Int128>(cost_out));
  }
  const Int128 opening = static_cast<Int128>(notional.value) - closing_notional.value;
  add(position.cost, direction * opening);
  add(position.quantity, static_cast<Int128>(direction) * quantity.value);
  add(side == Side::buy ? position.bought : position.sold, quantity.value);
}

bool Portfolio::knows(InstanceId instance, InstrumentId instrument) {
  if (instance.value < accounts_.size() && instrument.value < marks_.size()) return true;
  ++rejected_;
  return false;
}

Quantity Portfolio::closing_part(const Position& position, Side side, Quantity quantity) {
  const bool reduces =
      side == Side::buy ? position.quantity.value < 0 : position.quantity.value > 0;
  return {reduces ? std::min(quantity.value, magnitude(position.quantity.value)) : 0};
}

void Portfolio::follow(InstanceId instance, InstrumentId instrument, const Position& before,
                       Int128 cash) {
  Mark& mark = marks_[instrument.value];
  const Position& position = positions_[index(instance, instrument)].position;
  add(mark.quantity, static_cast<Int128>(position.quantity.value) - before.quantity.value);
  const std::uint64_t holder = std::uint64_t{1} << instance.value;
  mark.holders = position.quantity.value != 0 ? mark.holders | holder : mark.holders & ~holder;
  for (Account* account : {&accounts_[instance.value], &firm_}) {
    add(account->cash, cash);
    add(account->realised, static_cast<Int128>(position.realised.value) - before.realised.value);
    add(account->cost, static_cast<Int128>(position.cost.value) - before.cost.value);
    add(account->fees, static_cast<Int128>(position.fees.value) - before.fees.value);
    account->fills += position.fills - before.fills;
  }
  revalue(instance, instrument);
}

Money Portfolio::on_fill(InstanceId instance, InstrumentId instrument, Side side, Price price,
                         Quantity quantity, bool maker, Money charges) {
  if (!knows(instance, instrument)) return {};
  if (quantity.value <= 0) {
    ++rejected_;
    return {};
  }
  Mark& mark = marks_[instrument.value];
  if (!mark.marked) {
    mark.marked = true;
    mark.doubled_mid = saturate(static_cast<Int128>(price.value) * 2);
  }
  Position& position = positions_[index(instance, instrument)].position;
  const Position before = position;
  const Quantity closing = closing_part(position, side, quantity);
  const Money notional = mark.valuation.value(price, quantity);
  const Money closing_notional =
      closing == quantity ? notional : mark.valuation.value(price, closing);
  const Money fee = add_saturated(mark.valuation.fee(price, quantity, maker), charges);
  if (notional.value == int64_max || notional.value == int64_min) [[unlikely]]
    ++overflows_;

  trade(position, side, notional, closing_notional, quantity, closing);
  ++position.fills;
  add(position.fees, fee.value);
  follow(instance, instrument, before,
         -static_cast<Int128>(sign(side)) * notional.value - fee.value);
  note_equity(accounts_[instance.value]);
  note_equity(firm_);
  return fee;
}

void Portfolio::settle(InstanceId instance, InstrumentId instrument, Quantity change, Money cash,
                       Money fee) {
  if (!knows(instance, instrument) || change.value == 0) return;
  const Side side = change.value > 0 ? Side::buy : Side::sell;
  const Quantity quantity{magnitude(change.value)};
  const Money notional{side == Side::buy ? -cash.value : cash.value};
  Mark& mark = marks_[instrument.value];
  if (!mark.marked) {
    mark.marked = true;
    mark.doubled_mid = mark.valuation.average_price(notional, quantity).value * 2;
  }
  Position& position = positions_[index(instance, instrument)].position;
  const Position before = position;
  const Quantity closing = closing_part(position, side, quantity);
  trade(position, side, notional, {share_of_cost(notional.value, closing.value, quantity.value)},
        quantity, closing);
  add(position.fees, fee.value);
  follow(instance, instrument, before, static_cast<Int128>(cash.value) - fee.value);
}

void Portfolio::adjust(InstanceId instance, InstrumentId instrument, Quantity change, Money cash) {
  if (!knows(instance, instrument)) return;
  Position& position = positions_[index(instance, instrument)].position;
  const Position before = position;
  add(position.quantity, change.value);
  add(position.realised, cash.value);
  if (position.quantity.value == 0) {  // a reverse split took the last unit
    add(position.realised, -static_cast<Int128>(position.cost.value));
    position.cost = {};
  }
  follow(instance, instrument, before, cash.value);
}

void Portfolio::transfer(InstanceId instance, InstrumentId from, InstrumentId to) {
  if (!knows(instance, from) || !knows(instance, to) || from == to) return;
  Position& old = positions_[index(instance, from)].position;
  Position& fresh = positions_[index(instance, to)].position;
  const Position old_before = old, fresh_before = fresh;
  Mark& mark = marks_[to.value];
  if (!mark.marked) {
    mark.marked = true;
    mark.doubled_mid = marks_[from.value].doubled_mid;
  }
  add(fresh.quantity, old.quantity.value);
  add(fresh.cost, old.cost.value);
  old.quantity = {};
  old.cost = {};
  follow(instance, from, old_before, 0);
  follow(instance, to, fresh_before, 0);
}

void Portfolio::income(InstanceId instance, InstrumentId instrument, Money cash) {
  if (instance.value >= accounts_.size()) {
    ++rejected_;
    return;
  }
  if (instrument.value < marks_.size()) {
    Position& position = positions_[index(instance, instrument)].position;
    const Position before = position;
    add(position.realised, cash.value);
    return follow(instance, instrument, before, cash.value);
  }
  for (Account* account : {&accounts_[instance.value], &firm_}) {
    add(account->cash, cash.value);
    add(account->realised, cash.value);
  }
}

void Portfolio::end_of_event() {
  for (Account& account : accounts_) note_equity(account);
  note_equity(firm_);
}

void Portfolio::mark(InstrumentId instrument, Price bid, Price ask) {
  if (instrument.value >= marks_.size() || bid == no_price || ask == no_price) return;
  const std::int64_t doubled = add_saturated(bid.value, ask.value);
  if (marks_[instrument.value].marked && doubled == marks_[instrument.value].doubled_mid) return;
  restate_mark(instrument, doubled);
  const std::uint64_t holders = marks_[instrument.value].holders;
  if (holders == 0) return;
  for (std::uint64_t rest = holders; rest != 0; rest &= rest - 1)
    note_equity(accounts_[static_cast<std::size_t>(std::countr_zero(rest))]);
  note_equity(firm_);
}

void Portfolio::restate_mark(InstrumentId instrument, std::int64_t doubled_mid) {
  Mark& mark = marks_[instrument.value];
  mark.marked = true;
  mark.doubled_mid = doubled_mid;
  for (std::uint64_t rest = mark.holders; rest != 0; rest &= rest - 1)
    revalue(InstanceId{static_cast<std::uint32_t>(std::countr_zero(rest))}, instrument);
}

void Portfolio::revalue(InstanceId instance, InstrumentId instrument) {
  const Mark& mark = marks_[instrument.value];
  Holding& holding = positions_[index(instance, instrument)];
  const Money value = mark.valuation.value_at_half(mark.doubled_mid, holding.position.quantity);
  const Money gross{magnitude(value.value)};
  const Int128 value_change = static_cast<Int128>(value.value) - holding.position.value.value;
  const Int128 gross_change = static_cast<Int128>(gross.value) - holding.gross.value;
  holding.position.value = value;
  holding.gross = gross;
  for (Account* account : {&accounts_[instance.value], &firm_}) {
    add(account->value, value_change);
    add(account->gross_notional, gross_change);
  }
}

void Portfolio::note_equity(Account& account) {
  const Money equity = account.equity();
  if (equity > account.high_water) account.high_water = equity;
  const Money drawdown = account.drawdown();
  if (drawdown > account.worst_drawdown) account.worst_drawdown = drawdown;
}

void Portfolio::start_day(Nanoseconds now) {
  for (Account& account : accounts_) account.day_start = account.equity();
  firm_.day_start = firm_.equity();
  const std::int64_t since = now.value - day_begins_.value;
  const std::int64_t day = since / day_ns - (since % day_ns < 0 ? 1 : 0);
  next_day_.value = (day + 1) * day_ns + day_begins_.value;
}

Price Portfolio::average_price(InstanceId instance, InstrumentId instrument) const {
  const Position& held = position(instance, instrument);
  return marks_[instrument.value].valuation.average_price(held.cost, held.quantity);
}

void Portfolio::save(ArchiveWriter& out) const {
  out.put(archive_mark);
  out.put<std::uint64_t>(accounts_.size());
  out.put<std::uint64_t>(marks_.size());
  for (const Account& account : accounts_) out.put(account);
  out.put(firm_);
  for (const Holding& holding : positions_) out.put(holding.position);
  for (const Mark& mark : marks_) {
    out.put<std::uint64_t>(mark.marked);
    out.put(mark.doubled_mid);
  }
  out.put(next_day_.value);
  out.put(overflows_);
  out.put(rejected_);
}

void Portfolio::load(ArchiveReader& in) {
  in.expect_mark(archive_mark);
  if (in.get<std::uint64_t>() != accounts_.size() || in.get<std::uint64_t>() != marks_.size())
    in.fail();
  if (!in.ok()) return;
  for (Account& account : accounts_) account = in.get<Account>();
  firm_ = in.get<Account>();
  for (Mark& mark : marks_) {
    mark.holders = 0;
    mark.quantity = {};
  }
  for (std::size_t i = 0; i < positions_.size(); ++i) {
    Holding& holding = positions_[i];
    holding.position = in.get<Position>();
    holding.gross.value = magnitude(holding.position.value.value);
    Mark& mark = marks_[i % marks_.size()];
    mark.quantity.value = add_saturated(mark.quantity.value, holding.position.quantity.value);
    if (holding.position.quantity.value != 0)
      mark.holders |= std::uint64_t{1} << (i / marks_.size());
  }
  for (Mark& mark : marks_) {
    mark.marked = in.get<std::uint64_t>() != 0;
    mark.doubled_mid = in.get<std::int64_t>();
  }
  next_day_.value = in.get<std::int64_t>();
  overflows_ = in.get<std::uint64_t>();
  rejected_ = in.get<std::uint64_t>();
}

}  // namespace zomma
