// market_track.h: what a report remembers of one instrument's market: its mid, its spread over
// time, its volume.
#pragma once

#include <cstdint>

#include "observe/report/figures.h"
#include "observe/report/thinned_series.h"
#include "portfolio/valuation.h"

namespace zomma {

class MarketTrack {
 public:
  // False if the best bid is above the best ask: such a book is in the middle of a change or wrong,
  // and not looked at.
  bool on_bbo(std::int64_t ts_ns, Price bid, Price ask, double price_unit);
  void on_trade(Quantity quantity) {
    ++trades_;
    volume_.value =
        volume_.value > INT64_MAX - quantity.value ? INT64_MAX : volume_.value + quantity.value;
  }
  // A fill marks an instrument that never had two sides.
  void mark_without_book(Price price) {
    if (!marked_) doubled_mark_ = 2 * price.value;
  }

  // A split: until the next quote, positions are valued in new units at the old worth.
  void restate(std::int64_t new_units, std::int64_t old_units) {
    doubled_mark_ =
        static_cast<std::int64_t>(static_cast<Int128>(doubled_mark_) * old_units / new_units);
  }
  // The position of `other` goes on here.
  void take_mark(const MarketTrack& other) { doubled_mark_ = other.doubled_mark_; }

  // bid + ask, 0 while unknown (or not positive: then moves in bps mean nothing).
  std::int64_t doubled_mid() const { return doubled_mid_; }
  // What positions are valued at.
  std::int64_t doubled_mark() const { return doubled_mark_; }
  Quantity volume() const { return volume_; }
  MarketResult result(std::uint32_t instrument, std::int64_t now_ns) const;
  bool ever_seen() const { return marked_ || trades_ != 0; }

 private:
  Price bid_{no_price}, ask_{no_price};
  std::int64_t doubled_mid_ = 0, doubled_mark_ = 0;
  std::int64_t since_ns_ = 0;
  double spread_bps_ = no_value;  // now
  double spread_area_ = 0, spread_time_ = 0;
  double first_mid_ = no_value, last_mid_ = no_value;
  std::uint64_t changes_ = 0, trades_ = 0;
  Quantity volume_{};
  bool marked_ = false;
  ThinnedSeries mid_;
};

}  // namespace zomma
