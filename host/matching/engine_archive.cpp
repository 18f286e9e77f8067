// engine_archive.cpp: the engine's state as bytes: per instrument its orders in their priority.
// Record numbers are not part of it, so equal books write equal bytes, however they came about.
#include <type_traits>

#include "matching/engine.h"

namespace zomma::matching {
namespace {

constexpr std::uint32_t mark = 0x4D415443;

}  // namespace

struct Engine::Saved {
  std::uint64_t id;
  std::int64_t key;         // of its level
  std::int64_t stop_limit;  // in ticks; of a waiting stop
  std::int64_t shown, hidden, filled, display;
  std::uint32_t owner;
  OrderType type;
  TimeInForce time_in_force;
  std::uint8_t post_only;
  SelfTrade self_trade;
};

void Engine::save(ArchiveWriter& out) const {
  static_assert(std::has_unique_object_representations_v<Saved>);
  out.put(mark);
  out.put(seq_);
  out.put<std::uint64_t>(books_.size());
  for (const Book& book : books_) {
    out.put<std::uint8_t>(book.held);
    out.put(book.tick);
    out.put(book.lot);
    out.put<std::uint8_t>(book.has_last);
    out.put(book.last);
    for (const Ladder& ladder : book.ladders) {
      std::vector<Saved> orders;
      for (Ladder::Entry at = ladder.best(); at.level != 0; at = ladder.below(at.key)) {
        for (Record record = levels_[at.level].first; record != 0; record = orders_[record].next) {
          const Order& order = orders_[record];
          orders.push_back({order.id, at.key, is_stop(order.type) ? stop_limit(record) : 0,
                            order.shown, order.hidden, order.filled, order.display, order.owner,
                            order.type, order.time_in_force, order.post_only, order.self_trade});
        }
      }
      out.put_vector(orders);
    }
  }
}

void Engine::load(ArchiveReader& in) {
  clear();
  in.expect_mark(mark);
  seq_ = in.get<std::uint64_t>();
  if (in.get<std::uint64_t>() != books_.size()) in.fail();
  for (std::uint32_t id = 0; id < books_.size() && in.ok(); ++id) {
    Book& book = books_[id];
    const bool same_held = (in.get<std::uint8_t>() != 0) == book.held;
    const bool same_tick = in.get<std::int64_t>() == book.tick;
    const bool same_lot = in.get<std::int64_t>() == book.lot;
    if (!same_held || !same_tick || !same_lot) in.fail();
    book.has_last = in.get<std::uint8_t>() != 0;
    book.last = in.get<std::int64_t>();
    for (std::uint32_t kind = 0; kind < kinds && in.ok(); ++kind)
      for (const Saved& saved : in.get_vector<Saved>())
        if (!restore(book, id, static_cast<Kind>(kind), saved)) in.fail();
    const Ladder& bid = book.ladders[bids];
    const Ladder& ask = book.ladders[asks];
    if (bid.best_level() != 0 && ask.best_level() != 0 && bid.best_key() >= -ask.best_key())
      in.fail();  // a book that rests is never crossed
  }
  if (!in.ok()) clear();
}

bool Engine::restore(Book& book, std::uint32_t instrument, Kind kind, const Saved& saved) {
  const bool waits = kind == buy_stops || kind == sell_stops;
  const bool sane = is_stop(saved.type) == waits && saved.type != OrderType::market &&
                    saved.type <= OrderType::stop_limit && saved.key != Ladder::no_key &&
                    saved.shown > 0 && saved.shown <= max_quantity.value && saved.hidden >= 0 &&
                    saved.hidden <= max_quantity.value && saved.time_in_force <= TimeInForce::fok &&
                    saved.self_trade <= SelfTrade::decrement && index_.find(saved.id) == 0;
  const std::int64_t furthest = std::numeric_limits<std::int64_t>::max() / book.tick;
  const bool in_range = saved.key >= -furthest && saved.key <= furthest && saved.filled >= 0 &&
                        saved.filled <= max_quantity.value && saved.display >= 0;
  // Hidden quantity comes out in slices, so there must be one; what waits shows nothing of it.
  const bool sliced = saved.hidden == 0 || (!waits && saved.display > 0);
  const bool may_rest =
      waits || saved.time_in_force == TimeInForce::gtc || saved.time_in_force == TimeInForce::day;
  if (!sane || !in_range || !sliced || !may_rest) return false;
  const Record record = orders_.take();
  index_.insert(saved.id, record);
  orders_[record] = {saved.id,
                     saved.shown,
                     saved.hidden,
                     saved.filled,
                     saved.display,
                     0,
                     0,
                     0,
                     saved.owner,
                     saved.type,
                     saved.time_in_force,
                     saved.post_only != 0,
                     saved.self_trade,
                     0};
  if (waits) {
    keep_stop_limit(record, saved.stop_limit);
    ++book.stops;
  }
  link_last(open_level(book, instrument, kind, saved.key), record);
  return true;
}

}  // namespace zomma::matching
