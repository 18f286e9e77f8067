#include "market/book/l3_market.h"

#include <algorithm>
#include <string>

namespace zomma {
namespace {

constexpr std::uint32_t book_mark = 0x334C4B42u;    // "BKL3"
constexpr std::uint32_t market_mark = 0x334C4B4Du;  // "MKL3"

struct SavedOrder {
  std::uint64_t ref;
  std::int64_t quantity;
  std::uint64_t arrival;
};

}  // namespace

// A view: knows its market and its instrument's state, owns neither.
class L3Market::L3Book final : public Book, public OrderQueues {
 public:
  L3Book(L3Market& market, State& state) : market_(market), state_(state) {}

  Applied apply(const zm_event& event) override {
    NoVisitor nobody_listens;
    return market_.apply_to(state_, event, nobody_listens);
  }
  Bbo bbo() const override { return market_.bbo(state_.instrument); }
  std::size_t levels(Side side, std::span<PriceLevel> out) const override;
  Quantity quantity_at(Side side, Price price) const override {
    return {level_at(side, price).quantity};
  }
  std::size_t depth(Side side) const override { return state_.ladder(side).size(); }
  bool suspect() const override { return state_.suspect; }
  const BookCounters& counters() const override { return state_.counters; }
  void clear() override { market_.clear(state_); }
  const OrderQueues* orders() const override { return this; }
  void save(ArchiveWriter& writer) const override;
  void load(ArchiveReader& reader) override;

  std::size_t order_count() const override { return state_.orders; }
  std::optional<QueuedOrder> find(std::uint64_t ref) const override;
  std::optional<QueueAhead> ahead_of(std::uint64_t ref) const override;
  std::size_t queue(Side side, Price price, std::span<QueuedOrder> out) const override;
  QueueAhead standing_before(Side side, Price price, std::uint64_t arrival) const override;
  std::uint64_t next_arrival() const override { return state_.next_arrival; }

 private:
  std::uint32_t record(std::uint64_t ref) const {
    const std::uint32_t instrument = state_.instrument.value;
    return market_.find(ref, instrument, market_.index_.spot(ref, state_.salt));
  }
  const Level& level_at(Side side, Price price) const {
    return market_.levels_[market_.occupied_level(state_, side, price.value)];
  }
  // The record keeps the low half; the order is younger than 2^32 arrivals.
  std::uint64_t arrival_of(const Order& order) const {
    return state_.next_arrival -
           static_cast<std::uint32_t>(static_cast<std::uint32_t>(state_.next_arrival) -
                                      order.arrival);
  }
  QueuedOrder describe(const Order& order) const {
    const Level& level = market_.levels_[order.level];
    return {order.ref, side_of(level), {level.price}, {order.quantity}, arrival_of(order)};
  }
  void save_side(Side side, ArchiveWriter& writer) const;
  bool load_side(Side side, ArchiveReader& reader);
  bool load_order(Side side, std::int64_t price, const SavedOrder& saved);

