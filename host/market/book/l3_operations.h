// l3_operations.h: what an L3Market does with one event. The templates of l3_market.h; not for
// direct inclusion.
//
// The functions of the common messages are forced inline into the loop over a block: what they
// would report is then only computed for a caller who looks at it.
#pragma once

#include "market/book/l3_batch.h"
#include "market/book/l3_market.h"

namespace zomma {

// One instrument: two ladders of level numbers and what is counted.
struct L3Market::State {
  State(InstrumentId id, Price tick, std::uint32_t first_level)
      : instrument(id),
        salt(OrderIndex::salt(id.value)),
        ladders{{Side::buy, tick.value, first_level},
                {Side::sell, tick.value, first_level + Ladder::window}} {}

  Ladder& ladder(Side side) { return ladders[static_cast<std::size_t>(side)]; }
  const Ladder& ladder(Side side) const { return ladders[static_cast<std::size_t>(side)]; }
  std::uint32_t owner(Side side) const {
    return instrument.value * 2 + static_cast<std::uint32_t>(side);
  }
  bool crossed() const { return Ladder::crossed(ladders[0], ladders[1]); }

  InstrumentId instrument;
  bool suspect = false;
  std::uint64_t salt;  // of the instrument's hashes
  std::uint64_t next_arrival = 1;
  std::size_t orders = 0;
  Ladder ladders[2];
  BookCounters counters;
  std::unique_ptr<Book> view;
};

namespace detail {

template <class Visitor>
[[gnu::always_inline]] inline void tell(Visitor& visitor, const OrderChange& change) {
  if constexpr (requires { visitor.on_order(change); }) visitor.on_order(change);
}
template <class Visitor>
[[gnu::always_inline]] inline void tell(Visitor& visitor, const LevelChange& change) {
  if constexpr (requires { visitor.on_level(change); }) visitor.on_level(change);
}
template <class Visitor>
[[gnu::always_inline]] inline void tell(Visitor& visitor, const TopChange& change) {
  if constexpr (requires { visitor.on_top(change); }) visitor.on_top(change);
}

}  // namespace detail

inline BookAnomaly L3Market::check(std::int64_t price, std::int64_t quantity) {
  const bool sane = price + max_book_price > 0 && price < max_book_price;
  if (!sane) [[unlikely]]
    return BookAnomaly::bad_price;
  return quantity > 0 ? BookAnomaly::none : BookAnomaly::bad_quantity;
}

// 0 when there is no room.
inline std::uint32_t L3Market::take_order() {
  if (free_count_ == 0) return used_orders_ + 1 < orders_.capacity() ? ++used_orders_ : 0;
  return free_orders_[--free_count_];
}

inline void L3Market::give_order(std::uint32_t order) {
  orders_[order].level = 0;
  free_orders_[free_count_++] = order;
}

// Fetches the records that the next so many adds will use.
inline void L3Market::warm_up(std::uint32_t orders) {
  constexpr std::uint32_t stays_warm = 1024;
  if (warm_ + stays_warm < free_count_) warm_ = free_count_ - stays_warm;
  if (warm_ > free_count_) warm_ = free_count_;
  const std::uint32_t down_to = free_count_ > orders ? free_count_ - orders : 0;
  while (warm_ > down_to) __builtin_prefetch(&orders_[free_orders_[--warm_]], 1, 3);
}

// Takes an order out of its queue.
[[gnu::always_inline]] inline void L3Market::unlink(const Order& order, Level& level) {
  orders_[order.before].after = order.after;
  orders_[order.after].before = order.before;
  // Selections without a branch: whether an order is the first or the last of its queue is not to
  // be predicted.
  level.first = detail::choose(order.before == 0, order.after, level.first);
  level.last = detail::choose(order.after == 0, order.before, level.last);
  --level.count;
}

// The level at a price if something rests there, otherwise 0.
inline std::uint32_t L3Market::occupied_level(const State& state, Side side,
                                              std::int64_t price) const {
  const Ladder& ladder = state.ladder(side);
  const std::int64_t key = Ladder::key(side, price);
  const std::uint32_t level = ladder.near(key);
  if (level == 0) return ladder.far(key);
  return levels_[level].count == 0 ? 0 : level;
}

// Says that a level has a new total; its record still tells side and price if it has just gone.
template <class Visitor>
[[gnu::always_inline]] inline void L3Market::tell_level(State& state, const Level& level, bool top,
                                                        Visitor& visitor) {
  const Side side = side_of(level);
  detail::tell(visitor,
               LevelChange{state.instrument, side, {{level.price}, {level.quantity}, level.count}});
  if (!top) return;
  const std::uint32_t best = state.ladder(side).best_level();
  const Level& at = levels_[best];
  detail::tell(visitor, TopChange{state.instrument,
                                  side,
                                  {{best == 0 ? ZM_NO_PRICE : at.price}, {at.quantity}, at.count}});
}

// `near`: the level number that the ladder has for the price, 0 if the price is far.
template <class Visitor>
[[gnu::always_inline]] inline Applied L3Market::add(State& state, const Operation& operation,
                                                    OrderIndex::Spot spot, std::uint32_t near,
                                                    Visitor& visitor) {
  Applied applied{check(operation.price, operation.quantity),
                  false,
                  false,
                  operation.side,
                  {operation.price},
                  {},
                  {}};
  if (applied.anomaly != BookAnomaly::none) [[unlikely]]
    return applied;
  const auto refuse = [&](BookAnomaly why) {
    applied.anomaly = why;
    return applied;
  };
  if (find(operation.ref, state.instrument.value, spot) != 0) [[unlikely]]
    return refuse(BookAnomaly::duplicate_order);
  Ladder& ladder = state.ladder(operation.side);
  const std::int64_t key = Ladder::key(operation.side, operation.price);
  std::uint32_t at = near;
  if (near == 0) [[unlikely]]
    at = ladder.far(key);
  std::int64_t total = operation.quantity;
  if (__builtin_add_overflow(total, levels_[at].quantity, &total)) [[unlikely]]
    return refuse(BookAnomaly::bad_quantity);
  const std::uint32_t order = take_order();
  if (order == 0) [[unlikely]]
    return refuse(BookAnomaly::capacity);
  if (levels_[at].count == 0) {
    at = open_level(state, operation.side, key, near);
    if (at == 0) [[unlikely]] {
      give_order(order);
      return refuse(BookAnomaly::capacity);
    }
  }
  Level& level = levels_[at];
  orders_[order] = {operation.ref,
                    operation.quantity,
                    level.last,
                    0,
                    at,
                    static_cast<std::uint32_t>(state.next_arrival++)};
  orders_[level.last].after = order;
  level.first = detail::choose(level.count == 0, order, level.first);
  level.last = order;
  level.quantity = total;
  ++level.count;
  ++state.orders;
  index_.insert(spot, order);

  applied.changed = true;
  applied.top_changed = at == ladder.best_level();
  applied.quantity = applied.leaves = {operation.quantity};
  detail::tell(visitor, OrderChange{state.instrument,
                                    OrderAction::add,
                                    operation.side,
                                    operation.ref,
                                    {operation.price},
                                    {operation.quantity},
                                    {operation.quantity}});
  tell_level(state, level, applied.top_changed, visitor);
  return applied;
}

// Makes a level at a price where nothing rests. 0 when there is no room.
inline std::uint32_t L3Market::open_level(State& state, Side side, std::int64_t key,
                                          std::uint32_t near) {
  if (near == 0) [[unlikely]]
    return open_far_level(state, side, key);
  levels_[near].price = Ladder::key(side, key);
  levels_[near].owner = state.owner(side);
  state.ladder(side).insert_near(key, near);
  return near;
}

// Reduce, execute and delete: something is taken off an order, and with the last of it the order
// goes.
template <class Visitor>
[[gnu::always_inline]] inline Applied L3Market::take(State& state, const Operation& operation,
                                                     OrderIndex::Spot spot, std::uint32_t at,
                                                     Visitor& visitor) {
  Order& order = orders_[at];
  const std::uint32_t level_number = order.level;
  Level& level = levels_[level_number];
  Applied applied{BookAnomaly::none, true, false, side_of(level), {level.price}, {}, {}};
  const bool whole = operation.kind == ZM_EVENT_ORDER_DELETE;
  std::int64_t quantity = whole ? order.quantity : operation.quantity;
  if (quantity <= 0) [[unlikely]] {
    applied.anomaly = BookAnomaly::bad_quantity;
    applied.changed = false;
    applied.leaves = {order.quantity};
    return applied;
  }
  if (quantity > order.quantity) [[unlikely]] {
    applied.anomaly = BookAnomaly::over_execution;
    quantity = order.quantity;
  }
  const std::int64_t leaves = order.quantity - quantity;
  order.quantity = leaves;
  level.quantity -= quantity;
  applied.quantity = {quantity};
  applied.leaves = {leaves};
  Ladder& ladder = state.ladder(applied.side);
  applied.top_changed = level_number == ladder.best_level();
  const OrderAction action = whole                                      ? OrderAction::remove
                             : operation.kind == ZM_EVENT_ORDER_EXECUTE ? OrderAction::execute
                                                                        : OrderAction::reduce;
  if (leaves == 0) [[likely]] {
    index_.erase(spot, at);
    unlink(order, level);
    give_order(at);
    --state.orders;
    if (level.count == 0) ladder.erase(Ladder::key(applied.side, level.price), level_number);
  }
  detail::tell(visitor, OrderChange{state.instrument,
                                    action,
                                    applied.side,
                                    operation.ref,
                                    applied.price,
                                    {quantity},
                                    {leaves}});
  tell_level(state, level, applied.top_changed, visitor);
  if (level.count == 0 && !ladder.is_near(level_number)) [[unlikely]]
    give_far_level(level_number);
  return applied;
}

// New price and total quantity. In place only if the price stays and the quantity does not grow.
template <class Visitor>
Applied L3Market::modify(State& state, const Operation& operation, OrderIndex::Spot spot,
                         std::uint32_t at, Visitor& visitor) {
  const Order order = orders_[at];
  const Level& level = levels_[order.level];
  Operation as = operation;
  as.side = side_of(level);
  if (operation.price == ZM_NO_PRICE) as.price = level.price;
  Applied applied{
      check(as.price, as.quantity), false, false, as.side, {level.price}, {}, {order.quantity}};
  if (applied.anomaly != BookAnomaly::none) return applied;
  if (as.price == level.price && as.quantity <= order.quantity) {
    if (as.quantity == order.quantity) return applied;
    as.kind = ZM_EVENT_ORDER_REDUCE;
    as.quantity = order.quantity - as.quantity;
    return take(state, as, spot, at, visitor);
  }
  as.new_ref = operation.ref;
  return replace(state, as, spot, at, visitor);
}

template <class Visitor>
Applied L3Market::replace(State& state, const Operation& operation, OrderIndex::Spot spot,
                          std::uint32_t at, Visitor& visitor) {
  const Order order = orders_[at];
  const Level& level = levels_[order.level];
  Operation fresh = operation;
  fresh.ref = operation.new_ref;
  fresh.side = side_of(level);
  Applied applied{check(fresh.price, fresh.quantity),
                  false,
                  false,
                  fresh.side,
                  {level.price},
                  {},
                  {order.quantity}};
  if (applied.anomaly != BookAnomaly::none) return applied;
  const OrderIndex::Spot fresh_spot = index_.spot(fresh.ref, state.salt);
  if (fresh.ref != order.ref && find(fresh.ref, state.instrument.value, fresh_spot) != 0) {
    applied.anomaly = BookAnomaly::duplicate_order;
    return applied;
  }
  Ladder& ladder = state.ladder(fresh.side);
  const std::uint32_t near = ladder.near(Ladder::key(fresh.side, fresh.price));
  const std::uint32_t target = occupied_level(state, fresh.side, fresh.price);
  std::int64_t total = fresh.quantity;
  // What the order itself has there now does not count.
  const std::int64_t others =
      levels_[target].quantity - (target == order.level ? order.quantity : 0);
  if (__builtin_add_overflow(total, others, &total)) applied.anomaly = BookAnomaly::bad_quantity;
  if (near == 0 && target == 0 && free_level_ == 0 && !has_far_room(1))
    applied.anomaly = BookAnomaly::capacity;
  if (applied.anomaly != BookAnomaly::none) return applied;

  const bool was_top = ladder.best_level() == order.level;
  Operation whole;
  whole.kind = ZM_EVENT_ORDER_DELETE;
  whole.ref = order.ref;
  take(state, whole, spot, at, visitor);
  applied = add(state, fresh, fresh_spot, near, visitor);
  applied.top_changed |= was_top;
  return applied;
}

template <class Visitor>
[[gnu::noinline]] Applied L3Market::alter(State& state, const Operation& operation,
                                          OrderIndex::Spot spot, std::uint32_t order,
                                          Visitor& visitor) {
  return operation.kind == ZM_EVENT_ORDER_REPLACE ? replace(state, operation, spot, order, visitor)
                                                  : modify(state, operation, spot, order, visitor);
}

template <class Visitor>
[[gnu::always_inline]] inline Applied L3Market::operate(State& state, const Operation& operation,
                                                        const Hint& hint, Visitor& visitor) {
  Applied applied;
  if (operation.kind == ZM_EVENT_ORDER_ADD) {
    applied = add(state, operation, hint.spot, hint.near, visitor);
  } else {
    const std::uint32_t instrument = state.instrument.value;
    std::uint32_t order = hint.order;
    if (!is(order, operation.ref, instrument)) [[unlikely]]
      order = find(operation.ref, instrument, hint.spot);
    if (order == 0) [[unlikely]] {
      applied.anomaly = BookAnomaly::unknown_order;
    } else if (operation.kind <= ZM_EVENT_ORDER_EXECUTE) [[likely]] {
      applied = take(state, operation, hint.spot, order, visitor);
    } else {
      applied = alter(state, operation, hint.spot, order, visitor);
    }
  }
  if (applied.anomaly == BookAnomaly::none && operation.last && state.crossed()) [[unlikely]] {
    applied.anomaly = BookAnomaly::crossed;
  }
  if (applied.anomaly != BookAnomaly::none) [[unlikely]]
    ++state.counters.seen[static_cast<std::size_t>(applied.anomaly)];
  return applied;
}

template <class Visitor>
Applied L3Market::apply_to(State& state, const zm_event& event, Visitor& visitor) {
  if (EventSource::is_operation(event)) {
    Operation operation;
    EventSource::read(event, operation);
    const Hint hint{
        index_.spot(operation.ref, state.salt), 0,
        state.ladder(operation.side).near(Ladder::key(operation.side, operation.price))};
    const Applied applied = operate(state, operation, hint, visitor);
    grow();
    return applied;
  }
  Applied applied;
  if (event.kind == ZM_EVENT_BOOK_CLEAR) {
    applied.changed = applied.top_changed = state.orders != 0;
    clear(state);
    state.suspect = false;
    for (const Side side : {Side::buy, Side::sell})
      detail::tell(visitor, TopChange{state.instrument, side, {}});
  } else if (event.kind == ZM_EVENT_GAP) {
    state.suspect = true;
  } else if (event.kind == ZM_EVENT_LEVEL || event.kind == ZM_EVENT_QUOTE) {
    applied.anomaly = BookAnomaly::wrong_kind;
    ++state.counters.seen[static_cast<std::size_t>(BookAnomaly::wrong_kind)];
  }
  return applied;
}

template <class Visitor>
Applied L3Market::apply(const zm_event& event, Visitor& visitor) {
  if (State* state = state_of(event.instrument)) [[likely]]
    return apply_to(*state, event, visitor);
  const bool concerns_book = event.kind >= ZM_EVENT_LEVEL && event.kind <= ZM_EVENT_BOOK_CLEAR;
  if (!concerns_book && event.kind != ZM_EVENT_QUOTE) return {};
  ++unknown_instrument_;
  Applied applied;
  applied.anomaly = BookAnomaly::unknown_instrument;
  return applied;
}

}  // namespace zomma
