#include "runtime/sweep/verdict.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "observe/report/figures.h"
#include "observe/statistics/effective_trials.h"
#include "observe/statistics/performance.h"

namespace zomma {
namespace {

// P&L interval by interval; the curve begins at 0.
std::vector<double> returns_of(const std::vector<double>& equity) {
  std::vector<double> curve{0};
  curve.insert(curve.end(), equity.begin(), equity.end());
  return differences(curve);
}

double aggregate(std::vector<double> values, PathAggregate how, bool minimise) {
  if (values.empty() ||
      std::any_of(values.begin(), values.end(), [](double x) { return !std::isfinite(x); }))
    return no_value;
  std::sort(values.begin(), values.end());
  if (how == PathAggregate::worst) return minimise ? values.back() : values.front();
  if (how == PathAggregate::median) {
    const std::size_t half = values.size() / 2;
    return values.size() % 2 != 0 ? values[half] : 0.5 * (values[half - 1] + values[half]);
  }
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

PointResult result_of(const Search& search, const PointRuns& runs) {
  const SweepConfig& sweep = search.sweep();
  PointResult out;
  out.point = runs.point;
  out.values = search.point(runs.point);
  out.objective = out.least = out.greatest = no_value;
  for (const TrialRow* row : runs.rows)
    if (row->failed && !out.failed) {
      out.failed = true;
      out.reason = row->reason;
    }
  if (out.failed || runs.rows.empty()) return out;
  const auto over_paths = [&](const std::string& name) {
    std::vector<double> values;
    for (const TrialRow* row : runs.rows) values.push_back(row->figure(name));
    return values;
  };
  const std::vector<double> wanted = over_paths(sweep.objective);
  out.objective = aggregate(wanted, sweep.paths.aggregate, sweep.minimise);
  out.least = *std::min_element(wanted.begin(), wanted.end());
  out.greatest = *std::max_element(wanted.begin(), wanted.end());
  for (const auto& figure : runs.rows[0]->figures)
    out.figures.emplace_back(figure.first,
                             aggregate(over_paths(figure.first), PathAggregate::mean, false));
  out.equity.assign(runs.rows[0]->equity.size(), 0);
  for (const TrialRow* row : runs.rows)
    for (std::size_t i = 0; i < std::min(out.equity.size(), row->equity.size()); ++i)
      out.equity[i] += row->equity[i] / static_cast<double>(runs.rows.size());
  return out;
}

}  // namespace

double sharpe_of_curve(const std::vector<double>& equity) {
  const double ratio = sharpe_ratio(returns_of(equity));
  return std::isfinite(ratio) ? ratio : 0;  // one that never traded is a trial, too
}

std::vector<PointResult> rank_points(const Search& search, const std::vector<PointRuns>& runs) {
  std::vector<PointResult> out;
  for (const PointRuns& point : runs) out.push_back(result_of(search, point));
  const bool minimise = search.sweep().minimise;
  std::stable_sort(out.begin(), out.end(), [&](const PointResult& a, const PointResult& b) {
    if (a.failed != b.failed) return b.failed;
    const bool a_has = has_value(a.objective), b_has = has_value(b.objective);
    if (a_has != b_has) return a_has;
    if (a_has && a.objective != b.objective)
      return minimise ? a.objective < b.objective : a.objective > b.objective;
    return a.point < b.point;
  });
  return out;
}

std::optional<Luck> luck_of(const std::vector<double>& best_equity,
                            const std::vector<double>& sharpes, double independent) {
  const std::vector<double> returns = returns_of(best_equity);
  const ReturnMoments moments = return_moments(returns);
  Luck luck;
  luck.sharpe = sharpe_ratio(returns);
  luck.skew = moments.skew;
  luck.kurtosis = moments.kurtosis;
  luck.trials = sharpes.size();
  luck.independent = independent;
  luck.intervals = moments.count;
  const double deviation = return_moments(sharpes).deviation;
  luck.variance = std::isfinite(deviation) ? deviation * deviation : 0;
  const auto count = static_cast<double>(luck.intervals);
  luck.threshold = expected_maximum_sharpe(independent, luck.variance);
  luck.probabilistic = probabilistic_sharpe(luck.sharpe, 0, count, luck.skew, luck.kurtosis);
  luck.deflated =
      deflated_sharpe(luck.sharpe, count, luck.skew, luck.kurtosis, independent, luck.variance);
  if (!std::isfinite(luck.deflated)) return std::nullopt;
  return luck;
}

SweepVerdict judge(const Search& search, const std::vector<PointRuns>& runs) {
  SweepVerdict out;
  out.ranking = rank_points(search, runs);
  std::vector<const PointResult*> good;
  for (const PointResult& point : out.ranking) {
    if (point.failed)
      ++out.failed;
    else
      good.push_back(&point);
  }
  if (good.empty()) {
    out.overfitting_missing = "every run failed";
    return out;
  }
  // In the order of the points: neither sums nor ties may depend on the objective.
  std::sort(good.begin(), good.end(),
            [](const PointResult* a, const PointResult* b) { return a->point < b->point; });
  std::vector<double> sharpes;
  std::vector<std::vector<double>> returns;
  for (const PointResult* point : good) {
    sharpes.push_back(sharpe_of_curve(point->equity));
    returns.push_back(returns_of(point->equity));
  }
  out.independent_trials = effective_trials(returns);
  out.luck = luck_of(out.ranking[0].equity, sharpes, out.independent_trials);
  auto overfitting = backtest_overfitting(returns, search.sweep().blocks);
  if (overfitting)
    out.overfitting = std::move(*overfitting);
  else
    out.overfitting_missing = overfitting.error().message;
  return out;
}

}  // namespace zomma
