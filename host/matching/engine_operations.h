// engine_operations.h: the engine's commands, compiled into their callers together with the sink.
// Included by engine.h only.
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

// --- an order's way ---

template <class Sink, class Outside>
void Engine::execute(Book& book, Incoming& incoming, Sink& sink, Outside& outside) {
  const Ladder& against = book.ladders[resting_kind(opposite(incoming.side))];
  bool meets = against.best_key() >= -incoming.limit;
  if constexpr (std::remove_reference_t<Outside>::present)
    meets =
        meets || outside.best_key(incoming.instrument, opposite(incoming.side)) >= -incoming.limit;
  const std::int64_t wanted = incoming.open;
  if (meets) {
    if (incoming.post_only) [[unlikely]]
      incoming.stop_reason = ZM_REASON_WOULD_CROSS;
    else if (incoming.time_in_force == TimeInForce::fok && !fillable(book, incoming, outside))
      incoming.stop_reason = ZM_REASON_FOK_UNFILLABLE;
    else
      match(book, incoming, sink, outside);
  } else if (incoming.time_in_force == TimeInForce::fok) {
    incoming.stop_reason = ZM_REASON_FOK_UNFILLABLE;
  }
  if (incoming.open == 0) {
    if (incoming.record != 0) forget(incoming.record);
    return;
  }
  const bool lasting =
      incoming.type == OrderType::limit &&
      (incoming.time_in_force == TimeInForce::gtc || incoming.time_in_force == TimeInForce::day);
  if (lasting && incoming.stop_reason == ZM_REASON_NONE) return rest(book, incoming, outside);
  std::uint16_t reason = incoming.stop_reason;
  if (reason == ZM_REASON_NONE) {
    const bool nothing = incoming.type == OrderType::market && incoming.open == wanted;
    reason = nothing ? ZM_REASON_NO_LIQUIDITY : ZM_REASON_IOC_REMAINDER;
  }
  tell(sink, ZM_EVENT_CANCELED, incoming, incoming.open, 0, reason);
  if (incoming.record != 0) forget(incoming.record);
}

template <class Sink, class Outside>
void Engine::match(Book& book, Incoming& incoming, Sink& sink, Outside& outside) {
  const Side passive = opposite(incoming.side);
  Ladder& against = book.ladders[resting_kind(passive)];
  if constexpr (!std::remove_reference_t<Outside>::present) {
    while (incoming.open > 0 && incoming.stop_reason == ZM_REASON_NONE &&
           against.best_key() >= -incoming.limit)
      trade(book, against, incoming, sink, outside);
  } else {
    auto walk = outside.walk(incoming.instrument, passive);
    while (incoming.open > 0 && incoming.stop_reason == ZM_REASON_NONE) {
      const std::int64_t own = against.best_key();
      Offer offer;
      if (walk.peek(offer) && offer.key >= -incoming.limit && offer.key >= own) {
        if (offer.key == own)
          offer.quantity =
              std::min(offer.quantity, walk.before(levels_[against.best_level()].first));
        if (offer.quantity > 0) {
          trade_outside(book, incoming, offer, sink, walk);
          continue;
        }
      }
      if (own < -incoming.limit) break;
      trade(book, against, incoming, sink, outside);
    }
  }
}

// With the order that is first at the best price.
template <class Sink, class Outside>
void Engine::trade(Book& book, Ladder& against, Incoming& incoming, Sink& sink, Outside& outside) {
  const Level& level = levels_[against.best_level()];
  const Record record = level.first;
  Order& resting = orders_[record];
  if (incoming.self_trade != SelfTrade::allow && resting.owner == incoming.owner) [[unlikely]]
    return meet_own(record, incoming, sink, outside);
  const std::int64_t quantity = std::min(incoming.open, resting.shown);
  const std::int64_t ticks = toward(opposite(incoming.side), level.key);
  incoming.open -= quantity;
  incoming.filled += quantity;
  resting.filled += quantity;
  traded_at(book, ticks);
  sink.on(MatchEvent{++seq_,
                     {incoming.id},
                     {resting.id},
                     {ticks * book.tick},
                     {quantity},
                     {incoming.open},
                     {resting.open() - quantity},
                     {incoming.instrument},
                     ZM_EVENT_FILL,
                     incoming.side,
                     ZM_REASON_NONE});
  take_from(record, quantity, outside);
}

