// slow_book.h: order books as one would write them on a blackboard, to compare the real ones with.
// Nothing here is shared with them but the public types.
#pragma once

#include <algorithm>
#include <map>
#include <vector>

#include "market/book/book.h"

namespace zomma::test {

struct SlowOrder {
  Side side;
  std::int64_t price, quantity;
  std::uint64_t arrival;
};

// Levels of one side in the order of their prices; the caller knows which end is best.
using SlowLevels = std::map<std::int64_t, std::vector<std::uint64_t>>;

class SlowL3 {
 public:
  Applied apply(const zm_event& event) {
    const Bbo before = bbo();
    Applied applied = change(event);
    applied.top_changed = !(before == bbo());
    if (applied.anomaly == BookAnomaly::none && is_operation(event) &&
        (event.flags & ZM_FLAG_LAST) && crossed()) {
      applied.anomaly = BookAnomaly::crossed;
    }
    if (applied.anomaly != BookAnomaly::none)
      ++counters.seen[static_cast<std::size_t>(applied.anomaly)];
    return applied;
  }

  Bbo bbo() const {
    Bbo bbo;
    if (!levels[0].empty())
      bbo.bid = {levels[0].rbegin()->first}, bbo.bid_quantity = total(Side::buy, bbo.bid.value);
    if (!levels[1].empty())
      bbo.ask = {levels[1].begin()->first}, bbo.ask_quantity = total(Side::sell, bbo.ask.value);
    return bbo;
  }
  Quantity total(Side side, std::int64_t price) const {
    Quantity sum{};
    const auto found = levels[static_cast<int>(side)].find(price);
    if (found == levels[static_cast<int>(side)].end()) return sum;
    for (const auto ref : found->second) sum.value += orders.at(ref).quantity;
    return sum;
  }
  std::vector<PriceLevel> side(Side side) const {
    std::vector<PriceLevel> all;
    for (const auto& [price, queue] : levels[static_cast<int>(side)]) {
      all.push_back({{price}, total(side, price), static_cast<std::uint32_t>(queue.size())});
    }
    if (side == Side::buy) std::reverse(all.begin(), all.end());
    return all;
  }

  std::map<std::uint64_t, SlowOrder> orders;
  SlowLevels levels[2];
  std::uint64_t next_arrival = 1;
  BookCounters counters;

 private:
  static bool is_operation(const zm_event& event) {
    return event.kind >= ZM_EVENT_ORDER_ADD && event.kind <= ZM_EVENT_ORDER_MODIFY;
  }
  bool crossed() const {
    return !levels[0].empty() && !levels[1].empty() &&
           levels[0].rbegin()->first >= levels[1].begin()->first;
  }
  void leave(std::uint64_t ref) {
    const SlowOrder order = orders.at(ref);
    auto& side = levels[static_cast<int>(order.side)];
    auto& queue = side[order.price];
    queue.erase(std::find(queue.begin(), queue.end(), ref));
    if (queue.empty()) side.erase(order.price);
    orders.erase(ref);
  }
  void join(std::uint64_t ref, Side side, std::int64_t price, std::int64_t quantity) {
    orders[ref] = {side, price, quantity, next_arrival++};
    levels[static_cast<int>(side)][price].push_back(ref);
  }
  static Applied refused(BookAnomaly why) {
    Applied applied;
    applied.anomaly = why;
    return applied;
  }
  static BookAnomaly check(std::int64_t price, std::int64_t quantity) {
    constexpr std::int64_t limit = std::int64_t{1} << 61;
    if (price <= -limit || price >= limit) return BookAnomaly::bad_price;
    return quantity <= 0 ? BookAnomaly::bad_quantity : BookAnomaly::none;
  }

  Applied change(const zm_event& event) {
    if (event.kind == ZM_EVENT_BOOK_CLEAR) {
      Applied applied;
      applied.changed = !orders.empty();
      orders.clear();
      levels[0].clear();
      levels[1].clear();
      return applied;
    }
    if (event.kind == ZM_EVENT_ORDER_ADD) return add(event);
    if (!is_operation(event)) return {};
    if (orders.count(event.u.order.ref) == 0) return refused(BookAnomaly::unknown_order);
    if (event.kind == ZM_EVENT_ORDER_REPLACE) return replace(event.u.replace);
    if (event.kind == ZM_EVENT_ORDER_MODIFY) return modify(event.u.order);
    return take(event);
  }

  Applied add(const zm_event& event) {
    const auto& u = event.u.order;
    if (const auto why = check(u.price, u.quantity); why != BookAnomaly::none) return refused(why);
    if (orders.count(u.ref) != 0) return refused(BookAnomaly::duplicate_order);
    const Side side = event.flags & ZM_FLAG_SELL ? Side::sell : Side::buy;
    join(u.ref, side, u.price, u.quantity);
    return {BookAnomaly::none, true, false, side, {u.price}, {u.quantity}, {u.quantity}};
  }

