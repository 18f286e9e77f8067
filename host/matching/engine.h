// engine.h: a price-time priority matching engine for many instruments. One thread; no clock, no
// I/O: the same orders give the same events, byte for byte.
//
// Rules. Better price first, then who came first. An order trades at the resting order's price.
// Replace: less quantity at the same price keeps the place; any other change joins the end of the
// queue, and trades first if it can. An iceberg shows one slice at a time; the next joins the end.
// Stops wait until a trade reaches them, then become market or limit orders: after each command buy
// stops from the lowest, then sell stops from the highest, first come first at one price, each
// matched to its end before the next is looked at.
//
// Hot path: submit, cancel, replace. No lock, no exception, no virtual call, no allocation after
// warm-up (pools grow to the most orders and prices there ever were). The sink is compiled in: any
// class with on(const MatchEvent&).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/archive.h"
#include "base/result.h"
#include "matching/ladder.h"
#include "matching/messages.h"
#include "matching/order_index.h"
#include "matching/outside.h"
#include "matching/pool.h"

namespace zomma::matching {

constexpr Quantity max_quantity{std::int64_t{1} << 50};  // of one order

struct MarketRules {
  Price tick{1};               // every price is a multiple of it
  Quantity lot{1};             // every quantity is a multiple of it
  std::uint32_t window{1024};  // ticks per side with direct access, a power of two from 64 to 4096;
                               // prices beyond work as well, more slowly
};

struct BestPrices {
  Price bid{no_price}, ask{no_price};
  Quantity bid_quantity{}, ask_quantity{};  // shown
  constexpr bool operator==(const BestPrices&) const = default;
};

struct LevelView {
  Price price{no_price};
  Quantity quantity{};  // shown
  std::uint32_t orders{};
  constexpr bool operator==(const LevelView&) const = default;
};

struct OrderView {
  OrderId id;
  InstrumentId instrument;
  OwnerId owner;
  Side side{Side::buy};
  OrderType type{OrderType::limit};  // stop and stop_limit while they wait
  TimeInForce time_in_force{TimeInForce::gtc};
  bool post_only{false};
  Price price{no_price};
  Price stop_price{no_price};
  Quantity shown{}, hidden{}, filled{}, display_quantity{};
  constexpr Quantity leaves() const { return shown + hidden; }
};

class Engine {
 public:
  using Record = std::uint32_t;  // where a live order is kept; 0 = none. Good until it has left

  explicit Engine(std::size_t expected_orders = 1 << 14);

  // Errc::invalid_argument: held already, or rules that make no sense.
  Result<void> add_instrument(InstrumentId instrument, const MarketRules& rules = {});
  bool holds(InstrumentId instrument) const {
    return instrument.value < books_.size() && books_[instrument.value].held;
  }

  // --- commands; what comes of them goes to the sink ---
  template <class Sink, class Outside = NothingOutside>
  void submit(const NewOrder& order, Sink& sink, Outside&& outside = {});
  template <class Sink>
  void cancel(OrderId id, Sink& sink);
  // `total`: what has filled included; no more than that ends the order. no_price: as it is.
  template <class Sink, class Outside = NothingOutside>
  void replace(OrderId id, Price price, Quantity total, Sink& sink, Outside&& outside = {});
  // By instrument; bids, asks, buy stops, sell stops; best price first, then first come first.
  template <class Sink>
  void mass_cancel(const MassCancel& which, Sink& sink);
  // DAY orders expire, in the order of mass_cancel.
  template <class Sink>
  void end_day(InstrumentId instrument, Sink& sink);

  // --- the book ---
  BestPrices best(InstrumentId instrument) const;
  // Best price first. Returns how many were written, at most out.size().
  std::size_t levels(InstrumentId instrument, Side side, std::span<LevelView> out) const;
  std::optional<OrderView> find(OrderId id) const;
  std::optional<Price> last_trade(InstrumentId instrument) const;
  std::size_t order_count() const { return index_.size(); }
  std::size_t stop_count(InstrumentId instrument) const { return books_[instrument.value].stops; }
  std::uint64_t last_seq() const { return seq_; }
  // Live orders in their priority: bids, asks, buy stops, sell stops. visit(Record, OrderView).
  template <class Visit>
  void for_each(InstrumentId instrument, Visit&& visit) const;
  // Brings what a later cancel or replace of `id` will need closer.
  void prefetch(OrderId id) const { index_.prefetch(id.value); }