template <class Sink, class Walk>
void Engine::trade_outside(Book& book, Incoming& incoming, const Offer& offer, Sink& sink,
                           Walk& walk) {
  const std::int64_t quantity = std::min(incoming.open, offer.quantity);
  const std::int64_t ticks = toward(opposite(incoming.side), offer.key);
  incoming.open -= quantity;
  incoming.filled += quantity;
  traded_at(book, ticks);
  sink.on(MatchEvent{++seq_,
                     {incoming.id},
                     {},
                     {ticks * book.tick},
                     {quantity},
                     {incoming.open},
                     {},
                     {incoming.instrument},
                     ZM_EVENT_FILL,
                     incoming.side,
                     ZM_REASON_NONE});
  walk.commit(quantity);
}

// An order of the same owner stands first.
template <class Sink, class Outside>
void Engine::meet_own(Record record, Incoming& incoming, Sink& sink, Outside& outside) {
  const SelfTrade mode = incoming.self_trade;
  if (mode != SelfTrade::cancel_oldest) incoming.stop_reason = ZM_REASON_SELF_TRADE;
  if (mode == SelfTrade::cancel_newest) return;
  Order& resting = orders_[record];
  if (mode != SelfTrade::decrement) {
    tell(sink, ZM_EVENT_CANCELED, record, resting.open(), 0, ZM_REASON_SELF_TRADE);
    return leave(record);
  }
  incoming.stop_reason = ZM_REASON_NONE;
  const std::int64_t quantity = std::min(incoming.open, resting.shown);
  incoming.open -= quantity;
  const auto told = [&](std::int64_t leaves) -> std::uint8_t {
    return leaves == 0 ? ZM_EVENT_CANCELED : ZM_EVENT_REPLACED;
  };
  const std::int64_t left = resting.open() - quantity;
  tell(sink, told(left), record, left == 0 ? quantity : resting.filled + left, left,
       ZM_REASON_SELF_TRADE);
  tell(sink, told(incoming.open), incoming,
       incoming.open == 0 ? quantity : incoming.filled + incoming.open, incoming.open,
       ZM_REASON_SELF_TRADE);
  take_from(record, quantity, outside);
}

// Off what an order shows. Its next slice, if it has one, joins the end of the queue.
template <class Outside>
void Engine::take_from(Record record, std::int64_t quantity, Outside& outside) {
  Order& order = orders_[record];
  order.shown -= quantity;
  Level& level = levels_[order.level];
  level.quantity -= quantity;
  if (order.shown > 0) return;
  if (order.hidden == 0) return leave(record);
  order.shown = std::min(order.display, order.hidden);
  order.hidden -= order.shown;
  level.quantity += order.shown;
  move_to_end(record);
  outside.joined(record);
}

// Whether the whole order can trade now. Hidden slices come after everything that shows.
template <class Outside>
bool Engine::fillable(const Book& book, const Incoming& incoming, Outside& outside) {
  const Side passive = opposite(incoming.side);
  const Ladder& against = book.ladders[resting_kind(passive)];
  const bool prevents = incoming.self_trade != SelfTrade::allow;
  std::int64_t missing = incoming.open;
  const auto own = [&](Record at) { return prevents && orders_[at].owner == incoming.owner; };
  [[maybe_unused]] auto walk = outside.walk(incoming.instrument, passive);
  [[maybe_unused]] const auto outside_down_to = [&](std::int64_t key) {
    Offer offer;
    while (missing > 0 && walk.peek(offer) && offer.key >= key) {
      missing -= offer.quantity;
      walk.use(offer.quantity);
    }
  };
  for (Ladder::Entry entry = against.best(); entry.level != 0 && entry.key >= -incoming.limit;
       entry = against.below(entry.key)) {
    std::int64_t hidden = 0;
    if constexpr (std::remove_reference_t<Outside>::present) outside_down_to(entry.key + 1);
    for (Record at = levels_[entry.level].first; at != 0 && missing > 0; at = orders_[at].next) {
      Offer offer;
      if (walk.peek(offer) && offer.key == entry.key) {
        const std::int64_t ahead = std::min(offer.quantity, walk.before(at));
        if (ahead > 0) walk.use(ahead);
        missing -= std::max<std::int64_t>(ahead, 0);
        if (missing <= 0) return true;
      }
      if (own(at)) {
        if (incoming.self_trade != SelfTrade::cancel_oldest) return false;
        continue;
      }
      missing -= orders_[at].shown;
      hidden += orders_[at].hidden;
    }
    if (missing <= hidden) return true;
    missing -= hidden;
  }
  if constexpr (std::remove_reference_t<Outside>::present) outside_down_to(-incoming.limit);
  return missing <= 0;
}

