// portfolio_bench: aggregation and revaluation of a book on one core, beside the plain loops a user
// would write, in the same run. Usage: kernels_portfolio_bench [--quick]
#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>
#include <unordered_map>
#include <vector>

#include "stopwatch.h"

#include <zomma/kernels/portfolio/aggregate.h>
#include <zomma/kernels/portfolio/scenario.h>

namespace zomma::kernels {
namespace {

using bench::median, bench::seconds;
constexpr int repeats = 5;
double sink = 0;

struct Positions {
  std::vector<double> spot, strike, expiry, volatility, rate, dividend, weight;
  std::vector<std::uint8_t> call;
  std::vector<std::uint32_t> underlying, maturity, strategy;
  OptionBook book() const {
    return {spot, strike, expiry, volatility, rate, dividend, weight, call};
  }
};

Positions make_positions(std::size_t count) {
  std::mt19937_64 random(1);
  const auto draw = [&](double low, double high) {
    return low + (high - low) * static_cast<double>(random() >> 11) * 0x1p-53;
  };
  Positions out;
  for (std::size_t i = 0; i < count; ++i) {
    out.underlying.push_back(static_cast<std::uint32_t>(random() % 100));
    out.maturity.push_back(static_cast<std::uint32_t>(random() % 12));
    out.strategy.push_back(static_cast<std::uint32_t>(random() % 4));
    out.spot.push_back(100);
    out.strike.push_back(draw(60, 150));
    out.expiry.push_back(draw(0.02, 2));
    out.volatility.push_back(draw(0.1, 0.6));
    out.rate.push_back(0.03);
    out.dividend.push_back(0.01);
    out.weight.push_back(draw(-100, 100));
    out.call.push_back(random() % 2);
  }
  return out;
}

void bench_aggregation(std::size_t positions) {
  constexpr std::size_t columns = 16;
  const Positions p = make_positions(positions);
  std::vector<double> values(positions * columns);
  std::mt19937_64 random(2);
  for (double& x : values) x = static_cast<double>(random()) * 1e-19 - 0.9;
  const auto backend = make_cpu_backend(1);
  const std::vector<std::span<const std::uint32_t>> keys{p.underlying, p.maturity, p.strategy};
  Grouping groups;
  std::vector<double> out, grouping, sums, plain;
  for (int i = 0; i < repeats; ++i) {
    grouping.push_back(seconds([&] { group_positions(keys, groups); }));
    out.resize(groups.size() * columns);
    sums.push_back(seconds([&] { aggregate(*backend, groups, values, columns, p.weight, out); }));
    plain.push_back(seconds([&] {
      std::unordered_map<std::uint64_t, std::vector<double>> totals;
      for (std::size_t k = 0; k < positions; ++k) {
        const std::uint64_t key =
            (std::uint64_t{p.underlying[k]} << 20 | p.maturity[k]) << 8 | p.strategy[k];
        auto& row = totals[key];
        row.resize(columns);
        for (std::size_t c = 0; c < columns; ++c) row[c] += p.weight[k] * values[c * positions + k];
      }
      sink += totals.begin()->second[0];
    }));
    sink += out[0];
  }
  std::printf(
      "%zu positions x %zu Greeks into %zu groups: sort %.1f ms, exact sums %.1f ms (%.1f ns a "
      "term)\n",
      positions, columns, groups.size(), median(grouping) * 1e3, median(sums) * 1e3,
      median(sums) / static_cast<double>(positions * columns) * 1e9);
  std::printf("    rounded sums in an unordered_map: %.1f ms; %.2fx its speed\n",
              median(plain) * 1e3, median(plain) / (median(grouping) + median(sums)));
}

double plain_value(const Positions& p, std::size_t i, double spot_move, double volatility_move) {
  const double s = p.spot[i] * (1 + spot_move), v = p.volatility[i] + volatility_move,
               t = p.expiry[i];
  const double width = v * std::sqrt(t), sign = p.call[i] ? 1.0 : -1.0;
  const double d1 =
      (std::log(s / p.strike[i]) + (p.rate[i] - p.dividend[i] + 0.5 * v * v) * t) / width;
  const auto phi = [](double x) { return 0.5 * std::erfc(-0.70710678118654752 * x); };
  return sign * (s * std::exp(-p.dividend[i] * t) * phi(sign * d1) -
                 p.strike[i] * std::exp(-p.rate[i] * t) * phi(sign * (d1 - width)));
}

void bench_grid(std::size_t positions) {
  const Positions p = make_positions(positions);
  std::vector<double> spots, volatilities, times{0, 1.0 / 52}, rates{0, 0.01};
  for (int i = -10; i <= 10; ++i) spots.push_back(0.02 * i);
  for (int i = -3; i <= 3; ++i) volatilities.push_back(0.02 * i);
  const ScenarioGrid grid{spots, volatilities, times, rates};
  const std::span<const std::uint32_t> keys(p.underlying);
  Grouping groups;
  group_positions({&keys, 1}, groups);
  std::vector<double> out(groups.size() * grid.size()), rates_own, ratios;
  const auto backend = make_cpu_backend(1);
  for (int i = 0; i < repeats; ++i) {
    const double own = seconds([&] { scenario_grid(*backend, p.book(), groups, grid, out); });
    const double plain = seconds([&] {
      for (std::size_t k = 0; k < positions; ++k) {
        for (std::size_t s = 0; s < spots.size(); ++s) sink += plain_value(p, k, spots[s], 0.01);
      }
    });
    sink += out[0];
    rates_own.push_back(static_cast<double>(positions * grid.size()) / own);
    ratios.push_back(rates_own.back() * plain / static_cast<double>(positions * spots.size()));
  }
  std::printf(
      "%zu positions x %zu scenarios: %.1f M revaluations/s (best %.1f); %.1fx a plain std::erfc "
      "loop\n",
      positions, grid.size(), median(rates_own) / 1e6,
      *std::max_element(rates_own.begin(), rates_own.end()) / 1e6, median(ratios));
}

}  // namespace
}  // namespace zomma::kernels

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
  zomma::kernels::bench_aggregation(quick ? 100'000 : 1'000'000);
  zomma::kernels::bench_grid(quick ? 2'000 : 10'000);
  std::printf("%s\n", zomma::kernels::sink == 0 ? "" : "one thread, time on the core, medians");
}
