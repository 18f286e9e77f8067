#include "orders/gateways/sim/latency.h"

#include <algorithm>
#include <cmath>

namespace zomma {
namespace {

constexpr std::size_t lognormal_points = 2001;

// Inverse of the standard normal distribution: Acklam's rational approximation, relative error
// below 1.2e-9; far finer than a table of delays needs.
double inverse_normal(double p) {
  static constexpr double a[] = {-3.969683028665376e+01, 2.209460984245205e+02,
                                 -2.759285104469687e+02, 1.383577518672690e+02,
                                 -3.066479806614716e+01, 2.506628277459239e+00};
  static constexpr double b[] = {-5.447609879822406e+01, 1.615858368580409e+02,
                                 -1.556989798598866e+02, 6.680131188771972e+01,
                                 -1.328068155288572e+01};
  static constexpr double c[] = {-7.784894002430293e-03, -3.223964580411365e-01,
                                 -2.400758277161838e+00, -2.549732539343734e+00,
                                 4.374664141464968e+00,  2.938163982698783e+00};
  static constexpr double d[] = {7.784695709041462e-03, 3.224671290700398e-01,
                                 2.445134137142996e+00, 3.754408661907416e+00};
  constexpr double low = 0.02425;
  if (p > 1 - low) return -inverse_normal(1 - p);
  if (p < low) {
    const double q = std::sqrt(-2 * std::log(p));
    return (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) /
           ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1);
  }
  const double q = p - 0.5, r = q * q;
  return (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q /
         (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1);
}

}  // namespace

LatencyModel LatencyModel::constant(Nanoseconds value) {
  LatencyModel model;
  model.table_ = {std::max<std::int64_t>(value.value, 0)};
  return model;
}

LatencyModel LatencyModel::uniform(Nanoseconds minimum, Nanoseconds maximum) {
  return empirical({minimum, maximum});
}

LatencyModel LatencyModel::lognormal(Nanoseconds minimum, Nanoseconds median, double sigma,
                                     Nanoseconds maximum) {
  std::vector<Nanoseconds> quantiles;
  for (std::size_t i = 0; i < lognormal_points; ++i) {
    const double p = (static_cast<double>(i) + 0.5) / static_cast<double>(lognormal_points);
    const double delay = static_cast<double>(median.value) * std::exp(sigma * inverse_normal(p));
    std::int64_t value = minimum.value + static_cast<std::int64_t>(std::llround(delay));
    if (maximum.value > 0) value = std::min(value, maximum.value);
    quantiles.push_back({value});
  }
  return empirical(std::move(quantiles));
}

LatencyModel LatencyModel::empirical(std::vector<Nanoseconds> quantiles) {
  LatencyModel model;
  model.table_.clear();
  for (const Nanoseconds value : quantiles)
    model.table_.push_back(std::max<std::int64_t>(value.value, 0));
  std::sort(model.table_.begin(), model.table_.end());
  if (model.table_.empty()) model.table_.push_back(0);
  return model;
}

}  // namespace zomma
