// sim_venue.cpp: what the simulated venue does with a request that has reached it, and what it says
// of what the matching engine did.
#include <algorithm>

#include "orders/gateways/sim/recorded.h"

namespace zomma {
namespace {

constexpr matching::OwnerId house{0};  // all instances are one member

matching::SelfTrade mode_of(SimSelfTrade self_trade) {
  switch (self_trade) {
    case SimSelfTrade::allow:
      return matching::SelfTrade::allow;
    case SimSelfTrade::cancel_old:
      return matching::SelfTrade::cancel_oldest;
    case SimSelfTrade::cancel_both:
      return matching::SelfTrade::cancel_both;
    case SimSelfTrade::cancel_new:
      break;
  }
  return matching::SelfTrade::cancel_newest;
}

constexpr auto id_less = [](const VenueOrder& order, OrderId id) { return order.id < id; };

}  // namespace

bool SimGateway::halted(const Market& market) {
  return market.state != ZM_MARKET_UNKNOWN && market.state != ZM_MARKET_OPEN &&
         market.state != ZM_MARKET_QUOTE_ONLY;
}

void SimGateway::act(const Request& request) {
  const VenueOrder& order = request.order;
  switch (request.action) {
    case Action::submit:
      enter(order);
      break;
    case Action::replace:
      change(request);
      break;
    case Action::cancel:
      withdraw(order.instrument, order.id, true);
      break;
    case Action::mass_cancel:
      withdraw_many(order.instrument, order.instance);
      break;
    case Action::state:
      tell_state(request.since);
      break;
  }
  if (!touched_) return;
  if (order.instrument.value < markets_.size()) return refresh(order.instrument);
  for (std::uint32_t id = 0; id < markets_.size(); ++id) refresh({id});
}

VenueOrder* SimGateway::find(OrderId id) {
  const auto found = std::lower_bound(orders_.begin(), orders_.end(), id, id_less);
  return found != orders_.end() && found->id == id ? &*found : nullptr;
}

void SimGateway::forget(OrderId id) {
  const auto found = std::lower_bound(orders_.begin(), orders_.end(), id, id_less);
  if (found != orders_.end() && found->id == id) orders_.erase(found);
}

void SimGateway::enter(const VenueOrder& order) {
  const std::int64_t quantity = order.quantity.value;
  std::uint32_t refusal = ZM_REASON_NONE;
  if (order.instrument.value >= markets_.size())
    refusal = ZM_REASON_UNKNOWN_INSTRUMENT;
  else if (find(order.id) != nullptr)
    refusal = ZM_REASON_DUPLICATE;
  else if (options_.reject_when_halted && halted(markets_[order.instrument.value]))
    refusal = ZM_REASON_MARKET_STATE;
  if (refusal != ZM_REASON_NONE)
    return report_order(ZM_EVENT_REJECTED, order, quantity, 0, refusal);
  orders_.insert(std::lower_bound(orders_.begin(), orders_.end(), order.id, id_less), order);
  Market& market = markets_[order.instrument.value];
  if (!halted(market)) return match(order, true);
  report_order(ZM_EVENT_ACCEPTED, order, quantity, quantity, ZM_REASON_NONE);
  market.held.push_back(order.id);
  touched_ = true;
}

void SimGateway::match(const VenueOrder& order, bool announce) {
  Market& market = markets_[order.instrument.value];
  Reporter reporter(*this);
  Recorded recorded(*this);
  const bool stop = order.type == OrderType::stop || order.type == OrderType::stop_limit;
  // The first stop must know where the market last traded; later ones hear of every trade.
  if (stop && market.has_last && engine_.stop_count(order.instrument) == 0)
    engine_.print(order.instrument, market.last, market.last, market.last, reporter, recorded);
  matching::NewOrder incoming;
  incoming.id = order.id;
  incoming.instrument = order.instrument;
  incoming.owner = house;
  incoming.side = order.side;
  incoming.type = order.type;
  incoming.time_in_force = order.time_in_force;
  incoming.post_only = order.post_only;
  incoming.self_trade = mode_of(options_.self_trade);
  incoming.price = order.price;
  incoming.stop_price = order.stop_price;
  incoming.quantity = order.quantity;
  incoming.display_quantity = order.display_quantity;
  announce_ = announce;
  engine_.submit(incoming, reporter, recorded);
  announce_ = true;
}

bool SimGateway::held(const VenueOrder& order) const {
  const auto& held = markets_[order.instrument.value].held;
  return std::find(held.begin(), held.end(), order.id) != held.end();
}

void SimGateway::unhold(const VenueOrder& order) {
  std::erase(markets_[order.instrument.value].held, order.id);
  touched_ = true;
}

void SimGateway::change(const Request& request) {
  VenueOrder* order = find(request.order.id);
  if (order == nullptr)
    return report_order(ZM_EVENT_REPLACE_REJECTED, request.order, 0, 0, ZM_REASON_TOO_LATE);
  if (held(*order)) {
    if (request.quantity.value <= 0)
      return report_order(ZM_EVENT_REPLACE_REJECTED, *order, order->quantity.value,
                          order->quantity.value, ZM_REASON_MALFORMED);
    order->quantity = request.quantity;
    if (request.price != no_price) order->price = request.price;
    return report_order(ZM_EVENT_REPLACED, *order, order->quantity.value, order->quantity.value,
                        ZM_REASON_NONE);
  }
  Reporter reporter(*this);
  Recorded recorded(*this);
  engine_.replace(order->id, request.price, request.quantity, reporter, recorded);
}

void SimGateway::withdraw(InstrumentId instrument, OrderId id, bool tell_unknown) {
  const VenueOrder* order = find(id);
  if (order == nullptr) {
    if (!tell_unknown) return;
    VenueOrder unknown;
    unknown.id = id;
    unknown.instrument = instrument;
    return report_order(ZM_EVENT_CANCEL_REJECTED, unknown, 0, 0, ZM_REASON_TOO_LATE);
  }
  if (held(*order)) {
    unhold(*order);
    report_order(ZM_EVENT_CANCELED, *order, order->quantity.value, 0, ZM_REASON_USER);
    return forget(id);
  }
  Reporter reporter(*this);
  engine_.cancel(id, reporter);
}

void SimGateway::withdraw_many(InstrumentId instrument, InstanceId instance) {
  std::vector<OrderId> meant;
  for (const VenueOrder& order : orders_) {
    if (instrument.valid() && order.instrument != instrument) continue;
    if (instance.valid() && order.instance != instance) continue;
    meant.push_back(order.id);
  }
  for (const OrderId id : meant) withdraw(instrument, id, false);
}

void SimGateway::tell_state(std::uint64_t since) {
  const std::vector<VenueReport> fills = fills_.content();
  for (VenueReport fill : fills) {
    if (fill.execution_id <= since) continue;
    draw_moment();
    fill.due = {moment_.due_ns};  // heard again; it happened when it happened
    reports_.push(fill);
  }
  for (const VenueOrder& order : orders_) {
    const auto live = engine_.find(order.id);
    const std::int64_t leaves = live ? live->leaves().value : order.quantity.value;
    report_order(ZM_EVENT_ACCEPTED, order, order.quantity.value, leaves, ZM_REASON_NONE);
  }
}

// --- what the matching engine says ---

void SimGateway::on_match(const matching::MatchEvent& event) {
  touched_ = true;
  if (event.kind == ZM_EVENT_FILL) {
    if (event.order.valid()) on_fill(event.order, event, event.leaves, false);
    if (event.resting.valid()) on_fill(event.resting, event, event.resting_leaves, true);
    return;
  }
  VenueOrder* order = find(event.order);
  if (order == nullptr) return;  // cannot be: the engine holds what is in orders_
  if (event.kind == ZM_EVENT_ACCEPTED && !announce_) return;
  std::int64_t quantity = order->quantity.value;
  if (event.kind == ZM_EVENT_REPLACED) {
    order->quantity = event.quantity;
    order->price = event.price;
    quantity = event.quantity.value;
  }
  std::int64_t leaves = event.leaves.value;
  if (event.kind == ZM_EVENT_REPLACE_REJECTED) {  // the order goes on
    const auto live = engine_.find(event.order);
    leaves = live ? live->leaves().value : 0;
  }
  report_order(event.kind, *order, quantity, leaves, event.reason);
  if (leaves == 0) forget(event.order);
}

void SimGateway::on_fill(OrderId id, const matching::MatchEvent& event, Quantity leaves,
                         bool maker) {
  const VenueOrder* order = find(id);
  if (order == nullptr) return;
  VenueReport out;
  out.kind = ZM_EVENT_FILL;
  out.maker = maker;
  out.side = order->side;
  out.id = id;
  out.instance = order->instance;
  out.instrument = order->instrument;
  out.price = event.price;
  out.quantity = event.quantity;
  out.leaves = leaves;
  out.execution_id = next_execution_++;
  report(out);
  if (leaves.value == 0) forget(id);
}

// An order of ours is now last in the queue at its price.
void SimGateway::joined(Record record) {
  if (places_.size() <= record) places_.resize(record * 2);
  touched_ = true;
  const matching::OrderView order = engine_.view(record);
  const Book* book = markets_[order.instrument.value].book;
  QueuePlace place;
  if (book != nullptr) {
    place.ahead = place.level = book->quantity_at(order.side, order.price).value;
    const OrderQueues* queues = book->orders();
    place.arrival = queues == nullptr ? 0 : queues->next_arrival();
  }
  places_[record] = place;
}

void SimGateway::refresh(InstrumentId instrument) {
  Market& market = markets_[instrument.value];
  touched_ = false;
  for (const Side side : {Side::buy, Side::sell}) {
    const auto at = static_cast<std::size_t>(side);
    Watch& resting = market.resting[at];
    resting = {};
    market.own[at].clear();
    for (Record record = engine_.first(instrument, side); record != 0;
         record = engine_.next(record)) {
      market.own[at].push_back({record, engine_.price(record)});
      resting.include(engine_.price(record).value);
    }
    market.watched[at] = resting;
  }
  for (const Taken& taken : market.taken)
    market.watched[static_cast<std::size_t>(taken.side)].include(taken.price.value);
  market.busy = !market.own[0].empty() || !market.own[1].empty() || !market.taken.empty() ||
                !market.held.empty() || engine_.stop_count(instrument) != 0;
}

}  // namespace zomma
