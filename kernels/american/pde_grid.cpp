// pde_grid.cpp: three-point differences on a grid that is finest about the money.
#include "pde_grid.h"

#include <zomma/kernels/elementary_more.h>

#include <algorithm>
#include <cmath>

namespace zomma::kernels {

bool valid(const LocalVariance& local) {
  const auto ascending = [](std::span<const double> x) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (!std::isfinite(x[i]) || (i > 0 && !(x[i] > x[i - 1]))) return false;
    }
    return !x.empty();
  };
  if (!ascending(local.time) || !ascending(local.moneyness)) return false;
  if (local.variance.size() != local.time.size() * local.moneyness.size()) return false;
  return std::all_of(local.variance.begin(), local.variance.end(),
                     [](double v) { return std::isfinite(v) && v >= 0 && v <= 1e4; });
}

bool valid(const SpotMarket& market, PdeResolution resolution) {
  return std::isfinite(market.spot) && market.spot > 0 && std::fabs(market.rate) <= 10 &&
         std::fabs(market.yield) <= 10 && resolution.points >= 11 && resolution.points <= 100001 &&
         resolution.steps >= 4 && resolution.steps <= 1000000;
}

double total_variance(const LocalVariance& local, double expiry) {
  const std::size_t columns = local.moneyness.size();
  double window = 0, total = 0;
  for (int pass = 0; pass < 2; ++pass) {
    const auto begin = std::lower_bound(local.moneyness.begin(), local.moneyness.end(), -window);
    const auto end = std::upper_bound(begin, local.moneyness.end(), window);
    const std::size_t last = std::min<std::size_t>(end - local.moneyness.begin(), columns - 1);
    const std::size_t first = std::min<std::size_t>(begin - local.moneyness.begin(), last);
    total = 0;
    double since = 0;
    for (std::size_t i = 0; i < local.time.size() && since < expiry; ++i) {
      const double* row = &local.variance[i * columns];
      const double until =
          i + 1 < local.time.size() ? 0.5 * (local.time[i] + local.time[i + 1]) : expiry;
      const double to = std::clamp(until, since, expiry);
      total += (to - since) * *std::max_element(row + first, row + last + 1);
      since = to;
    }
    window = 4 * std::sqrt(total);
  }
  return std::max(total, 1e-12);
}

PdeGrid::PdeGrid(int points, double total_variance) {
  const int half = points / 2, n = 2 * half + 1;
  const double reach = 7 * std::sqrt(total_variance), bend = 3;
  x_.resize(n);
  for (int i = 0; i < n; ++i) x_[i] = reach * sinh(bend * (i - half) / half) / sinh(bend);
  for (auto* v : {&values_, &half_variance_, &low_, &middle_, &high_, &lower_, &diagonal_, &upper_,
                  &right_}) {
    v->assign(n, 0.0);
  }
  // (v_xx - v_x) by three points; at both ends it vanishes, as it does for a v that is linear in
  // the asset.
  for (int i = 1; i + 1 < n; ++i) {
    const double left = x_[i] - x_[i - 1], right = x_[i + 1] - x_[i], both = left + right;
    low_[i] = 2 / (left * both) + right / (left * both);
    high_[i] = 2 / (right * both) - left / (right * both);
    middle_[i] = -(low_[i] + high_[i]);
  }
}

void PdeGrid::start(double scale, double strike, int sign) {
  const std::size_t n = x_.size();
  const double kink = log(strike / scale);
  for (std::size_t i = 0; i < n; ++i) {
    double a = i > 0 ? 0.5 * (x_[i - 1] + x_[i]) : x_[i],
           b = i + 1 < n ? 0.5 * (x_[i] + x_[i + 1]) : x_[i];
    if (!(a < kink && kink < b)) {
      values_[i] = std::max(sign * (scale * exp(x_[i]) - strike), 0.0);
      continue;
    }
    const double width = b - a;
    (sign > 0 ? a : b) = kink;
    values_[i] = sign * (scale * (exp(b) - exp(a)) - strike * (b - a)) / width;
  }
}

