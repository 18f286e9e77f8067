// verdict.h: what the runs of a sweep amount to: the points in order, the best one, and how much of
// it is luck. A pure function of the runs: the same runs give the same verdict, bit for bit,
// however they were made.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "observe/statistics/overfitting.h"
#include "runtime/sweep/search.h"

namespace zomma {

// One point, over its paths.
struct PointResult {
  std::uint64_t point{};
  SweepPoint values;
  bool failed{false};
  std::string reason;          // of the first path that failed
  double objective{};          // aggregated over paths; NaN: the figure has no value
  double least{}, greatest{};  // over paths
  std::vector<std::pair<std::string, double>> figures;  // means over paths
  std::vector<double> equity;                           // mean over paths
};

struct WindowResult {
  TrialWindow train, test;
  std::uint64_t point{};  // chosen on `train`
  SweepPoint values;
  double in_sample{}, out_of_sample{};  // objective
  double pnl{};                         // of the test
  bool failed{false};
  std::string reason;
};

struct Luck {
  double sharpe{};     // of the best, per interval
  double threshold{};  // expected of the best of as many worthless, independent trials
  double deflated{}, probabilistic{};
  double skew{}, kurtosis{};
  std::uint64_t trials{}, intervals{};
  double independent{};  // what the trials are worth: observe/statistics/effective_trials.h
  double variance{};     // of the trials' Sharpe ratios
};

struct SweepVerdict {
  std::vector<PointResult> ranking;  // the best first; failed ones last
  std::uint64_t failed{};
  double independent_trials{};
  std::optional<Luck> luck;  // nothing where the best has no Sharpe ratio
  std::optional<Overfitting> overfitting;
  std::string overfitting_missing;    // why there is none
  std::vector<WindowResult> windows;  // walk-forward
  std::vector<double> walked_equity;  // the tests one after the other
  std::optional<Luck> walked_luck;    // of that curve, against the trials over the whole recording
};

// The points in one window, the best first: by objective, then by number.
std::vector<PointResult> rank_points(const Search& search, const std::vector<PointRuns>& runs);

// Of a search over the whole recording.
SweepVerdict judge(const Search& search, const std::vector<PointRuns>& runs);

// Chances of the best of the trials being luck, from its returns; variance from all trials' Sharpe
// ratios. `independent`: how many of them are.
std::optional<Luck> luck_of(const std::vector<double>& best_equity,
                            const std::vector<double>& sharpes, double independent);

// Sharpe ratio per interval of a P&L curve that begins at 0; 0 for one that never moved.
double sharpe_of_curve(const std::vector<double>& equity);

}  // namespace zomma
