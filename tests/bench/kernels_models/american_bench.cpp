// American options a second on one core, with price, delta, gamma, theta and boundary, beside a
// plain binomial tree of Cox, Ross and Rubinstein with 801 steps (price alone) on the same options
// in the same run.
#include <zomma/kernels/american.h>

#include <cmath>
#include <cstdint>
#include <cstdio>

#include "bench/kernels_models/measure.h"

namespace {

using namespace zomma;
using namespace zomma::kernels;

struct Book {
  std::vector<double> spot, strike, expiry, rate, yield, volatility;
  std::vector<std::int8_t> sign;
};

// Realistic equity options, from a fixed linear congruential sequence.
Book make_book(std::size_t count) {
  Book book;
  std::uint64_t state = 42;
  const auto uniform = [&](double low, double high) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return low + (high - low) * static_cast<double>(state >> 11) * 0x1p-53;
  };
  for (std::size_t i = 0; i < count; ++i) {
    book.spot.push_back(100);
    book.strike.push_back(uniform(75, 130));
    book.expiry.push_back(uniform(0.02, 2.5));
    book.rate.push_back(uniform(0.005, 0.08));
    book.yield.push_back(uniform(0.0, 0.06));
    book.volatility.push_back(uniform(0.1, 0.8));
    book.sign.push_back(i % 2 == 0 ? -1 : 1);
  }
  return book;
}

double tree_price(const Book& book, std::size_t i, int steps) {
  const double dt = book.expiry[i] / steps, up = std::exp(book.volatility[i] * std::sqrt(dt)),
               s = book.sign[i];
  const double discount = std::exp(-book.rate[i] * dt);
  const double p = (std::exp((book.rate[i] - book.yield[i]) * dt) - 1 / up) / (up - 1 / up);
  std::vector<double> value(steps + 1), asset(2 * steps + 1);
  for (int k = 0; k <= 2 * steps; ++k) asset[k] = book.spot[i] * std::pow(up, k - steps);
  for (int k = 0; k <= steps; ++k) value[k] = std::fmax(s * (asset[2 * k] - book.strike[i]), 0.0);
  for (int n = steps - 1; n >= 0; --n) {
    for (int k = 0; k <= n; ++k) {
      const double hold = discount * (p * value[k + 1] + (1 - p) * value[k]);
      value[k] = std::fmax(hold, s * (asset[2 * k + steps - n] - book.strike[i]));
    }
  }
  return value[0];
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = bench::is_quick(argc, argv);
  const int runs = quick ? 5 : 11;
  const std::size_t count = quick ? 2000 : 20000, tree_count = quick ? 20 : 100;
  const Book book = make_book(count);
  std::vector<double> price(count), delta(count), gamma(count), theta(count), boundary(count),
      implied(count);
  std::vector<ElementStatus> status(count);
  const auto backend = make_cpu_backend(1);
  const AmericanTermsBatch terms{book.spot,  book.strike,     book.expiry, book.rate,
                                 book.yield, book.volatility, book.sign};
  double sink = 0;
  const double tree = bench::median_seconds(5,
                                            [&] {
                                              for (std::size_t i = 0; i < tree_count; ++i)
                                                sink += tree_price(book, i, 801);
                                            }) /
                      static_cast<double>(tree_count);
  std::printf("%zu options, one core, median of %d; CRR tree of 801 steps %.1f us an option\n",
              count, runs, tree * 1e6);
  const AmericanPreset presets[] = {AmericanPreset::fast, AmericanPreset::precise,
                                    AmericanPreset::accurate};
  const char* names[] = {"fast", "precise", "accurate"};
  for (int k = 0; k < 3; ++k) {
    const std::size_t some = k == 2 ? count / 10 : count;
    const AmericanTermsBatch part{terms.spot.first(some),   terms.strike.first(some),
                                  terms.expiry.first(some), terms.rate.first(some),
                                  terms.yield.first(some),  terms.volatility.first(some),
                                  terms.sign.first(some)};
    const std::span<double> p(price.data(), some), d(delta.data(), some), g(gamma.data(), some),
        t(theta.data(), some);
    const double each = bench::median_seconds(runs,
                                              [&] {
                                                american_price(*backend, presets[k], part,
                                                               {p,
                                                                d,
                                                                g,
                                                                t,
                                                                {},
                                                                {},
                                                                std::span(boundary.data(), some),
                                                                std::span(status.data(), some)});
                                              }) /
                        static_cast<double>(some);
    std::printf("%-8s %8.2f us = %7.1f k/s a core, %7.0f times the tree\n", names[k], each * 1e6,
                1e-3 / each, tree / each);
  }
  american_price(*backend, AmericanPreset::fast, terms, {price, {}, {}, {}, {}, {}, {}, status});
  const double iv =
      bench::median_seconds(5,
                            [&] {
                              american_implied_volatility(*backend, AmericanPreset::fast, terms,
                                                          price, implied, status);
                            }) /
      static_cast<double>(count);
  std::printf("implied volatility, fast: %.2f us\n", iv * 1e6);
  return sink == 0.125 ? 1 : 0;
}