  L3Market& market_;
  State& state_;
};

std::size_t L3Market::L3Book::levels(Side side, std::span<PriceLevel> out) const {
  const Ladder& ladder = state_.ladder(side);
  FarLevels::Entry entry = ladder.best();
  std::size_t count = 0;
  for (; entry.level != 0 && count < out.size(); entry = ladder.below(entry.key)) {
    const Level& level = market_.levels_[entry.level];
    out[count++] = {{level.price}, {level.quantity}, level.count};
  }
  return count;
}

std::optional<QueuedOrder> L3Market::L3Book::find(std::uint64_t ref) const {
  const std::uint32_t order = record(ref);
  if (order == 0) return std::nullopt;
  return describe(market_.orders_[order]);
}

std::optional<QueueAhead> L3Market::L3Book::ahead_of(std::uint64_t ref) const {
  const std::uint32_t order = record(ref);
  if (order == 0) return std::nullopt;
  QueueAhead ahead;
  for (std::uint32_t at = market_.orders_[order].before; at != 0; at = market_.orders_[at].before) {
    ahead.quantity.value += market_.orders_[at].quantity;
    ++ahead.orders;
  }
  return ahead;
}

std::size_t L3Market::L3Book::queue(Side side, Price price, std::span<QueuedOrder> out) const {
  std::size_t count = 0;
  std::uint32_t at = level_at(side, price).first;
  for (; at != 0 && count < out.size(); at = market_.orders_[at].after)
    out[count++] = describe(market_.orders_[at]);
  return count;
}

QueueAhead L3Market::L3Book::standing_before(Side side, Price price, std::uint64_t arrival) const {
  QueueAhead ahead;
  for (std::uint32_t at = level_at(side, price).first; at != 0; at = market_.orders_[at].after) {
    if (arrival_of(market_.orders_[at]) >= arrival) break;
    ahead.quantity.value += market_.orders_[at].quantity;
    ++ahead.orders;
  }
  return ahead;
}

void L3Market::L3Book::save_side(Side side, ArchiveWriter& writer) const {
  const Ladder& ladder = state_.ladder(side);
  writer.put<std::uint64_t>(ladder.size());
  FarLevels::Entry entry = ladder.best();
  for (; entry.level != 0; entry = ladder.below(entry.key)) {
    const Level& level = market_.levels_[entry.level];
    writer.put(level.price);
    writer.put(level.count);
    for (std::uint32_t at = level.first; at != 0; at = market_.orders_[at].after) {
      const Order& order = market_.orders_[at];
      writer.put(SavedOrder{order.ref, order.quantity, arrival_of(order)});
    }
  }
}

void L3Market::L3Book::save(ArchiveWriter& writer) const {
  writer.put(book_mark);
  writer.put(state_.next_arrival);
  writer.put<std::uint8_t>(state_.suspect ? 1 : 0);
  writer.put(state_.counters);
  save_side(Side::buy, writer);
  save_side(Side::sell, writer);
}

// An order as it was saved: to the end of its queue, with its old number.
bool L3Market::L3Book::load_order(Side side, std::int64_t price, const SavedOrder& saved) {
  if (saved.arrival == 0 || saved.arrival >= state_.next_arrival) return false;
  if (state_.next_arrival - saved.arrival > 0xffffffffu) return false;
  const std::uint32_t last = level_at(side, {price}).last;
  if (last != 0 && arrival_of(market_.orders_[last]) >= saved.arrival) return false;
  NoVisitor nobody_listens;
  const std::uint32_t instrument = state_.instrument.value;
  const Operation operation{ZM_EVENT_ORDER_ADD, false, side,  instrument,
                            saved.ref,          0,     price, saved.quantity};
  const std::uint64_t next = state_.next_arrival;
  const std::uint32_t near = state_.ladder(side).near(Ladder::key(side, price));
  const Applied applied = market_.add(
      state_, operation, market_.index_.spot(saved.ref, state_.salt), near, nobody_listens);
  market_.grow();
  state_.next_arrival = next;
  if (applied.anomaly != BookAnomaly::none) return false;
  market_.orders_[level_at(side, {price}).last].arrival = static_cast<std::uint32_t>(saved.arrival);
  return true;
}

bool L3Market::L3Book::load_side(Side side, ArchiveReader& reader) {
  const auto level_count = reader.get<std::uint64_t>();
  for (std::uint64_t i = 0; i < level_count && reader.ok(); ++i) {
    const auto price = reader.get<std::int64_t>();
    const auto count = reader.get<std::uint32_t>();
    if (count == 0 || level_at(side, {price}).count != 0) return false;
    for (std::uint32_t order = 0; order < count && reader.ok(); ++order) {
      const auto saved = reader.get<SavedOrder>();
      if (!reader.ok() || !load_order(side, price, saved)) return false;
    }
  }
  return reader.ok();
}

void L3Market::L3Book::load(ArchiveReader& reader) {
  clear();
  reader.expect_mark(book_mark);
  const auto next_arrival = reader.get<std::uint64_t>();
  const bool suspect = reader.get<std::uint8_t>() != 0;
  const auto counters = reader.get<BookCounters>();
  if (!reader.ok()) return;
  state_.next_arrival = next_arrival;
  if (!load_side(Side::buy, reader) || !load_side(Side::sell, reader)) {
    reader.fail();
    clear();
    return;
  }
  state_.suspect = suspect;
  state_.counters = counters;
}

L3Market::L3Market(const Config& config)
    : index_(config.max_orders, config.expected_orders, config.huge_pages),
      orders_(config.max_orders + 1, config.huge_pages),
      levels_(config.max_levels + 1, false),
      free_orders_(config.max_orders + 1, false) {
  levels_[0].owner = nobody;
  if (!config.populate) return;
  const std::size_t expected = std::min(config.expected_orders, config.max_orders);
  index_.populate();
  orders_.populate(expected);
  free_orders_.populate(expected);
}

L3Market::~L3Market() = default;

Result<void> L3Market::add_instrument(InstrumentId instrument, Price tick) {
  if (instrument.value >= nobody / 2) {
    return Error{Errc::invalid_argument, "instrument number " + std::to_string(instrument.value) +
                                             " is beyond the books' limit"};
  }
  if (holds(instrument)) {
    return Error{Errc::invalid_argument,
                 "instrument " + std::to_string(instrument.value) + " has a book already"};
  }
  if (tick.value < 1 || tick.value > max_book_tick) {
    return Error{Errc::invalid_argument, "a tick of " + std::to_string(tick.value) +
                                             " price units; expected 1 to " +
                                             std::to_string(max_book_tick)};
  }
  if (!has_far_room(2 * Ladder::window)) {
    return Error{Errc::exhausted, "no room for the levels of instrument " +
                                      std::to_string(instrument.value) + "; raise max_levels"};
  }
  if (books_.size() <= instrument.value) {
    books_.resize(std::size_t{instrument.value} + 1);
    states_.resize(books_.size());
    by_instrument_ = states_.data();
    book_count_ = instrument.value + 1;
  }
  auto& state = books_[instrument.value];
  state = std::make_unique<State>(instrument, tick, used_levels_ + 1);
  states_[instrument.value] = state.get();
  used_levels_ += 2 * Ladder::window;
  state->view = std::make_unique<L3Book>(*this, *state);
  return {};
}

Book& L3Market::book(InstrumentId instrument) { return *books_[instrument.value]->view; }

Applied L3Market::apply(const zm_event& event) {
  NoVisitor nobody_listens;
  return apply(event, nobody_listens);
}

Bbo L3Market::bbo(InstrumentId instrument) const {
  const State& state = *books_[instrument.value];
  Bbo bbo;
  if (const std::uint32_t best = state.ladder(Side::buy).best_level(); best != 0) {
    bbo.bid = {levels_[best].price};
    bbo.bid_quantity = {levels_[best].quantity};
  }
  if (const std::uint32_t best = state.ladder(Side::sell).best_level(); best != 0) {
    bbo.ask = {levels_[best].price};
    bbo.ask_quantity = {levels_[best].quantity};
  }
  return bbo;
}

std::size_t L3Market::level_count() const {
  std::size_t count = 0;
  for (const auto& state : books_) {
    if (state) count += state->ladders[0].size() + state->ladders[1].size();
  }
  return count;
}

// Makes a level at a price that is not near; it may be near afterwards. 0 when there is no room.
std::uint32_t L3Market::open_far_level(State& state, Side side, std::int64_t key) {
  const std::uint32_t level = take_far_level();
  if (level == 0) return 0;
  levels_[level].price = Ladder::key(side, key);
  levels_[level].owner = state.owner(side);
  Ladder& ladder = state.ladder(side);
  if (!ladder.insert_far(key, level)) return level;
  place_window(state, side, ladder.best_key());
  const std::uint32_t near = ladder.near(key);
  return near != 0 ? near : level;
}

// 0 when there is no room.
std::uint32_t L3Market::take_far_level() {
  std::uint32_t level = free_level_;
  if (level != 0) {
    free_level_ = levels_[level].first;
  } else {
    if (!has_far_room(1)) return 0;
    level = ++used_levels_;
  }
  levels_[level] = {};
  return level;
}

void L3Market::give_far_level(std::uint32_t level) {
  levels_[level] = {};
  levels_[level].owner = nobody;
  levels_[level].first = free_level_;
  free_level_ = level;
}

void L3Market::move_level(std::uint32_t from, std::uint32_t to) {
  levels_[to] = levels_[from];
  for (std::uint32_t at = levels_[to].first; at != 0; at = orders_[at].after)
    orders_[at].level = to;
  levels_[from] = {};
}

// The market has left the window: it follows. Rare; work in the number of orders that change
// between near and far.
void L3Market::place_window(State& state, Side side, std::int64_t key) {
  Ladder& ladder = state.ladder(side);
  if (!has_far_room(ladder.size())) return;
  const auto to_far = [this](std::uint32_t near) {
    const std::uint32_t far = take_far_level();
    move_level(near, far);
    return far;
  };
  const auto to_near = [this](std::uint32_t far, std::uint32_t near) {
    move_level(far, near);
    give_far_level(far);
  };
  ladder.place_window(key, to_far, to_near);
  ++window_moves_;
}

void L3Market::clear(State& state) {
  for (Ladder& ladder : state.ladders) {
    FarLevels::Entry entry = ladder.best();
    for (; entry.level != 0; entry = ladder.below(entry.key)) {
      for (std::uint32_t at = levels_[entry.level].first; at != 0;) {
        const std::uint32_t after = orders_[at].after;
        index_.erase(index_.spot(orders_[at].ref, state.salt), at);
        give_order(at);
        at = after;
      }
      if (ladder.is_near(entry.level)) {
        levels_[entry.level] = {};
      } else {
        give_far_level(entry.level);
      }
    }
    ladder.clear();
  }
  state.orders = 0;
  ++window_moves_;
}

void L3Market::save(ArchiveWriter& writer) const {
  writer.put(market_mark);
  writer.put(unknown_instrument_);
  std::uint64_t count = 0;
  for (const auto& state : books_) count += state != nullptr;
  writer.put(count);
  for (const auto& state : books_) {
    if (!state) continue;
    writer.put(state->instrument.value);
    state->view->save(writer);
  }
}

void L3Market::load(ArchiveReader& reader) {
  for (const auto& state : books_) {
    if (state) clear(*state);
  }
  reader.expect_mark(market_mark);
  unknown_instrument_ = reader.get<std::uint64_t>();
  const auto count = reader.get<std::uint64_t>();
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    const InstrumentId instrument{reader.get<std::uint32_t>()};
    if (!holds(instrument)) return reader.fail();
    book(instrument).load(reader);
  }
}

}  // namespace zomma
