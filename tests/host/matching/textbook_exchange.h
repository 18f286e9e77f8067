// textbook_exchange.h: the rules of the matching engine written down a second time, as a textbook
// would: a map of prices, a list of orders at each, a hash table of where they are. Slow, obvious,
// and the reference for both the tests (equal events) and the benchmark (equal events, time).
#pragma once

#include <algorithm>
#include <list>
#include <map>
#include <unordered_map>
#include <vector>

#include "matching/engine.h"

namespace zomma::test {

using matching::MatchEvent;
using matching::NewOrder;
using matching::SelfTrade;

class TextbookExchange {
 public:
  std::vector<MatchEvent> events;

  void add_instrument(InstrumentId instrument, std::int64_t tick, std::int64_t lot) {
    markets_[instrument.value].tick = tick;
    markets_[instrument.value].lot = lot;
  }

  void submit(const NewOrder& order) {
    const std::uint32_t refusal = problem(order);
    if (refusal != ZM_REASON_NONE) {
      tell(ZM_EVENT_REJECTED, order.id, order.instrument, order.side, no_price, 0, 0, refusal);
      return;
    }
    Resting incoming{};
    incoming.is = order;
    if (!has_limit(order.type)) incoming.is.price = no_price;
    incoming.open = order.quantity.value;
    about(ZM_EVENT_ACCEPTED, incoming, incoming.open, incoming.open, ZM_REASON_NONE);
    Market& market = markets_[order.instrument.value];
    market.traded.clear();
    if (order.type == OrderType::stop || order.type == OrderType::stop_limit) {
      const bool reached =
          market.has_last && (order.side == Side::buy ? market.last >= order.stop_price.value
                                                      : market.last <= order.stop_price.value);
      if (reached)
        activate(market, incoming);
      else
        keep(order.side == Side::buy ? market.buy_stops : market.sell_stops, order.stop_price.value,
             incoming);
    } else {
      enter(market, incoming);
    }
    trigger(market);
  }

  void cancel(OrderId id) {
    const auto found = where_.find(id.value);
    if (found == where_.end()) {
      tell(ZM_EVENT_CANCEL_REJECTED, id, {}, Side::buy, no_price, 0, 0, ZM_REASON_UNKNOWN_ORDER);
      return;
    }
    const Resting& order = *found->second.at;
    about(ZM_EVENT_CANCELED, order, total_open(order), 0, ZM_REASON_USER);
    remove(found->second);
  }

  void replace(OrderId id, Price price, Quantity total) {
    const auto found = where_.find(id.value);
    if (found == where_.end()) {
      tell(ZM_EVENT_REPLACE_REJECTED, id, {}, Side::buy, no_price, 0, 0, ZM_REASON_UNKNOWN_ORDER);
      return;
    }
    Resting& order = *found->second.at;
    Market& market = markets_[order.is.instrument.value];
    std::uint32_t refusal = ZM_REASON_NONE;
    const bool new_price = price != no_price && has_limit(order.is.type);
    if (total.value <= 0 || total > matching::max_quantity)
      refusal = ZM_REASON_MALFORMED;
    else if (total.value % market.lot != 0)
      refusal = ZM_REASON_LOT;
    else if (new_price && price.value % market.tick != 0)
      refusal = ZM_REASON_TICK;
    if (refusal != ZM_REASON_NONE) {
      tell(ZM_EVENT_REPLACE_REJECTED, id, order.is.instrument, order.is.side, no_price, 0, 0,
           refusal);
      return;
    }
    const std::int64_t open = total.value - order.filled;
    if (open <= 0) {
      about(ZM_EVENT_REPLACED, order, order.filled, 0, ZM_REASON_NONE);
      remove(found->second);
      return;
    }
    const Price wanted = new_price ? price : order.is.price;
    if (order.is.type == OrderType::stop || order.is.type == OrderType::stop_limit) {
      order.is.price = wanted;
      order.open = open;
      about(ZM_EVENT_REPLACED, order, total.value, open, ZM_REASON_NONE);
      return;
    }
    if (wanted == order.is.price && open <= total_open(order)) {
      std::int64_t less = total_open(order) - open;
      const std::int64_t from_hidden = std::min(less, order.hidden);  // the hidden part goes first
      order.hidden -= from_hidden;
      less -= from_hidden;
      order.open -= less;
      about(ZM_EVENT_REPLACED, order, total.value, open, ZM_REASON_NONE);
      return;
    }
    Resting incoming = order;
    incoming.is.price = wanted;
    incoming.open = open;
    incoming.hidden = 0;
    remove(found->second);
    market.traded.clear();
    about(ZM_EVENT_REPLACED, incoming, total.value, open, ZM_REASON_NONE);
    enter(market, incoming);
    trigger(market);
  }

