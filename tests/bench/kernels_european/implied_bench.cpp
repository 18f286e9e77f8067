// implied_bench.cpp: implied volatilities beside Newton's method on a plain std::erfc price, of
// the same run, one core.
#include <zomma/kernels/elementary.h>
#include <zomma/kernels/implied.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>
#include <vector>

#include "bench/kernels_european/median.h"

namespace zk = zomma::kernels;
using zk::ImpliedModel;
using zomma::bench::median_seconds;

namespace {

double cdf(double x) { return 0.5 * std::erfc(-x * 0.7071067811865476); }
double pdf(double x) { return 0.3989422804014327 * std::exp(-0.5 * x * x); }

double black(double sign, double f, double k, double s) {
  const double d1 = std::log(f / k) / s + s / 2;
  return sign * (f * cdf(sign * d1) - k * cdf(sign * (d1 - s)));
}
double bachelier(double sign, double f, double k, double s) {
  const double d = (f - k) / s;
  return sign * (f - k) * cdf(sign * d) + s * pdf(d);
}

struct Quotes {
  std::vector<std::int8_t> sign;
  std::vector<double> price, forward, strike, maturity, volatility;

  explicit Quotes(ImpliedModel model, std::size_t count) : volatility(count) {
    std::mt19937_64 bits(3);
    const auto uniform = [&](double a, double b) {
      return a + (b - a) * (double(bits() >> 11) * 0x1p-53);
    };
    for (std::size_t i = 0; i < count; ++i) {
      const double f = uniform(80, 120), t = uniform(0.02, 2), v = uniform(0.1, 0.6),
                   s = v * std::sqrt(t);
      const double k = f * std::exp(uniform(-2.5, 2.5) * s), phi = k > f ? 1 : -1;
      forward.push_back(f), strike.push_back(k), maturity.push_back(t),
          sign.push_back(std::int8_t(phi));
      price.push_back(model == ImpliedModel::black ? black(phi, f, k, s)
                                                   : bachelier(phi, f, k, f * s));
    }
  }
};

// Newton's method kept inside a bracket, to the last digits; how one would write it first.
double plain(ImpliedModel model, double price, double sign, double f, double k) {
  const bool relative = model == ImpliedModel::black;
  const double unit = relative ? 1.0 : f;
  double low = 1e-8 * unit, high = 20 * unit, s = 0.3 * unit;
  for (int i = 0; i < 100; ++i) {
    const double error = (relative ? black(sign, f, k, s) : bachelier(sign, f, k, s)) - price;
    const double vega = relative ? f * pdf(std::log(f / k) / s + s / 2) : pdf((f - k) / s);
    (error > 0 ? high : low) = s;
    double next = s - error / vega;
    if (!(next > low && next < high)) next = 0.5 * (low + high);
    if (std::fabs(next - s) < 1e-15 * s) return next;
    s = next;
  }
  return s;
}

double plain_ns(ImpliedModel model, const char* what, std::size_t count, int repeats) {
  const Quotes q(model, count);
  double sum = 0;
  const double seconds = median_seconds(repeats, [&] {
    for (std::size_t i = 0; i < count; ++i)
      sum += plain(model, q.price[i], q.sign[i], q.forward[i], q.strike[i]);
  });
  const double ns = seconds * 1e9 / double(count);
  std::printf("%-42s %8zu quotes  %6.1f M/s  %7.2f ns  (mean s %.3f)\n", what, count, 1e3 / ns, ns,
              sum / double(count) / repeats);
  return ns;
}

void row(ImpliedModel model, const char* what, std::size_t count, std::size_t rounds, int repeats,
         double reference_ns) {
  Quotes q(model, count);
  const auto backend = zk::make_cpu_backend(1);
  std::vector<zk::ElementStatus> status(count);
  const double seconds = median_seconds(repeats, [&] {
    for (std::size_t i = 0; i < rounds; ++i)
      implied_volatility(*backend, model, {q.sign, q.price, q.forward, q.strike, q.maturity},
                         q.volatility, status);
  });
  const double ns = seconds * 1e9 / double(rounds * count);
  std::printf("%-42s %8zu quotes  %6.1f M/s  %7.2f ns  %5.1f x Newton\n", what, count, 1e3 / ns, ns,
              reference_ns / ns);
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
  const int repeats = quick ? 5 : 15;
  const std::size_t cached = 2048, large = quick ? 200000 : 1000000;
  const double black_ns =
      plain_ns(ImpliedModel::black, "Black, Newton on a std::erfc price", cached, repeats);
  row(ImpliedModel::black, "Black, market-like", cached, quick ? 50 : 500, repeats, black_ns);
  row(ImpliedModel::black, "Black, market-like, from memory", large, 1, repeats, black_ns);
  const double bachelier_ns =
      plain_ns(ImpliedModel::bachelier, "Bachelier, Newton on a std::erfc price", cached, repeats);
  row(ImpliedModel::bachelier, "Bachelier", cached, quick ? 100 : 1000, repeats, bachelier_ns);
}
