#include "observe/report/daily_curve.h"

#include <algorithm>
#include <cmath>

#include "observe/statistics/performance.h"

namespace zomma {
namespace {

constexpr std::size_t fewest_days = 20;
constexpr double year_ns = 365.25 * 86'400e9;

}  // namespace

AnnualFigures DailyCurve::figures(Money capital, Money open, std::int64_t span_ns) const {
  AnnualFigures out;
  std::vector<double> wealth{to_double(capital)};
  for (const Money equity : equity_) wealth.push_back(to_double(capital) + to_double(equity));
  wealth.push_back(to_double(capital) + to_double(open));
  out.days = wealth.size() - 1;
  const double years = static_cast<double>(span_ns) / year_ns;
  const bool lost = std::any_of(wealth.begin(), wealth.end(), [](double x) { return !(x > 0); });
  if (out.days < fewest_days || lost || !(years > 0)) return out;
  std::vector<double> returns;
  for (std::size_t i = 1; i < wealth.size(); ++i) returns.push_back(wealth[i] / wealth[i - 1] - 1);
  const double per_year = static_cast<double>(out.days) / years;
  const ReturnMoments moments = return_moments(returns);
  out.total = wealth.back() / wealth.front() - 1;
  out.growth = std::pow(1 + out.total, 1 / years) - 1;
  out.volatility = moments.deviation * std::sqrt(per_year);
  out.sharpe = sharpe_ratio(returns) * std::sqrt(per_year);
  out.sortino = sortino_ratio(returns) * std::sqrt(per_year);
  out.drawdown = drawdown_of(wealth).relative;
  out.calmar = calmar_ratio(wealth, per_year);
  out.skew = moments.skew;
  out.certainty = probabilistic_sharpe(sharpe_ratio(returns), 0, static_cast<double>(out.days),
                                       moments.skew, moments.kurtosis);
  return out;
}

}  // namespace zomma
