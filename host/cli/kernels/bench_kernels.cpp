// bench_kernels.cpp: the measurements of zomma bench kernels.
#include <zomma/kernels/american.h>
#include <zomma/kernels/european.h>
#include <zomma/kernels/heston.h>
#include <zomma/kernels/implied.h>
#include <zomma/kernels/monte_carlo/monte_carlo.h>
#include <zomma/kernels/surface/svi_fit.h>

#include <time.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/clock.h"
#include "cli/kernels/bench_kernels_command.h"

namespace zomma::cli {
namespace {

namespace zk = kernels;
constexpr int repeats = 7;

// Uniform numbers from a linear congruential sequence: the same book everywhere.
class Uniform {
 public:
  double operator()(double low, double high) {
    state_ = state_ * 6364136223846793005ull + 1442695040888963407ull;
    return low + (high - low) * static_cast<double>(state_ >> 11) * 0x1p-53;
  }

 private:
  std::uint64_t state_ = 42;
};

// Realistic equity options.
template <class T>
struct Book {
  std::vector<std::int8_t> sign;
  std::vector<T> spot, strike, expiry, rate, yield, vol;
  std::vector<std::vector<T>> out;
  std::vector<zk::ElementStatus> status;

  explicit Book(std::size_t count) : out(17, std::vector<T>(count)), status(count) {
    Uniform uniform;
    for (std::size_t i = 0; i < count; ++i) {
      sign.push_back(i % 2 == 0 ? 1 : -1);
      spot.push_back(T(uniform(80, 120))), strike.push_back(T(uniform(70, 130)));
      expiry.push_back(T(uniform(0.02, 2))), rate.push_back(T(uniform(0.005, 0.06)));
      yield.push_back(T(uniform(0, 0.03))), vol.push_back(T(uniform(0.1, 0.6)));
    }
  }
  zk::EuropeanOptions<T> options() const { return {sign, spot, strike, expiry, rate, yield, vol}; }
};

// What one writes first: textbook formulas, std::erfc and std::exp, one option at a time.
void plain_loop(Book<double>& b) {
  const auto cdf = [](double x) { return 0.5 * std::erfc(-x * 0.7071067811865476); };
  for (std::size_t i = 0; i < b.spot.size(); ++i) {
    const double s = b.spot[i], k = b.strike[i], t = b.expiry[i], r = b.rate[i], q = b.yield[i];
    const double v = b.vol[i], phi = b.sign[i], root = std::sqrt(t);
    const double d1 = (std::log(s / k) + (r - q + 0.5 * v * v) * t) / (v * root),
                 d2 = d1 - v * root;
    const double eq = std::exp(-q * t), er = std::exp(-r * t);
    const double density = 0.3989422804014327 * std::exp(-0.5 * d1 * d1);
    const double n1 = cdf(phi * d1), n2 = cdf(phi * d2);
    b.out[0][i] = phi * (s * eq * n1 - k * er * n2);
    b.out[1][i] = phi * eq * n1;
    b.out[2][i] = eq * density / (s * v * root);
    b.out[3][i] = s * eq * density * root;
    b.out[4][i] = -s * eq * density * v / (2 * root) - phi * (r * k * er * n2 - q * s * eq * n1);
    b.out[5][i] = phi * k * t * er * n2;
  }
}

// Seconds of this thread's own time where it works alone, so that other programs do not count;
// of the clock where it has helpers.
double seconds(bool alone, const std::function<void()>& work) {
  const auto now = [&] {
    if (!alone) return static_cast<double>(monotonic_now().value) * 1e-9;
    timespec spent{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return static_cast<double>(spent.tv_sec) + 1e-9 * static_cast<double>(spent.tv_nsec);
  };
  const double begin = now();
  work();
  return now() - begin;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

class Bench {
 public:
  explicit Bench(const BenchSettings& settings)
      : alone_(settings.threads == 1),
        least_seconds_(settings.quick ? 0.004 : 0.04),
        backend_(zk::make_cpu_backend(settings.threads)),
        reference_(options_at_once) {
    std::vector<double> rates;
    for (int i = 0; i < repeats; ++i) rates.push_back(plain_rate());
    rows.push_back({"plain std::erfc loop, value + 5 Greeks, fp64", "options", median(rates), 1.0});
  }

  // `work` does `items` of them once; it is repeated for long enough to be timed.
  void add(const char* kernel, const char* item, double items, const std::function<void()>& work) {
    const double once = std::max(seconds(alone_, work), 1e-9);
    const int rounds = std::max(1, static_cast<int>(least_seconds_ / once));
    std::vector<double> rates, ratios;
    for (int i = 0; i < repeats; ++i) {
      const double plain = plain_rate();
      const double spent = seconds(alone_, [&] {
        for (int r = 0; r < rounds; ++r) work();
      });
      rates.push_back(items * rounds / spent);
      ratios.push_back(rates.back() / plain);
    }
    rows.push_back({kernel, item, median(rates), median(ratios)});
  }

  zk::Backend& backend() { return *backend_; }
  static constexpr std::size_t options_at_once = 2048;  // stays in the cache
  std::vector<BenchRow> rows;

 private:
  double plain_rate() {
    const int rounds = least_seconds_ > 0.01 ? 20 : 4;
    const double spent = seconds(alone_, [&] {
      for (int r = 0; r < rounds; ++r) plain_loop(reference_);
    });
    return static_cast<double>(options_at_once) * rounds / spent;
  }

  bool alone_;
  double least_seconds_;
  std::unique_ptr<zk::Backend> backend_;
  Book<double> reference_;
};

template <class T, zk::EuropeanLevel level>
void add_european(Bench& bench, const char* kernel) {
  Book<T> book(Bench::options_at_once);
  zk::EuropeanResults<T> results;
  std::size_t i = 0;
  zk::visit_tables<level>(results, results, [&](auto& slot, auto&) { slot = book.out[i++]; });
  bench.add(kernel, "options", static_cast<double>(book.spot.size()), [&] {
    (void)european_greeks(bench.backend(), zk::EuropeanModel::black_scholes, book.options(),
                          results, book.status);
  });
}

void add_implied(Bench& bench, zk::ImpliedModel model, const char* kernel) {
  Book<double> book(Bench::options_at_once);
  zk::EuropeanResults<double> results;
  results.value = book.out[0];
  const std::size_t count = book.spot.size();
  const bool black = model == zk::ImpliedModel::black;
  for (std::size_t i = 0; i < count; ++i) {
    book.rate[i] = 0;
    const double deviation = book.vol[i] * std::sqrt(book.expiry[i]);
    book.strike[i] =
        book.spot[i] * std::exp((i % 5 - 2.0) * deviation);  // two deviations either way
    book.sign[i] = book.strike[i] >= book.spot[i] ? 1 : -1;
    if (!black) book.vol[i] *= book.spot[i];
  }
  (void)european_greeks(bench.backend(),
                        black ? zk::EuropeanModel::black76 : zk::EuropeanModel::bachelier,
                        book.options(), results, book.status);
  bench.add(kernel, "quotes", static_cast<double>(count), [&] {
    (void)implied_volatility(bench.backend(), model,
                             {book.sign, book.out[0], book.spot, book.strike, book.expiry},
                             book.out[1], book.status);
  });
}

void add_american(Bench& bench, zk::AmericanPreset preset, const char* kernel) {
  Book<double> book(256);
  bench.add(kernel, "options", static_cast<double>(book.spot.size()), [&] {
    (void)american_price(
        bench.backend(), preset,
        {book.spot, book.strike, book.expiry, book.rate, book.yield, book.vol, book.sign},
        {book.out[0], book.out[1], book.out[2], book.out[3], {}, {}, book.out[4], book.status});
  });
}

void add_heston(Bench& bench) {
  constexpr std::size_t expiries = 8, strikes = 25, count = expiries * strikes;
  std::vector<zk::HestonExpiry> groups;
  std::vector<double> strike, price(count);
  std::vector<std::int8_t> sign;
  std::vector<zk::ElementStatus> status(count);
  for (std::size_t e = 0; e < expiries; ++e) {
    const double years = 0.1 * static_cast<double>(e + 1) * static_cast<double>(e + 1) / 3;
    groups.push_back({years, 0.03, 0.01, e * strikes, (e + 1) * strikes});
    for (std::size_t k = 0; k < strikes; ++k) {
      strike.push_back(100 * std::exp(0.2 * std::sqrt(years) * (static_cast<double>(k) - 12) / 4));
      sign.push_back(k < 12 ? -1 : 1);
    }
  }
  bench.add("Heston price, surface of 8 x 25", "options", static_cast<double>(count), [&] {
    (void)heston_price(bench.backend(), {0.04, 1.5, 0.06, 0.5, -0.7}, {},
                       {100, groups, strike, sign}, {price, {}, {}, {}, status});
  });
}

void add_svi(Bench& bench) {
  constexpr std::size_t strikes = 13, slices = 64;
  const zk::RawSvi truth{0.02, 0.12, -0.4, 0.02, 0.2};
  std::vector<double> k, bid, ask;
  Uniform uniform;
  for (std::size_t i = 0; i < strikes; ++i) {
    k.push_back(-0.6 + 0.1 * static_cast<double>(i));
    const double mid = std::sqrt(total_variance(truth, k.back()).w) + uniform(-0.002, 0.002);
    bid.push_back(mid - 0.004), ask.push_back(mid + 0.004);
  }
  const std::vector<zk::SliceQuotes> quotes(slices, {1.0, k, bid, ask});
  std::vector<zk::SviFit> fits(slices);
  bench.add("SVI slice of 13 quotes, arbitrage-free", "slices", static_cast<double>(slices),
            [&] { (void)fit_svi_batch(bench.backend(), quotes, {}, fits); });
}

void add_monte_carlo(Bench& bench) {
  zk::PathContract contract;
  contract.payoff = zk::PathPayoff::asian_arithmetic;
  contract.strike = 100;
  contract.expiry = 0.75;
  contract.steps = 252;
  zk::PathSettings settings;
  settings.samples = 2048;
  zk::PathEstimate estimate;
  bench.add("Monte Carlo, arithmetic Asian of 252 steps", "path steps", 252.0 * 2048, [&] {
    (void)simulate(bench.backend(), {100, 0.05, 0.02, 0.3}, contract, settings, estimate);
  });
}

}  // namespace

std::vector<BenchRow> bench_kernels(const BenchSettings& settings) {
  using zk::EuropeanLevel;
  Bench bench(settings);
  add_european<double, EuropeanLevel::first>(bench, "European, value + 5 Greeks, fp64");
  add_european<float, EuropeanLevel::first>(bench, "European, value + 5 Greeks, fp32");
  add_european<double, EuropeanLevel::standard>(bench, "European, value + 16 Greeks, fp64");
  add_european<float, EuropeanLevel::standard>(bench, "European, value + 16 Greeks, fp32");
  add_implied(bench, zk::ImpliedModel::black, "implied volatility, Black");
  add_implied(bench, zk::ImpliedModel::bachelier, "implied volatility, Bachelier");
  add_american(bench, zk::AmericanPreset::fast, "American, fast: price, 3 Greeks, boundary");
  add_american(bench, zk::AmericanPreset::accurate, "American, accurate: the same");
  add_heston(bench);
  add_svi(bench);
  add_monte_carlo(bench);
  return std::move(bench.rows);
}

}  // namespace zomma::cli
