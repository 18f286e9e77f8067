#include "observe/statistics/performance.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include <zomma/kernels/monte_carlo/inverse_normal.h>

namespace zomma {
namespace {

constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

double mean_of(std::span<const double> x) {
  return x.empty() ? undefined : std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

// Rounding alone makes a constant series vary in its last digits.
bool varies(double deviation, double mean) { return std::isfinite(deviation) && deviation > 1e-14 * std::fabs(mean); }

// The variance of an estimated Sharpe ratio, times n - 1. Mertens (2002).
double sharpe_spread(double sharpe, double skew, double kurtosis) {
  return 1.0 - skew * sharpe + (kurtosis - 1.0) / 4.0 * sharpe * sharpe;
}

}  // namespace

ReturnMoments return_moments(std::span<const double> returns) {
  ReturnMoments out{returns.size(), mean_of(returns), undefined, undefined, undefined};
  const double n = static_cast<double>(returns.size());
  if (returns.size() < 2) return out;
  double second = 0, third = 0, fourth = 0;
  for (const double x : returns) {
    const double d = x - out.mean, square = d * d;
    second += square;
    third += square * d;
    fourth += square * square;
  }
  out.deviation = std::sqrt(second / (n - 1));
  if (!varies(out.deviation, out.mean)) return out;
  const double variance = second / n;
  out.skew = third / n / (variance * std::sqrt(variance));
  out.kurtosis = fourth / n / (variance * variance);
  return out;
}

double sharpe_ratio(std::span<const double> returns, double free) {
  const ReturnMoments moments = return_moments(returns);
  return varies(moments.deviation, moments.mean) ? (moments.mean - free) / moments.deviation : undefined;
}

double sortino_ratio(std::span<const double> returns, double target) {
  if (returns.empty()) return undefined;
  double squares = 0;
  for (const double x : returns) squares += std::min(x - target, 0.0) * std::min(x - target, 0.0);
  const double downside = std::sqrt(squares / static_cast<double>(returns.size()));
  return downside > 0 ? (mean_of(returns) - target) / downside : undefined;
}

DrawdownFigures drawdown_of(std::span<const double> curve) {
  DrawdownFigures out;
  std::size_t peak = 0, below = 0;
  for (std::size_t i = 0; i < curve.size(); ++i) {
    if (curve[i] >= curve[peak]) {
      peak = i;
      below = 0;
      continue;
    }
    out.longest = std::max(out.longest, ++below);
    const double depth = curve[peak] - curve[i];
    if (depth > out.deepest) {
      out.deepest = depth;
      out.peak = peak;
      out.trough = i;
    }
    if (curve[peak] > 0) out.relative = std::max(out.relative, depth / curve[peak]);
  }
  return out;
}

double calmar_ratio(std::span<const double> wealth, double per_year) {
  if (wealth.size() < 2 || !(wealth.front() > 0) || !(wealth.back() > 0)) return undefined;
  const double deepest = drawdown_of(wealth).relative;
  if (!(deepest > 0)) return undefined;
  const double years = static_cast<double>(wealth.size() - 1) / per_year;
  return (std::pow(wealth.back() / wealth.front(), 1.0 / years) - 1.0) / deepest;
}

double normal_probability(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

double normal_quantile(double p) {
  if (!(p > 0)) return -std::numeric_limits<double>::infinity();
  if (!(p < 1)) return std::numeric_limits<double>::infinity();
  return kernels::inverse_normal<double>(p);
}

double probabilistic_sharpe(double sharpe, double benchmark, double count, double skew, double kurtosis) {
  const double spread = sharpe_spread(sharpe, skew, kurtosis);
  if (!(spread > 0) || !(count > 1)) return undefined;
  return normal_probability((sharpe - benchmark) * std::sqrt(count - 1) / std::sqrt(spread));
}

double minimum_track_record(double sharpe, double benchmark, double skew, double kurtosis, double confidence) {
  if (!(sharpe > benchmark)) return undefined;
  const double ratio = normal_quantile(confidence) / (sharpe - benchmark);
  return 1.0 + sharpe_spread(sharpe, skew, kurtosis) * ratio * ratio;
}

double expected_maximum_sharpe(double trials, double variance) {
  if (!(trials > 1)) return 0;
  const double g = std::numbers::egamma;
  return std::sqrt(variance) *
         ((1 - g) * normal_quantile(1 - 1 / trials) + g * normal_quantile(1 - 1 / (trials * std::numbers::e)));
}

double deflated_sharpe(double sharpe, double count, double skew, double kurtosis, double trials, double variance) {
  return probabilistic_sharpe(sharpe, expected_maximum_sharpe(trials, variance), count, skew, kurtosis);
}

std::vector<double> differences(std::span<const double> curve) {
  std::vector<double> out;
  for (std::size_t i = 1; i < curve.size(); ++i) out.push_back(curve[i] - curve[i - 1]);
  return out;
}

}  // namespace zomma
