#include "observe/statistics/effective_trials.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace zomma {
namespace {

// Adds the series in units of its deviation around its mean; false where it does not vary.
bool add_standardised(const std::vector<double>& x, std::vector<double>& sum) {
  const auto n = static_cast<double>(x.size());
  const double mean = std::accumulate(x.begin(), x.end(), 0.0) / n;
  double squares = 0;
  for (const double value : x) squares += (value - mean) * (value - mean);
  const double deviation = std::sqrt(squares / n);
  // Rounding alone makes a constant series vary in its last digits.
  if (!(deviation > 1e-14 * std::fabs(mean))) return false;
  for (std::size_t t = 0; t < x.size(); ++t) sum[t] += (x[t] - mean) / deviation;
  return true;
}

bool comparable(std::span<const std::vector<double>> trials) {
  return std::all_of(trials.begin(), trials.end(), [&](const std::vector<double>& x) {
    return !x.empty() && x.size() == trials[0].size() &&
           std::all_of(x.begin(), x.end(), [](double value) { return std::isfinite(value); });
  });
}

}  // namespace

double effective_trials(std::span<const std::vector<double>> trials) {
  const auto all = static_cast<double>(trials.size());
  if (trials.size() < 2 || !comparable(trials)) return all;
  std::vector<double> sum(trials[0].size(), 0.0);
  double moving = 0;
  for (const std::vector<double>& x : trials) moving += add_standardised(x, sum) ? 1 : 0;
  const double still = moving < all ? 1 : 0;
  if (moving < 2) return moving + still;
  // The mean square of a sum of standardised series is the sum of all their correlations, the M of
  // each with itself among them.
  const double squares = std::inner_product(sum.begin(), sum.end(), sum.begin(), 0.0) /
                         static_cast<double>(sum.size());
  const double mean = std::clamp((squares - moving) / (moving * (moving - 1)), 0.0, 1.0);
  return mean + (1 - mean) * moving + still;
}

}  // namespace zomma
