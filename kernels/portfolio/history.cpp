// history.cpp: shocks out of history, and what their gains say of the tail.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include <zomma/kernels/portfolio/scenario.h>

namespace zomma::kernels {

Status historical_shocks(std::span<const double> prices, std::span<const double> volatilities,
                         std::size_t groups, std::size_t horizon, double time, std::span<Shock> out,
                         std::span<ElementStatus> status) {
  if (groups == 0 || horizon == 0 || !(time >= 0 && std::isfinite(time)))
    return Status::invalid_setting;
  const std::size_t days = prices.size() / groups;
  if (prices.size() % groups != 0 || days <= horizon || out.size() != (days - horizon) * groups ||
      (!volatilities.empty() && volatilities.size() != prices.size()) ||
      (!status.empty() && status.size() != out.size())) {
    return Status::length_mismatch;
  }
  for (std::size_t day = 0; day + horizon < days; ++day) {
    for (std::size_t g = 0; g < groups; ++g) {
      const std::size_t from = g * days + day, to = from + horizon, at = day * groups + g;
      const double move = prices[to] / prices[from] - 1.0;
      const double widening = volatilities.empty() ? 0.0 : volatilities[to] - volatilities[from];
      const bool good = prices[from] > 0 && prices[to] > 0 && move > -1 && std::isfinite(move) &&
                        std::isfinite(widening);
      out[at] = good ? Shock{move, widening, time, 0.0} : Shock{};
      if (!status.empty()) status[at] = good ? ElementStatus::ok : ElementStatus::domain;
    }
  }
  return Status::ok;
}

Status tail_risk(std::span<const double> gains, double level, TailRisk& out) {
  if (gains.empty() || !(level > 0 && level < 1)) return Status::invalid_setting;
  if (!std::all_of(gains.begin(), gains.end(), [](double x) { return std::isfinite(x); }))
    return Status::invalid_setting;
  std::vector<double> sorted(gains.begin(), gains.end());
  std::sort(sorted.begin(), sorted.end());
  // (1 - level) n is meant exactly: 0.99 of 100 leaves one, not the two that the rounding of 1 -
  // 0.99 would make.
  const double beyond = (1.0 - level) * static_cast<double>(gains.size());
  const auto worst = static_cast<std::size_t>(std::max(std::ceil(beyond * (1 - 1e-12)), 1.0));
  out.value_at_risk = -sorted[worst - 1];
  out.expected_shortfall =
      -std::accumulate(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(worst), 0.0) /
      static_cast<double>(worst);
  return Status::ok;
}

}  // namespace zomma::kernels
