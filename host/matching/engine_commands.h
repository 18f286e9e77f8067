// engine_commands.h: the engine's commands and what it says of them, compiled into their callers
// together with the sink. Included by engine.h only.
#pragma once

#include "matching/engine.h"

namespace zomma::matching {

// --- commands ---

template <class Sink, class Outside>
void Engine::submit(const NewOrder& order, Sink& sink, Outside&& outside) {
  const std::uint16_t refusal = check(order);
  if (refusal != ZM_REASON_NONE) [[unlikely]]
    return tell_refused(sink, ZM_EVENT_REJECTED, order.id, order.instrument, order.side, refusal);
  Book& book = books_[order.instrument.value];
  const std::int64_t limit = is_limited(order.type)
                                 ? toward(order.side, in_steps(order.price.value, book.tick))
                                 : any_price;
  Incoming incoming{order.id.value,
                    limit,
                    order.quantity.value,
                    0,
                    order.display_quantity.value,
                    order.instrument.value,
                    order.owner.value,
                    0,
                    order.side,
                    order.type,
                    order.time_in_force,
                    order.post_only,
                    order.owner.valid() ? order.self_trade : SelfTrade::allow,
                    ZM_REASON_NONE};
  tell(sink, ZM_EVENT_ACCEPTED, incoming, incoming.open, incoming.open, ZM_REASON_NONE);
  if (is_stop(order.type)) [[unlikely]]
    place_stop(book, incoming, in_steps(order.stop_price.value, book.tick), sink, outside);
  else
    execute(book, incoming, sink, outside);
  if (book.stops != 0) [[unlikely]]
    trigger_stops(book, sink, outside);
}

template <class Sink>
void Engine::cancel(OrderId id, Sink& sink) {
  const Record record = index_.find(id.value);
  if (record == 0) [[unlikely]]
    return tell_refused(sink, ZM_EVENT_CANCEL_REJECTED, id, {}, Side::buy, ZM_REASON_UNKNOWN_ORDER);
  tell(sink, ZM_EVENT_CANCELED, record, orders_[record].open(), 0, ZM_REASON_USER);
  leave(record);
}

template <class Sink, class Outside>
void Engine::replace(OrderId id, Price price, Quantity total, Sink& sink, Outside&& outside) {
  const Record record = index_.find(id.value);
  if (record == 0) [[unlikely]]
    return tell_refused(sink, ZM_EVENT_REPLACE_REJECTED, id, {}, Side::buy,
                        ZM_REASON_UNKNOWN_ORDER);
  const Order& order = orders_[record];
  const Level& level = levels_[order.level];
  Book& book = book_of(level);
  const bool reprice = price != no_price && is_limited(order.type);
  std::uint16_t refusal = check_quantity(book, total);
  if (reprice && refusal == ZM_REASON_NONE) refusal = check_price(book, price);
  if (refusal != ZM_REASON_NONE) [[unlikely]]
    return tell_refused(sink, ZM_EVENT_REPLACE_REJECTED, id, {instrument_of(level)}, side_of(level),
                        refusal);
  std::int64_t ticks = 0;
  if (reprice)
    ticks = in_steps(price.value, book.tick);
  else
    ticks = is_stop(order.type) ? stop_limit(record) : ticks_of(level);
  if (replace_in_place(record, ticks, total, sink)) return;
  Incoming incoming = incoming_of(record);
  incoming.limit = toward(incoming.side, ticks);
  incoming.open = total.value - incoming.filled;
  unlink(record);
  tell(sink, ZM_EVENT_REPLACED, incoming, total.value, incoming.open, ZM_REASON_NONE);
  execute(book, incoming, sink, outside);
  if (book.stops != 0) [[unlikely]]
    trigger_stops(book, sink, outside);
}

// Everything but a new price or a greater quantity of a resting order. False: it is one of these.
template <class Sink>
bool Engine::replace_in_place(Record record, std::int64_t limit_ticks, Quantity total, Sink& sink) {
  Order& order = orders_[record];
  Level& level = levels_[order.level];
  const std::int64_t open = total.value - order.filled;
  if (open <= 0) {
    tell(sink, ZM_EVENT_REPLACED, record, order.filled, 0, ZM_REASON_NONE);
    leave(record);
    return true;
  }
  const std::int64_t less = order.open() - open;
  if (is_stop(order.type)) {
    keep_stop_limit(record, limit_ticks);
  } else if (limit_ticks != ticks_of(level) || less < 0) {
    return false;
  }
  const std::int64_t from_hidden = std::min(std::max<std::int64_t>(less, 0), order.hidden);
  order.hidden -= from_hidden;
  order.shown -= less - from_hidden;
  level.quantity -= less - from_hidden;
  tell(sink, ZM_EVENT_REPLACED, record, total.value, open, ZM_REASON_NONE);
  return true;
}

template <class Sink>
void Engine::mass_cancel(const MassCancel& which, Sink& sink) {
  const auto meant = [&](const Order& order) {
    return !which.owner.valid() || order.owner == which.owner.value;
  };
  for (std::uint32_t id = 0; id < books_.size(); ++id) {
    if (which.instrument.valid() && which.instrument.value != id) continue;
    sweep({id}, ZM_EVENT_CANCELED, ZM_REASON_USER, sink, meant);
  }
}

template <class Sink>
void Engine::end_day(InstrumentId instrument, Sink& sink) {
  sweep(instrument, ZM_EVENT_EXPIRED, ZM_REASON_NONE, sink,
        [](const Order& order) { return order.time_in_force == TimeInForce::day; });
}

template <class Sink, class Which>
void Engine::sweep(InstrumentId instrument, std::uint8_t kind, std::uint16_t reason, Sink& sink,
                   Which&& which) {
  if (!holds(instrument)) return;
  for (const Ladder& ladder : books_[instrument.value].ladders) {
    for (Ladder::Entry entry = ladder.best(); entry.level != 0; entry = ladder.below(entry.key)) {
      for (Record at = levels_[entry.level].first; at != 0;) {
        const Record next = orders_[at].next;
        if (which(orders_[at])) {
          tell(sink, kind, at, orders_[at].open(), 0, reason);
          leave(at);
        }
        at = next;
      }
    }
  }
}

// --- events ---

template <class Sink>
void Engine::tell(Sink& sink, std::uint8_t kind, const Incoming& incoming, std::int64_t quantity,
                  std::int64_t leaves, std::uint16_t reason) {
  sink.on(MatchEvent{++seq_,
                     {incoming.id},
                     {},
                     limit_of(incoming),
                     {quantity},
                     {leaves},
                     {},
                     {incoming.instrument},
                     kind,
                     incoming.side,
                     reason});
}

template <class Sink>
void Engine::tell(Sink& sink, std::uint8_t kind, Record record, std::int64_t quantity,
                  std::int64_t leaves, std::uint16_t reason) {
  const Level& level = levels_[orders_[record].level];
  sink.on(MatchEvent{++seq_,
                     {orders_[record].id},
                     {},
                     limit_of(record),
                     {quantity},
                     {leaves},
                     {},
                     {instrument_of(level)},
                     kind,
                     side_of(level),
                     reason});
}

template <class Sink>
void Engine::tell_refused(Sink& sink, std::uint8_t kind, OrderId id, InstrumentId instrument,
                          Side side, std::uint16_t reason) {
  sink.on(MatchEvent{++seq_, id, {}, no_price, {}, {}, {}, instrument, kind, side, reason});
}

template <class Visit>
void Engine::for_each(InstrumentId instrument, Visit&& visit) const {
  if (!holds(instrument)) return;
  for (const Ladder& ladder : books_[instrument.value].ladders)
    for (Ladder::Entry entry = ladder.best(); entry.level != 0; entry = ladder.below(entry.key))
      for (Record at = levels_[entry.level].first; at != 0; at = orders_[at].next)
        visit(at, view(at));
}

}  // namespace zomma::matching
