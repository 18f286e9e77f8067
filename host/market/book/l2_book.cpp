#include "market/book/l2_book.h"

namespace zomma {
namespace {

constexpr std::uint32_t book_mark = 0x324C4B42u;  // "BKL2"

BookAnomaly check(std::int64_t price, std::int64_t quantity) {
  if (price >= max_book_price || price <= -max_book_price) return BookAnomaly::bad_price;
  return quantity >= 0 ? BookAnomaly::none : BookAnomaly::bad_quantity;
}

}  // namespace

L2Book::L2Book(Price tick)
    : bid_(Side::buy, tick.value, 1),
      ask_(Side::sell, tick.value, 1 + Ladder::window),
      levels_(1 + 2 * Ladder::window + max_far_levels, false) {}

// The level at a key if something rests there, otherwise 0.
std::uint32_t L2Book::find(Side side, std::int64_t key) const {
  const std::uint32_t level = ladder(side).near(key);
  if (level == 0) return ladder(side).far(key);
  return levels_[level].quantity == 0 ? 0 : level;
}

bool L2Book::has_room(Side side, std::int64_t price) const {
  return free_level_ != 0 || used_levels_ + 1 < levels_.capacity() ||
         ladder(side).near(Ladder::key(side, price)) != 0;
}

std::uint32_t L2Book::take_far() {
  if (free_level_ == 0) return ++used_levels_;
  const std::uint32_t level = free_level_;
  free_level_ = levels_[level].next_free;
  return level;
}

void L2Book::place_window(Side side) {
  Ladder& at_side = ladder(side);
  if (used_levels_ + at_side.size() >= levels_.capacity()) return;
  const auto move = [this](std::uint32_t from, std::uint32_t to) {
    levels_[to] = levels_[from];
    levels_[from] = {};
  };
  const auto to_far = [&](std::uint32_t near) {
    const std::uint32_t far = take_far();
    move(near, far);
    return far;
  };
  const auto to_near = [&](std::uint32_t far, std::uint32_t near) {
    move(far, near);
    levels_[far].next_free = free_level_;
    free_level_ = far;
  };
  at_side.place_window(at_side.best_key(), to_far, to_near);
}

// A level number for a key where nothing rests.
std::uint32_t L2Book::open(Side side, std::int64_t key) {
  Ladder& at_side = ladder(side);
  std::uint32_t level = at_side.near(key);
  if (level != 0) {
    at_side.insert_near(key, level);
    return level;
  }
  level = take_far();
  if (at_side.insert_far(key, level)) place_window(side);
  const std::uint32_t near = at_side.near(key);
  return near != 0 ? near : level;
}

void L2Book::remove(Side side, std::int64_t key, std::uint32_t level) {
  ladder(side).erase(key, level);
  levels_[level] = {};
  if (ladder(side).is_near(level)) return;
  levels_[level].next_free = free_level_;
  free_level_ = level;
}

// Sets the total at a price. True if that changed anything.
bool L2Book::set(Side side, std::int64_t price, std::int64_t quantity, std::uint32_t order_count) {
  const std::int64_t key = Ladder::key(side, price);
  std::uint32_t at = find(side, key);
  if (quantity == 0) {
    if (at != 0) remove(side, key, at);
    return at != 0;
  }
  if (at == 0) at = open(side, key);
  Level& level = levels_[at];
  const bool changed = level.quantity != quantity || level.order_count != order_count;
  level = {price, quantity, order_count, 0};
  return changed;
}

Applied L2Book::set_level(Side side, const zm_level& update) {
  Applied applied{check(update.price, update.quantity), false, false, side, {update.price}, {}, {}};
  if (applied.anomaly == BookAnomaly::none && !has_room(side, update.price))
    applied.anomaly = BookAnomaly::capacity;
  if (applied.anomaly != BookAnomaly::none) return applied;
  const std::int64_t key = Ladder::key(side, update.price);
  Ladder& at_side = ladder(side);
  const bool at_top = at_side.best_level() == 0 || key >= at_side.best_key();
  applied.changed = set(side, update.price, update.quantity, update.order_count);
  applied.top_changed = applied.changed && at_top;
  applied.quantity = applied.leaves = {update.quantity};
  return applied;
}

// Removes all levels of a side that are better than `best_key`.
void L2Book::trim(Side side, std::int64_t best_key) {
  Ladder& at_side = ladder(side);
  while (at_side.best_level() != 0 && at_side.best_key() > best_key) {
    set(side, Ladder::key(side, at_side.best_key()), 0, 0);
  }
}

Applied L2Book::set_top(const zm_quote& quote) {
  Applied applied;
  const bool has_bid = quote.bid_price != ZM_NO_PRICE && quote.bid_quantity != 0;
  const bool has_ask = quote.ask_price != ZM_NO_PRICE && quote.ask_quantity != 0;
  if (has_bid) applied.anomaly = check(quote.bid_price, quote.bid_quantity);
  if (has_ask && applied.anomaly == BookAnomaly::none)
    applied.anomaly = check(quote.ask_price, quote.ask_quantity);
  // Two far levels at most.
  if (applied.anomaly == BookAnomaly::none && used_levels_ + 2 >= levels_.capacity())
    applied.anomaly = BookAnomaly::capacity;
  if (applied.anomaly != BookAnomaly::none) return applied;

  const Bbo before = bbo();
  const std::size_t depth_before = bid_.size() + ask_.size();
  if (has_bid) {
    trim(Side::buy, Ladder::key(Side::buy, quote.bid_price));
    trim(Side::sell, Ladder::key(Side::sell, quote.bid_price + 1));
  } else {
    clear_side(Side::buy);
  }
  if (has_ask) {
    trim(Side::sell, Ladder::key(Side::sell, quote.ask_price));
    trim(Side::buy, Ladder::key(Side::buy, quote.ask_price - 1));
  } else {
    clear_side(Side::sell);
  }
  if (has_bid) set(Side::buy, quote.bid_price, quote.bid_quantity, 0);
  if (has_ask) set(Side::sell, quote.ask_price, quote.ask_quantity, 0);
  applied.top_changed = !(before == bbo());
  applied.changed = applied.top_changed || depth_before != bid_.size() + ask_.size();
  return applied;
}

bool L2Book::crossed() const {
  return bid_.best_level() != 0 && ask_.best_level() != 0 &&
         bid_.best_key() >= Ladder::key(Side::sell, ask_.best_key());
}

Applied L2Book::apply(const zm_event& event) {
  Applied applied;
  switch (event.kind) {
    case ZM_EVENT_LEVEL:
      applied =
          set_level((event.flags & ZM_FLAG_SELL) != 0 ? Side::sell : Side::buy, event.u.level);
      break;
    case ZM_EVENT_QUOTE:
      applied = set_top(event.u.quote);
      break;
    case ZM_EVENT_BOOK_CLEAR:
      applied.changed = applied.top_changed = bid_.size() + ask_.size() != 0;
      clear();
      break;
    case ZM_EVENT_GAP:
      suspect_ = true;
      return applied;
    case ZM_EVENT_ORDER_ADD:
    case ZM_EVENT_ORDER_REDUCE:
    case ZM_EVENT_ORDER_DELETE:
    case ZM_EVENT_ORDER_EXECUTE:
    case ZM_EVENT_ORDER_REPLACE:
    case ZM_EVENT_ORDER_MODIFY:
      applied.anomaly = BookAnomaly::wrong_kind;
      break;
    default:
      return applied;
  }
  if (applied.anomaly == BookAnomaly::none && (event.flags & ZM_FLAG_LAST) != 0 && crossed()) {
    applied.anomaly = BookAnomaly::crossed;
  }
  if (applied.anomaly != BookAnomaly::none)
    ++counters_.seen[static_cast<std::size_t>(applied.anomaly)];
  return applied;
}

Bbo L2Book::bbo() const {
  Bbo bbo;
  if (const std::uint32_t best = bid_.best_level(); best != 0) {
    bbo.bid = {levels_[best].price};
    bbo.bid_quantity = {levels_[best].quantity};
  }
  if (const std::uint32_t best = ask_.best_level(); best != 0) {
    bbo.ask = {levels_[best].price};
    bbo.ask_quantity = {levels_[best].quantity};
  }
  return bbo;
}

std::size_t L2Book::levels(Side side, std::span<PriceLevel> out) const {
  const Ladder& at_side = ladder(side);
  FarLevels::Entry entry = at_side.best();
  std::size_t count = 0;
  for (; entry.level != 0 && count < out.size(); entry = at_side.below(entry.key)) {
    const Level& level = levels_[entry.level];
    out[count++] = {{level.price}, {level.quantity}, level.order_count};
  }
  return count;
}

Quantity L2Book::quantity_at(Side side, Price price) const {
  const std::uint32_t level = find(side, Ladder::key(side, price.value));
  return level == 0 ? Quantity{} : Quantity{levels_[level].quantity};
}

void L2Book::clear_side(Side side) {
  Ladder& at_side = ladder(side);
  FarLevels::Entry entry = at_side.best();
  for (; entry.level != 0; entry = at_side.below(entry.key)) {
    levels_[entry.level] = {};
    if (at_side.is_near(entry.level)) continue;
    levels_[entry.level].next_free = free_level_;
    free_level_ = entry.level;
  }
  at_side.clear();
}

void L2Book::clear() {
  clear_side(Side::buy);
  clear_side(Side::sell);
  suspect_ = false;
}

void L2Book::save_side(Side side, ArchiveWriter& writer) const {
  const Ladder& at_side = ladder(side);
  writer.put<std::uint64_t>(at_side.size());
  FarLevels::Entry entry = at_side.best();
  for (; entry.level != 0; entry = at_side.below(entry.key)) {
    const Level& level = levels_[entry.level];
    writer.put(level.price);
    writer.put(level.quantity);
    writer.put(level.order_count);
  }
}

void L2Book::save(ArchiveWriter& writer) const {
  writer.put(book_mark);
  writer.put<std::uint8_t>(suspect_ ? 1 : 0);
  writer.put(counters_);
  save_side(Side::buy, writer);
  save_side(Side::sell, writer);
}

bool L2Book::load_side(Side side, ArchiveReader& reader) {
  const auto count = reader.get<std::uint64_t>();
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    const auto price = reader.get<std::int64_t>();
    const auto quantity = reader.get<std::int64_t>();
    const auto order_count = reader.get<std::uint32_t>();
    if (!reader.ok() || quantity == 0 || check(price, quantity) != BookAnomaly::none) return false;
    if (find(side, Ladder::key(side, price)) != 0 || !has_room(side, price)) return false;
    set(side, price, quantity, order_count);
  }
  return reader.ok();
}

void L2Book::load(ArchiveReader& reader) {
  clear();
  reader.expect_mark(book_mark);
  const bool suspect = reader.get<std::uint8_t>() != 0;
  const auto counters = reader.get<BookCounters>();
  if (!load_side(Side::buy, reader) || !load_side(Side::sell, reader)) {
    reader.fail();
    clear();
    return;
  }
  suspect_ = suspect;
  counters_ = counters;
}

}  // namespace zomma
