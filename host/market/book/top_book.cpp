#include "market/book/top_book.h"

#include "market/book/ladder.h"

namespace zomma {
namespace {

constexpr std::uint32_t book_mark = 0x544F504Bu;  // "KPOT"

BookAnomaly check(Price price, Quantity quantity) {
  if (price.value >= max_book_price || price.value <= -max_book_price)
    return BookAnomaly::bad_price;
  return quantity.value >= 0 ? BookAnomaly::none : BookAnomaly::bad_quantity;
}

// A quote's sides, empty ones without a price.
Bbo sides_of(const zm_quote& quote) {
  Bbo top;
  if (quote.bid_price != ZM_NO_PRICE && quote.bid_quantity != 0)
    top.bid = {quote.bid_price}, top.bid_quantity = {quote.bid_quantity};
  if (quote.ask_price != ZM_NO_PRICE && quote.ask_quantity != 0)
    top.ask = {quote.ask_price}, top.ask_quantity = {quote.ask_quantity};
  return top;
}

BookAnomaly check(const Bbo& top) {
  BookAnomaly anomaly = BookAnomaly::none;
  if (top.bid != no_price) anomaly = check(top.bid, top.bid_quantity);
  if (top.ask != no_price && anomaly == BookAnomaly::none)
    anomaly = check(top.ask, top.ask_quantity);
  return anomaly;
}

}  // namespace

Applied TopBook::set(const zm_quote& quote) {
  Applied applied;
  const Bbo now = sides_of(quote);
  applied.anomaly = check(now);
  if (applied.anomaly != BookAnomaly::none) return applied;
  applied.changed = applied.top_changed = !(now == top_);
  top_ = now;
  return applied;
}

Applied TopBook::apply(const zm_event& event) {
  Applied applied;
  switch (event.kind) {
    case ZM_EVENT_QUOTE:
      applied = set(event.u.quote);
      break;
    case ZM_EVENT_BOOK_CLEAR:
      applied.changed = applied.top_changed = !(top_ == Bbo{});
      clear();
      break;
    case ZM_EVENT_GAP:
      suspect_ = true;
      return applied;
    case ZM_EVENT_LEVEL:
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
  const bool crossed = top_.bid != no_price && top_.ask != no_price && top_.bid >= top_.ask;
  if (applied.anomaly == BookAnomaly::none && (event.flags & ZM_FLAG_LAST) != 0 && crossed)
    applied.anomaly = BookAnomaly::crossed;
  if (applied.anomaly != BookAnomaly::none)
    ++counters_.seen[static_cast<std::size_t>(applied.anomaly)];
  return applied;
}

std::size_t TopBook::levels(Side side, std::span<PriceLevel> out) const {
  if (depth(side) == 0 || out.empty()) return 0;
  out[0] = {price_of(side), quantity_of(side), 0};
  return 1;
}

Quantity TopBook::quantity_at(Side side, Price price) const {
  return depth(side) != 0 && price_of(side) == price ? quantity_of(side) : Quantity{};
}

void TopBook::clear() {
  top_ = {};
  suspect_ = false;
}

void TopBook::save(ArchiveWriter& writer) const {
  writer.put(book_mark);
  writer.put<std::uint8_t>(suspect_ ? 1 : 0);
  writer.put(counters_);
  writer.put(top_);
}

void TopBook::load(ArchiveReader& reader) {
  clear();
  reader.expect_mark(book_mark);
  const bool suspect = reader.get<std::uint8_t>() != 0;
  const auto counters = reader.get<BookCounters>();
  const auto top = reader.get<Bbo>();
  if (!reader.ok() || check(top) != BookAnomaly::none) return reader.fail();
  top_ = top;
  suspect_ = suspect;
  counters_ = counters;
}

}  // namespace zomma
