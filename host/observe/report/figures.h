// figures.h: what a report knows about one run: plain data, computed by RunAnalysis, written by the
// renderers.
//
// Money, prices and quantities are integers until they are shown. Statistics are double; a
// statistic that has no value (no fills, a constant signal, too few intervals) is `no_value`, which
// every renderer shows as a dash or null, never as a number.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/types.h"
#include "market/instrument.h"
#include "observe/report/option_figures.h"
#include "observe/report/series.h"

namespace zomma {

// One marker on a price plot: all fills of one side in a short bucket of time, at their average
// price.
struct FillMark {
  std::int64_t ts_ns;  // of the last of them
  double price;
  double quantity;
  std::uint64_t fills;
  Side side;
};

struct ProfitAndLoss {
  Money realised{};    // of closed quantity at average cost, before fees
  Money unrealised{};  // of the open quantity at the last mid
  Money fees{};        // paid; negative = earned
  Money gross() const { return realised + unrealised; }
  Money net() const { return realised + unrealised - fees; }
};

// P&L after fees in consecutive intervals of one length; the last, shorter one is left out. Not
// annualised.
struct IntervalStatistics {
  Nanoseconds interval{};
  std::uint64_t count{};
  double mean{no_value};       // money per interval
  double deviation{no_value};  // sample standard deviation, money
  double sharpe{no_value};     // mean / deviation, per interval
  double t{no_value};  // mean / (deviation / sqrt(count)): is the mean P&L different from zero?
};

// Of P&L after fees on the 1 s samples; the curve starts at 0.
struct Drawdown {
  Money deepest{};               // >= 0
  Nanoseconds peak_to_trough{};  // of the deepest
  Nanoseconds longest{};         // the longest time below an earlier peak
  bool recovered{true};          // the curve ended at its highest point
  double percent{no_value};      // of what `basis` says
  enum class Basis : std::uint8_t { none, capital, peak_exposure } basis{Basis::none};
};

// From daily wealth (capital + P&L after fees); observe/statistics/performance.h has the formulas.
// Returns are shares of the day before's wealth; a year has as many days as were heard in one.
struct AnnualFigures {
  std::uint64_t days{};
  double total{no_value};                      // over the whole run
  double growth{no_value};                     // compound, a year
  double volatility{no_value};                 // a year
  double sharpe{no_value}, sortino{no_value};  // a year, against nothing: cash earns what the run
                                               // pays on it
  double drawdown{no_value};                   // greatest, as a share of the peak
  double calmar{no_value};                     // growth / drawdown
  double skew{no_value};                       // of daily returns
  double certainty{no_value};                  // probability that the true Sharpe ratio is above 0
};

// How the market moved after our fills, in bps of the mid, weighted by notional. Positive is good
// for us.
struct MarkoutHorizon {
  Nanoseconds horizon{};
  std::uint64_t count{};  // fills that are old enough to be judged
  double move_bps{
      no_value};  // side * (mid(t + horizon) - mid(t)) / mid(t): below 0 = adverse selection
  double error_bps{no_value};  // standard error of that mean
};
struct Markout {
  std::uint64_t fills{};
  double edge_bps{no_value};  // side * (mid(t) - price) / mid(t): half the spread earned (maker) or
                              // paid (taker)
  Money edge{};               // the same as money, summed: what the fills alone earned at the mid
  std::vector<MarkoutHorizon> horizons;
};

// Price of fills against the mid when the order was sent; positive is a cost. Weighted by notional.
struct Slippage {
  std::uint64_t fills{};
  double bps{no_value};
  Money cost{};
};

struct Inventory {
  Quantity last{}, most_long{}, most_short{};  // signed
  double mean{0};                              // over time, in whole units
  double mean_absolute{0};
  double time_in_position{0};        // share of the sample with a position, 0..1
  double holding_seconds{no_value};  // average time a unit was held: Little's law, integral of
                                     // |position| / quantity opened
};

struct OrderCounts {
  std::uint64_t news{}, replaces{}, cancels{};  // intents that passed the checks
  std::uint64_t refused{};                      // intents refused by a pre-trade check
  std::uint64_t accepted{}, rejected{}, canceled{}, expired{}, replaced{}, cancel_rejected{},
      replace_rejected{};
  std::uint64_t filled_orders{};  // with at least one fill
  std::uint64_t fills{}, maker_fills{};
  double fill_ratio{no_value};      // orders with a fill / orders sent
  double order_to_trade{no_value};  // (new + replace + cancel) / fills
};

struct CodeCount {
  std::uint32_t code{};
  std::string name;
  std::uint64_t count{};
};

struct HistogramBin {
  std::int64_t from{}, to{};  // nanoseconds, `to` excluded
  std::uint64_t count{};
};
// Quantiles are upper ends of log-linear bins: at most 1/16 above the truth.
struct LatencyFigures {
  std::uint64_t count{};
  double mean_ns{no_value};
  std::int64_t least_ns{}, p50_ns{}, p90_ns{}, p99_ns{}, p999_ns{}, greatest_ns{};
  std::vector<HistogramBin> bins;  // non-empty span only
};

struct InstrumentResult {
  std::uint32_t instrument{};
  ProfitAndLoss pnl;
  Money turnover{};  // sum of |notional| of all fills
  std::uint64_t fills{}, maker_fills{};
  Inventory inventory;
  double share_of_volume{no_value};  // our filled quantity / quantity the market traded, 0..1
  Series position;                   // steps, whole units
  std::vector<FillMark> marks;
};

// One strategy, or all of them together.
struct StrategyResult {
  std::string name;
  ProfitAndLoss pnl;
  Money turnover{};
  Money maker_turnover{};
  Drawdown drawdown;
  IntervalStatistics per_second, per_minute;
  AnnualFigures annual;
  OrderCounts orders;
  Markout maker, taker;
  Slippage maker_slippage, taker_slippage;
  std::vector<CodeCount> refusals;    // by a pre-trade check: the first code, most frequent first
  std::vector<CodeCount> breaches;    // all checks that would have refused
  std::vector<CodeCount> rejections;  // by the venue: rejected and cancelled without our asking
  LatencyFigures acknowledge;         // order sent -> accepted or rejected, engine time
  LatencyFigures cancel;              // cancel sent -> cancelled, engine time
  std::vector<InstrumentResult> instruments;  // traded or quoted ones only
  Series equity;                              // P&L after fees, money
  Series drawdown_curve;                      // <= 0
};

// A signal against the mid's log-return over the horizon that begins when the signal was published.
struct SignalHorizon {
  Nanoseconds horizon{};
  std::uint64_t count{};        // observations
  std::uint64_t independent{};  // of them without any overlap; below 10 no error is given
  std::uint32_t lags{};         // of the Newey-West estimate
  double pearson{no_value},
      pearson_error{no_value};  // information coefficient and its standard error
  double spearman{no_value}, spearman_error{no_value};  // the same on ranks
  double hit_rate{
      no_value};  // share with the sign right, of those where signal and return are not zero
  std::uint64_t hit_base{};
  std::array<double, 5> quintile_bps{no_value, no_value, no_value, no_value,
                                     no_value};  // mean return by signal fifth
};
struct SignalResult {
  std::uint32_t instance{}, signal{}, instrument{};
  std::string strategy, name;
  std::uint64_t published{};  // finite values after the warm-up
  std::uint64_t observed{};   // of them used: one per interval
  Nanoseconds interval{};     // the least time between two observations
  std::vector<SignalHorizon> horizons;
};

struct MarketResult {
  std::uint32_t instrument{};
  std::uint64_t bbo_changes{}, trades{};
  Quantity volume{};
  double mean_spread_bps{no_value};  // over time
  double first_mid{no_value}, last_mid{no_value};
  Series mid;
};

struct DataQuality {
  std::uint64_t inputs{}, market_data{}, trades{}, gaps{}, lost_messages{}, suspect{}, clears{},
      clock_back{};
  std::uint64_t crossed_bbo{};      // best bid above best ask: not used for mids
  std::uint64_t ignored_records{};  // of unknown instances, instruments or orders
  std::uint64_t not_finite_signals{}, dropped_signals{}, dropped_markouts{};
  std::uint64_t pauses{};  // longer than 10 min without any record; one sample is taken across each
};

struct RunResult {
  Nanoseconds first{}, last{};  // engine time of the first and last record
  std::string currency;  // "USDT", or "USD+USDT": then totals add different currencies at par
  std::vector<Instrument> instruments;
  std::vector<Nanoseconds> horizons;
  Nanoseconds warm_up{};
  Money capital{};
  StrategyResult total;  // all strategies together
  std::vector<StrategyResult> strategies;
  std::vector<MarketResult> markets;
  std::vector<SignalResult> signals;
  std::vector<OptionsResult> options;  // of each strategy that dealt in options
  LatencyFigures
      decision;  // event in -> decision out, as measured by the caller; empty if not measured
  DataQuality quality;

  Nanoseconds duration() const { return last - first; }
};

}  // namespace zomma