  void mass_cancel(const matching::MassCancel& which) {
    for (auto& [id, market] : markets_) {
      if (which.instrument.valid() && which.instrument.value != id) continue;
      for_each_copy(market, [&](const Resting& order) {
        if (which.owner.valid() && order.is.owner != which.owner) return;
        about(ZM_EVENT_CANCELED, order, total_open(order), 0, ZM_REASON_USER);
        remove(where_.at(order.is.id.value));
      });
    }
  }

  void end_day(InstrumentId instrument) {
    for_each_copy(markets_[instrument.value], [&](const Resting& order) {
      if (order.is.time_in_force != TimeInForce::day) return;
      about(ZM_EVENT_EXPIRED, order, total_open(order), 0, ZM_REASON_NONE);
      remove(where_.at(order.is.id.value));
    });
  }

  std::size_t order_count() const { return where_.size(); }
  std::vector<matching::LevelView> levels(InstrumentId instrument, Side side) const {
    std::vector<matching::LevelView> out;
    const Market& market = markets_.at(instrument.value);
    for (const auto& [key, queue] : side == Side::buy ? market.bids : market.asks) {
      matching::LevelView level{{side == Side::buy ? -key : key}, {}, 0};
      for (const Resting& order : queue) {
        level.quantity.value += order.open;
        ++level.orders;
      }
      out.push_back(level);
    }
    return out;
  }

 private:
  struct Resting {
    NewOrder is;
    std::int64_t open;  // shown
    std::int64_t hidden;
    std::int64_t filled;
  };
  using Queue = std::list<Resting>;
  using Prices = std::map<std::int64_t, Queue>;  // first to trade first: bids under minus the price
  struct Where {
    Prices* prices;
    std::int64_t key;
    Queue::iterator at;
  };
  struct Market {
    std::int64_t tick = 1, lot = 1, last = 0;
    bool has_last = false;
    std::vector<std::int64_t> traded;  // prices, since stops were last looked at
    Prices bids, asks, buy_stops, sell_stops;
  };

  static bool has_limit(OrderType type) {
    return type == OrderType::limit || type == OrderType::stop_limit;
  }
  static std::int64_t total_open(const Resting& order) { return order.open + order.hidden; }

  std::uint32_t problem(const NewOrder& order) const {
    const auto market = markets_.find(order.instrument.value);
    if (market == markets_.end()) return ZM_REASON_UNKNOWN_INSTRUMENT;
    const auto& [tick, lot] = std::pair(market->second.tick, market->second.lot);
    if (!order.id.valid() || order.display_quantity.value < 0) return ZM_REASON_MALFORMED;
    if (order.quantity.value <= 0 || order.quantity > matching::max_quantity)
      return ZM_REASON_MALFORMED;
    if (order.quantity.value % lot != 0 || order.display_quantity.value % lot != 0)
      return ZM_REASON_LOT;
    if (has_limit(order.type)) {
      if (order.price == no_price) return ZM_REASON_MALFORMED;
      if (order.price.value % tick != 0) return ZM_REASON_TICK;
    }
    if (order.type == OrderType::stop || order.type == OrderType::stop_limit) {
      if (order.stop_price == no_price) return ZM_REASON_MALFORMED;
      if (order.stop_price.value % tick != 0) return ZM_REASON_TICK;
    }
    return where_.count(order.id.value) != 0 ? ZM_REASON_DUPLICATE : ZM_REASON_NONE;
  }

