// performance.h: how good a series of returns was, and how sure one may be of it. Pure functions; a
// statistic that is not defined (too few returns, no variation) is NaN, never a number.
//
// Returns are per interval, in any unit (money or ratio): every ratio here is free of the unit.
// Nothing is annualised unless `per_year` intervals are named.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace zomma {

// skew: m3 / m2^1.5; kurtosis: m4 / m2^2, which is 3 for the normal law, with m_k = (1/n) sum (x - mean)^k.
struct ReturnMoments {
  std::uint64_t count{};
  double mean{}, deviation{};  // deviation: of the sample, sqrt(sum (x - mean)^2 / (n - 1))
  double skew{}, kurtosis{};
};
ReturnMoments return_moments(std::span<const double> returns);

// (mean - free) / deviation, per interval. Sharpe (1994).
double sharpe_ratio(std::span<const double> returns, double free = 0);

// (mean - target) / sqrt((1/n) sum min(x - target, 0)^2), over all n returns. Sortino and Price (1994).
double sortino_ratio(std::span<const double> returns, double target = 0);

struct DrawdownFigures {
  double deepest{};        // peak - trough, in the curve's unit, >= 0
  double relative{};       // greatest (peak - x) / peak over positive peaks; 0 without any
  std::size_t peak{}, trough{};  // of the deepest
  std::size_t longest{};   // most points below an earlier peak in a row
};
// Of a curve of wealth or of profit and loss; all zero for an empty one.
DrawdownFigures drawdown_of(std::span<const double> curve);

// Growth a year over the greatest relative drawdown of a curve of wealth (> 0), `per_year` points a
// year. Young (1991). NaN without a drawdown.
double calmar_ratio(std::span<const double> wealth, double per_year);

// Of the standard normal law; quantile: p in (0, 1), else -infinity and infinity.
double normal_probability(double x);
double normal_quantile(double p);

// The probability that the true Sharpe ratio is above `benchmark`, from an observed one per interval
// over `count` returns of this skew and kurtosis:
//   Phi((sr - benchmark) sqrt(n - 1) / sqrt(1 - skew sr + (kurtosis - 1) / 4 sr^2)).
// Bailey and Lopez de Prado (2012), "The Sharpe ratio efficient frontier", eq. 11.
double probabilistic_sharpe(double sharpe, double benchmark, double count, double skew, double kurtosis);

// How many returns it takes for probabilistic_sharpe() to reach `confidence`; NaN when sharpe <= benchmark. Same
// paper, eq. 14.
double minimum_track_record(double sharpe, double benchmark, double skew, double kurtosis, double confidence);

// The Sharpe ratio that the best of `trials` worthless strategies is expected to show when their
// ratios vary by `variance`:
//   sqrt(variance) ((1 - g) Phi^-1(1 - 1/N) + g Phi^-1(1 - 1/(N e))), g = Euler's constant.
// Bailey and Lopez de Prado (2014), "The deflated Sharpe ratio", eq. 1. 0 for one trial.
double expected_maximum_sharpe(double trials, double variance);

// probabilistic_sharpe() against expected_maximum_sharpe(): the probability that the best of the
// trials is better than luck. All ratios per interval. Same paper, eq. 2.
double deflated_sharpe(double sharpe, double count, double skew, double kurtosis, double trials, double variance);

// Differences of neighbours; one fewer than the curve has points.
std::vector<double> differences(std::span<const double> curve);

}  // namespace zomma
