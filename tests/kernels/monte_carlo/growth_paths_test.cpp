// growth_paths_test.cpp: kept paths have the law that was asked for, and policies on them give what
// the exact moments say.
#include <catch2/catch.hpp>

#include <cmath>
#include <cstring>

#include "csv_rows.h"
#include "support/shared_data.h"

#include <zomma/kernels/monte_carlo/growth_paths.h>
#include <zomma/kernels/monte_carlo/income_policies.h>
#include <zomma/kernels/monte_carlo/policy_paths.h>

namespace zomma::kernels {
namespace {

struct Sample {
  double mean = 0, deviation = 0, error = 0, deviation_error = 0;
};

Sample sample_of(std::span<const double> x) {
  const double n = static_cast<double>(x.size());
  Sample out;
  // Around the first: numbers that hardly differ lose their difference in a plain sum.
  for (const double v : x) out.mean += (v - x[0]) / n;
  out.mean += x[0];
  double second = 0, fourth = 0;
  for (const double v : x) {
    const double d = (v - out.mean) * (v - out.mean);
    second += d / n;
    fourth += d * d / n;
  }
  out.deviation = std::sqrt(second * n / (n - 1));
  out.error = out.deviation / std::sqrt(n);
  out.deviation_error =
      second > 0 ? std::sqrt((fourth - second * second) / n) / (2 * std::sqrt(second)) : 0;
  return out;
}

// The spot after all cycles.
std::vector<double> ends(const std::vector<double>& growth, std::uint32_t cycles,
                         std::uint64_t paths) {
  std::vector<double> out(paths, 1.0);
  for (std::uint32_t cycle = 0; cycle < cycles; ++cycle)
    for (std::uint64_t path = 0; path < paths; ++path) out[path] *= growth[cycle * paths + path];
  return out;
}

const HestonWorld world{{0.04, 2.0, 0.05, 0.6, -0.7}, {}, 0.03};

}  // namespace

TEST_CASE("the wheel on kept paths has the exact moments, every row") {
  ZOMMA_SHARED_DATA(path, "analytics/wheel_moments.csv");
  const auto rows = test::csv_rows(path);
  REQUIRE(rows.size() == 60);
  const auto backend = make_cpu_backend(2);
  constexpr std::uint64_t paths = 40'000;
  for (const auto& r : rows) {
    const WheelSettings s{
        r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], static_cast<std::uint32_t>(r[8])};
    std::vector<double> growth(s.cycles * paths);
    REQUIRE(gbm_growth(*backend, wheel_law(s), s.cycles, paths, 77, growth) == Status::ok);
    PathsOutcome out;
    run_on_paths(make_wheel_policy(s), growth, s.cycles, paths, out);
    const Sample wealth = sample_of(out.wealth), in_stock = sample_of(out.in_stock);
    CAPTURE(r[0], r[1], r[8], wealth.mean - r[10], wealth.deviation, r[11]);
    // The exact law gives the errors of what is rarely seen.
    CHECK(std::abs(in_stock.mean - r[9]) <= 4 * std::sqrt(r[9] * (1 - r[9]) / paths) + 1.0 / paths);
    CHECK(std::abs(wealth.mean - r[10]) <=
          4 * r[11] / std::sqrt(static_cast<double>(paths)) + 1e-13);
    const double seen = paths * r[9];
    CHECK(std::abs(wealth.deviation - r[11]) <=
          4 * (seen < 100 ? r[11] / (2 * std::sqrt(seen)) : wealth.deviation_error));
  }
}

TEST_CASE("kept paths are those that the simulation walks, bit for bit") {
  const WheelSettings s{0.95, 1.05, 1.0 / 52, 0.03, 0.01, 0.08, 0.2, 0.25, 26};
  const auto backend = make_cpu_backend(2);
  std::vector<double> growth(s.cycles * 1001);
  REQUIRE(gbm_growth(*backend, wheel_law(s), s.cycles, 1001, 5, growth) == Status::ok);
  PathsOutcome out;
  run_on_paths(make_wheel_policy(s), growth, s.cycles, 1001, out);
  const WheelPolicy policy = make_wheel_policy(s);
  for (std::uint64_t path = 0; path < 1001; ++path) {
    const auto end = walk_policy<double>(policy, wheel_law(s), s.cycles, 5, path);
    REQUIRE(std::memcmp(&end.wealth, &out.wealth[path], sizeof end.wealth) == 0);
    REQUIRE(end.in_stock == out.in_stock[path]);
  }
}

