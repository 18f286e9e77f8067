// averages.cpp: indicators of one series: moving averages, relative strength, MACD, Bollinger
// bands.
#include <zomma/kernels/features/indicators.h>

#include <functional>

#include <zomma/kernels/real.h>

#include "rows.h"
#include "windows.h"

namespace zomma::kernels {
namespace {

// The checks all indicators of one series share; then work(row of the series, row number) after the
// outputs are zeroed.
template <class Work>
Status over_series(Backend& backend, std::span<const double> series, std::size_t instruments,
                   bool setting_good, std::initializer_list<std::span<double>> outputs,
                   std::span<ElementStatus> status, Work&& work) {
  std::size_t length = 0;
  bool fits = rows::row_length(instruments, {series.size()}, length);
  for (const auto out : outputs) fits = fits && out.size() == series.size();
  if (!fits || (!status.empty() && status.size() != instruments)) return Status::length_mismatch;
  if (!setting_good) return Status::invalid_setting;
  rows::for_each(backend, instruments, length * 4, status, [&](std::size_t row) {
    for (const auto out : outputs) std::fill_n(out.data() + row * length, length, 0.0);
    const auto values = rows::row_of(series, row, length);
    if (!rows::all_finite(values)) return false;
    work(values, row * length);
    return rows::settle(outputs, row, length);
  });
  return Status::ok;
}

void exponential(std::span<const double> x, std::size_t window, double* out) {
  windows::smoothed(
      0, x.size(), window, 2.0 / (static_cast<double>(window) + 1),
      [&](std::size_t t) { return x[t]; }, [&](std::size_t t, double mean) { out[t] = mean; });
}

void strength(std::span<const double> close, std::size_t window, double* out) {
  if (close.size() <= window) return;
  const double alpha = 1.0 / static_cast<double>(window);
  const auto gain = [&](std::size_t t) { return std::max(close[t] - close[t - 1], 0.0); };
  const auto loss = [&](std::size_t t) { return std::max(close[t - 1] - close[t], 0.0); };
  windows::smoothed(1, close.size(), window, alpha, gain,
                    [&](std::size_t t, double mean) { out[t] = mean; });
  windows::smoothed(1, close.size(), window, alpha, loss, [&](std::size_t t, double mean) {
    const double both = out[t] + mean;
    out[t] = both > 0 ? 100.0 * out[t] / both : 50.0;
  });
}

}  // namespace

Status simple_moving_average(Backend& backend, std::span<const double> series,
                             std::size_t instruments, std::size_t window, std::span<double> out,
                             std::span<ElementStatus> status) {
  return over_series(
      backend, series, instruments, window > 0, {out}, status, [&](auto x, std::size_t at) {
        windows::sums(
            x.size(), window, [&](std::size_t t) { return x[t]; },
            [&](std::size_t t, double sum) { out[at + t] = sum / static_cast<double>(window); });
      });
}

Status exponential_moving_average(Backend& backend, std::span<const double> series,
                                  std::size_t instruments, std::size_t window,
                                  std::span<double> out, std::span<ElementStatus> status) {
  return over_series(backend, series, instruments, window > 0, {out}, status,
                     [&](auto x, std::size_t at) { exponential(x, window, out.data() + at); });
}

Status relative_strength(Backend& backend, std::span<const double> close, std::size_t instruments,
                         std::size_t window, std::span<double> out,
                         std::span<ElementStatus> status) {
  return over_series(backend, close, instruments, window > 0, {out}, status,
                     [&](auto x, std::size_t at) { strength(x, window, out.data() + at); });
}

Status macd(Backend& backend, std::span<const double> close, std::size_t instruments,
            std::size_t fast, std::size_t slow, std::size_t signal, MacdOutput out,
            std::span<ElementStatus> status) {
  const bool good = fast > 0 && signal > 0 && fast < slow;
  return over_series(backend, close, instruments, good, {out.line, out.signal, out.histogram},
                     status, [&](auto x, std::size_t at) {
                       if (x.size() < slow) return;
                       double *line = out.line.data() + at, *smooth = out.signal.data() + at,
                              *histogram = out.histogram.data() + at;
                       exponential(x, fast, line);
                       exponential(x, slow,
                                   histogram);  // its room is free until the signal is known
                       for (std::size_t t = 0; t < x.size(); ++t)
                         line[t] = t + 1 >= slow ? line[t] - histogram[t] : 0.0;
                       std::fill_n(histogram, x.size(), 0.0);
                       windows::smoothed(
                           slow - 1, x.size(), signal, 2.0 / (static_cast<double>(signal) + 1),
                           [&](std::size_t t) { return line[t]; },
                           [&](std::size_t t, double mean) {
                             smooth[t] = mean;
                             histogram[t] = line[t] - mean;
                           });
                     });
}

Status bollinger_bands(Backend& backend, std::span<const double> series, std::size_t instruments,
                       std::size_t window, double deviations, BollingerOutput out,
                       std::span<ElementStatus> status) {
  const bool good = window > 0 && deviations >= 0 && std::isfinite(deviations);
  return over_series(backend, series, instruments, good, {out.lower, out.middle, out.upper}, status,
                     [&](auto x, std::size_t at) {
                       const auto n = static_cast<double>(window);
                       windows::sums(
                           x.size(), window, [&](std::size_t t) { return x[t]; },
                           [&](std::size_t t, double sum) {
                             const double mean = sum / n;
                             double squares = 0;  // about the window's own mean: a difference of
                                                  // large sums would lose a quiet window
                             for (std::size_t s = t + 1 - window; s <= t; ++s)
                               squares += (x[s] - mean) * (x[s] - mean);
                             const double band = deviations * kernels::sqrt(squares / n);
                             out.middle[at + t] = mean;
                             out.lower[at + t] = mean - band;
                             out.upper[at + t] = mean + band;
                           });
                     });
}

}  // namespace zomma::kernels
