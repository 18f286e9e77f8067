// sim_venue.cpp: what happens at the simulated venue: orders that arrive, rest, move forward in their queues and trade.
#include <algorithm>
#include <array>

#include "orders/gateways/sim/sim_gateway.h"

namespace zomma {
namespace {

constexpr std::size_t levels_walked = 64;           // an order that eats deeper than this finds no more liquidity
constexpr std::int64_t credit_lasts_ns = 200'000'000;  // a trade is told at most this long after the quote that shows it

bool reaches(Side aggressor, Price limit, Price price) {
  if (limit == no_price) return true;
  return aggressor == Side::buy ? price <= limit : price >= limit;
}
// Whether `a` is the better price to sell to or buy from, for resting orders of `side`.
bool better(Side side, Price a, Price b) { return side == Side::buy ? a > b : a < b; }

Price limit_of(const VenueOrder& order) { return order.type == OrderType::market ? no_price : order.price; }

bool accepts_orders(std::uint32_t state) {
  return state == ZM_MARKET_UNKNOWN || state == ZM_MARKET_OPEN || state == ZM_MARKET_QUOTE_ONLY;
}

}  // namespace

void SimGateway::act(const Request& request) {
  switch (request.action) {
    case Action::submit: enter(markets_[request.order.instrument.value], request.order, 0, true); break;
    case Action::replace: change(request); break;
    case Action::cancel: withdraw(request.order.instrument, request.order.id, ZM_REASON_USER, true); break;
    case Action::mass_cancel:
      for (std::uint32_t id = 0; id < markets_.size(); ++id) {
        if (request.order.instrument.valid() && request.order.instrument.value != id) continue;
        std::vector<OrderId> meant;
        const auto collect = [&](const VenueOrder& order) {
          if (!request.order.instance.valid() || order.instance == request.order.instance) meant.push_back(order.id);
        };
        for (const auto* side : {&markets_[id].bids, &markets_[id].asks})
          for (const Resting& resting : *side) collect(resting.order);
        for (const VenueOrder& stop : markets_[id].stops) collect(stop);
        for (const OrderId order : meant) withdraw(InstrumentId{id}, order, ZM_REASON_USER, false);
      }
      break;
    case Action::state:
      for (const Market& market : markets_) {
        for (const auto* side : {&market.bids, &market.asks})
          for (const Resting& resting : *side)
            report(ZM_EVENT_ACCEPTED, resting.order, resting.order.price, resting.order.quantity.value, resting.leaves(), ZM_REASON_NONE);
        for (const VenueOrder& stop : market.stops)
          report(ZM_EVENT_ACCEPTED, stop, stop.price, stop.quantity.value, stop.quantity.value, ZM_REASON_NONE);
      }
      break;
  }
}

void SimGateway::enter(Market& market, VenueOrder order, std::int64_t filled, bool announce) {
  const std::int64_t open = order.quantity.value - filled;
  if (announce && options_.reject_when_halted && !accepts_orders(market.state)) {
    report(ZM_EVENT_REJECTED, order, order.price, order.quantity.value, 0, ZM_REASON_MARKET_STATE);
    return;
  }
  if (order.type == OrderType::stop || order.type == OrderType::stop_limit) {
    report(ZM_EVENT_ACCEPTED, order, order.price, order.quantity.value, open, ZM_REASON_NONE);
    market.stops.push_back(order);
    return;
  }
  bool met_own = false;
  if (order.post_only && take(market, order, filled, false, met_own) + met_own > 0) {
    report(ZM_EVENT_CANCELED, order, order.price, order.quantity.value, 0, ZM_REASON_WOULD_CROSS);
    return;
  }
  if (order.time_in_force == TimeInForce::fok && take(market, order, filled, false, met_own) < open) {
    report(ZM_EVENT_CANCELED, order, order.price, order.quantity.value, 0, ZM_REASON_FOK_UNFILLABLE);
    return;
  }
  if (announce) report(ZM_EVENT_ACCEPTED, order, order.price, order.quantity.value, open, ZM_REASON_NONE);
  met_own = false;
  const std::int64_t traded = take(market, order, filled, true, met_own);
  if (traded == open) return;
  const bool lasting = order.type == OrderType::limit && (order.time_in_force == TimeInForce::gtc || order.time_in_force == TimeInForce::day);
  if (lasting && !met_own) {
    rest(market, order, filled + traded);
    return;
  }
  const std::uint32_t code = met_own ? ZM_REASON_SELF_TRADE
                             : order.type == OrderType::market && traded == 0 ? ZM_REASON_NO_LIQUIDITY : ZM_REASON_IOC_REMAINDER;
  report(ZM_EVENT_CANCELED, order, order.price, order.quantity.value, 0, code);
}

// Better price first; at one price the recorded orders that stood before ours, then ours, then the recorded rest.
std::int64_t SimGateway::take(Market& market, const VenueOrder& order, std::int64_t filled, bool trade, bool& met_own) {
  const Side passive = opposite(order.side);
  std::vector<Resting>& own = passive == Side::buy ? market.bids : market.asks;
  std::array<PriceLevel, levels_walked> levels;
  const std::size_t count = market.book == nullptr ? 0 : market.book->levels(passive, levels);
  const std::int64_t wanted = order.quantity.value - filled;
  const Price limit = limit_of(order);
  std::int64_t done = 0, behind_own = 0;
  const auto execute = [&](Price price, std::int64_t quantity) {
    done += quantity;
    if (trade) report(ZM_EVENT_FILL, order, price, quantity, wanted - done, ZM_REASON_NONE, false, next_execution_++);
  };
  std::size_t at = 0, mine = 0;
  std::int64_t left = count > 0 ? available(market, passive, levels[0]) : 0;
  while (done < wanted) {
    while (mine < own.size() && own[mine].shown == 0) ++mine;
    const bool recorded = at < count && reaches(order.side, limit, levels[at].price);
    const bool own_there = mine < own.size() && reaches(order.side, limit, own[mine].order.price);
    if (!recorded && !own_there) break;
    const bool tie = recorded && own_there && levels[at].price == own[mine].order.price;
    const std::int64_t first = tie ? std::min(left, std::max<std::int64_t>(own[mine].ahead - behind_own, 0)) : left;
    if (recorded && (!own_there || better(passive, levels[at].price, own[mine].order.price) || (tie && first > 0))) {
      const std::int64_t quantity = std::min(first, wanted - done);
      if (quantity > 0) execute(levels[at].price, quantity);
      if (trade && quantity > 0) remember_taken(market, passive, levels[at], quantity);
      left -= quantity;
      behind_own += quantity;
      if (left > 0) continue;
      if (++at < count) left = available(market, passive, levels[at]);
      behind_own = 0;
      continue;
    }
    if (options_.self_trade == SimSelfTrade::cancel_new) {
      met_own = true;
      break;
    }
    const std::int64_t quantity = std::min(own[mine].shown, wanted - done);
    execute(own[mine].order.price, quantity);
    if (trade) fill(market, own[mine], quantity);
    else if (quantity == own[mine].shown) ++mine;
  }
  if (trade) sweep(own);
  return done;
}

std::int64_t SimGateway::available(const Market& market, Side side, const PriceLevel& level) const {
  std::int64_t quantity = level.quantity.value;
  for (const Taken& taken : market.taken)
    if (taken.side == side && taken.price == level.price) quantity -= taken.quantity;
  return std::max<std::int64_t>(quantity, 0);
}

void SimGateway::remember_taken(Market& market, Side side, const PriceLevel& level, std::int64_t quantity) {
  for (Taken& taken : market.taken) {
    if (taken.side != side || taken.price != level.price) continue;
    taken.quantity += quantity;
    return;
  }
  market.taken.push_back({level.price, quantity, level.quantity.value, side, {}});
}

void SimGateway::rest(Market& market, const VenueOrder& order, std::int64_t filled) {
  Resting resting{};
  resting.order = order;
  resting.filled = filled;
  const std::int64_t open = order.quantity.value - filled;
  resting.shown = order.display_quantity.value > 0 ? std::min(order.display_quantity.value, open) : open;
  resting.hidden = open - resting.shown;
  join_queue(market, resting);
  resting.number = next_number_++;
  std::vector<Resting>& side = order.side == Side::buy ? market.bids : market.asks;
  const auto place = std::find_if(side.begin(), side.end(),
                                  [&](const Resting& other) { return better(order.side, order.price, other.order.price); });
  side.insert(place, resting);
}

void SimGateway::join_queue(const Market& market, Resting& resting) const {
  resting.ahead = market.book == nullptr ? 0 : market.book->quantity_at(resting.order.side, resting.order.price).value;
  resting.level = resting.ahead;
  resting.traded = resting.credit = resting.credit_ns = 0;
  const OrderQueues* queues = market.book == nullptr ? nullptr : market.book->orders();
  resting.arrival = queues == nullptr ? 0 : queues->next_arrival();
}

void SimGateway::fill(Market& market, Resting& resting, std::int64_t quantity) {
  resting.shown -= quantity;
  resting.filled += quantity;
  report(ZM_EVENT_FILL, resting.order, resting.order.price, quantity, resting.leaves(), ZM_REASON_NONE, true, next_execution_++);
  if (resting.shown > 0 || resting.hidden == 0) return;
  resting.shown = std::min(resting.order.display_quantity.value, resting.hidden);  // an iceberg's next slice joins at the end
  resting.hidden -= resting.shown;
  join_queue(market, resting);
  resting.number = next_number_++;
}

void SimGateway::sweep(std::vector<Resting>& side) {
  side.erase(std::remove_if(side.begin(), side.end(), [](const Resting& resting) { return resting.leaves() == 0; }), side.end());
  std::stable_sort(side.begin(), side.end(), [](const Resting& a, const Resting& b) {
    return a.order.price != b.order.price ? better(a.order.side, a.order.price, b.order.price) : a.number < b.number;
  });
}

void SimGateway::change(const Request& request) {
  Market& market = markets_[request.order.instrument.value];
  for (auto* side : {&market.bids, &market.asks}) {
    for (std::size_t i = 0; i < side->size(); ++i) {
      Resting& resting = (*side)[i];
      if (resting.order.id != request.order.id) continue;
      VenueOrder order = resting.order;
      const std::int64_t filled = resting.filled;
      order.quantity = request.quantity;
      if (request.price != no_price) order.price = request.price;
      const std::int64_t open = order.quantity.value - filled;
      if (open <= 0) {  // what was asked for has traded already: nothing is left to change
        side->erase(side->begin() + static_cast<std::ptrdiff_t>(i));
        report(ZM_EVENT_CANCELED, order, order.price, filled, 0, ZM_REASON_USER);
        return;
      }
      report(ZM_EVENT_REPLACED, order, order.price, order.quantity.value, open, ZM_REASON_NONE);
      const bool keeps_place = order.price == resting.order.price && open <= resting.leaves();
      if (keeps_place) {  // only smaller: the hidden part goes first
        std::int64_t less = resting.leaves() - open;
        const std::int64_t from_hidden = std::min(less, resting.hidden);
        resting.hidden -= from_hidden;
        resting.shown -= less - from_hidden;
        resting.order = order;
        return;
      }
      side->erase(side->begin() + static_cast<std::ptrdiff_t>(i));
      enter(market, order, filled, false);
      return;
    }
  }
  for (VenueOrder& stop : market.stops) {
    if (stop.id != request.order.id) continue;
    stop.quantity = request.quantity;
    if (request.price != no_price) stop.price = request.price;
    report(ZM_EVENT_REPLACED, stop, stop.price, stop.quantity.value, stop.quantity.value, ZM_REASON_NONE);
    return;
  }
  report(ZM_EVENT_REPLACE_REJECTED, request.order, no_price, 0, 0, ZM_REASON_TOO_LATE);
}

void SimGateway::withdraw(InstrumentId instrument, OrderId id, std::uint32_t code, bool tell_unknown) {
  Market& market = markets_[instrument.value];
  for (auto* side : {&market.bids, &market.asks}) {
    const auto found = std::find_if(side->begin(), side->end(), [&](const Resting& resting) { return resting.order.id == id; });
    if (found == side->end()) continue;
    const VenueOrder order = found->order;
    side->erase(found);
    report(ZM_EVENT_CANCELED, order, order.price, order.quantity.value, 0, code);
    return;
  }
  const auto stop = std::find_if(market.stops.begin(), market.stops.end(), [&](const VenueOrder& order) { return order.id == id; });
  if (stop != market.stops.end()) {
    const VenueOrder order = *stop;
    market.stops.erase(stop);
    report(ZM_EVENT_CANCELED, order, order.price, order.quantity.value, 0, code);
    return;
  }
  if (!tell_unknown) return;
  VenueOrder order{};
  order.id = id;
  order.instrument = instrument;
  report(ZM_EVENT_CANCEL_REJECTED, order, no_price, 0, 0, ZM_REASON_TOO_LATE);
}

// --- the recorded market moves ---

void SimGateway::observe(Market& market, const zm_event& event, const Book& book) {
  now_ns_ = std::max(now_ns_, event.ts_ns);
  switch (event.kind) {
    case ZM_EVENT_TRADE: {
      if ((event.flags & ZM_FLAG_CROSS) != 0) return;
      const Price price{event.u.trade.price};
      const Bbo bbo = book.bbo();
      Side passive;
      if ((event.flags & ZM_FLAG_AGGRESSOR) != 0) passive = (event.flags & ZM_FLAG_SELL) != 0 ? Side::buy : Side::sell;
      else if (bbo.bid != no_price && price <= bbo.bid) passive = Side::buy;
      else if (bbo.ask != no_price && price >= bbo.ask) passive = Side::sell;
      else return;  // inside the spread and nobody says who: no queue of ours was meant
      on_trade(market, passive, price, event.u.trade.quantity);
      trigger_stops(market, price);
      return;
    }
    case ZM_EVENT_ORDER_REDUCE: case ZM_EVENT_ORDER_DELETE: case ZM_EVENT_ORDER_EXECUTE: case ZM_EVENT_ORDER_REPLACE:
    case ZM_EVENT_ORDER_MODIFY: on_order_event(market, event, book); return;
    case ZM_EVENT_BOOK_CLEAR: case ZM_EVENT_GAP:
      // Nobody knows what left before us: when the book is whole again we stand at its end.
      for (auto* side : {&market.bids, &market.asks})
        for (Resting& resting : *side) resting.level = -1;
      return;
    default: return;
  }
}

void SimGateway::on_order_event(Market& market, const zm_event& event, const Book& book) {
  const OrderQueues* queues = book.orders();
  if (queues == nullptr) return;
  const auto order = queues->find(event.u.order.ref);
  if (!order) return;
  const std::int64_t leaves = order->leaves.value;
  const bool exact = options_.queue == SimQueueModel::exact;
  switch (event.kind) {
    case ZM_EVENT_ORDER_EXECUTE:
      if (exact) on_gone(market, order->side, order->price, order->arrival, std::min(leaves, event.u.execute.quantity), true);
      else on_trade(market, order->side, order->price, event.u.execute.quantity);
      trigger_stops(market, order->price);
      return;
    case ZM_EVENT_ORDER_REDUCE:
      if (exact) on_gone(market, order->side, order->price, order->arrival, std::min(leaves, event.u.order.quantity), false);
      return;
    case ZM_EVENT_ORDER_MODIFY: {
      const bool stays = event.u.order.price == order->price.value && event.u.order.quantity <= leaves;
      if (exact) on_gone(market, order->side, order->price, order->arrival, stays ? leaves - event.u.order.quantity : leaves, false);
      return;
    }
    default:
      if (exact) on_gone(market, order->side, order->price, order->arrival, leaves, false);
  }
}

// Quantity of one recorded order left the queue at a price (exact model).
void SimGateway::on_gone(Market& market, Side side, Price price, std::uint64_t arrival, std::int64_t quantity, bool traded) {
  std::vector<Resting>& own = side == Side::buy ? market.bids : market.asks;
  std::int64_t ours = 0;
  for (Resting& resting : own) {
    const bool through = better(side, resting.order.price, price);
    const bool here = resting.order.price == price;
    if (here && arrival < resting.arrival) {
      resting.ahead -= std::min(resting.ahead, quantity);
    } else if (traded && (here || through)) {  // somebody behind us traded: it would have been us
      const std::int64_t part = std::min(resting.shown, quantity - ours);
      if (part <= 0) break;
      ours += part;
      fill(market, resting, part);
    }
  }
  sweep(own);
}

// A trade at a price against resting orders of one side (models without single orders).
void SimGateway::on_trade(Market& market, Side passive, Price price, std::int64_t quantity) {
  std::vector<Resting>& own = passive == Side::buy ? market.bids : market.asks;
  std::int64_t ours = 0;
  for (Resting& resting : own) {
    std::int64_t reach = 0;  // of the trade, how much came as far as our place
    if (better(passive, resting.order.price, price)) {
      reach = quantity;  // traded beyond our price: all of it would have met us first
    } else if (resting.order.price == price) {
      if (now_ns_ - resting.credit_ns > credit_lasts_ns) resting.credit = 0;
      const std::int64_t known = std::min(resting.credit, quantity);  // the quote had shown it before
      resting.credit -= known;
      reach = std::max<std::int64_t>(quantity - known - resting.ahead, 0);
      resting.ahead -= std::min(resting.ahead, quantity - known);
      resting.traded += quantity - known;
    } else {
      break;
    }
    const std::int64_t part = std::min(resting.shown, reach - ours);
    if (part <= 0) continue;
    ours += part;
    fill(market, resting, part);
  }
  sweep(own);
}

void SimGateway::settle(Market& market, const Book& book) {
  std::erase_if(market.taken, [&](const Taken& taken) { return book.quantity_at(taken.side, taken.price).value != taken.level; });
  for (auto* side : {&market.bids, &market.asks}) {
    for (Resting& resting : *side) settle_queue(resting, book);
    settle_crossed(market, *side);
  }
  if (triggered_.empty()) return;
  std::vector<VenueOrder> triggered;
  triggered.swap(triggered_);
  for (VenueOrder& order : triggered) {
    report(ZM_EVENT_TRIGGERED, order, order.price, order.quantity.value, order.quantity.value, ZM_REASON_NONE);
    order.type = order.type == OrderType::stop ? OrderType::market : OrderType::limit;
    enter(markets_[order.instrument.value], order, 0, false);
  }
}

// What the level's new total says about our place in it.
void SimGateway::settle_queue(Resting& resting, const Book& book) {
  const std::int64_t level = book.quantity_at(resting.order.side, resting.order.price).value;
  if (resting.level < 0) {
    resting.ahead = level;
    const OrderQueues* queues = book.orders();
    resting.arrival = queues == nullptr ? 0 : queues->next_arrival();
  } else if (level != resting.level) {
    const std::int64_t before = resting.ahead;
    const std::int64_t canceled = resting.level - resting.traded - level;
    const bool single_orders = options_.queue == SimQueueModel::exact && book.orders() != nullptr;
    if (!single_orders && canceled > 0 && options_.queue == SimQueueModel::probability) {
      const double ahead = static_cast<double>(resting.ahead);
      const double behind = static_cast<double>(std::max<std::int64_t>(resting.level - resting.traded - resting.ahead, 0));
      const double front = ahead * ahead * ahead, back = behind * behind * behind;
      if (front > 0) resting.ahead -= std::min(resting.ahead, static_cast<std::int64_t>(static_cast<double>(canceled) * (front / (front + back))));
    }
    if (!single_orders) resting.ahead = std::min(resting.ahead, level);
    if (resting.ahead < before) {
      resting.credit = (now_ns_ - resting.credit_ns > credit_lasts_ns ? 0 : resting.credit) + before - resting.ahead;
      resting.credit_ns = now_ns_;
    }
  }
  resting.level = level;
  resting.traded = 0;
}

// The recorded market offers at our price or better: it would have met us. We trade at our price, at most what is offered.
void SimGateway::settle_crossed(Market& market, std::vector<Resting>& side) {
  bool any = false;
  for (Resting& resting : side) {
    const Side against = opposite(resting.order.side);
    std::array<PriceLevel, 8> levels;
    const std::size_t count = market.book->levels(against, levels);
    for (std::size_t i = 0; i < count && resting.shown > 0 && reaches(resting.order.side, resting.order.price, levels[i].price); ++i) {
      const std::int64_t quantity = std::min(resting.shown, available(market, against, levels[i]));
      if (quantity == 0) continue;
      remember_taken(market, against, levels[i], quantity);
      fill(market, resting, quantity);
      any = true;
    }
    if (count == 0 || !reaches(resting.order.side, resting.order.price, levels[0].price)) break;  // the others stand further away
  }
  if (any) sweep(side);
}

void SimGateway::trigger_stops(Market& market, Price traded) {
  for (std::size_t i = 0; i < market.stops.size();) {
    const VenueOrder& stop = market.stops[i];
    const bool reached = stop.side == Side::buy ? traded >= stop.stop_price : traded <= stop.stop_price;
    if (!reached) {
      ++i;
      continue;
    }
    triggered_.push_back(stop);
    market.stops.erase(market.stops.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

}  // namespace zomma
