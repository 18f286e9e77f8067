#include "observe/report/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "observe/report/figures.h"

namespace zomma {

void Moments::add(double x) {
  ++count_;
  const double step = x - mean_;
  mean_ += step / static_cast<double>(count_);
  squares_ += step * (x - mean_);
}
double Moments::mean() const { return count_ == 0 ? no_value : mean_; }
double Moments::deviation() const {
  return count_ < 2 ? no_value : std::sqrt(squares_ / static_cast<double>(count_ - 1));
}

void WeightedMean::add(double x, double weight) {
  ++count;
  w += weight;
  wx += weight * x;
  ww += weight * weight;
  wwx += weight * weight * x;
  wwxx += weight * weight * x * x;
}
WeightedMean& WeightedMean::operator+=(const WeightedMean& other) {
  count += other.count;
  w += other.w;
  wx += other.wx;
  ww += other.ww;
  wwx += other.wwx;
  wwxx += other.wwxx;
  return *this;
}
double WeightedMean::mean() const { return w > 0 ? wx / w : no_value; }
double WeightedMean::error() const {
  if (count < 2 || !(w > 0)) return no_value;
  const double m = wx / w;
  return std::sqrt(std::max(0.0, wwxx - 2 * m * wwx + m * m * ww)) / w;
}

std::vector<double> average_ranks(std::span<const double> values) {
  std::vector<std::uint32_t> order(values.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t end = first + 1;
    while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
    const double shared = 0.5 * static_cast<double>(first + 1 + end);
    for (std::size_t i = first; i < end; ++i) ranks[order[i]] = shared;
    first = end;
  }
  return ranks;
}

double newey_west_variance(std::span<const double> series, std::uint32_t lags) {
  const std::size_t n = series.size();
  if (n == 0) return no_value;
  const double mean = std::accumulate(series.begin(), series.end(), 0.0) / static_cast<double>(n);
  std::vector<double> centred(series.begin(), series.end());
  for (double& x : centred) x -= mean;
  const auto autocovariance = [&](std::size_t lag) {
    double sum = 0;
    for (std::size_t t = lag; t < n; ++t) sum += centred[t] * centred[t - lag];
    return sum / static_cast<double>(n);
  };
  const std::size_t last = std::min<std::size_t>(lags, n - 1);
  double variance = autocovariance(0);
  for (std::size_t lag = 1; lag <= last; ++lag) {
    const double weight = 1.0 - static_cast<double>(lag) / (static_cast<double>(last) + 1.0);
    variance += 2.0 * weight * autocovariance(lag);
  }
  return std::max(0.0, variance);
}

std::uint32_t newey_west_lags(std::size_t count, std::uint32_t overlap) {
  if (count < 2) return 0;
  const double usual = 4.0 * std::pow(static_cast<double>(count) / 100.0, 2.0 / 9.0);
  const std::size_t wanted =
      std::max<std::size_t>(std::size_t{2} * overlap, static_cast<std::size_t>(usual));
  return static_cast<std::uint32_t>(std::min(wanted, count - 1));
}

namespace {

// (x - mean) / deviation with the population deviation; empty if the series is constant.
std::vector<double> standardised(std::span<const double> x) {
  const double n = static_cast<double>(x.size());
  const double mean = std::accumulate(x.begin(), x.end(), 0.0) / n;
  double squares = 0;
  for (const double value : x) squares += (value - mean) * (value - mean);
  const double deviation = std::sqrt(squares / n);
  // Rounding alone makes a constant series vary in its last digit.
  if (!std::isfinite(deviation) || deviation <= 1e-14 * std::fabs(mean) || deviation == 0)
    return {};
  std::vector<double> result(x.begin(), x.end());
  for (double& value : result) value = (value - mean) / deviation;
  return result;
}

}  // namespace

Correlation correlation(std::span<const double> x, std::span<const double> y, std::uint32_t lags) {
  if (x.size() != y.size() || x.size() < 3) return {no_value, no_value};
  const std::vector<double> a = standardised(x);
  const std::vector<double> b = standardised(y);
  if (a.empty() || b.empty()) return {no_value, no_value};
  const double n = static_cast<double>(a.size());
  const double r =
      std::clamp(std::inner_product(a.begin(), a.end(), b.begin(), 0.0) / n, -1.0, 1.0);
  std::vector<double> influence(a.size());
  for (std::size_t t = 0; t < a.size(); ++t)
    influence[t] = a[t] * b[t] - 0.5 * r * (a[t] * a[t] + b[t] * b[t]);
  return {r, std::sqrt(newey_west_variance(influence, lags) / n)};
}

}  // namespace zomma