  // --- for a simulation beside a recorded market (outside.h) ---
  // A resting order traded with somebody who is not here. `quantity` <= what it shows.
  template <class Sink, class Outside>
  void fill_resting(Record record, Quantity quantity, Sink& sink, Outside&& outside);
  // The market traded between these prices, last at `last`: triggers stops.
  template <class Sink, class Outside>
  void print(InstrumentId instrument, Price low, Price high, Price last, Sink& sink,
             Outside&& outside);
  // First in priority at the best price; 0 = none.
  Record first(InstrumentId instrument, Side side) const;
  // The next in priority; 0 = none.
  Record next(Record record) const;
  OrderView view(Record record) const;
  Quantity shown(Record record) const { return {orders_[record].shown}; }
  Price price(Record record) const { return limit_of(record); }
  // 0 = no live order.
  Record record(OrderId id) const { return index_.find(id.value); }

  // Equal engines write equal bytes. load() needs the same instruments with the same rules; on bad
  // bytes it leaves empty books and a failed reader.
  void save(ArchiveWriter& out) const;
  void load(ArchiveReader& in);

 private:
  enum Kind : std::uint32_t { bids = 0, asks = 1, buy_stops = 2, sell_stops = 3 };
  static constexpr std::uint32_t kinds = 4;
  static constexpr std::int64_t any_price = std::numeric_limits<std::int64_t>::max();

  struct alignas(64) Order {
    std::uint64_t id;
    std::int64_t shown;   // may trade now; of a waiting stop everything
    std::int64_t hidden;  // of an iceberg: later slices
    std::int64_t filled;
    std::int64_t display;  // slice of an iceberg; 0: not one
    Record next, prev;
    std::uint32_t level;
    std::uint32_t owner;
    OrderType type;
    TimeInForce time_in_force;
    bool post_only;
    SelfTrade self_trade;
    std::uint32_t reserved;
    std::int64_t open() const { return shown + hidden; }
  };
  static_assert(sizeof(Order) == 64);
  struct Level {
    std::int64_t key;
    std::int64_t quantity;  // shown
    Record first, last;
    std::uint32_t count;
    std::uint32_t owner;  // instrument * kinds + Kind
  };
  static_assert(sizeof(Level) == 32);
  struct Book {
    Book(bool held, const MarketRules& rules);
    std::int64_t tick, lot;
    bool held;
    bool has_last = false;
    std::uint32_t stops = 0;
    std::int64_t last = 0;  // of the last trade, in ticks
    std::int64_t low = 0,
                 high = 0;  // of the trades since stops were last looked at; low > high: none
    Ladder ladders[kinds];
  };
  // An order on its way into the book. `limit` as a key of its own side: greater = more aggressive.
  struct Incoming {
    std::uint64_t id;
    std::int64_t limit, open, filled, display;
    std::uint32_t instrument, owner;
    Record record;  // where it was kept before; 0: it is new
    Side side;
    OrderType type;
    TimeInForce time_in_force;
    bool post_only;
    SelfTrade self_trade;
    std::uint16_t stop_reason;  // why it may neither trade on nor rest; ZM_REASON_NONE: it may
  };

  static Kind resting_kind(Side side) { return side == Side::buy ? bids : asks; }
  static Side side_of(const Level& level) { return static_cast<Side>(level.owner & 1); }
  static Kind kind_of(const Level& level) { return static_cast<Kind>(level.owner % kinds); }
  static std::uint32_t instrument_of(const Level& level) { return level.owner / kinds; }
  // Bids and sell stops: the highest price first.
  static bool ascending(Kind kind) { return kind == bids || kind == sell_stops; }
  static std::int64_t ticks_of(const Level& level) {
    return ascending(kind_of(level)) ? level.key : -level.key;
  }
  static std::int64_t key_of(Kind kind, std::int64_t ticks) {
    return ascending(kind) ? ticks : -ticks;
  }
  static std::int64_t toward(Side side, std::int64_t ticks) {
    return side == Side::buy ? ticks : -ticks;
  }
  static bool is_stop(OrderType type) {
    return type == OrderType::stop || type == OrderType::stop_limit;
  }
  static bool is_limited(OrderType type) {
    return type == OrderType::limit || type == OrderType::stop_limit;
  }
  Book& book_of(const Level& level) { return books_[instrument_of(level)]; }
  const Book& book_of(const Level& level) const { return books_[instrument_of(level)]; }
  Price limit_of(const Incoming& incoming) const {
    if (!is_limited(incoming.type)) return no_price;
    return {toward(incoming.side, incoming.limit) * books_[incoming.instrument].tick};
  }
  // Of a live order: its limit, which for a waiting stop is not its level's price.
  Price limit_of(Record record) const;