TEST_CASE("two cycles worked by hand: assigned, then called away") {
  WheelPolicy policy;
  policy.put_moneyness = 0.9;
  policy.call_moneyness = 1.1;
  policy.cash_growth = 1.02;  // premium and interest
  policy.dividend_growth = 1;
  policy.call_income = 0.03;
  // Path 0: falls to 0.8 (assigned at 0.9: 1.02 - (1 - 0.8/0.9)), rises by 1.25 (called at 1.1).
  // Path 1: never in stock.
  const std::vector<double> growth{0.8, 0.95, 1.25, 1.0};
  PathsOutcome out;
  run_on_paths(policy, growth, 2, 2, out);
  const double first = 1.02 - (1 - 0.8 / 0.9);
  CHECK(out.wealth[0] == Approx(first * (1.1 + 0.03)));
  CHECK(out.drawdown[0] == Approx(1 - first));
  CHECK(out.entered[0] == 1);
  CHECK(out.left[0] == 1);
  CHECK(out.in_stock[0] == 0);
  CHECK(out.wealth[1] == Approx(1.02 * 1.02));
  CHECK(out.drawdown[1] == 0);
  CHECK(out.entered[1] == 0);
  PathsOutcome hold, call, put;
  run_on_paths(HoldPolicy{1.001}, growth, 2, 2, hold);
  run_on_paths(CoveredCallPolicy{policy}, growth, 2, 2, call);
  run_on_paths(PutWritePolicy{policy}, growth, 2, 2, put);
  CHECK(hold.wealth[0] == Approx(0.8 * 1.25 * 1.001 * 1.001));
  CHECK(call.wealth[0] == Approx(0.83 * 1.13));
  CHECK(put.wealth[0] == Approx(first * 1.02));
}

TEST_CASE("Heston's paths: the spot grows by its drift, and options cost what the transform says") {
  const auto backend = make_cpu_backend(2);
  constexpr std::uint64_t paths = 60'000;
  constexpr std::uint32_t cycles = 6;
  for (const JumpParameters& jumps : {JumpParameters{}, JumpParameters{0.8, -0.1, 0.15}}) {
    HestonWorld with = world;
    with.jumps = jumps;
    std::vector<double> growth(cycles * paths);
    REQUIRE(heston_growth(*backend, with, 1.0 / 12, 8, cycles, paths, 11, growth) == Status::ok);
    const auto end = ends(growth, cycles, paths);
    const Sample spot = sample_of(end);
    CHECK(std::abs(spot.mean - std::exp(0.03 * 0.5)) <= 4 * spot.error);
    for (const double strike : {0.85, 1.0, 1.1}) {
      std::vector<double> payoff;
      for (const double s : end)
        payoff.push_back(std::exp(-0.03 * 0.5) * std::max(s - strike, 0.0));
      const Sample price = sample_of(payoff);
      const HestonExpiry expiry{0.5, 0.03, 0.0, 0, 1};
      const std::int8_t call = 1;
      double exact = 0;
      ElementStatus status{};
      REQUIRE(heston_price(*backend, with.variance, jumps,
                           {1.0, {&expiry, 1}, {&strike, 1}, {&call, 1}},
                           {{&exact, 1}, {}, {}, {}, {&status, 1}}) == Status::ok);
      INFO("strike " << strike << " jumps " << jumps.intensity);
      CHECK(std::abs(price.mean - exact) <=
            4 * price.error + 1e-4 * exact);  // the scheme's own bias
    }
  }
}

TEST_CASE("the bootstrap keeps the history's mean, spread and neighbours") {
  std::vector<double> history(500);
  for (std::size_t i = 0; i < history.size(); ++i)
    history[i] = 0.01 * std::sin(0.7 * static_cast<double>(i)) + 0.0004;
  const Sample own = sample_of(history);
  const auto backend = make_cpu_backend(2);
  constexpr std::uint64_t paths = 40'000;
  std::vector<double> growth(paths);
  REQUIRE(bootstrap_growth(*backend, history, 1, 1, 1, paths, 3, growth) == Status::ok);
  std::vector<double> logs;
  for (const double g : growth) logs.push_back(std::log(g));
  const Sample drawn = sample_of(logs);
  CHECK(std::abs(drawn.mean - own.mean) <= 4 * drawn.error);
  CHECK(drawn.deviation == Approx(own.deviation).epsilon(0.01));
  // Whole waves cancel in blocks; drawn one by one they would add up to more.
  std::vector<double> in_blocks(paths), one_by_one(paths);
  REQUIRE(bootstrap_growth(*backend, history, 100, 18, 1, paths, 3, in_blocks) == Status::ok);
  REQUIRE(bootstrap_growth(*backend, history, 1, 18, 1, paths, 3, one_by_one) == Status::ok);
  CHECK(sample_of(in_blocks).deviation < 0.7 * sample_of(one_by_one).deviation);
}

TEST_CASE("the number of threads does not change a bit; what cannot be simulated is refused") {
  std::vector<double> one(3 * 999), many(3 * 999);
  const auto single = make_cpu_backend(1), several = make_cpu_backend(3);
  REQUIRE(heston_growth(*single, world, 0.02, 2, 3, 999, 9, one) == Status::ok);
  REQUIRE(heston_growth(*several, world, 0.02, 2, 3, 999, 9, many) == Status::ok);
  CHECK(one == many);
  HestonWorld broken = world;
  broken.variance.kappa = 0;
  CHECK(heston_growth(*single, broken, 0.02, 2, 3, 999, 9, one) == Status::invalid_setting);
  CHECK(heston_growth(*single, world, 0.02, 2, 4, 999, 9, one) == Status::length_mismatch);
  CHECK(gbm_growth(*single, {std::nan(""), 1}, 3, 999, 9, one) == Status::invalid_setting);
  CHECK(bootstrap_growth(*single, {}, 5, 1, 3, 999, 9, one) == Status::invalid_setting);
}

}  // namespace zomma::kernels
