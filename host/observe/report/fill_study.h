// fill_study.h: how good fills were: the edge against the mid, how the mid moved afterwards
// (markouts), and the price paid against the mid when the order was sent (slippage). Maker and
// taker apart, by strategy.
//
// Mids are doubled integers (bid + ask), 0 = unknown. A fill waits for its horizons in a queue per
// horizon, at most max_waiting of them; what does not fit is counted.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "observe/report/figures.h"
#include "observe/report/statistics.h"

namespace zomma {

struct FillFacts {
  std::uint32_t instance, instrument;
  std::int64_t ts_ns;
  Side side;
  bool maker;
  double doubled_price;              // in price units, times two
  std::int64_t doubled_mid;          // when the fill was heard
  std::int64_t arrival_doubled_mid;  // when the order was sent or last replaced; 0 = unknown
  double value;                      // notional, money, > 0
};

class FillStudy {
 public:
  static constexpr std::size_t max_waiting = std::size_t{1} << 18;

  FillStudy(std::size_t instances, std::vector<Nanoseconds> horizons);

  void add(const FillFacts& fill);
  // Judges fills whose horizon ended before `now`; `doubled_mids` by instrument are those in force
  // until now.
  void resolve(std::int64_t now_ns, std::span<const std::int64_t> doubled_mids);
  // The first moment at which resolve has something to do.
  std::int64_t next_due() const;

  struct Results {
    Markout maker, taker;
    Slippage maker_slippage, taker_slippage;
  };
  // Of one strategy, or of all. Fills whose horizon ends at `now` are judged with the mids of now.
  Results results(std::uint32_t instance, std::int64_t now_ns,
                  std::span<const std::int64_t> doubled_mids) const;
  Results results_of_all(std::int64_t now_ns, std::span<const std::int64_t> doubled_mids) const;
  std::uint64_t dropped() const { return dropped_; }

 private:
  struct Waiting {
    std::int64_t due_ns;
    std::uint32_t score, instrument;
    std::int64_t doubled_mid;
    double value;
    int direction;
  };
  struct Score {  // of one strategy, maker or taker
    std::uint64_t fills = 0;
    WeightedMean edge, slippage;
    double slippage_cost = 0, edge_gain = 0;  // money
    std::vector<WeightedMean> moves;
  };
  static void judge(const Waiting& fill, std::int64_t doubled_mid, WeightedMean& move);
  std::vector<Score> scores_at(std::int64_t now_ns,
                               std::span<const std::int64_t> doubled_mids) const;
  Markout markout(const Score& score) const;
  static Slippage slippage(const Score& score);

  std::vector<Nanoseconds> horizons_;
  std::vector<Score> scores_;                 // [2 * instance + maker]
  std::vector<std::deque<Waiting>> waiting_;  // by horizon, due times rise
  std::uint64_t dropped_ = 0;
};

}  // namespace zomma
