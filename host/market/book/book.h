// book.h: one instrument's order book, whatever it is built from: single orders with their queues
// (L3) or totals per price (L2). What the engine, the simulated exchange and the terminal see; how
// it is stored is not their business.
//
// A book never refuses to go on: an event that contradicts it is counted and reported, and either
// changes nothing or is applied as far as it makes sense (BookAnomaly says which).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/archive.h"
#include "base/types.h"

namespace zomma {

// The best price of each side and what rests there; no_price and 0 where a side is empty.
struct Bbo {
  Price bid{no_price}, ask{no_price};
  Quantity bid_quantity{}, ask_quantity{};
  constexpr bool operator==(const Bbo&) const = default;
};

// Everything that rests at one price of one side. `order_count` is 0 where the venue does not tell
// it (L2).
struct PriceLevel {
  Price price{no_price};
  Quantity quantity{};
  std::uint32_t order_count{};
  constexpr bool operator==(const PriceLevel&) const = default;
};

enum class BookAnomaly : std::uint8_t {
  none,
  unknown_order,    // reduce, execute, delete, modify or replace of an order that is not there;
                    // nothing changes
  duplicate_order,  // an add or a replace brings a reference that is in use; nothing changes
  over_execution,   // more was executed or taken off than was left; the order leaves the book
  bad_quantity,  // zero or negative where something must rest or trade, or a total beyond 64 bits;
                 // nothing changes
  bad_price,     // a resting order or a level without a price; nothing changes
  wrong_kind,    // an order event on an L2 book, a LEVEL or QUOTE on an L3 book; nothing changes
  unknown_instrument,  // an event for an instrument that this market does not hold; nothing changes
  capacity,            // no room for one more order or level; nothing changes
  crossed  // applied, but bid >= ask after an event that ends the venue's update (ZM_FLAG_LAST)
};
constexpr std::size_t book_anomaly_count = 10;
// "unknown_order", for metrics and messages.
const char* name_of(BookAnomaly anomaly);

// How often each anomaly was met since the book was made; survives clear(), save() and load().
struct BookCounters {
  std::array<std::uint64_t, book_anomaly_count> seen{};
  std::uint64_t of(BookAnomaly anomaly) const { return seen[static_cast<std::size_t>(anomaly)]; }
  std::uint64_t total() const {
    std::uint64_t sum = 0;
    for (std::size_t i = 1; i < seen.size(); ++i) sum += seen[i];
    return sum;
  }
};

// What one event did. For an execution the feed may not say price and side (ZM_NO_PRICE): here they
// are, as the resting order has them.
struct Applied {
  BookAnomaly anomaly{BookAnomaly::none};
  bool changed{false};      // the book is not what it was
  bool top_changed{false};  // best price or quantity of a side is not what it was
  Side side{Side::buy};     // of the order or level meant
  Price price{no_price};    // where the order rests, or rested; a replaced order's new price
  Quantity quantity{};      // added, executed, taken off, or a level's new total
  Quantity leaves{};        // what is left of the order; the level's total on an L2 book
};

// An order as it stands in its queue.
struct QueuedOrder {
  std::uint64_t ref{};
  Side side{Side::buy};
  Price price{no_price};
  Quantity leaves{};
  std::uint64_t
      arrival{};  // orders of one book are numbered from 1 as they join a queue; see OrderQueues
};

// What must trade or leave before an order is first in its queue.
struct QueueAhead {
  Quantity quantity{};
  std::uint32_t orders{};
};

// What only an L3 book knows. Within a level a smaller `arrival` stands before a greater one; an
// order that loses its place (replace, modify to another price or upwards) gets a new number.
// Whoever remembers next_arrival() can tell later which orders stood at a level before that moment.
// Numbers are exact while an order is younger than 2^32 arrivals.
class OrderQueues {
 public:
  virtual ~OrderQueues() = default;
  virtual std::size_t order_count() const = 0;
  virtual std::optional<QueuedOrder> find(std::uint64_t ref) const = 0;
  // Walks the queue in front of the order: O(orders ahead).
  virtual std::optional<QueueAhead> ahead_of(std::uint64_t ref) const = 0;
  // The queue at a price, first to trade first. Returns how many were written, at most out.size().
  virtual std::size_t queue(Side side, Price price, std::span<QueuedOrder> out) const = 0;
  // What rests at a price and joined before `arrival`.
  virtual QueueAhead standing_before(Side side, Price price, std::uint64_t arrival) const = 0;
  // The number that the next order to join a queue of this book will get.
  virtual std::uint64_t next_arrival() const = 0;
};

class Book {
 public:
  virtual ~Book() = default;
  // Events that do not concern a book (trades, market states, timers) are accepted and change
  // nothing. ZM_EVENT_GAP makes the book suspect until it is cleared. The event's instrument is not
  // looked at: the caller has chosen the book.
  virtual Applied apply(const zm_event& event) = 0;

  virtual Bbo bbo() const = 0;
  // Best price first. Returns how many were written, at most out.size().
  virtual std::size_t levels(Side side, std::span<PriceLevel> out) const = 0;
  // 0 where nothing rests.
  virtual Quantity quantity_at(Side side, Price price) const = 0;
  // Number of prices at which something rests.
  virtual std::size_t depth(Side side) const = 0;
  // A gap was met and the book has not been rebuilt since.
  virtual bool suspect() const = 0;
  virtual const BookCounters& counters() const = 0;
  // Empties the book. Arrival numbers go on.
  virtual void clear() = 0;

  // Null for a book that does not know single orders.
  virtual const OrderQueues* orders() const { return nullptr; }

  // Equal books write equal bytes, however they came about. load() replaces the content; on bad
  // bytes it leaves an empty book and a failed reader.
  virtual void save(ArchiveWriter& writer) const = 0;
  virtual void load(ArchiveReader& reader) = 0;
};

}  // namespace zomma