  std::uint16_t check(const NewOrder& order) const;
  static std::uint16_t check_price(const Book& book, Price price) {
    if (price == no_price) return ZM_REASON_MALFORMED;
    return price.value % book.tick == 0 ? ZM_REASON_NONE : ZM_REASON_TICK;
  }
  static std::uint16_t check_quantity(const Book& book, Quantity quantity) {
    if (quantity.value <= 0 || quantity > max_quantity) return ZM_REASON_MALFORMED;
    return quantity.value % book.lot == 0 ? ZM_REASON_NONE : ZM_REASON_LOT;
  }

  // --- events ---
  template <class Sink>
  void tell(Sink& sink, std::uint8_t kind, const Incoming& incoming, std::int64_t quantity,
            std::int64_t leaves, std::uint16_t reason);
  template <class Sink>
  void tell(Sink& sink, std::uint8_t kind, Record record, std::int64_t quantity,
            std::int64_t leaves, std::uint16_t reason);
  template <class Sink>
  void tell_refused(Sink& sink, std::uint8_t kind, OrderId id, InstrumentId instrument, Side side,
                    std::uint16_t reason);

  // --- an order's way ---
  template <class Sink, class Outside>
  void execute(Book& book, Incoming& incoming, Sink& sink, Outside& outside);
  template <class Sink, class Outside>
  void match(Book& book, Incoming& incoming, Sink& sink, Outside& outside);
  template <class Sink, class Outside>
  void trade(Book& book, Ladder& against, Incoming& incoming, Sink& sink, Outside& outside);
  template <class Sink, class Walk>
  void trade_outside(Book& book, Incoming& incoming, const Offer& offer, Sink& sink, Walk& walk);
  template <class Sink, class Outside>
  void meet_own(Record resting, Incoming& incoming, Sink& sink, Outside& outside);
  template <class Outside>
  void take_from(Record record, std::int64_t quantity, Outside& outside);
  template <class Outside>
  bool fillable(const Book& book, const Incoming& incoming, Outside& outside);
  template <class Outside>
  void rest(Book& book, const Incoming& incoming, Outside& outside);
  template <class Sink, class Outside>
  void place_stop(Book& book, Incoming& incoming, std::int64_t stop_ticks, Sink& sink,
                  Outside& outside);
  template <class Sink, class Outside>
  void trigger_stops(Book& book, Sink& sink, Outside& outside);
  template <class Sink>
  bool replace_in_place(Record record, std::int64_t limit_ticks, Quantity total, Sink& sink);
  template <class Sink, class Which>
  void sweep(InstrumentId instrument, std::uint8_t kind, std::uint16_t reason, Sink& sink,
             Which&& which);

  Incoming incoming_of(Record record) const;
  void traded_at(Book& book, std::int64_t ticks) {
    book.last = ticks;
    book.has_last = true;
    book.low = std::min(book.low, ticks);
    book.high = std::max(book.high, ticks);
  }
  static void forget_trades(Book& book) {
    book.low = std::numeric_limits<std::int64_t>::max();
    book.high = std::numeric_limits<std::int64_t>::min();
  }

  // --- the structure: no events (engine_structure.h) ---
  static std::int64_t in_steps(std::int64_t value, std::int64_t step) {
    return step == 1 ? value : value / step;
  }
  static std::int64_t floor_steps(std::int64_t value, std::int64_t step) {
    return value / step - static_cast<std::int64_t>(value % step < 0);
  }
  static std::int64_t ceil_steps(std::int64_t value, std::int64_t step) {
    return value / step + static_cast<std::int64_t>(value % step > 0);
  }
  // In ticks; means nothing for a stop without a limit.
  std::int64_t stop_limit(Record record) const { return stop_limits_[record]; }
  void keep_stop_limit(Record record, std::int64_t ticks);
  void add_stop(Book& book, const Incoming& incoming, std::int64_t stop_ticks);
  std::uint32_t open_level(Book& book, std::uint32_t instrument, Kind kind, std::int64_t key);
  void link_last(std::uint32_t level, Record record);
  void unlink(Record record);
  void move_to_end(Record record);
  void leave(Record record);
  void forget(Record record) {
    index_.erase(orders_[record].id);
    orders_.give(record);
  }
  void clear();
  struct Saved;
  bool restore(Book& book, std::uint32_t instrument, Kind kind, const Saved& saved);

  OrderIndex index_;
  Pool<Order> orders_;
  Pool<Level> levels_;
  std::vector<Book> books_;  // by instrument
  std::vector<std::int64_t>
      stop_limits_;  // by record, in ticks: limits of waiting stop_limit orders
  std::uint64_t seq_ = 0;
};

}  // namespace zomma::matching

#include "matching/engine_commands.h"
#include "matching/engine_matching.h"
#include "matching/engine_structure.h"
