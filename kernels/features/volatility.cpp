// volatility.cpp: batches of volatility estimates, one instrument a row.
#include <zomma/kernels/features/volatility.h>

#include "rows.h"

namespace zomma::kernels {
namespace {

double mean_square_return(std::span<const double> close) {
  double sum = 0;
  for (std::size_t t = 1; t < close.size(); ++t) {
    const double r = lanes::log(close[t] / close[t - 1]);
    sum += r * r;
  }
  return sum / static_cast<double>(close.size() - 1);
}

template <class Term>
double mean_of_bars(const rows::Bars& bars, std::size_t first, Term&& term) {
  double sum = 0;
  for (std::size_t t = first; t < bars.close.size(); ++t) {
    const double o = bars.open[t];
    sum += term(lanes::log(bars.high[t] / o), lanes::log(bars.low[t] / o),
                lanes::log(bars.close[t] / o));
  }
  return sum / static_cast<double>(bars.close.size() - first);
}

// Variance of x(t) over t = 1 .. n about its mean.
template <class Value>
double sample_variance(std::size_t n, Value&& x) {
  double mean = 0, squares = 0;
  for (std::size_t t = 1; t <= n; ++t) mean += x(t) / static_cast<double>(n);
  for (std::size_t t = 1; t <= n; ++t) squares += (x(t) - mean) * (x(t) - mean);
  return squares / static_cast<double>(n - 1);
}

double yang_zhang(const rows::Bars& bars) {
  const std::size_t count = bars.close.size() - 1;
  const auto n = static_cast<double>(count);
  const double overnight = sample_variance(
      count, [&](std::size_t t) { return lanes::log(bars.open[t] / bars.close[t - 1]); });
  const double day = sample_variance(
      count, [&](std::size_t t) { return lanes::log(bars.close[t] / bars.open[t]); });
  const double k = 0.34 / (1.34 + (n + 1) / (n - 1));
  return overnight + k * day + (1 - k) * mean_of_bars(bars, 1, rogers_satchell_term);
}

double variance(VolatilityEstimator estimator, const rows::Bars& bars) {
  switch (estimator) {
    case VolatilityEstimator::realised:
      return mean_square_return(bars.close);
    case VolatilityEstimator::parkinson:
      return mean_of_bars(bars, 0, [](double u, double d, double) { return parkinson_term(u, d); });
    case VolatilityEstimator::garman_klass:
      return mean_of_bars(bars, 0, garman_klass_term);
    case VolatilityEstimator::rogers_satchell:
      return mean_of_bars(bars, 0, rogers_satchell_term);
    case VolatilityEstimator::yang_zhang:
      return yang_zhang(bars);
  }
  return 0;
}

std::size_t least_bars(VolatilityEstimator estimator) {
  if (estimator == VolatilityEstimator::realised) return 2;
  return estimator == VolatilityEstimator::yang_zhang ? 3 : 1;
}

}  // namespace

Status volatility(Backend& backend, VolatilityEstimator estimator, const BarSeries& bars,
                  double periods_per_year, std::span<double> out, std::span<ElementStatus> status) {
  const bool closes_only = estimator == VolatilityEstimator::realised;
  const std::size_t size = bars.close.size();
  std::size_t length = 0;
  const bool fits =
      closes_only
          ? rows::row_length(bars.instruments, {size}, length)
          : rows::row_length(bars.instruments,
                             {size, bars.open.size(), bars.high.size(), bars.low.size()}, length);
  if (!fits || out.size() != bars.instruments || (!status.empty() && status.size() != out.size())) {
    return Status::length_mismatch;
  }
  if (estimator > VolatilityEstimator::yang_zhang ||
      !(periods_per_year > 0 && std::isfinite(periods_per_year)) ||
      (bars.instruments > 0 && length < least_bars(estimator))) {
    return Status::invalid_setting;
  }
  rows::for_each(backend, out.size(), length, status, [&](std::size_t row) {
    const rows::Bars r = rows::bars_of(bars, row, length);
    const bool good = closes_only ? rows::all_positive(r.close) : r.good_prices();
    // The difference inside Garman-Klass may round below 0 for a bar of no range.
    const double v = good ? variance(estimator, r) * periods_per_year : 0.0;
    out[row] = std::isfinite(v) ? kernels::sqrt(std::max(v, 0.0)) : 0.0;
    return good && std::isfinite(v);
  });
  return Status::ok;
}

}  // namespace zomma::kernels
