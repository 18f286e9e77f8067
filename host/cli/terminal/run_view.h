// run_view.h: what the terminal shows of a running engine, as one plain snapshot. Filled by the
// control thread; knows nothing of the engine. Money and prices are already numbers for people.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace zomma {

struct StrategyRow {
  std::string name;
  std::string state;  // "running", "held", "faulted"
  double pnl{};       // after fees, positions at mid
  double fees{};
  std::uint64_t orders{}, fills{},
      rejects{};  // sent, filled (parts count), refused by the pre-trade checks
};

struct PositionRow {
  std::string symbol;
  std::string position;  // decimal text in the instrument's own digits
  std::string bid, ask;
  double pnl{};
  std::uint32_t open_orders{};
};

struct FeedRow {
  std::string name;
  std::uint64_t events{};
  std::uint64_t
      problems{};  // malformed, truncated, unknown: everything that was counted and not used
  std::uint64_t gaps{};
  double done{-1};  // 0..1 of the recording; negative when nobody can tell
};

struct RunView {
  std::string name;
  std::string mode;               // "recorded", "live"
  std::string note;               // one line worth saying now; may be empty
  std::int64_t engine_time_ns{};  // UTC; 0 before the first event
  std::int64_t elapsed_ns{};      // of the wall clock, since the start
  std::uint64_t events{};
  double events_per_second{};
  std::int64_t lag_ns{
      -1};  // behind the feed (live) or behind the pace asked for; negative = does not apply
  double pnl{}, fees{};
  std::string currency;
  std::uint64_t intents{}, risk_rejects{}, fills{};
  std::uint32_t open_orders{};
  std::vector<StrategyRow> strategies;
  std::vector<PositionRow> positions;
  std::vector<FeedRow> feeds;
};

}  // namespace zomma
