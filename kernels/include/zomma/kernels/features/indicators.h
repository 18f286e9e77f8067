// indicators.h: the usual technical indicators, many instruments a call, each by its published
// definition.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <zomma/kernels/backend.h>
#include <zomma/kernels/features/bars.h>
#include <zomma/kernels/status.h>

namespace zomma::kernels {

// In all calls: rows as in bars.h; every output is instruments * bars long; elements before the
// first that the definition gives are 0, and each call says which is the first. Spans that do not
// fit give Status::length_mismatch, a window of 0 or other bad setting invalid_setting, and nothing
// is written. Rows too short for a first value are all zeros with status ok. A row with a bad
// number, or with numbers so large that an answer overflows, has status domain and zeros.

// Mean of the last `window` values. First at window - 1.
Status simple_moving_average(Backend& backend, std::span<const double> series,
                             std::size_t instruments, std::size_t window, std::span<double> out,
                             std::span<ElementStatus> status = {});

// e' = e + (x - e) 2 / (window + 1), begun at window - 1 with the simple mean of the first window
// values.
Status exponential_moving_average(Backend& backend, std::span<const double> series,
                                  std::size_t instruments, std::size_t window,
                                  std::span<double> out, std::span<ElementStatus> status = {});

// Wilder (1978), ch. 6: 100 - 100 / (1 + average gain / average loss), the averages begun with
// plain means of the first `window` changes and smoothed by 1 / window. First at window. 50 where
// nothing has moved.
Status relative_strength(Backend& backend, std::span<const double> close, std::size_t instruments,
                         std::size_t window, std::span<double> out,
                         std::span<ElementStatus> status = {});

// Appel: line = EMA(fast) - EMA(slow), first at slow - 1; signal = EMA of the line, first at slow +
// signal - 2; histogram = line - signal, first with the signal. Custom: 12, 26, 9. fast < slow.
struct MacdOutput {
  std::span<double> line, signal, histogram;
};
Status macd(Backend& backend, std::span<const double> close, std::size_t instruments,
            std::size_t fast, std::size_t slow, std::size_t signal, MacdOutput out,
            std::span<ElementStatus> status = {});

// Bollinger (2001): mean and mean +- deviations * population standard deviation of the last window
// values. Custom: 20, 2. First at window - 1.
struct BollingerOutput {
  std::span<double> lower, middle, upper;
};
Status bollinger_bands(Backend& backend, std::span<const double> series, std::size_t instruments,
                       std::size_t window, double deviations, BollingerOutput out,
                       std::span<ElementStatus> status = {});

// Wilder (1978), ch. 3: true range is the largest of high - low, |high - previous close|, |low -
// previous close| (high - low for the first bar); begun at window - 1 with a plain mean, then
// smoothed by 1 / window. Reads high, low, close.
Status average_true_range(Backend& backend, const BarSeries& bars, std::size_t window,
                          std::span<double> out, std::span<ElementStatus> status = {});

// Lane: %K = 100 (close - lowest low) / (highest high - lowest low) over `window` bars, first at
// window - 1; %D its simple mean over `smoothing`, first at window + smoothing - 2. 50 where the
// window has no range. Reads high, low, close.
struct StochasticOutput {
  std::span<double> k, d;
};
Status stochastic_oscillator(Backend& backend, const BarSeries& bars, std::size_t window,
                             std::size_t smoothing, StochasticOutput out,
                             std::span<ElementStatus> status = {});

// Wilder (1978), ch. 4. Directional movement and true range of bars 1 .. window are summed, then
// each sum loses its window-th part and gains the new value; the indicators +DI and -DI are 100
// times the ratios, first at window. DX = 100 |+DI - -DI| / (+DI + -DI); ADX begins at 2 window - 1
// with the mean of the first window DX and is smoothed by 1 / window. 0 where nothing has moved.
// Reads high, low, close.
struct DirectionalOutput {
  std::span<double> plus, minus, adx;
};
Status directional_movement(Backend& backend, const BarSeries& bars, std::size_t window,
                            DirectionalOutput out, std::span<ElementStatus> status = {});

// Granville (1963): from 0, plus the bar's volume when the close rose, minus when it fell. Reads
// close, volume.
Status on_balance_volume(Backend& backend, const BarSeries& bars, std::span<double> out,
                         std::span<ElementStatus> status = {});

// Sum of typical price (high + low + close) / 3 times volume over sum of volume, from the row's
// first bar. Before any volume: the typical price. Reads high, low, close, volume.
Status volume_weighted_price(Backend& backend, const BarSeries& bars, std::span<double> out,
                             std::span<ElementStatus> status = {});

}  // namespace zomma::kernels
