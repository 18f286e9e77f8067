// bar_indicators.cpp: indicators that read whole bars: true range, stochastic, directional
// movement, volume.
#include <zomma/kernels/features/indicators.h>

#include <functional>

#include "rows.h"
#include "windows.h"

namespace zomma::kernels {
namespace {

// The checks all indicators of bars share; then work(row of bars, offset of the row) after the
// outputs are zeroed.
template <class Work>
Status over_bars(Backend& backend, const BarSeries& bars, bool setting_good, bool needs_range,
                 bool needs_volume, std::initializer_list<std::span<double>> outputs,
                 std::span<ElementStatus> status, Work&& work) {
  const std::size_t size = bars.close.size();
  std::size_t length = 0;
  bool fits = rows::row_length(bars.instruments, {size}, length);
  if (needs_range) fits = fits && bars.high.size() == size && bars.low.size() == size;
  if (needs_volume) fits = fits && bars.volume.size() == size;
  for (const auto out : outputs) fits = fits && out.size() == size;
  if (!fits || (!status.empty() && status.size() != bars.instruments))
    return Status::length_mismatch;
  if (!setting_good) return Status::invalid_setting;
  const BarSeries read{{},
                       needs_range ? bars.high : std::span<const double>{},
                       needs_range ? bars.low : std::span<const double>{},
                       bars.close,
                       needs_volume ? bars.volume : std::span<const double>{},
                       bars.instruments};
  rows::for_each(backend, bars.instruments, length * 8, status, [&](std::size_t row) {
    for (const auto out : outputs) std::fill_n(out.data() + row * length, length, 0.0);
    const rows::Bars r = rows::bars_of(read, row, length);
    const bool good = needs_range ? r.good_prices() : rows::all_positive(r.close);
    if (!good || !rows::none_negative(r.volume)) return false;
    work(r, row * length);
    return rows::settle(outputs, row, length);
  });
  return Status::ok;
}

double true_range(const rows::Bars& r, std::size_t t) {
  if (t == 0) return r.high[0] - r.low[0];
  return std::max(r.high[t], r.close[t - 1]) - std::min(r.low[t], r.close[t - 1]);
}

// Wilder's sums of true range and of movement up and down.
struct Movement {
  double range = 0, up = 0, down = 0;

  void add(const rows::Bars& r, std::size_t t) {
    const double rise = r.high[t] - r.high[t - 1], fall = r.low[t - 1] - r.low[t];
    range += true_range(r, t);
    if (rise > fall && rise > 0) up += rise;
    if (fall > rise && fall > 0) down += fall;
  }
  void fade(double kept) {
    range *= kept;
    up *= kept;
    down *= kept;
  }
};

void directional(const rows::Bars& r, std::size_t window, double* plus, double* minus,
                 double* adx) {
  const std::size_t n = r.close.size();
  if (n <= window) return;
  const double alpha = 1.0 / static_cast<double>(window);
  Movement sums;
  for (std::size_t t = 1; t < n; ++t) {
    if (t > window) sums.fade(1.0 - alpha);
    sums.add(r, t);
    if (t < window) continue;
    plus[t] = sums.range > 0 ? 100.0 * sums.up / sums.range : 0.0;
    minus[t] = sums.range > 0 ? 100.0 * sums.down / sums.range : 0.0;
  }
  const auto dx = [&](std::size_t t) {
    const double both = plus[t] + minus[t];
    return both > 0 ? 100.0 * std::abs(plus[t] - minus[t]) / both : 0.0;
  };
  windows::smoothed(window, n, window, alpha, dx,
                    [&](std::size_t t, double mean) { adx[t] = mean; });
}

}  // namespace

Status average_true_range(Backend& backend, const BarSeries& bars, std::size_t window,
                          std::span<double> out, std::span<ElementStatus> status) {
  return over_bars(backend, bars, window > 0, true, false, {out}, status,
                   [&](const rows::Bars& r, std::size_t at) {
                     windows::smoothed(
                         0, r.close.size(), window, 1.0 / static_cast<double>(window),
                         [&](std::size_t t) { return true_range(r, t); },
                         [&](std::size_t t, double mean) { out[at + t] = mean; });
                   });
}

Status stochastic_oscillator(Backend& backend, const BarSeries& bars, std::size_t window,
                             std::size_t smoothing, StochasticOutput out,
                             std::span<ElementStatus> status) {
  return over_bars(backend, bars, window > 0 && smoothing > 0, true, false, {out.k, out.d}, status,
                   [&](const rows::Bars& r, std::size_t at) {
                     const std::size_t n = r.close.size();
                     windows::Extreme<std::greater<>> highest(r.high, window);
                     windows::Extreme<std::less<>> lowest(r.low, window);
                     for (std::size_t t = 0; t < n; ++t) {
                       const double high = highest.next(t), low = lowest.next(t);
                       if (t + 1 < window) continue;
                       out.k[at + t] =
                           high > low ? 100.0 * (r.close[t] - low) / (high - low) : 50.0;
                     }
                     if (n < window) return;
                     const std::size_t first = window - 1;
                     windows::sums(
                         n - first, smoothing, [&](std::size_t t) { return out.k[at + first + t]; },
                         [&](std::size_t t, double sum) {
                           out.d[at + first + t] = sum / static_cast<double>(smoothing);
                         });
                   });
}

Status directional_movement(Backend& backend, const BarSeries& bars, std::size_t window,
                            DirectionalOutput out, std::span<ElementStatus> status) {
  return over_bars(backend, bars, window > 0, true, false, {out.plus, out.minus, out.adx}, status,
                   [&](const rows::Bars& r, std::size_t at) {
                     directional(r, window, out.plus.data() + at, out.minus.data() + at,
                                 out.adx.data() + at);
                   });
}

Status on_balance_volume(Backend& backend, const BarSeries& bars, std::span<double> out,
                         std::span<ElementStatus> status) {
  return over_bars(backend, bars, true, false, true, {out}, status,
                   [&](const rows::Bars& r, std::size_t at) {
                     double balance = 0;
                     for (std::size_t t = 1; t < r.close.size(); ++t) {
                       if (r.close[t] > r.close[t - 1]) balance += r.volume[t];
                       if (r.close[t] < r.close[t - 1]) balance -= r.volume[t];
                       out[at + t] = balance;
                     }
                   });
}

Status volume_weighted_price(Backend& backend, const BarSeries& bars, std::span<double> out,
                             std::span<ElementStatus> status) {
  return over_bars(backend, bars, true, true, true, {out}, status,
                   [&](const rows::Bars& r, std::size_t at) {
                     double value = 0, volume = 0;
                     for (std::size_t t = 0; t < r.close.size(); ++t) {
                       const double typical = (r.high[t] + r.low[t] + r.close[t]) / 3.0;
                       value += typical * r.volume[t];
                       volume += r.volume[t];
                       out[at + t] = volume > 0 ? value / volume : typical;
                     }
                   });
}

}  // namespace zomma::kernels
