#include "observe/report/option_ledger.h"

#include <algorithm>
#include <cmath>

#include "market/options/calendar.h"

namespace zomma {

const char* name_of(OptionEventKind kind) {
  static constexpr const char* names[] = {
      "sold to open", "sold to close", "bought to open", "bought to close", "rolled",   "assigned",
      "called away",  "exercised",     "lapsed",         "adjusted",        "dividend", "interest"};
  return names[static_cast<std::size_t>(kind)];
}

void OptionLedger::keep(const OptionEvent& event) {
  if (result_.events.size() < max_option_events)
    result_.events.push_back(event);
  else
    ++result_.dropped_events;
}

double OptionLedger::whole(std::uint32_t instrument, std::int64_t quantity) const {
  return static_cast<double>(quantity) /
         static_cast<double>(power_of_ten((*instruments_)[instrument].quantity_digits));
}

void OptionLedger::trade(const Trade& trade) {
  const bool buy = trade.side == Side::buy;
  const double quantity = whole(trade.instrument, trade.quantity.value);
  const double before = whole(trade.instrument, trade.position.value);
  const double closed =
      before != 0 && (before > 0) != buy ? std::min(std::fabs(before), quantity) : 0;
  (buy ? result_.premium_paid : result_.premium_received) += trade.value;
  result_.fees += trade.fee;
  OptionEvent event;
  event.ts_ns = trade.ts_ns;
  event.kind = buy ? closed > 0 ? OptionEventKind::bought_to_close : OptionEventKind::bought_to_open
               : closed > 0 ? OptionEventKind::sold_to_close
                            : OptionEventKind::sold_to_open;
  event.instrument = trade.instrument;
  event.quantity = buy ? quantity : -quantity;
  event.price = trade.price;
  event.cash = (buy ? Money{-trade.value.value} : trade.value) - trade.fee;
  event.fee = trade.fee;
  event.spot = trade.spot;
  keep(event);
  note_roll(trade, buy ? closed : 0, buy ? 0 : quantity - closed);
}

void OptionLedger::note_roll(const Trade& trade, double closed, double opened) {
  if (closed == 0 && opened == 0) return;
  const Instrument& contract = (*instruments_)[trade.instrument];
  Session& session = sessions_[{trade.underlying, contract.option && contract.option->put}];
  const std::uint32_t date = options::new_york_date({trade.ts_ns});
  if (session.date != date) session = {date, {}, {}, 0, 0, 0, max_option_events};
  session.closed += closed;
  session.opened += opened;
  if (closed > 0) session.closed_contract = trade.instrument;
  if (opened > 0) session.opened_contract = trade.instrument;
  const double more = std::min(session.closed, session.opened) - session.rolled;
  if (more <= 0) return;
  result_.rolled += static_cast<std::uint64_t>(std::llround(more));
  if (session.rolled == 0) {
    ++result_.rolls;
    session.event = result_.events.size();
    OptionEvent event;
    event.ts_ns = trade.ts_ns;
    event.kind = OptionEventKind::rolled;
    event.spot = trade.spot;
    keep(event);
  }
  session.rolled += more;
  if (session.event >= result_.events.size()) return;  // not kept
  OptionEvent& event = result_.events[session.event];
  event.instrument = session.closed_contract;
  event.other = session.opened_contract;
  event.quantity = session.rolled;
}

void OptionLedger::settlement(const OrderRecord& record, std::int64_t ts_ns, double spot) {
  const zm_settlement& told = record.event.u.settlement;
  const std::uint32_t instrument = record.event.instrument;
  const bool known = instrument < instruments_->size();
  OptionEvent event;
  event.ts_ns = ts_ns;
  event.instrument = instrument;
  event.other = told.delivered;
  event.cash = {told.cash};
  event.fee = {record.fee};
  event.spot = spot;
  if (known) {
    event.quantity = whole(instrument, told.quantity);
    if (told.price != 0) event.price = to_double((*instruments_)[instrument], Price{told.price});
  }
  const auto count = static_cast<std::uint64_t>(std::llround(std::fabs(event.quantity)));
  const bool put =
      known && (*instruments_)[instrument].option && (*instruments_)[instrument].option->put;
  const bool delivers = told.delivered < instruments_->size();
  switch (record.event.kind) {
    case ZM_EVENT_ASSIGNED:
      event.kind = put || !delivers ? OptionEventKind::assigned : OptionEventKind::called_away;
      (put ? result_.puts_assigned : result_.called_away) += count;
      break;
    case ZM_EVENT_EXERCISED:
      event.kind = OptionEventKind::exercised;
      result_.exercised += count;
      break;
    case ZM_EVENT_LAPSED:
      event.kind = OptionEventKind::lapsed;
      (told.quantity > 0 ? result_.lapsed_short : result_.lapsed_long) += count;
      break;
    case ZM_EVENT_ADJUSTED:
      event.kind = OptionEventKind::adjusted;
      break;
    default:
      event.kind = known ? OptionEventKind::dividend : OptionEventKind::interest;
      (known ? result_.dividends : result_.interest) += Money{told.cash};
  }
  const bool settles =
      record.event.kind == ZM_EVENT_ASSIGNED || record.event.kind == ZM_EVENT_EXERCISED;
  if (settles && !delivers) result_.settled += Money{told.cash + record.fee};
  result_.fees += event.fee;
  keep(event);
}

}  // namespace zomma
