// european_bench.cpp: European value and Greeks beside a plain std::erfc loop of the same run, one
// core.
#include <zomma/kernels/european.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>
#include <vector>

#include "bench/kernels_european/median.h"

namespace zk = zomma::kernels;
using zk::EuropeanLevel;
using zk::EuropeanModel;
using zomma::bench::median_seconds;

namespace {

template <class T>
struct Book {
  std::vector<std::int8_t> sign;
  std::vector<T> spot, strike, maturity, rate, yield, volatility;
  std::vector<std::vector<T>> out;
  std::vector<zk::ElementStatus> status;

  explicit Book(std::size_t count) : out(26, std::vector<T>(count)), status(count) {
    std::mt19937_64 bits(11);
    const auto uniform = [&](double low, double high) {
      return T(low + (high - low) * (double(bits() >> 11) * 0x1p-53));
    };
    for (std::size_t i = 0; i < count; ++i) {
      sign.push_back(bits() & 1 ? 1 : -1);
      spot.push_back(uniform(80, 120)), strike.push_back(uniform(70, 130)),
          maturity.push_back(uniform(0.02, 2));
      rate.push_back(uniform(0, 0.06)), yield.push_back(uniform(0, 0.03)),
          volatility.push_back(uniform(0.1, 0.6));
    }
  }
  zk::EuropeanOptions<T> options() const {
    return {sign, spot, strike, maturity, rate, yield, volatility};
  }
  template <EuropeanLevel level>
  zk::EuropeanResults<T> results() {
    zk::EuropeanResults<T> spans;
    int i = 0;
    zk::visit_tables<level>(spans, spans, [&](auto& to, auto&) { to = out[i++]; });
    return spans;
  }
};

// What one writes first: textbook formulas, std::erfc, std::exp, one option at a time. Value and
// five Greeks.
void plain_first(Book<double>& b) {
  const auto cdf = [](double x) { return 0.5 * std::erfc(-x * 0.7071067811865476); };
  for (std::size_t i = 0; i < b.spot.size(); ++i) {
    const double s = b.spot[i], k = b.strike[i], t = b.maturity[i], r = b.rate[i], q = b.yield[i],
                 v = b.volatility[i];
    const double phi = b.sign[i], root = std::sqrt(t),
                 d1 = (std::log(s / k) + (r - q + 0.5 * v * v) * t) / (v * root);
    const double d2 = d1 - v * root, eq = std::exp(-q * t), er = std::exp(-r * t);
    const double density = 0.3989422804014327 * std::exp(-0.5 * d1 * d1), n1 = cdf(phi * d1),
                 n2 = cdf(phi * d2);
    b.out[0][i] = phi * (s * eq * n1 - k * er * n2);
    b.out[1][i] = phi * eq * n1;
    b.out[2][i] = eq * density / (s * v * root);
    b.out[3][i] = s * eq * density * root;
    b.out[4][i] = -s * eq * density * v / (2 * root) - phi * (r * k * er * n2 - q * s * eq * n1);
    b.out[5][i] = phi * k * t * er * n2;
  }
}

// The memory's share of value + 16 Greeks: the same columns read and written in the same order,
// with nothing computed between.
double memory_ns(std::size_t count, int repeats) {
  Book<double> b(count);
  constexpr std::size_t line = 8, columns = 17;
  double* out[columns];
  for (std::size_t c = 0; c < columns; ++c) out[c] = b.out[c].data();
  const double seconds = median_seconds(repeats, [&] {
    for (std::size_t i = 0; i + line <= count; i += line) {
      double sum[line];
      for (std::size_t j = 0; j < line; ++j)
        sum[j] = b.spot[i + j] + b.strike[i + j] + b.maturity[i + j] + b.rate[i + j] +
                 b.yield[i + j] + b.volatility[i + j];
      for (double* to : out) std::memcpy(to + i, sum, sizeof sum);
    }
  });
  return seconds * 1e9 / double(count);
}

template <class T, EuropeanLevel level>
void row(const char* what, std::size_t count, std::size_t work, int repeats, double plain_ns) {
  Book<T> book(count);
  const auto backend = zk::make_cpu_backend(1);
  const auto options = book.options();
  const auto results = book.template results<level>();
  const std::size_t rounds = std::max<std::size_t>(1, work / count);
  const double seconds = median_seconds(repeats, [&] {
    for (std::size_t i = 0; i < rounds; ++i)
      european_greeks(*backend, EuropeanModel::black_scholes, options, results, book.status);
  });
  const double ns = seconds * 1e9 / double(rounds * count);
  std::printf("%-34s %9zu options  %6.1f M/s  %6.2f ns  %5.1f x the plain loop\n", what, count,
              1e3 / ns, ns, plain_ns / ns);
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
  const int repeats = quick ? 5 : 15;
  const std::size_t work = quick ? 200000 : 2000000, cached = 2048,
                    large = quick ? 500000 : 4000000;
  Book<double> book(cached);
  const double plain_seconds = median_seconds(repeats, [&] {
    for (std::size_t i = 0; i < work / 4 / cached; ++i) plain_first(book);
  });
  const double plain = plain_seconds * 1e9 / double(work / 4 / cached * cached);
  std::printf("%-34s %9zu options  %6.1f M/s  %6.2f ns\n", "plain std::erfc loop, value + 5",
              cached, 1e3 / plain, plain);
  row<double, EuropeanLevel::value>("value, fp64, in cache", cached, work, repeats, plain);
  row<double, EuropeanLevel::first>("value + 5, fp64, in cache", cached, work, repeats, plain);
  row<double, EuropeanLevel::first>("value + 5, fp64, from memory", large, work, repeats, plain);
  row<double, EuropeanLevel::standard>("value + 16, fp64, in cache", cached, work, repeats, plain);
  row<double, EuropeanLevel::standard>("value + 16, fp64, from memory", large, work, repeats,
                                       plain);
  std::printf("%-34s %9zu options              %6.2f ns\n", "  reading and writing alone", large,
              memory_ns(large, repeats));
  row<double, EuropeanLevel::full>("value + 25, fp64, in cache", cached, work, repeats, plain);
  row<float, EuropeanLevel::value>("value, fp32, in cache", cached, work, repeats, plain);
  row<float, EuropeanLevel::first>("value + 5, fp32, in cache", cached, work, repeats, plain);
  row<float, EuropeanLevel::standard>("value + 16, fp32, in cache", cached, work, repeats, plain);
}
