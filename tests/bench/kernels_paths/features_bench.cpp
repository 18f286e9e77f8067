// features_bench: order-book features, correlations and indicators of many instruments on one core,
// beside the plain loops a user would write, in the same run. Usage: kernels_features_bench
// [--quick]
#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>
#include <vector>

#include "stopwatch.h"

#include <zomma/kernels/features/book_features.h>
#include <zomma/kernels/features/indicators.h>
#include <zomma/kernels/features/statistics.h>

namespace zomma::kernels {
namespace {

using bench::median, bench::seconds;
constexpr int repeats = 5;
double sink = 0;

std::vector<double> numbers(std::size_t count, double low, double high) {
  std::mt19937_64 random(3);
  std::vector<double> out(count);
  for (double& x : out) x = low + (high - low) * static_cast<double>(random() >> 11) * 0x1p-53;
  return out;
}

template <class Own, class Plain>
void compare(const char* name, const char* unit, double items, Own&& own, Plain&& plain) {
  std::vector<double> rates, ratios;
  for (int i = 0; i < repeats; ++i) {
    const double reference = seconds(plain), mine = seconds(own);
    rates.push_back(items / mine);
    ratios.push_back(reference / mine);
  }
  std::printf("%-46s %8.1f M %s/s; %5.2fx the plain loop\n", name, median(rates) / 1e6, unit,
              median(ratios));
}

void bench_flow(Backend& backend, std::size_t snapshots) {
  constexpr std::size_t instruments = 10, levels = 5;
  const std::size_t n = instruments * snapshots * levels;
  auto bid = numbers(n, 99, 100), ask = numbers(n, 100, 101);
  const auto bids = numbers(n, 0, 500), asks = numbers(n, 0, 500);
  for (std::size_t i = 0; i < n; ++i) {
    bid[i] = std::floor(bid[i] * 10) / 10;
    ask[i] = std::ceil(ask[i] * 10) / 10;
  }
  std::vector<double> out(n);
  const BookLevels books{bid, bids, ask, asks, levels};
  compare(
      "order-flow imbalance, 5 levels, checked", "levels", static_cast<double>(n),
      [&] {
        order_flow_imbalance(backend, books, snapshots, out);
        sink += out[n / 2];
      },
      [&] {
        for (std::size_t k = levels; k < n; ++k) {
          const std::size_t p = k - levels;
          double e = 0;
          if (bid[k] >= bid[p]) e += bids[k];
          if (bid[k] <= bid[p]) e -= bids[p];
          if (ask[k] <= ask[p]) e -= asks[k];
          if (ask[k] >= ask[p]) e += asks[p];
          out[k] = e;
        }
        sink += out[n / 2];
      });
}

void bench_correlation(Backend& backend, std::size_t instruments) {
  constexpr std::size_t length = 2048;
  const auto x = numbers(instruments * length, -1, 1);
  std::vector<double> out(instruments * instruments);
  const double pairs = 0.5 * static_cast<double>(instruments * (instruments + 1)) * length;
  compare(
      "correlation matrix, 2048 points a row", "products", pairs,
      [&] {
        correlation_matrix(backend, x, instruments, out);
        sink += out[1];
      },
      [&] {
        for (std::size_t i = 0; i < instruments; ++i) {
          for (std::size_t j = 0; j <= i; ++j) {
            double sx = 0, sy = 0, sxy = 0, sxx = 0, syy = 0;
            for (std::size_t t = 0; t < length; ++t) {
              const double a = x[i * length + t], b = x[j * length + t];
              sx += a;
              sy += b;
              sxy += a * b;
              sxx += a * a;
              syy += b * b;
            }
            const double n = length;
            out[i * instruments + j] =
                (n * sxy - sx * sy) / std::sqrt((n * sxx - sx * sx) * (n * syy - sy * sy));
          }
        }
        sink += out[1];
      });
}

void bench_stochastic(Backend& backend, std::size_t instruments) {
  constexpr std::size_t length = 2048, window = 50;
  const std::size_t n = instruments * length;
  const auto close = numbers(n, 99, 101);
  auto high = close, low = close;
  for (std::size_t i = 0; i < n; ++i) {
    high[i] += 0.5;
    low[i] -= 0.5;
  }
  std::vector<double> k(n), d(n);
  compare(
      "stochastic oscillator, window 50", "bars", static_cast<double>(n),
      [&] {
        stochastic_oscillator(backend, {{}, high, low, close, {}, instruments}, window, 3, {k, d});
        sink += k[n - 1];
      },
      [&] {
        for (std::size_t t = window - 1; t < n; ++t) {
          double top = high[t], bottom = low[t];
          for (std::size_t s = t + 1 - window; s < t; ++s) {
            top = std::max(top, high[s]);
            bottom = std::min(bottom, low[s]);
          }
          k[t] = 100 * (close[t] - bottom) / (top - bottom);
          d[t] = (k[t] + k[t - 1] + k[t - 2]) / 3;
        }
        sink += k[n - 1];
      });
}

}  // namespace
}  // namespace zomma::kernels

int main(int argc, char** argv) {
  using namespace zomma::kernels;
  const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
  const auto backend = make_cpu_backend(1);
  bench_flow(*backend, quick ? 5'000 : 50'000);
  bench_correlation(*backend, quick ? 60 : 200);
  bench_stochastic(*backend, quick ? 50 : 500);
  std::printf("%s\n", sink == 0 ? "" : "one thread, time on the core, medians");
}
