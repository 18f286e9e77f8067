#include "matching/engine.h"

#include <bit>
#include <string>

namespace zomma::matching {

Engine::Engine(std::size_t expected_orders)
    : index_(expected_orders), orders_(expected_orders), levels_(256) {}

Engine::Book::Book(bool is_held, const MarketRules& rules)
    : tick(rules.tick.value),
      lot(rules.lot.value),
      held(is_held),
      ladders{Ladder(rules.window), Ladder(rules.window), Ladder(Ladder::min_window),
              Ladder(Ladder::min_window)} {
  forget_trades(*this);
}

Result<void> Engine::add_instrument(InstrumentId instrument, const MarketRules& rules) {
  const std::string name = "instrument " + std::to_string(instrument.value);
  constexpr std::uint32_t most = std::numeric_limits<std::uint32_t>::max() / kinds;
  if (instrument.value >= most)
    return Error{Errc::invalid_argument, name + " is not an index below " + std::to_string(most)};
  if (holds(instrument)) return Error{Errc::invalid_argument, name + " is held already"};
  if (rules.tick.value < 1 || rules.lot.value < 1)
    return Error{Errc::invalid_argument, name + ": tick and lot must be 1 or more, found " +
                                             std::to_string(rules.tick.value) + " and " +
                                             std::to_string(rules.lot.value)};
  if (!std::has_single_bit(rules.window) || rules.window < Ladder::min_window ||
      rules.window > Ladder::max_window)
    return Error{Errc::invalid_argument,
                 name + ": the window must be a power of two from 64 to 4096, found " +
                     std::to_string(rules.window)};
  while (books_.size() <= instrument.value) {
    MarketRules smallest;
    smallest.window = Ladder::min_window;
    books_.emplace_back(false, smallest);
  }
  books_[instrument.value] = Book(true, rules);
  return {};
}

BestPrices Engine::best(InstrumentId instrument) const {
  BestPrices out;
  if (!holds(instrument)) return out;
  const Book& book = books_[instrument.value];
  const Ladder::Entry bid = book.ladders[bids].best();
  const Ladder::Entry ask = book.ladders[asks].best();
  if (bid.level != 0) {
    out.bid = {bid.key * book.tick};
    out.bid_quantity = {levels_[bid.level].quantity};
  }
  if (ask.level != 0) {
    out.ask = {-ask.key * book.tick};
    out.ask_quantity = {levels_[ask.level].quantity};
  }
  return out;
}

std::size_t Engine::levels(InstrumentId instrument, Side side, std::span<LevelView> out) const {
  if (!holds(instrument)) return 0;
  const Book& book = books_[instrument.value];
  const Ladder& ladder = book.ladders[resting_kind(side)];
  std::size_t count = 0;
  for (Ladder::Entry entry = ladder.best(); entry.level != 0 && count < out.size();
       entry = ladder.below(entry.key)) {
    const Level& level = levels_[entry.level];
    out[count++] = {{ticks_of(level) * book.tick}, {level.quantity}, level.count};
  }
  return count;
}

std::optional<OrderView> Engine::find(OrderId id) const {
  const Record record = index_.find(id.value);
  if (record == 0) return std::nullopt;
  return view(record);
}

std::optional<Price> Engine::last_trade(InstrumentId instrument) const {
  if (!holds(instrument) || !books_[instrument.value].has_last) return std::nullopt;
  return Price{books_[instrument.value].last * books_[instrument.value].tick};
}

OrderView Engine::view(Record record) const {
  const Order& order = orders_[record];
  const Level& level = levels_[order.level];
  OrderView out;
  out.id = {order.id};
  out.instrument = {instrument_of(level)};
  out.owner = {order.owner};
  out.side = side_of(level);
  out.type = order.type;
  out.time_in_force = order.time_in_force;
  out.post_only = order.post_only;
  out.price = limit_of(record);
  if (is_stop(order.type)) out.stop_price = {ticks_of(level) * book_of(level).tick};
  out.shown = {order.shown};
  out.hidden = {order.hidden};
  out.filled = {order.filled};
  out.display_quantity = {order.display};
  return out;
}

Engine::Record Engine::first(InstrumentId instrument, Side side) const {
  const std::uint32_t level = books_[instrument.value].ladders[resting_kind(side)].best_level();
  return level == 0 ? 0 : levels_[level].first;
}

Engine::Record Engine::next(Record record) const {
  const Order& order = orders_[record];
  if (order.next != 0) return order.next;
  const Level& level = levels_[order.level];
  const std::uint32_t worse = book_of(level).ladders[kind_of(level)].below(level.key).level;
  return worse == 0 ? 0 : levels_[worse].first;
}

void Engine::keep_stop_limit(Record record, std::int64_t ticks) {
  if (stop_limits_.size() < orders_.limit()) stop_limits_.resize(orders_.limit());
  stop_limits_[record] = ticks;
}

void Engine::add_stop(Book& book, const Incoming& incoming, std::int64_t stop_ticks) {
  const Kind kind = incoming.side == Side::buy ? buy_stops : sell_stops;
  const Record record = orders_.take();
  index_.insert(incoming.id, record);
  orders_[record] = {incoming.id,
                     incoming.open,
                     0,
                     incoming.filled,
                     incoming.display,
                     0,
                     0,
                     0,
                     incoming.owner,
                     incoming.type,
                     incoming.time_in_force,
                     incoming.post_only,
                     incoming.self_trade,
                     0};
  keep_stop_limit(record, toward(incoming.side, incoming.limit));
  link_last(open_level(book, incoming.instrument, kind, key_of(kind, stop_ticks)), record);
  ++book.stops;
}

void Engine::clear() {
  index_.clear();
  orders_.clear();
  levels_.clear();
  for (Book& book : books_) {
    for (Ladder& ladder : book.ladders) ladder.clear();
    book.has_last = false;
    book.last = 0;
    book.stops = 0;
    forget_trades(book);
  }
  seq_ = 0;
}

}  // namespace zomma::matching
