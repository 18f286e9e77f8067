// engine_matching.h: an order's way through the book: match, rest, wait as a stop. Compiled into
// its callers together with the sink. Included by engine.h only.
#pragma once

#include "matching/engine.h"

namespace zomma::matching {

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

}  // namespace zomma::matching
