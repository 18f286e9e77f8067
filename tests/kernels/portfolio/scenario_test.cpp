// Revalued scenarios against the pricing formula position by position.
#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include <zomma/kernels/monte_carlo/closed_forms.h>
#include <zomma/kernels/portfolio/revalue.h>
#include <zomma/kernels/portfolio/scenario.h>

namespace zomma::kernels {
namespace {

struct Positions {
  std::vector<double> spot, strike, expiry, volatility, rate, dividend, weight;
  std::vector<std::uint8_t> call;
  std::vector<std::uint32_t> underlying;
  OptionBook book() const {
    return {spot, strike, expiry, volatility, rate, dividend, weight, call};
  }
};

Positions random_positions(std::size_t count, std::uint32_t underlyings, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto draw = [&](double low, double high) {
    return low + (high - low) * static_cast<double>(random() >> 11) * 0x1p-53;
  };
  Positions out;
  for (std::size_t i = 0; i < count; ++i) {
    out.underlying.push_back(static_cast<std::uint32_t>(random() % underlyings));
    out.spot.push_back(100 + 10 * out.underlying.back());
    out.strike.push_back(out.spot.back() * draw(0.5, 1.7));
    out.expiry.push_back(draw(0.01, 2));
    out.volatility.push_back(draw(0.05, 0.9));
    out.rate.push_back(draw(-0.01, 0.06));
    out.dividend.push_back(draw(0, 0.04));
    out.weight.push_back(draw(-100, 100));
    out.call.push_back(random() % 2);
  }
  return out;
}

Grouping grouped(const std::vector<std::uint32_t>& keys) {
  const std::span<const std::uint32_t> column(keys);
  Grouping out;
  REQUIRE(group_positions({&column, 1}, out) == Status::ok);
  return out;
}

double formula(const Positions& p, std::size_t i, const Shock& s) {
  const double spot = p.spot[i] * (1 + s.spot_move), years = p.expiry[i] - s.time;
  const double volatility = p.volatility[i] + s.volatility_move;
  if (years <= 0 || volatility <= 0) {
    const double left = std::max(years, 0.0), rate = p.rate[i] + s.rate_move;
    const double ahead =
        spot * std::exp(-p.dividend[i] * left) - p.strike[i] * std::exp(-rate * left);
    return std::max(p.call[i] ? ahead : -ahead, 0.0);
  }
  return european_value({spot, p.rate[i] + s.rate_move, p.dividend[i], volatility}, p.strike[i],
                        years, p.call[i] != 0);
}

const std::vector<double> spots{-0.9, -0.2, 0, 0.1, 0.5}, volatilities{-0.1, 0, 0.3},
    times{0, 0.1, 3}, rates{0, 0.01};
const ScenarioGrid grid{spots, volatilities, times, rates};

Shock scenario(std::size_t n) {
  Shock out;
  out.spot_move = spots[n % 5];
  out.volatility_move = volatilities[n / 5 % 3];
  out.time = times[n / 15 % 3];
  out.rate_move = rates[n / 45];
  return out;
}

}  // namespace

TEST_CASE(
    "the normal law of the revaluation is right to two last places absolutely, and decays as it "
    "should") {
  for (int i = -37'000; i <= 10'000; ++i) {
    const double x = i * 0.001, bell = lanes::exp(-0.5 * x * x), truth = norm_cdf(x);
    const double found = normal_given_bell(x, bell);
    INFO("at " << x << ": off by " << (found - truth));
    REQUIRE(std::abs(found - truth) < 4.5e-16);  // two units in the last place of 1
    REQUIRE(std::abs(found / truth - 1) < (x > -3 ? 2e-14 : 4e-6));
  }
}

TEST_CASE("every scenario of a grid is the revalued book, group by group") {
  const Positions p = random_positions(5000, 3, 1);
  const Grouping groups = grouped(p.underlying);
  std::vector<double> out(3 * grid.size()), again(out.size()), expected(out.size(), 0.0);
  std::vector<double> size(3, 0.0);
  REQUIRE(scenario_grid(*make_cpu_backend(1), p.book(), groups, grid, out) == Status::ok);
  for (std::size_t i = 0; i < p.spot.size(); ++i) {
    const double today = formula(p, i, {});
    size[groups.group[i]] += std::abs(p.weight[i]) * p.spot[i];
    for (std::size_t n = 0; n < grid.size(); ++n) {
      expected[groups.group[i] * grid.size() + n] +=
          p.weight[i] * (formula(p, i, scenario(n)) - today);
    }
  }
  for (std::size_t k = 0; k < out.size(); ++k) {
    CAPTURE(k);
    CHECK(std::abs(out[k] - expected[k]) < 1e-13 * size[k / grid.size()]);
  }
  REQUIRE(scenario_grid(*make_cpu_backend(4), p.book(), groups, grid, again) == Status::ok);
  CHECK(out == again);
  CHECK(out[2 + 5] == 0);  // nothing moved: spot 0, volatility 0, today
}

TEST_CASE("a stress with the grid's scenarios for every group gives the grid") {
  const Positions p = random_positions(777, 4, 2);
  const Grouping groups = grouped(p.underlying);
  std::vector<Shock> shocks;
  for (std::size_t n = 0; n < grid.size(); ++n)
    shocks.insert(shocks.end(), groups.size(), scenario(n));
  std::vector<double> cube(4 * grid.size()), stressed(cube.size());
  const auto backend = make_cpu_backend(2);
  REQUIRE(scenario_grid(*backend, p.book(), groups, grid, cube) == Status::ok);
  REQUIRE(stress(*backend, p.book(), groups, shocks, stressed) == Status::ok);
  CHECK(cube == stressed);
}

TEST_CASE("each group feels its own shock") {
  Positions p = random_positions(2, 1, 3);
  p.underlying = {0, 1};
  const Grouping groups = grouped(p.underlying);
  const std::vector<Shock> shocks{{-0.1, 0.05, 0, 0}, {0.2, 0, 0.001, 0.01}};
  std::vector<double> out(2);
  REQUIRE(stress(*make_cpu_backend(1), p.book(), groups, shocks, out) == Status::ok);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(out[i] ==
          Approx(p.weight[i] * (formula(p, i, shocks[i]) - formula(p, i, {}))).epsilon(1e-11));
  }
}

