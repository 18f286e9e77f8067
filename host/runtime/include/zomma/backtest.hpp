// backtest.hpp: run a configuration file on its recordings, as `zomma backtest` does, from your own
// program, and look at what came of it.
//
// Link Zomma::host. One call, on the caller's thread, which also runs the callbacks; nothing here
// throws. Feeds that bring their own contracts (option chains) work as in the program.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <zomma/host.hpp>

namespace zomma {

// A position changed: a fill, or, with `settlement`, an assignment, exercise, expiry or dividend.
struct BacktestTrade {
  std::string strategy, symbol;
  std::int64_t ts_ns;  // UTC
  double quantity;     // signed: below 0 went out
  double price;        // currency; of a settlement: strike or settlement value, 0 if there is none
  bool settlement;
  const char* what;  // "fill", "assigned", "exercised", "lapsed", "delivered", "adjusted", "cash"
};

struct BacktestOptions {
  std::string config;       // the file
  std::string plugins_dir;  // of plugins that it names without a folder; may be empty
  bool report = true;       // write the report where the configuration says, with its baselines
  std::function<void(const std::string& line)> on_log;  // what strategies say, and the host of them
  std::function<void(const BacktestTrade&)> on_trade;
};

// One strategy or baseline. Shares are of the cash it began with and NaN where it has none or the
// run is shorter than 20 days.
struct BacktestFigures {
  std::string name;
  std::int64_t net, fees;  // P&L after fees; money, 8 decimals
  std::uint64_t fills;
  double total, growth, volatility, sharpe, drawdown;  // growth, volatility, sharpe: a year's
};

struct BacktestResult {
  std::vector<BacktestFigures> strategies, baselines;  // baselines: with a report only
  std::string report_dir;                              // empty without a report
  bool modelled = false;  // option quotes come from a model, not from a market
};

// Empty = it worked. `result` is filled as far as the run came.
__attribute__((visibility("default"))) Trouble backtest(const BacktestOptions& options,
                                                        BacktestResult& result);

}  // namespace zomma
