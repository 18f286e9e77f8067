#include "runtime/sweep/walk.h"

#include <cmath>
#include <numeric>

#include "observe/report/figures.h"

namespace zomma {
namespace {

// The choice of each training window, in its test.
Result<bool> walk_forward(Search& search, const std::vector<std::uint64_t>& points,
                          SweepVerdict& verdict) {
  const auto windows = search.windows();
  if (!windows) return windows.error();
  std::vector<TrialWindow> trainings;
  for (const auto& [train, test] : *windows) trainings.push_back(train);
  const auto trained = search.run(points, trainings);
  if (!trained || !*trained) return trained;
  double total = 0;
  for (const auto& [train, test] : *windows) {
    const PointResult best = rank_points(search, search.runs_of(points, train)).front();
    WindowResult result{train,    test,     best.point,  best.values, best.objective,
                        no_value, no_value, best.failed, best.reason};
    if (!best.failed) {
      const auto tested = search.run({best.point}, {test});
      if (!tested || !*tested) return tested;
      const PointResult out = rank_points(search, search.runs_of({best.point}, test)).front();
      result.failed = out.failed;
      result.reason = out.reason;
      result.out_of_sample = out.objective;
      if (!out.failed) {
        result.pnl = out.equity.back();
        for (const double value : out.equity) verdict.walked_equity.push_back(total + value);
        total += result.pnl;
      }
    }
    verdict.windows.push_back(std::move(result));
  }
  return true;
}

}  // namespace

Result<std::optional<SweepVerdict>> run_sweep(Search& search) {
  std::vector<std::uint64_t> points(search.points());
  std::iota(points.begin(), points.end(), std::uint64_t{0});
  const bool walks = search.sweep().walk_forward.has_value();
  if (walks)
    if (const auto windows = search.windows(); !windows) return windows.error();
  const auto done = search.run(points, {search.whole()});
  if (!done) return done.error();
  if (!*done && !walks) return std::optional<SweepVerdict>{};
  SweepVerdict verdict;
  if (*done) verdict = judge(search, search.runs_of(points, search.whole()));
  if (walks) {
    const auto walked = walk_forward(search, points, verdict);
    if (!walked) return walked.error();
    if (!*done || !*walked) return std::optional<SweepVerdict>{};
    // What was really earned walking forward decides, not the best of hindsight.
    // A test has as many intervals as the whole recording, so they are shorter: ratios go with the
    // root of the length.
    const TrialWindow whole = search.whole();
    const double shorter = static_cast<double>(search.sweep().walk_forward->test.value) /
                           static_cast<double>((whole.to - whole.from).value);
    std::vector<double> sharpes;
    for (const PointResult& point : verdict.ranking)
      if (!point.failed) sharpes.push_back(sharpe_of_curve(point.equity) * std::sqrt(shorter));
    verdict.walked_luck = luck_of(verdict.walked_equity, sharpes, verdict.independent_trials);
  }
  return std::optional<SweepVerdict>(std::move(verdict));
}

}  // namespace zomma