TEST_CASE("positions that cannot be valued are left out, marked and counted") {
  Positions p = random_positions(9, 2, 4);
  p.underlying = {0, 0, 0, 0, 0, 0, 0, 0, 1};
  const Grouping groups = grouped(p.underlying);
  Positions good = p;
  p.spot[0] = std::numeric_limits<double>::quiet_NaN();
  p.strike[1] = 0;
  p.volatility[2] = -0.1;
  p.expiry[3] = std::numeric_limits<double>::infinity();
  p.weight[4] = std::numeric_limits<double>::infinity();
  p.call[5] = 2;
  for (int i = 0; i < 6; ++i) good.weight[i] = 0;
  std::vector<double> out(2 * grid.size()), expected(out.size());
  std::vector<std::uint32_t> excluded(2);
  std::vector<ElementStatus> status(9);
  const auto backend = make_cpu_backend(1);
  REQUIRE(scenario_grid(*backend, p.book(), groups, grid, out, excluded, status) == Status::ok);
  REQUIRE(scenario_grid(*backend, good.book(), groups, grid, expected) == Status::ok);
  CHECK(out == expected);
  CHECK(excluded == std::vector<std::uint32_t>{6, 0});
  for (int i = 0; i < 9; ++i) CHECK((status[i] == ElementStatus::domain) == (i < 6));
  p.expiry[3] = -1;  // expired is not broken
  REQUIRE(scenario_grid(*backend, p.book(), groups, grid, out, excluded) == Status::ok);
  CHECK(excluded[0] == 5);
}

TEST_CASE("grids and shocks out of range are refused") {
  const Positions p = random_positions(4, 1, 5);
  const Grouping groups = grouped(p.underlying);
  std::vector<double> out(grid.size(), 7);
  const auto backend = make_cpu_backend(1);
  const std::vector<double> ruin{-1.0}, past{-0.5}, none,
      bad{std::numeric_limits<double>::quiet_NaN()};
  const auto refused = [&](const ScenarioGrid& g) {
    return scenario_grid(*backend, p.book(), groups, g, out) == Status::invalid_setting;
  };
  CHECK(refused({ruin, volatilities, times, rates}));
  CHECK(refused({spots, volatilities, past, rates}));
  CHECK(refused({spots, none, times, rates}));
  CHECK(refused({spots, bad, times, rates}));
  CHECK(scenario_grid(*backend, p.book(), groups, grid, {out.data(), 3}) ==
        Status::length_mismatch);
  OptionBook torn = p.book();
  torn.rate = torn.rate.first(3);
  CHECK(scenario_grid(*backend, torn, groups, grid, out) == Status::length_mismatch);
  CHECK(out == std::vector<double>(grid.size(), 7));
  const std::vector<Shock> shocks{{-2, 0, 0, 0}};
  CHECK(stress(*backend, p.book(), groups, shocks, {out.data(), 1}) == Status::invalid_setting);
}

TEST_CASE("history becomes shocks over its horizon, and broken days say so") {
  const std::vector<double> prices{100, 110, 99, 120, 50, 50, 0, 55},
      vols{0.2, 0.3, 0.25, 0.2, 0.1, 0.1, 0.1, 0.4};
  std::vector<Shock> out(4);
  std::vector<ElementStatus> status(4);
  REQUIRE(historical_shocks(prices, vols, 2, 2, 0.01, out, status) == Status::ok);
  CHECK(out[0].spot_move == Approx(-0.01));
  CHECK(out[0].volatility_move == Approx(0.05));
  CHECK(out[2].spot_move == Approx(120.0 / 110 - 1));
  CHECK(out[3].spot_move == Approx(0.1));
  CHECK(out[3].volatility_move == Approx(0.3));
  CHECK(out[3].time == 0.01);
  CHECK(status == std::vector{ElementStatus::ok, ElementStatus::domain, ElementStatus::ok,
                              ElementStatus::ok});
  CHECK(out[1].spot_move == 0);
  CHECK(historical_shocks(prices, {}, 2, 4, 0, out) == Status::length_mismatch);
  CHECK(historical_shocks(prices, {}, 2, 0, 0, out) == Status::invalid_setting);
}

TEST_CASE("the tail of a hundred gains") {
  std::vector<double> gains(100);
  std::iota(gains.begin(), gains.end(), -49.0);  // -49 .. 50
  TailRisk out;
  REQUIRE(tail_risk(gains, 0.99, out) == Status::ok);
  CHECK(out.value_at_risk == 49);
  CHECK(out.expected_shortfall == 49);
  REQUIRE(tail_risk(gains, 0.95, out) == Status::ok);
  CHECK(out.value_at_risk == 45);
  CHECK(out.expected_shortfall == 47);
  CHECK(tail_risk({}, 0.95, out) == Status::invalid_setting);
  CHECK(tail_risk(gains, 1.0, out) == Status::invalid_setting);
  gains[3] = std::numeric_limits<double>::quiet_NaN();
  CHECK(tail_risk(gains, 0.95, out) == Status::invalid_setting);
}

}  // namespace zomma::kernels