template <class Outside>
void Engine::rest(Book& book, const Incoming& incoming, Outside& outside) {
  const Kind kind = resting_kind(incoming.side);
  Record record = incoming.record;
  if (record == 0) {
    record = orders_.take();
    index_.insert(incoming.id, record);
  }
  const bool sliced = incoming.display > 0 && incoming.display < incoming.open;
  Order& order = orders_[record];
  order.id = incoming.id;
  order.shown = sliced ? incoming.display : incoming.open;
  order.hidden = sliced ? incoming.open - incoming.display : 0;
  order.filled = incoming.filled;
  order.display = incoming.display;
  order.owner = incoming.owner;
  order.type = OrderType::limit;
  order.time_in_force = incoming.time_in_force;
  order.post_only = incoming.post_only;
  order.self_trade = incoming.self_trade;
  link_last(open_level(book, incoming.instrument, kind, incoming.limit), record);
  outside.joined(record);
}

// --- stops ---

template <class Sink, class Outside>
void Engine::place_stop(Book& book, Incoming& incoming, std::int64_t stop_ticks, Sink& sink,
                        Outside& outside) {
  if (book.stops == 0) forget_trades(book);
  if (book.has_last && toward(incoming.side, book.last) >= toward(incoming.side, stop_ticks)) {
    incoming.type = incoming.type == OrderType::stop ? OrderType::market : OrderType::limit;
    tell(sink, ZM_EVENT_TRIGGERED, incoming, incoming.open, incoming.open, ZM_REASON_NONE);
    return execute(book, incoming, sink, outside);
  }
  add_stop(book, incoming, stop_ticks);
}

template <class Sink, class Outside>
void Engine::trigger_stops(Book& book, Sink& sink, Outside& outside) {
  while (true) {
    const Ladder& buys = book.ladders[buy_stops];
    const Ladder& sells = book.ladders[sell_stops];
    std::uint32_t level = 0;
    if (buys.best_level() != 0 && -buys.best_key() <= book.high)
      level = buys.best_level();
    else if (sells.best_level() != 0 && sells.best_key() >= book.low)
      level = sells.best_level();
    if (level == 0) break;
    const Record record = levels_[level].first;
    Incoming incoming = incoming_of(record);
    incoming.type = incoming.type == OrderType::stop ? OrderType::market : OrderType::limit;
    unlink(record);
    tell(sink, ZM_EVENT_TRIGGERED, incoming, incoming.open, incoming.open, ZM_REASON_NONE);
    execute(book, incoming, sink, outside);
  }
  forget_trades(book);
}

// --- beside a recorded market ---

template <class Sink, class Outside>
void Engine::fill_resting(Record record, Quantity quantity, Sink& sink, Outside&& outside) {
  Order& order = orders_[record];
  const Level& level = levels_[order.level];
  order.filled += quantity.value;
  sink.on(MatchEvent{++seq_,
                     {},
                     {order.id},
                     limit_of(record),
                     quantity,
                     {},
                     {order.open() - quantity.value},
                     {instrument_of(level)},
                     ZM_EVENT_FILL,
                     opposite(side_of(level)),
                     ZM_REASON_NONE});
  take_from(record, quantity.value, outside);
}

template <class Sink, class Outside>
void Engine::print(InstrumentId instrument, Price low, Price high, Price last, Sink& sink,
                   Outside&& outside) {
  Book& book = books_[instrument.value];
  if (book.stops == 0) forget_trades(book);
  // Between ticks: a price reaches the stops that it has passed, and no further.
  book.low = std::min(book.low, ceil_steps(low.value, book.tick));
  book.high = std::max(book.high, floor_steps(high.value, book.tick));
  book.last = floor_steps(last.value, book.tick);
  book.has_last = true;
  if (book.stops != 0) trigger_stops(book, sink, outside);
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