void PdeGrid::fill_variances(const LocalVariance& local, double t) {
  const auto& times = local.time;
  const std::size_t columns = local.moneyness.size();
  const auto after = std::upper_bound(times.begin(), times.end(), t);
  const std::size_t hi = std::min<std::size_t>(after - times.begin(), times.size() - 1);
  const std::size_t lo = after == times.begin() ? 0 : after - times.begin() - 1;
  const double share = hi == lo ? 0 : (t - times[lo]) / (times[hi] - times[lo]);
  const auto value = [&](std::size_t j) {
    return (1 - share) * local.variance[lo * columns + j] +
           share * local.variance[hi * columns + j];
  };
  std::size_t j = 0;
  for (std::size_t i = 0; i < x_.size(); ++i) {
    while (j + 1 < columns && local.moneyness[j + 1] <= x_[i]) ++j;
    double variance = value(j);
    if (j + 1 < columns && x_[i] > local.moneyness[j]) {
      const double part =
          (x_[i] - local.moneyness[j]) / (local.moneyness[j + 1] - local.moneyness[j]);
      variance += part * (value(j + 1) - variance);
    }
    half_variance_[i] = 0.5 * variance;
  }
}

void PdeGrid::step(const LocalVariance& local, double t, double dt, double theta, double rate,
                   Exercise exercise, const std::vector<double>& floor) {
  fill_variances(local, t);
  const std::size_t n = x_.size();
  for (std::size_t i = 0; i < n; ++i) {
    const double a = half_variance_[i];
    double drift = (a * middle_[i] - rate) * values_[i];
    if (i > 0) drift += a * low_[i] * values_[i - 1];
    if (i + 1 < n) drift += a * high_[i] * values_[i + 1];
    right_[i] = values_[i] + (1 - theta) * dt * drift;
    lower_[i] = -theta * dt * a * low_[i];
    upper_[i] = -theta * dt * a * high_[i];
    diagonal_[i] = 1 - theta * dt * (a * middle_[i] - rate);
  }
  solve(exercise, floor);
}

// Elimination runs toward the exercised end and substitution back from it, so that each value can
// be floored on the way.
void PdeGrid::solve(Exercise exercise, const std::vector<double>& floor) {
  const std::size_t n = x_.size();
  if (exercise == Exercise::low) {
    for (std::size_t i = n - 1; i-- > 0;) {
      const double f = upper_[i] / diagonal_[i + 1];
      diagonal_[i] -= f * lower_[i + 1];
      right_[i] -= f * right_[i + 1];
    }
    for (std::size_t i = 0; i < n; ++i) {
      const double v = (right_[i] - (i > 0 ? lower_[i] * values_[i - 1] : 0.0)) / diagonal_[i];
      values_[i] = std::max(v, floor[i]);
    }
    return;
  }
  for (std::size_t i = 1; i < n; ++i) {
    const double f = lower_[i] / diagonal_[i - 1];
    diagonal_[i] -= f * upper_[i - 1];
    right_[i] -= f * right_[i - 1];
  }
  for (std::size_t i = n; i-- > 0;) {
    const double v = (right_[i] - (i + 1 < n ? upper_[i] * values_[i + 1] : 0.0)) / diagonal_[i];
    values_[i] = exercise == Exercise::high ? std::max(v, floor[i]) : v;
  }
}

void PdeGrid::at(double x, double& value, double& first, double& second) const {
  const std::size_t n = x_.size();
  const std::size_t above = std::upper_bound(x_.begin(), x_.end(), x) - x_.begin();
  const std::size_t begin = std::clamp<std::size_t>(above, 2, n - 2) - 2;
  // Newton's divided differences on four nodes.
  double c[4];
  for (std::size_t i = 0; i < 4; ++i) c[i] = values_[begin + i];
  for (std::size_t order = 1; order < 4; ++order) {
    for (std::size_t i = 3; i >= order; --i)
      c[i] = (c[i] - c[i - 1]) / (x_[begin + i] - x_[begin + i - order]);
  }
  value = c[3], first = 0, second = 0;
  for (std::size_t i = 3; i-- > 0;) {
    const double d = x - x_[begin + i];
    second = second * d + 2 * first;
    first = first * d + value;
    value = value * d + c[i];
  }
}

}  // namespace zomma::kernels
