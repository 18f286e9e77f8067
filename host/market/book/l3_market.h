// l3_market.h: the order books of many instruments, order by order, in one shared pool: FIFO
// queues, prices by direct index, one hash table for all references. Each instrument's Book is a
// view on it.
//
// Hot path (apply): no allocation, lock, exception, system call or virtual call; memory is reserved
// up front and only touched as it is needed. Not thread-safe: one thread applies and reads.
//
// A visitor hears every change in the order of the events, compiled in. Any of these members may be
// missing:
//   void on_order(const OrderChange&)  what happened to one order
//   void on_level(const LevelChange&)  the new total at one price; quantity 0: the level is gone
//   void on_top(const TopChange&)      best price or quantity of a side is new
// An order that moves (replace, modify) is heard as removed and added; BOOK_CLEAR as two empty
// tops.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "market/book/book.h"
#include "market/book/ladder.h"
#include "market/book/order_index.h"
#include "market/book/region.h"

namespace zomma {

enum class OrderAction : std::uint8_t { add, reduce, execute, remove };

struct OrderChange {
  InstrumentId instrument;
  OrderAction action{};
  Side side{};
  std::uint64_t ref{};
  Price price{};
  Quantity quantity{};  // added, taken off, executed or removed
  Quantity leaves{};    // 0: the order has left the book
};
struct LevelChange {
  InstrumentId instrument;
  Side side{};
  PriceLevel level;
};
struct TopChange {
  InstrumentId instrument;
  Side side{};
  PriceLevel best;  // no_price and 0 when the side is empty
};
struct NoVisitor {};

struct L3Config {
  std::size_t expected_orders = 1 << 16;  // live at once; only the hash table's first size
  std::size_t max_orders = 1 << 24;  // address space, not memory; one more is BookAnomaly::capacity
  std::size_t max_levels = 1 << 26;  // likewise; an instrument needs 2 * Ladder::window
  bool huge_pages = true;
  bool populate = false;  // take the memory for the expected orders now, not at the first order
};

namespace detail {

// condition ? yes : no, as arithmetic: the compilers like to make a branch of it.
[[gnu::always_inline]] inline std::uint32_t choose(bool condition, std::uint32_t yes,
                                                   std::uint32_t no) {
  const std::uint32_t mask = 0 - static_cast<std::uint32_t>(condition);
  return (yes & mask) | (no & ~mask);
}

}  // namespace detail

class L3Market {
 public:
  using Config = L3Config;

  explicit L3Market(const Config& config = {});
  ~L3Market();
  L3Market(const L3Market&) = delete;
  L3Market& operator=(const L3Market&) = delete;

  // `tick`: the usual price step. Other prices are taken as well, more slowly.
  Result<void> add_instrument(InstrumentId instrument, Price tick);
  bool holds(InstrumentId instrument) const { return state_of(instrument.value) != nullptr; }
  // The instrument must be held. The view lives as long as the market.
  Book& book(InstrumentId instrument);

  // Finds the book by the event's instrument; otherwise as Book::apply.
  Applied apply(const zm_event& event);
  template <class Visitor>
  Applied apply(const zm_event& event, Visitor& visitor);
  // The same, event by event in order, with the memory of later events fetched ahead.
  template <class Visitor>
  void apply(std::span<const zm_event> events, Visitor& visitor);
  // The same from another encoding: see l3_batch.h for what a Source is.
  template <class Source, class Visitor>
  void drain(Source& source, Visitor& visitor);

  std::size_t order_count() const { return index_.size(); }
  std::size_t level_count() const;
  // Events for instruments that are not held.
  std::uint64_t unknown_instrument() const { return unknown_instrument_; }
  Bbo bbo(InstrumentId instrument) const;
  // All books, by instrument. load() needs the same instruments to be held.
  void save(ArchiveWriter& writer) const;
  void load(ArchiveReader& reader);

  // What an order operation needs, whatever the message looked like.
  struct Operation {
    std::uint16_t kind{};  // ZM_EVENT_ORDER_*
    bool last{true};       // ZM_FLAG_LAST
    Side side{};           // add
    std::uint32_t instrument{};
    std::uint64_t ref{};
    std::uint64_t new_ref{};  // replace
    std::int64_t price{};
    std::int64_t quantity{};
  };

 private:
  struct Order {
    std::uint64_t ref;
    std::int64_t quantity;
    std::uint32_t before, after;  // in the queue; 0: none
    std::uint32_t level;          // 0: the record is free
    std::uint32_t arrival;        // low half
  };
  static_assert(sizeof(Order) == 32);
  struct Level {
    std::int64_t price;
    std::int64_t quantity;
    std::uint32_t first, last;  // orders; first to trade first
    std::uint32_t count;
    std::uint32_t
        owner;  // instrument * 2 + side; nobody: a free far level, `first` is the next free one
  };
  static_assert(sizeof(Level) == 32);
  static constexpr std::uint32_t nobody = 0xffffffffu;
  struct State;
  class L3Book;