  void tell(std::uint32_t kind, OrderId id, InstrumentId instrument, Side side, Price price,
            std::int64_t quantity, std::int64_t leaves, std::uint32_t reason) {
    MatchEvent event;
    event.seq = ++seq_;
    event.order = id;
    event.price = price;
    event.quantity = {quantity};
    event.leaves = {leaves};
    event.instrument = instrument;
    event.kind = static_cast<std::uint8_t>(kind);
    event.side = side;
    event.reason = static_cast<std::uint16_t>(reason);
    events.push_back(event);
  }
  void about(std::uint32_t kind, const Resting& order, std::int64_t quantity, std::int64_t leaves,
             std::uint32_t reason) {
    tell(kind, order.is.id, order.is.instrument, order.is.side, order.is.price, quantity, leaves,
         reason);
  }

  void keep(Prices& prices, std::int64_t price, const Resting& order) {
    const bool high_first = &prices == &markets_[order.is.instrument.value].bids ||
                            &prices == &markets_[order.is.instrument.value].sell_stops;
    const std::int64_t key = high_first ? -price : price;
    Queue& queue = prices[key];
    queue.push_back(order);
    where_[order.is.id.value] = {&prices, key, std::prev(queue.end())};
  }
  void remove(Where where) {
    where_.erase(where.at->is.id.value);
    Queue& queue = where.prices->at(where.key);
    queue.erase(where.at);
    if (queue.empty()) where.prices->erase(where.key);
  }
  template <class Visit>
  void for_each_copy(Market& market, Visit&& visit) {
    std::vector<Resting> orders;
    for (const Prices* prices : {&market.bids, &market.asks, &market.buy_stops, &market.sell_stops})
      for (const auto& [key, queue] : *prices)
        orders.insert(orders.end(), queue.begin(), queue.end());
    for (const Resting& order : orders) visit(order);
  }

  Prices& facing(Market& market, Side side) {
    return side == Side::buy ? market.asks : market.bids;
  }
  static bool reaches(const Resting& incoming, std::int64_t resting_price) {
    if (incoming.is.price == no_price) return true;
    return incoming.is.side == Side::buy ? resting_price <= incoming.is.price.value
                                         : resting_price >= incoming.is.price.value;
  }
  static bool same_owner(const Resting& a, const Resting& b) {
    return a.is.owner.valid() && a.is.owner == b.is.owner;
  }

  void activate(Market& market, Resting order) {
    order.is.type = order.is.type == OrderType::stop ? OrderType::market : OrderType::limit;
    about(ZM_EVENT_TRIGGERED, order, order.open, order.open, ZM_REASON_NONE);
    enter(market, order);
  }

  void trigger(Market& market) {
    while (!market.traded.empty()) {
      const auto [low, high] = std::minmax_element(market.traded.begin(), market.traded.end());
      Prices* reached = nullptr;
      if (!market.buy_stops.empty() && market.buy_stops.begin()->first <= *high)
        reached = &market.buy_stops;
      else if (!market.sell_stops.empty() && -market.sell_stops.begin()->first >= *low)
        reached = &market.sell_stops;
      if (reached == nullptr) return;
      const Resting order = reached->begin()->second.front();
      remove(where_.at(order.is.id.value));
      activate(market, order);
    }
  }

  void enter(Market& market, Resting incoming) {
    const std::int64_t wanted = incoming.open;
    Prices& against = facing(market, incoming.is.side);
    const auto price_of = [&](std::int64_t key) {
      return incoming.is.side == Side::buy ? key : -key;
    };
    const bool crosses = !against.empty() && reaches(incoming, price_of(against.begin()->first));
    if (incoming.is.post_only && crosses) {
      about(ZM_EVENT_CANCELED, incoming, incoming.open, 0, ZM_REASON_WOULD_CROSS);
      return;
    }
    if (incoming.is.time_in_force == TimeInForce::fok && !can_fill(market, incoming)) {
      about(ZM_EVENT_CANCELED, incoming, incoming.open, 0, ZM_REASON_FOK_UNFILLABLE);
      return;
    }
    bool stopped = false;
    while (incoming.open > 0 && !stopped && !against.empty() &&
           reaches(incoming, price_of(against.begin()->first))) {
      Resting& first = against.begin()->second.front();
      const std::int64_t quantity = std::min(incoming.open, first.open);
      if (incoming.is.self_trade != SelfTrade::allow && same_owner(incoming, first))
        stopped = !prevent(incoming, first);
      else
        fill(market, incoming, first, quantity);
    }
    if (incoming.open == 0) return;
    const bool lasting =
        incoming.is.type == OrderType::limit && (incoming.is.time_in_force == TimeInForce::gtc ||
                                                 incoming.is.time_in_force == TimeInForce::day);
    if (stopped) {
      about(ZM_EVENT_CANCELED, incoming, incoming.open, 0, ZM_REASON_SELF_TRADE);
    } else if (!lasting) {
      const bool nothing = incoming.is.type == OrderType::market && incoming.open == wanted;
      about(ZM_EVENT_CANCELED, incoming, incoming.open, 0,
            nothing ? ZM_REASON_NO_LIQUIDITY : ZM_REASON_IOC_REMAINDER);
    } else {
      const std::int64_t slice = incoming.is.display_quantity.value;
      incoming.hidden = slice > 0 ? std::max<std::int64_t>(incoming.open - slice, 0) : 0;
      incoming.open -= incoming.hidden;
      keep(incoming.is.side == Side::buy ? market.bids : market.asks, incoming.is.price.value,
           incoming);
    }
  }

