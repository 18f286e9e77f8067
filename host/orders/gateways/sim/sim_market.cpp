// sim_market.cpp: what the recorded market does to our resting orders: moves them forward in their
// queues, trades with them, triggers their stops. Hot path: no allocation.
#include <algorithm>

#include "orders/gateways/sim/recorded.h"

namespace zomma {
namespace {

constexpr std::int64_t beyond_reach = std::int64_t{1}
                                      << 60;  // ahead of an order whose place is lost
constexpr std::int64_t not_met = -1;

constexpr std::size_t index(Side side) { return static_cast<std::size_t>(side); }

// Whether `a` is the better price for resting orders of `side`: it trades first.
bool better(Side side, Price a, Price b) { return side == Side::buy ? a > b : a < b; }

Side side_of(const zm_event& event) {
  return (event.flags & ZM_FLAG_SELL) != 0 ? Side::sell : Side::buy;
}

}  // namespace

// Whether a recorded order of `side` at `price` would trade with an own order.
bool SimGateway::crosses(const Market& market, Side side, Price price) const {
  const Watch& against = market.resting[index(opposite(side))];
  return side == Side::sell ? price.value <= against.high : price.value >= against.low;
}

void SimGateway::observe(Market& market, const zm_event& event, const Book& book) {
  now_ns_ = std::max(now_ns_, event.ts_ns);
  switch (event.kind) {
    case ZM_EVENT_TRADE:
      on_trade_event(market, event, book);
      return;
    case ZM_EVENT_MARKET_STATE:
      if (event.u.state.state == market.state) return;
      market.state = event.u.state.state;
      market.state_changed = market.dirty = true;
      return;
    case ZM_EVENT_LEVEL:
    case ZM_EVENT_ORDER_ADD: {
      const Side side = side_of(event);
      const Price price{event.kind == ZM_EVENT_LEVEL ? event.u.level.price : event.u.order.price};
      if (market.watched[index(side)].holds(price.value) || crosses(market, side, price))
        market.dirty = true;
      return;
    }
    case ZM_EVENT_QUOTE:
      market.dirty = true;
      return;
    case ZM_EVENT_ORDER_REDUCE:
    case ZM_EVENT_ORDER_DELETE:
    case ZM_EVENT_ORDER_EXECUTE:
    case ZM_EVENT_ORDER_REPLACE:
    case ZM_EVENT_ORDER_MODIFY:
      on_order_event(market, event, book);
      return;
    case ZM_EVENT_BOOK_CLEAR:
    case ZM_EVENT_GAP:
      lose_places(market);
      return;
    default:
      return;
  }
}

// An auction's print, or one that is told elsewhere as well, moves no queue.
void SimGateway::on_trade_event(Market& market, const zm_event& event, const Book& book) {
  if ((event.flags & (ZM_FLAG_CROSS | ZM_FLAG_NO_PRINT)) != 0) return;
  const Price price{event.u.trade.price};
  market.last = price;
  market.has_last = true;
  if (!market.busy || event.u.trade.quantity <= 0) return;
  note_print(market, price);
  Side passive = Side::buy;
  if ((event.flags & ZM_FLAG_AGGRESSOR) != 0) {
    passive = opposite(side_of(event));
  } else {
    const Bbo bbo = book.bbo();
    if (bbo.ask != no_price && price >= bbo.ask)
      passive = Side::sell;
    else if (bbo.bid == no_price || price > bbo.bid)
      return;  // inside the spread and nobody says who: no queue of ours was meant
  }
  on_trade(market, passive, price, event.u.trade.quantity, (event.flags & ZM_FLAG_HIDDEN) != 0);
}

void SimGateway::note_print(Market& market, Price price) {
  market.last = price;
  market.has_last = true;
  market.low = market.printed ? std::min(market.low, price) : price;
  market.high = market.printed ? std::max(market.high, price) : price;
  market.printed = market.dirty = true;
}

void SimGateway::on_order_event(Market& market, const zm_event& event, const Book& book) {
  const OrderQueues* queues = book.orders();
  if (queues == nullptr) return;
  const bool exact = options_.queue == SimQueueModel::exact;
  if (!exact || !market.taken.empty()) market.dirty = true;
  const bool executes = event.kind == ZM_EVENT_ORDER_EXECUTE;
  if (!exact && !executes) return;
  const auto order = queues->find(event.u.order.ref);
  if (!order) return;
  const std::int64_t leaves = order->leaves.value;
  switch (event.kind) {
    case ZM_EVENT_ORDER_EXECUTE: {
      const std::int64_t quantity = std::min(leaves, event.u.execute.quantity);
      if ((event.flags & ZM_FLAG_CROSS) !=
          0) {  // an auction: we had no part in it, but the queue is shorter
        if (exact) on_gone(market, *order, quantity);
        return;
      }
      note_print(market, order->price);
      if (exact)
        on_execution(market, *order, quantity);
      else
        on_trade(market, order->side, order->price, quantity, false);
      return;
    }
    case ZM_EVENT_ORDER_REDUCE:
      on_gone(market, *order, std::min(leaves, event.u.order.quantity));
      return;
    case ZM_EVENT_ORDER_DELETE:
      on_gone(market, *order, leaves);
      return;
    case ZM_EVENT_ORDER_MODIFY: {
      const bool stays =
          event.u.order.price == order->price.value && event.u.order.quantity <= leaves;
      on_gone(market, *order, stays ? leaves - event.u.order.quantity : leaves);
      if (crosses(market, order->side, {event.u.order.price})) market.dirty = true;
      return;
    }
    default:  // replace
      on_gone(market, *order, leaves);
      if (crosses(market, order->side, {event.u.replace.price})) market.dirty = true;
      return;
  }
}

template <class Reached>
void SimGateway::fill_own(Market& market, Side side, Reached&& reached) {
  std::int64_t ours = 0;
  for (const Own& own : market.own[index(side)]) {
    const std::int64_t reach = reached(places_[own.record], own.price);
    if (reach == not_met) break;
    const std::int64_t part = std::min(engine_.shown(own.record).value, reach - ours);
    if (part <= 0) continue;
    ours += part;
    begin_moment(now_ns_);
    Reporter reporter(*this);
    Recorded recorded(*this);
    engine_.fill_resting(own.record, {part}, reporter, recorded);
  }
}

// A trade at a price against resting orders of one side.
void SimGateway::on_trade(Market& market, Side passive, Price price, std::int64_t quantity,
                          bool hidden) {
  if (market.own[index(passive)].empty() ||
      better(passive, price, market.own[index(passive)][0].price))
    return;
  const bool exact = options_.queue == SimQueueModel::exact && market.book->orders() != nullptr;
  const InstrumentId instrument{static_cast<std::uint32_t>(&market - markets_.data())};
  fill_own(market, passive, [&](QueuePlace& place, Price own) -> std::int64_t {
    if (better(passive, own, price)) return quantity;  // traded beyond us: we would have been first
    if (own != price) return not_met;
    if (hidden) return place.hidden_trade(quantity);
    return exact ? place.exact_trade(quantity) : place.trade(quantity, now_ns_);
  });
  market.dirty = true;
  if (touched_) refresh(instrument);
}

// Exact: a recorded order traded.
void SimGateway::on_execution(Market& market, const QueuedOrder& order, std::int64_t quantity) {
  const InstrumentId instrument{static_cast<std::uint32_t>(&market - markets_.data())};
  fill_own(market, order.side, [&](QueuePlace& place, Price own) -> std::int64_t {
    if (better(order.side, own, order.price)) return quantity;
    if (own != order.price) return not_met;
    if (order.arrival >= place.arrival) return quantity;  // it stood behind us
    place.gone(quantity);
    return 0;
  });
  if (touched_) refresh(instrument);
}

// Exact: quantity of a recorded order left without a trade.
void SimGateway::on_gone(Market& market, const QueuedOrder& order, std::int64_t quantity) {
  for (const Own& own : market.own[index(order.side)])
    if (own.price == order.price && order.arrival < places_[own.record].arrival)
      places_[own.record].gone(quantity);
}

// Nobody knows what left before us: until the book is whole again nothing at our price reaches us,
// then we stand at its end.
void SimGateway::lose_places(Market& market) {
  for (const auto& side : market.own) {
    for (const Own& own : side) {
      places_[own.record].level = QueuePlace::unknown;
      places_[own.record].ahead = beyond_reach;
    }
  }
  market.dirty = true;
}

// --- the venue's update is whole ---

void SimGateway::settle(InstrumentId instrument, Market& market) {
  market.dirty = false;
  begin_moment(now_ns_);
  if (market.state_changed) settle_state(instrument, market);
  if (!market.taken.empty()) settle_taken(market);
  settle_places(market);
  if (!halted(market) && !market.book->suspect()) {
    const Bbo bbo = market.book->bbo();
    if (bbo.ask != no_price && crosses(market, Side::sell, bbo.ask))
      settle_crossed(instrument, market, Side::buy);
    if (bbo.bid != no_price && crosses(market, Side::buy, bbo.bid))
      settle_crossed(instrument, market, Side::sell);
  }
  if (market.printed) {
    market.printed = false;
    if (engine_.stop_count(instrument) != 0) {
      Reporter reporter(*this);
      Recorded recorded(*this);
      engine_.print(instrument, market.low, market.high, market.last, reporter, recorded);
    }
  }
  if (touched_) refresh(instrument);
}

void SimGateway::settle_state(InstrumentId instrument, Market& market) {
  market.state_changed = false;
  Reporter reporter(*this);
  if (market.state == ZM_MARKET_CLOSED) {
    engine_.end_day(instrument, reporter);
    const std::vector<OrderId> waiting = market.held;
    for (const OrderId id : waiting) {
      const VenueOrder* order = find(id);
      if (order == nullptr || order->time_in_force != TimeInForce::day) continue;
      unhold(*order);
      report_order(ZM_EVENT_EXPIRED, *order, order->quantity.value, 0, ZM_REASON_NONE);
      forget(id);
    }
  }
  if (halted(market) || market.held.empty()) return;
  std::vector<OrderId> released;
  released.swap(market.held);
  touched_ = true;
  for (const OrderId id : released)
    if (const VenueOrder* order = find(id)) match(VenueOrder{*order}, false);
}

// What we took is gone when the level no longer shows it: never more than the level has left, on an
// l3 book than those orders have left that stood there when we took.
void SimGateway::settle_taken(Market& market) {
  const OrderQueues* queues = market.book->orders();
  for (Taken& taken : market.taken) {
    const std::int64_t left =
        queues == nullptr
            ? market.book->quantity_at(taken.side, taken.price).value
            : queues->standing_before(taken.side, taken.price, taken.arrival).quantity.value;
    taken.quantity = std::min(taken.quantity, left);
  }
  const auto gone = [](const Taken& taken) { return taken.quantity == 0; };
  if (std::erase_if(market.taken, gone) != 0) touched_ = true;
}

void SimGateway::settle_places(Market& market) {
  const bool exact = options_.queue == SimQueueModel::exact && market.book->orders() != nullptr;
  for (const Side side : {Side::buy, Side::sell}) {
    for (const Own& own : market.own[index(side)]) {
      QueuePlace& place = places_[own.record];
      if (place.level == QueuePlace::unknown) {
        if (market.book->depth(Side::buy) + market.book->depth(Side::sell) == 0)
          market.dirty = true;  // cleared: its snapshot comes in a later update
        else
          joined(own.record);
      } else if (exact)
        place.traded = 0;
      else
        place.settle(market.book->quantity_at(side, own.price).value, options_.queue,
                     options_.queue_power, now_ns_);
    }
  }
}

// The recorded market offers at our price or better: it would have met us first. We trade at our
// price, with what is offered there and not more.
void SimGateway::settle_crossed(InstrumentId instrument, Market& market, Side side) {
  Reporter reporter(*this);
  Recorded recorded(*this);
  auto walk = recorded.walk(instrument.value, opposite(side));
  matching::Offer offer;
  for (const Own& own : market.own[index(side)]) {
    std::int64_t left = engine_.shown(own.record).value;
    while (left > 0) {
      if (!walk.peek(offer) || offer.key < -recorded_key(side, own.price)) return;
      const std::int64_t quantity = std::min(left, offer.quantity);
      left -= quantity;
      walk.commit(quantity);
      engine_.fill_resting(own.record, {quantity}, reporter, recorded);
    }
  }
}

}  // namespace zomma