  State* state_of(std::uint32_t instrument) const {
    return instrument < book_count_ ? by_instrument_[instrument] : nullptr;
  }
  static Side side_of(const Level& level) { return static_cast<Side>(level.owner & 1); }

  // What was found out about an operation ahead of it.
  struct Hint {
    OrderIndex::Spot spot;
    std::uint32_t order;  // may be the order meant; never trusted
    std::uint32_t near;   // Ladder::near() of an add's price
  };

  std::uint64_t hash_of(std::uint32_t order) const {
    return OrderIndex::hash(orders_[order].ref,
                            OrderIndex::salt(levels_[orders_[order].level].owner / 2));
  }
  bool is(std::uint32_t order, std::uint64_t ref, std::uint32_t instrument) const {
    const bool same_ref = orders_[order].ref == ref;
    const bool same_instrument = levels_[orders_[order].level].owner / 2 == instrument;
    return (static_cast<int>(same_ref) & static_cast<int>(same_instrument)) != 0;
  }
  std::uint32_t find(std::uint64_t ref, std::uint32_t instrument, OrderIndex::Spot spot) const {
    return index_.find(spot, [&](std::uint32_t order) { return is(order, ref, instrument); });
  }
  void grow() {
    index_.grow([this](std::uint32_t order) { return hash_of(order); });
  }

  template <class Source, class Lane>
  Lane* look_up(Source& source, Lane* lane, const Lane* limit, Lane** replaces,
                std::size_t& replace_count);
  template <class Lane>
  void fetch_target(Lane& lane);
  template <class Visitor>
  Applied apply_to(State& state, const zm_event& event, Visitor& visitor);
  template <class Visitor>
  Applied operate(State& state, const Operation& operation, const Hint& hint, Visitor& visitor);
  template <class Visitor>
  Applied add(State& state, const Operation& operation, OrderIndex::Spot spot, std::uint32_t near,
              Visitor& visitor);
  template <class Visitor>
  Applied take(State& state, const Operation& operation, OrderIndex::Spot spot, std::uint32_t order,
               Visitor& visitor);
  template <class Visitor>
  Applied alter(State& state, const Operation& operation, OrderIndex::Spot spot,
                std::uint32_t order, Visitor& visitor);
  template <class Visitor>
  Applied modify(State& state, const Operation& operation, OrderIndex::Spot spot,
                 std::uint32_t order, Visitor& visitor);
  template <class Visitor>
  Applied replace(State& state, const Operation& operation, OrderIndex::Spot spot,
                  std::uint32_t order, Visitor& visitor);
  template <class Visitor>
  void tell_level(State& state, const Level& level, bool top, Visitor& visitor);

  static BookAnomaly check(std::int64_t price, std::int64_t quantity);
  std::uint32_t take_order();
  void give_order(std::uint32_t order);
  void warm_up(std::uint32_t orders);
  void unlink(const Order& order, Level& level);
  bool has_far_room(std::size_t levels) const { return used_levels_ + levels < levels_.capacity(); }
  std::uint32_t occupied_level(const State& state, Side side, std::int64_t price) const;
  std::uint32_t open_level(State& state, Side side, std::int64_t key, std::uint32_t near);
  std::uint32_t open_far_level(State& state, Side side, std::int64_t key);
  std::uint32_t take_far_level();
  void give_far_level(std::uint32_t level);
  void move_level(std::uint32_t from, std::uint32_t to);
  void place_window(State& state, Side side, std::int64_t key);
  void clear(State& state);

  OrderIndex index_;
  Region<Order> orders_;  // from 1: record 0 is the end of every queue, written to and never read
  Region<Level> levels_;  // level 0 belongs to nobody; then the instruments' windows and far levels
                          // as they were needed
  Region<std::uint32_t>
      free_orders_;  // a stack: what was freed last is used first, and is still in the cache
  std::uint32_t free_count_ = 0, used_orders_ = 0;
  std::uint32_t warm_ = 0;  // free orders above this one have been in the cache lately
  std::uint32_t free_level_ = 0, used_levels_ = 0;
  std::uint64_t unknown_instrument_ = 0;
  std::uint64_t window_moves_ = 0;             // what was known of near() before is void
  std::vector<std::unique_ptr<State>> books_;  // by instrument; null where there is none
  std::vector<State*> states_;                 // the same, and the same again as a plain array:
  State* const* by_instrument_ = nullptr;
  std::uint32_t book_count_ = 0;
};

}  // namespace zomma

#include "market/book/l3_operations.h"