  Applied take(const zm_event& event) {
    const std::uint64_t ref = event.u.order.ref;
    SlowOrder& order = orders.at(ref);
    const bool whole = event.kind == ZM_EVENT_ORDER_DELETE;
    const std::int64_t quantity = whole ? order.quantity : event.u.order.quantity;
    if (quantity <= 0) return refused(BookAnomaly::bad_quantity);
    Applied applied{BookAnomaly::none,
                    true,
                    false,
                    order.side,
                    {order.price},
                    {std::min(quantity, order.quantity)},
                    {}};
    if (quantity > order.quantity) applied.anomaly = BookAnomaly::over_execution;
    order.quantity -= applied.quantity.value;
    applied.leaves = {order.quantity};
    if (order.quantity == 0) leave(ref);
    return applied;
  }

  Applied modify(const zm_book_order& u) {
    SlowOrder& order = orders.at(u.ref);
    const std::int64_t price = u.price == ZM_NO_PRICE ? order.price : u.price;
    if (const auto why = check(price, u.quantity); why != BookAnomaly::none) return refused(why);
    if (price == order.price && u.quantity <= order.quantity) {
      Applied applied{
          BookAnomaly::none, u.quantity != order.quantity, false, order.side, {price}, {},
          {u.quantity}};
      applied.quantity = {order.quantity - u.quantity};
      order.quantity = u.quantity;
      return applied;
    }
    return move(u.ref, u.ref, price, u.quantity);
  }

  Applied replace(const zm_book_replace& u) {
    if (const auto why = check(u.price, u.quantity); why != BookAnomaly::none) return refused(why);
    if (u.new_ref != u.ref && orders.count(u.new_ref) != 0)
      return refused(BookAnomaly::duplicate_order);
    return move(u.ref, u.new_ref, u.price, u.quantity);
  }

  Applied move(std::uint64_t ref, std::uint64_t new_ref, std::int64_t price,
               std::int64_t quantity) {
    const Side side = orders.at(ref).side;
    leave(ref);
    join(new_ref, side, price, quantity);
    return {BookAnomaly::none, true, false, side, {price}, {quantity}, {quantity}};
  }
};

class SlowL2 {
 public:
  BookAnomaly apply(const zm_event& event) {
    BookAnomaly anomaly = change(event);
    const bool crossed = !sides[0].empty() && !sides[1].empty() &&
                         sides[0].rbegin()->first >= sides[1].begin()->first;
    if (anomaly == BookAnomaly::none && (event.flags & ZM_FLAG_LAST) && crossed)
      anomaly = BookAnomaly::crossed;
    return anomaly;
  }
  Bbo bbo() const {
    Bbo bbo;
    if (!sides[0].empty())
      bbo.bid = {sides[0].rbegin()->first}, bbo.bid_quantity = {sides[0].rbegin()->second};
    if (!sides[1].empty())
      bbo.ask = {sides[1].begin()->first}, bbo.ask_quantity = {sides[1].begin()->second};
    return bbo;
  }
  std::vector<PriceLevel> side(Side side) const {
    std::vector<PriceLevel> all;
    for (const auto& [price, quantity] : sides[static_cast<int>(side)])
      all.push_back({{price}, {quantity}, 0});
    if (side == Side::buy) std::reverse(all.begin(), all.end());
    return all;
  }
  std::map<std::int64_t, std::int64_t> sides[2];

 private:
  static BookAnomaly check(std::int64_t price, std::int64_t quantity) {
    constexpr std::int64_t limit = std::int64_t{1} << 61;
    if (price <= -limit || price >= limit) return BookAnomaly::bad_price;
    return quantity < 0 ? BookAnomaly::bad_quantity : BookAnomaly::none;
  }
  BookAnomaly change(const zm_event& event) {
    if (event.kind == ZM_EVENT_BOOK_CLEAR) {
      sides[0].clear();
      sides[1].clear();
    } else if (event.kind == ZM_EVENT_LEVEL) {
      const auto& u = event.u.level;
      if (const auto why = check(u.price, u.quantity); why != BookAnomaly::none) return why;
      auto& side = sides[event.flags & ZM_FLAG_SELL ? 1 : 0];
      side[u.price] = u.quantity;
      if (u.quantity == 0) side.erase(u.price);
    } else if (event.kind == ZM_EVENT_QUOTE) {
      return quote(event.u.quote);
    }
    return BookAnomaly::none;
  }
  BookAnomaly quote(const zm_quote& u) {
    const bool bid = u.bid_price != ZM_NO_PRICE && u.bid_quantity != 0;
    const bool ask = u.ask_price != ZM_NO_PRICE && u.ask_quantity != 0;
    if (bid && check(u.bid_price, u.bid_quantity) != BookAnomaly::none)
      return check(u.bid_price, u.bid_quantity);
    if (ask && check(u.ask_price, u.ask_quantity) != BookAnomaly::none)
      return check(u.ask_price, u.ask_quantity);
    std::erase_if(sides[0], [&](const auto& l) {
      return !bid || l.first > u.bid_price || (ask && l.first >= u.ask_price);
    });
    std::erase_if(sides[1], [&](const auto& l) {
      return !ask || l.first < u.ask_price || (bid && l.first <= u.bid_price);
    });
    if (bid) sides[0][u.bid_price] = u.bid_quantity;
    if (ask) sides[1][u.ask_price] = u.ask_quantity;
    return BookAnomaly::none;
  }
};

}  // namespace zomma::test
