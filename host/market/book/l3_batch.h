// l3_batch.h: many messages at once. A book of a million orders is cache misses and little else; a block of messages lets
// them overlap: first all hash lines are fetched, then all order records, then what these point to, and only then are the
// messages applied, in order. Part of l3_market.h.
#pragma once

#include "market/book/l3_market.h"

namespace zomma {

// Events as an L3Market::drain source. A Source gives messages, and says of a message what is asked here:
//   using Message                                   small, copied
//   std::size_t fill(Message* out, std::size_t n)   the next messages that concern a book, at most n; 0 at the end
//   static L3Market::Operation operation(const Message&)
class EventSource {
 public:
  using Message = const zm_event*;

  // A run of order events; stops at the first event of another kind.
  explicit EventSource(std::span<const zm_event> events) : at_(events.data()), end_(events.data() + events.size()) {}

  static bool is_operation(const zm_event& event) {
    return event.kind >= ZM_EVENT_ORDER_ADD && event.kind <= ZM_EVENT_ORDER_MODIFY;
  }
  std::size_t fill(Message* out, std::size_t n) {
    std::size_t count = 0;
    while (count < n && at_ != end_ && is_operation(*at_)) out[count++] = at_++;
    return count;
  }
  std::span<const zm_event> rest() const { return {at_, end_}; }

  static L3Market::Operation operation(Message event) {
    // Reference, price and quantity lie at the same place in orders and executions.
    L3Market::Operation operation{event->kind,
                                  (event->flags & ZM_FLAG_LAST) != 0,
                                  (event->flags & ZM_FLAG_SELL) != 0 ? Side::sell : Side::buy,
                                  event->instrument,
                                  event->u.order.ref,
                                  0,
                                  event->u.order.price,
                                  event->u.order.quantity};
    if (event->kind == ZM_EVENT_ORDER_REPLACE) [[unlikely]] {
      operation.new_ref = event->u.replace.new_ref;
      operation.price = event->u.replace.price;
      operation.quantity = event->u.replace.quantity;
    }
    return operation;
  }

 private:
  const zm_event* at_;
  const zm_event* end_;
};
static_assert(offsetof(zm_book_order, price) == offsetof(zm_book_execute, price));
static_assert(offsetof(zm_book_order, quantity) == offsetof(zm_book_execute, quantity));

template <class Source, class Visitor>
void L3Market::drain(Source& source, Visitor& visitor) {
  // Long enough that the first line has arrived when the last was asked for; short enough to stay in the nearest cache.
  constexpr std::size_t block = 64;
  struct Lane {
    Operation operation;
    State* state;
    Hint hint;
  };
  typename Source::Message messages[block];
  Lane lanes[block];
  while (const std::size_t count = source.fill(messages, block)) {
    Lane* const end = look_up<Source>(std::span(messages, count), lanes);
    for (Lane* lane = lanes; lane != end; ++lane) {
      const Operation& operation = lane->operation;
      lane->hint.order = OrderIndex::guess(lane->hint.spot);
      __builtin_prefetch(&orders_[lane->hint.order], 1, 3);
      const std::uint32_t near = lane->state->ladder(operation.side).near(Ladder::key(operation.side, operation.price));
      lane->hint.near = operation.kind == ZM_EVENT_ORDER_ADD ? near : 0;
      __builtin_prefetch(&levels_[lane->hint.near], 1, 3);
    }
    for (const Lane* lane = lanes; lane != end; ++lane) {
      const Order& order = orders_[lane->hint.order];
      const std::uint32_t last = levels_[lane->hint.near].last;
      __builtin_prefetch(&levels_[order.level], 1, 3);
      __builtin_prefetch(&orders_[lane->hint.near != 0 ? last : order.before], 1, 3);
      __builtin_prefetch(&orders_[order.after], 1, 3);
    }
    const std::uint64_t moves = window_moves_;
    for (Lane* lane = lanes; lane != end; ++lane) {
      const Operation& operation = lane->operation;
      if (window_moves_ != moves) [[unlikely]] {
        lane->hint.near = lane->state->ladder(operation.side).near(Ladder::key(operation.side, operation.price));
      }
      operate(*lane->state, operation, lane->hint, visitor);
    }
    grow();
  }
}

// Fills a lane for every message whose instrument is held. Returns the end of the lanes.
template <class Source, class Lane>
[[gnu::always_inline]] inline Lane* L3Market::look_up(std::span<const typename Source::Message> messages, Lane* lane) {
  for (const auto& message : messages) {
    lane->operation = Source::operation(message);
    const std::uint32_t instrument = lane->operation.instrument;
    if (!holds({instrument})) [[unlikely]] {
      ++unknown_instrument_;
      continue;
    }
    lane->state = books_[instrument].get();
    lane->hint.spot = index_.spot(lane->operation.ref, instrument);
    __builtin_prefetch(lane->hint.spot.line, 1, 3);
    ++lane;
  }
  return lane;
}

template <class Visitor>
void L3Market::apply(std::span<const zm_event> events, Visitor& visitor) {
  while (!events.empty()) {
    EventSource source(events);
    drain(source, visitor);
    events = source.rest();
    if (events.empty()) return;
    apply(events.front(), visitor);
    events = events.subspan(1);
  }
}

}  // namespace zomma
