// l3_batch.h: many messages at once. A book of a million orders is cache misses and little else; a
// block of messages lets them overlap: first all hash lines are fetched, then all order records,
// then what these point to, and only then are the messages applied, in order. Part of l3_market.h.
#pragma once

#include "market/book/l3_market.h"

namespace zomma {

// Events as an L3Market::drain source. A Source gives messages, and says of a message what is asked
// here:
//   bool next(L3Market::Operation& operation)   the next message that concerns a book; false at the
//   end
class EventSource {
 public:
  // A run of order events; stops at the first event of another kind.
  explicit EventSource(std::span<const zm_event> events)
      : at_(events.data()), end_(events.data() + events.size()) {}

  static bool is_operation(const zm_event& event) {
    return event.kind >= ZM_EVENT_ORDER_ADD && event.kind <= ZM_EVENT_ORDER_MODIFY;
  }
  bool next(L3Market::Operation& to) {
    if (at_ == end_ || !is_operation(*at_)) return false;
    read(*at_++, to);
    return true;
  }
  std::span<const zm_event> rest() const { return {at_, end_}; }

  static void read(const zm_event& event, L3Market::Operation& to) {
    to.kind = event.kind;
    to.last = (event.flags & ZM_FLAG_LAST) != 0;
    to.side = static_cast<Side>(event.flags & ZM_FLAG_SELL);
    to.instrument = event.instrument;
    to.ref = event.u.order.ref;
    // Price and quantity lie at the same place in orders and executions.
    to.price = event.u.order.price;
    to.quantity = event.u.order.quantity;
    if (event.kind == ZM_EVENT_ORDER_REPLACE) [[unlikely]] {
      to.new_ref = event.u.replace.new_ref;
      to.price = event.u.replace.price;
      to.quantity = event.u.replace.quantity;
    }
  }

 private:
  const zm_event* at_;
  const zm_event* end_;
};
static_assert(ZM_FLAG_SELL == static_cast<int>(Side::sell));
static_assert(offsetof(zm_book_order, price) == offsetof(zm_book_execute, price));
static_assert(offsetof(zm_book_order, quantity) == offsetof(zm_book_execute, quantity));

template <class Source, class Visitor>
void L3Market::drain(Source& source, Visitor& visitor) {
  // Long enough that the first line has arrived when the last was asked for; short enough to stay
  // in the nearest cache.
  constexpr std::size_t block = 64;
  struct Lane {
    Operation operation;
    State* state;
    Hint hint;
  };
  Lane lanes[block];
  Lane* replaces[block];
  while (true) {
    std::size_t replace_count = 0;
    Lane* const end = look_up(source, lanes, lanes + block, replaces, replace_count);
    if (end == lanes) return;
    warm_up(block);
    for (Lane* lane = lanes; lane != end; ++lane) {
      const Operation& operation = lane->operation;
      lane->hint.order = OrderIndex::guess(lane->hint.spot);
      __builtin_prefetch(&orders_[lane->hint.order], 1, 3);
      const std::uint32_t near =
          lane->state->ladder(operation.side).near(Ladder::key(operation.side, operation.price));
      lane->hint.near = detail::choose(operation.kind == ZM_EVENT_ORDER_ADD, near, 0);
      __builtin_prefetch(&levels_[lane->hint.near], 1, 3);
    }
    for (std::size_t i = 0; i < replace_count; ++i) fetch_target(*replaces[i]);
    for (const Lane* lane = lanes; lane != end; ++lane) {
      const Order& order = orders_[lane->hint.order];
      const std::uint32_t last = levels_[lane->hint.near].last;
      __builtin_prefetch(&levels_[order.level], 1, 3);
      __builtin_prefetch(&orders_[detail::choose(lane->hint.order == 0, last, order.before)], 1, 3);
      __builtin_prefetch(&orders_[order.after], 1, 3);
    }
    for (std::size_t i = 0; i < replace_count; ++i) {
      __builtin_prefetch(&orders_[levels_[replaces[i]->hint.near].last], 1, 3);
    }
    const std::uint64_t moves = window_moves_;
    for (Lane* lane = lanes; lane != end; ++lane) {
      const Operation& operation = lane->operation;
      if (window_moves_ != moves) [[unlikely]] {
        lane->hint.near =
            lane->state->ladder(operation.side).near(Ladder::key(operation.side, operation.price));
      }
      operate(*lane->state, operation, lane->hint, visitor);
    }
    grow();
  }
}

// Fills a lane for every message whose instrument is held, and asks for the lines of the index.
// Returns the lanes' end.
template <class Source, class Lane>
[[gnu::always_inline]] inline Lane* L3Market::look_up(Source& source, Lane* lane, const Lane* limit,
                                                      Lane** replaces, std::size_t& replace_count) {
  while (lane != limit && source.next(lane->operation)) {
    lane->state = state_of(lane->operation.instrument);
    if (lane->state == nullptr) [[unlikely]] {
      ++unknown_instrument_;
      continue;
    }
    lane->hint.spot = index_.spot(lane->operation.ref, lane->state->salt);
    __builtin_prefetch(lane->hint.spot.line, 1, 3);
    if (lane->operation.kind == ZM_EVENT_ORDER_REPLACE) [[unlikely]] {
      __builtin_prefetch(index_.spot(lane->operation.new_ref, lane->state->salt).line, 1, 3);
      replaces[replace_count++] = lane;
    }
    ++lane;
  }
  return lane;
}

// A replace goes to a level of its order's side, which the number of the order's level tells
// without looking at it.
template <class Lane>
inline void L3Market::fetch_target(Lane& lane) {
  const std::uint32_t level = orders_[lane.hint.order].level;
  const Side side = lane.state->ladder(Side::sell).is_near(level) ? Side::sell : Side::buy;
  lane.hint.near = lane.state->ladder(side).near(Ladder::key(side, lane.operation.price));
  __builtin_prefetch(&levels_[lane.hint.near], 1, 3);
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
