// engine_structure.h: how orders hang in levels and levels in ladders. No rules, no events.
// Included by engine.h only.
#pragma once

#include "matching/engine.h"

namespace zomma::matching {

// The refusals come one after the other as a venue would test them; the usual order passes all.
inline std::uint16_t Engine::check(const NewOrder& order) const {
  if (!holds(order.instrument)) return ZM_REASON_UNKNOWN_INSTRUMENT;
  const bool known = order.side <= Side::sell && order.type <= OrderType::stop_limit &&
                     order.time_in_force <= TimeInForce::fok &&
                     order.self_trade <= SelfTrade::decrement;
  if (!known || !order.id.valid() || order.display_quantity.value < 0) return ZM_REASON_MALFORMED;
  const Book& book = books_[order.instrument.value];
  if (const auto refusal = check_quantity(book, order.quantity)) return refusal;
  if (order.display_quantity.value % book.lot != 0) return ZM_REASON_LOT;
  if (is_limited(order.type))
    if (const auto refusal = check_price(book, order.price)) return refusal;
  if (is_stop(order.type))
    if (const auto refusal = check_price(book, order.stop_price)) return refusal;
  return index_.find(order.id.value) == 0 ? ZM_REASON_NONE : ZM_REASON_DUPLICATE;
}

inline Price Engine::limit_of(Record record) const {
  const Order& order = orders_[record];
  const Level& level = levels_[order.level];
  if (order.type == OrderType::stop) return no_price;
  const std::int64_t ticks = is_stop(order.type) ? stop_limit(record) : ticks_of(level);
  return {ticks * book_of(level).tick};
}

inline Engine::Incoming Engine::incoming_of(Record record) const {
  const Order& order = orders_[record];
  const Level& level = levels_[order.level];
  const Side side = side_of(level);
  std::int64_t limit = toward(side, ticks_of(level));
  if (is_stop(order.type))
    limit = order.type == OrderType::stop ? any_price : toward(side, stop_limit(record));
  return {order.id,
          limit,
          order.open(),
          order.filled,
          order.display,
          instrument_of(level),
          order.owner,
          record,
          side,
          order.type,
          order.time_in_force,
          order.post_only,
          order.self_trade,
          ZM_REASON_NONE};
}

inline std::uint32_t Engine::open_level(Book& book, std::uint32_t instrument, Kind kind,
                                        std::int64_t key) {
  Ladder& ladder = book.ladders[kind];
  std::uint32_t level = ladder.find(key);
  if (level != 0) return level;
  level = levels_.take();
  levels_[level] = {key, 0, 0, 0, 0, instrument * kinds + kind};
  ladder.insert(key, level);
  return level;
}

// Record 0 is the end of every queue: written to, never read.
inline void Engine::link_last(std::uint32_t at, Record record) {
  Level& level = levels_[at];
  Order& order = orders_[record];
  order.level = at;
  order.next = 0;
  order.prev = level.last;
  orders_[level.last].next = record;
  level.first = level.first == 0 ? record : level.first;
  level.last = record;
  level.quantity += order.shown;
  ++level.count;
}

inline void Engine::unlink(Record record) {
  const Order& order = orders_[record];
  const std::uint32_t at = order.level;
  Level& level = levels_[at];
  const Record next = order.next;
  const Record prev = order.prev;
  orders_[prev].next = next;
  orders_[next].prev = prev;
  level.first = level.first == record ? next : level.first;
  level.last = level.last == record ? prev : level.last;
  level.quantity -= order.shown;
  if (is_stop(order.type)) [[unlikely]]
    --book_of(level).stops;
  if (--level.count != 0) return;
  book_of(level).ladders[kind_of(level)].erase(level.key);
  levels_.give(at);
}

// Within its level, which may be alone in it.
inline void Engine::move_to_end(Record record) {
  Order& order = orders_[record];
  Level& level = levels_[order.level];
  if (level.last == record) return;
  orders_[order.prev].next = order.next;
  orders_[order.next].prev = order.prev;
  level.first = level.first == record ? order.next : level.first;
  orders_[level.last].next = record;
  order.prev = level.last;
  order.next = 0;
  level.last = record;
}

inline void Engine::leave(Record record) {
  unlink(record);
  forget(record);
}

}  // namespace zomma::matching
