// textbook_book.h: the reference: an L3 book as a textbook has it. A std::unordered_map of
// references, a std::map of levels per side, a std::list per queue, a virtual handler that hears
// every change.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"

namespace zomma::bench {

class TextbookHandler {
 public:
  virtual ~TextbookHandler() = default;
  virtual void on_order(std::uint32_t symbol, std::uint64_t ref, std::int64_t quantity,
                        std::int64_t leaves) = 0;
  virtual void on_level(std::uint32_t symbol, std::int64_t price, std::int64_t quantity) = 0;
  virtual void on_top(std::uint32_t symbol, std::int64_t price, std::int64_t quantity) = 0;
};

class TextbookMarket {
 public:
  TextbookMarket(std::uint32_t symbols, TextbookHandler& handler)
      : books_(symbols + 1), handler_(handler) {}

  std::size_t order_count() const { return orders_.size(); }

  void apply(const std::byte* m) {
    const std::uint64_t ref = load_be64(m + 11);
    switch (static_cast<char>(m[0])) {
      case 'A':
      case 'F':
        return add(load_be16(m + 1), ref, m[19] == std::byte{'S'}, load_be32(m + 32),
                   load_be32(m + 20));
      case 'E':
      case 'C':
      case 'X':
        return take(ref, load_be32(m + 19));
      case 'D':
        return take(ref, INT64_MAX);
      case 'U': {
        const auto found = orders_.find(ref);
        if (found == orders_.end()) return;
        const std::uint32_t symbol = found->second->symbol;
        const bool sell = found->second->sell;
        take(ref, INT64_MAX);
        return add(symbol, load_be64(m + 19), sell, load_be32(m + 31), load_be32(m + 27));
      }
      default:
        return;
    }
  }

 private:
  struct Order {
    std::uint64_t ref;
    std::uint32_t symbol;
    bool sell;
    std::int64_t price;
    std::int64_t quantity;
  };
  struct Level {
    std::int64_t quantity = 0;
    std::list<Order> queue;
  };
  struct Book {
    std::map<std::int64_t, Level, std::greater<>> bids;
    std::map<std::int64_t, Level> asks;
  };

  template <class Levels>
  void add_to(Levels& levels, const Order& order) {
    Level& level = levels[order.price];
    level.quantity += order.quantity;
    level.queue.push_back(order);
    orders_[order.ref] = std::prev(level.queue.end());
    handler_.on_order(order.symbol, order.ref, order.quantity, order.quantity);
    handler_.on_level(order.symbol, order.price, level.quantity);
    if (levels.begin()->first == order.price)
      handler_.on_top(order.symbol, order.price, level.quantity);
  }
  void add(std::uint32_t symbol, std::uint64_t ref, bool sell, std::int64_t price,
           std::int64_t quantity) {
    const Order order{ref, symbol, sell, price, quantity};
    sell ? add_to(books_[symbol].asks, order) : add_to(books_[symbol].bids, order);
  }
  template <class Levels>
  void take_from(Levels& levels, std::list<Order>::iterator order, std::int64_t quantity) {
    const auto level = levels.find(order->price);
    const bool top = level == levels.begin();
    quantity = std::min(quantity, order->quantity);
    order->quantity -= quantity;
    level->second.quantity -= quantity;
    const std::uint32_t symbol = order->symbol;
    handler_.on_order(symbol, order->ref, quantity, order->quantity);
    handler_.on_level(symbol, order->price, level->second.quantity);
    if (order->quantity == 0) {
      orders_.erase(order->ref);
      level->second.queue.erase(order);
      if (level->second.queue.empty()) levels.erase(level);
    }
    if (top && !levels.empty())
      handler_.on_top(symbol, levels.begin()->first, levels.begin()->second.quantity);
  }
  void take(std::uint64_t ref, std::int64_t quantity) {
    const auto found = orders_.find(ref);
    if (found == orders_.end()) return;
    Book& book = books_[found->second->symbol];
    found->second->sell ? take_from(book.asks, found->second, quantity)
                        : take_from(book.bids, found->second, quantity);
  }

  std::vector<Book> books_;
  std::unordered_map<std::uint64_t, std::list<Order>::iterator> orders_;
  TextbookHandler& handler_;
};

}  // namespace zomma::bench
