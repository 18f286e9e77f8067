// book_sync.h: one symbol's order book as Binance publishes it: depth updates that must follow each
// other without a hole, snapshots that arrive late, and best quotes that overtake the depth. Turns
// them into events in an order from which every book comes out right; holds no book itself.
//
//  * An update follows if nothing lies between it and the one before: U <= last u + 1 on spot, pu
//  <= last u on futures.
//    Otherwise ZM_EVENT_GAP, and the depth is SUSPECT until a snapshot. What is older than the book
//    is dropped.
//  * A snapshot may be older than updates already applied: those are kept until there is a snapshot
//  and applied again on it.
//  * The newest of depth and quote decides the top of the book. A quote older than the depth is
//  dropped; after depth older
//    than the last quote that quote is told again.
//  * Ids that go back or leap are refused, but not for ever (RisingId).
#pragma once

#include <cstdint>
#include <vector>

#include "market/feeds/binance/message.h"
#include "market/feeds/decoder.h"

namespace zomma::binance {

// What became of the messages, beside the FeedCounters that all feeds have.
struct StreamCounters {
  std::uint64_t book_tickers{}, stale_book_tickers{};
  std::uint64_t depth_updates{}, stale_depth_updates{}, depth_levels{};
  std::uint64_t chain_links{};   // depth updates that followed the one before exactly
  std::uint64_t chain_breaks{};  // ... that left a hole
  std::uint64_t snapshots{}, stale_snapshots{}, replayed_updates{};
  std::uint64_t repeated_quotes{};
  std::uint64_t trades{}, duplicate_trades{}, lost_trades{}, off_book_trades{};
};

// Ids that rise: tells whether the next one is news. One false number does not make everything
// after it old: when an id comes to lie between the last two, the last was the false one.
class RisingId {
 public:
  enum class Verdict : std::uint8_t { news, refused, restart };

  std::uint64_t last() const { return last_; }
  Verdict judge(std::uint64_t id) {
    if (last_ == 0 || (id > last_ && id - last_ <= max_step)) return Verdict::news;
    if (id > before_ && id < last_) return Verdict::restart;
    return ++refused_ <= patience ? Verdict::refused : Verdict::restart;
  }
  void advance(std::uint64_t id) {
    before_ = last_ < id ? last_ : before_;
    last_ = id;
    refused_ = 0;
  }
  // Nothing is known of what lay before.
  void start_at(std::uint64_t id) {
    before_ = last_ = id;
    refused_ = 0;
  }

 private:
  static constexpr std::uint64_t max_step =
      1'000'000'000;  // hours of a busy market; more is a damaged number
  static constexpr std::uint32_t patience = 1024;

  std::uint64_t before_ = 0;
  std::uint64_t last_ = 0;
  std::uint32_t refused_ = 0;
};

class BookSync {
 public:
  // `require_snapshot`: no QUOTE and no LEVEL before the first snapshot.
  // `counters` are shared by all symbols of a feed and must outlive this.
  BookSync(const FeedInstrument& instrument, bool require_snapshot, std::uint32_t feed,
           FeedCounters& counters);

  const Scales& scales() const { return scales_; }

  void on_book_ticker(const BookTicker& quote, Nanoseconds received, EventBuffer& out);
  void on_depth(const Depth& update, const LevelList& levels, Nanoseconds received,
                EventBuffer& out);
  void on_snapshot(const Depth& snapshot, const LevelList& levels, Nanoseconds received,
                   EventBuffer& out);
  void on_trade(const Trade& trade, Nanoseconds received, EventBuffer& out);

  const StreamCounters& streams() const { return streams_; }

 private:
  // An update kept for a snapshot that may follow; its levels are a run of kept_levels_.
  struct Kept {
    Depth update;
    std::size_t first_level, level_count;
  };
  static constexpr std::size_t max_kept = 1024;
  static constexpr std::size_t max_kept_levels = 65'536;

  zm_event& append(EventBuffer& out, std::uint16_t kind, std::uint16_t flags, Nanoseconds received,
                   std::int64_t exchange_ns);
  bool follows(const Depth& update) const;
  zm_event* link(const Depth& update, Nanoseconds received, EventBuffer& out);
  zm_event* gap(const Depth& update, Nanoseconds received, EventBuffer& out);
  // These return the last event appended, null if there was none; it is valid until the next one.
  zm_event* append_levels(const Level* levels, std::size_t count, std::uint64_t update_id,
                          std::uint16_t flags, Nanoseconds received, std::int64_t exchange_ns,
                          EventBuffer& out);
  zm_event* append_newer_quote(Nanoseconds received, EventBuffer& out);
  zm_event* append_quote(Nanoseconds received, EventBuffer& out);
  void keep(const Depth& update, const LevelList& levels);

  std::uint32_t instrument_;
  std::uint32_t feed_;
  Scales scales_;
  bool silent_;           // waiting for the first snapshot
  bool synced_ = false;   // a snapshot was applied, and no hole since
  bool suspect_ = false;  // a hole since the last snapshot
  RisingId depth_id_, quote_id_, trade_id_;
  BookTicker quote_;        // the newest
  std::vector<Kept> kept_;  // all its room is made at once, with the first update
  std::vector<Level> kept_levels_;
  StreamCounters streams_;
  FeedCounters& counters_;
};

}  // namespace zomma::binance