  void fill(Market& market, Resting& incoming, Resting& first, std::int64_t quantity) {
    incoming.open -= quantity;
    incoming.filled += quantity;
    first.filled += quantity;
    MatchEvent event;
    event.seq = ++seq_;
    event.order = incoming.is.id;
    event.resting = first.is.id;
    event.price = first.is.price;
    event.quantity = {quantity};
    event.leaves = {incoming.open};
    event.resting_leaves = {total_open(first) - quantity};
    event.instrument = first.is.instrument;
    event.kind = ZM_EVENT_FILL;
    event.side = incoming.is.side;
    events.push_back(event);
    market.last = first.is.price.value;
    market.has_last = true;
    market.traded.push_back(market.last);
    shrink(first, quantity);
  }

  // The order may be gone afterwards, or at the end of its queue.
  void shrink(Resting& order, std::int64_t quantity) {
    order.open -= quantity;
    if (order.open > 0) return;
    const Where where = where_.at(order.is.id.value);
    if (order.hidden == 0) {
      remove(where);
      return;
    }
    order.open = std::min(order.hidden, order.is.display_quantity.value);
    order.hidden -= order.open;
    Queue& queue = where.prices->at(where.key);
    queue.splice(queue.end(), queue, where.at);
  }

  // True: the incoming order may go on.
  bool prevent(Resting& incoming, Resting& first) {
    const SelfTrade mode = incoming.is.self_trade;
    if (mode == SelfTrade::cancel_newest) return false;
    if (mode != SelfTrade::decrement) {
      about(ZM_EVENT_CANCELED, first, total_open(first), 0, ZM_REASON_SELF_TRADE);
      remove(where_.at(first.is.id.value));
      return mode == SelfTrade::cancel_oldest;
    }
    const std::int64_t quantity = std::min(incoming.open, first.open);
    incoming.open -= quantity;
    const auto say = [&](const Resting& order, std::int64_t left) {
      if (left == 0)
        about(ZM_EVENT_CANCELED, order, quantity, 0, ZM_REASON_SELF_TRADE);
      else
        about(ZM_EVENT_REPLACED, order, order.filled + left, left, ZM_REASON_SELF_TRADE);
    };
    say(first, total_open(first) - quantity);
    say(incoming, incoming.open);
    shrink(first, quantity);
    return true;
  }

  // Plays the order against copies of the queues.
  bool can_fill(Market& market, const Resting& incoming) {
    std::int64_t missing = incoming.open;
    for (const auto& [key, queue] : facing(market, incoming.is.side)) {
      if (!reaches(incoming, incoming.is.side == Side::buy ? key : -key)) break;
      Queue copy = queue;
      while (!copy.empty() && missing > 0) {
        Resting first = copy.front();
        copy.pop_front();
        if (incoming.is.self_trade != SelfTrade::allow && same_owner(incoming, first)) {
          if (incoming.is.self_trade != SelfTrade::cancel_oldest) return false;
          continue;
        }
        missing -= std::min(missing, first.open);
        if (first.hidden == 0) continue;
        first.open = std::min(first.hidden, first.is.display_quantity.value);
        first.hidden -= first.open;
        copy.push_back(first);
      }
    }
    return missing == 0;
  }

  std::map<std::uint32_t, Market> markets_;
  std::unordered_map<std::uint64_t, Where> where_;
  std::uint64_t seq_ = 0;
};

}  // namespace zomma::test
