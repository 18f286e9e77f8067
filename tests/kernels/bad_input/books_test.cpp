// Portfolio and simulation batches on bad input. Every position is a group of its own, so that a
// row is a group too.
#include <zomma/kernels/monte_carlo/growth_paths.h>
#include <zomma/kernels/monte_carlo/monte_carlo.h>
#include <zomma/kernels/monte_carlo/wheel.h>
#include <zomma/kernels/portfolio/aggregate.h>
#include <zomma/kernels/portfolio/explain.h>
#include <zomma/kernels/portfolio/scenario.h>

#include <numeric>

#include "kernels/bad_input/sweep.h"

using namespace zomma::kernels;
using namespace zomma::test;

namespace {

// As many groups as the widest column has positions.
Grouping groups_of(const Inputs& in) {
  std::size_t rows = 0;
  for (const auto& one : in) rows = std::max(rows, one.size());
  std::vector<std::uint32_t> key(rows);
  std::iota(key.begin(), key.end(), 0u);
  const std::span<const std::uint32_t> keys[] = {key};
  Grouping groups;
  REQUIRE(group_positions(keys, groups) == Status::ok);
  return groups;
}

BatchFunction aggregation() {
  return {
      "aggregate",
      {column("value", 3, 0.5), column("weight", 10, -3)},
      {1},
      [](Backend& backend, const Inputs& in, const Outputs& out, std::span<ElementStatus> status) {
        return aggregate(backend, groups_of(in), in[0], 1, in[1], out[0], {}, status);
      }};
}

std::vector<InputColumn> explain_columns() {
  std::vector<InputColumn> all;
  for (const char* name :
       {"theta", "delta", "gamma", "vega", "vanna", "vomma", "rho", "years", "spot move",
        "volatility move", "rate move", "value at start", "value at end", "weight"})
    all.push_back(column(name, 0.1 + 0.01 * static_cast<double>(all.size()), 0.02));
  return all;
}

BatchFunction explanation() {
  return {
      "explain",
      explain_columns(),
      {explained_parts},
      [](Backend& backend, const Inputs& in, const Outputs& out, std::span<ElementStatus> status) {
        return explain(backend,
                       {in[0], in[1], in[2], in[3], in[4], in[5], in[6], in[7], in[8], in[9],
                        in[10], in[11], in[12], in[13]},
                       groups_of(in), out[0], {}, {}, status);
      }};
}

std::vector<InputColumn> book_columns() {
  return {column("spot", 95, 1),           column("strike", 104, -0.7), column("expiry", 0.2, 0.1),
          column("volatility", 0.2, 0.01), column("rate", 0.03, 0.001), column("dividend", 0.01, 0),
          column("weight", 10, -3)};
}
OptionBook book_of(const Inputs& in, std::span<const std::uint8_t> call) {
  return {in[0], in[1], in[2], in[3], in[4], in[5], in[6], call};
}

BatchFunction grid() {
  return {
      "scenario_grid",
      book_columns(),
      {6},
      [](Backend& backend, const Inputs& in, const Outputs& out, std::span<ElementStatus> status) {
        const double spots[] = {-0.1, 0, 0.1}, vols[] = {0, 0.05}, zero[] = {0};
        const Grouping groups = groups_of(in);
        const std::vector<std::uint8_t> call(groups.group.size(), 1);
        return scenario_grid(backend, book_of(in, call), groups, {spots, vols, zero, zero}, out[0],
                             {}, status);
      }};
}

BatchFunction stresses() {
  return {
      "stress",
      book_columns(),
      {2},
      [](Backend& backend, const Inputs& in, const Outputs& out, std::span<ElementStatus> status) {
        const Grouping groups = groups_of(in);
        const std::vector<std::uint8_t> call(groups.group.size(), 0);
        const std::vector<Shock> shocks(2 * groups.size(), {-0.2, 0.1, 0.01, 0});
        return stress(backend, book_of(in, call), groups, shocks, out[0], {}, status);
      }};
}

BatchFunction wheels() {
  std::vector<InputColumn> inputs{column("put moneyness", 0.95, 0),
                                  column("call moneyness", 1.05, 0),
                                  column("cycle", 0.08, 0),
                                  column("rate", 0.03, 0),
                                  column("dividend", 0.01, 0),
                                  column("drift", 0.06, 0.001),
                                  column("real volatility", 0.2, 0.01),
                                  column("implied volatility", 0.22, 0.01)};
  BatchFunction f{
      "simulate_wheel",
      inputs,
      {4},
      [](Backend& backend, const Inputs& in, const Outputs& out, std::span<ElementStatus> status) {
        const std::size_t n = in[0].size();
        for (const auto& one : in)
          if (one.size() != n) return Status::length_mismatch;
        if (out[0].size() != 4 * n || (!status.empty() && status.size() != n))
          return Status::length_mismatch;
        std::vector<WheelSettings> settings;
        for (std::size_t i = 0; i < n; ++i)
          settings.push_back(
              {in[0][i], in[1][i], in[2][i], in[3][i], in[4][i], in[5][i], in[6][i], in[7][i], 6});
        std::vector<WheelOutcome> outcomes(n);
        const Status call = simulate_wheel(backend, settings, 40, 3, outcomes, status);
        for (std::size_t i = 0; call == Status::ok && i < n; ++i) {
          const WheelOutcome& o = outcomes[i];
          const double numbers[] = {o.mean, o.deviation, o.put_premium, o.call_premium};
          std::copy_n(numbers, 4, out[0].begin() + static_cast<std::ptrdiff_t>(4 * i));
        }
        return call;
      }};
  return f;
}

}  // namespace

TEST_CASE("bad positions: aggregation and explained gains") {
  sweep({aggregation(), explanation()});
}

TEST_CASE("bad positions: scenarios and stress") { sweep({grid(), stresses()}); }

TEST_CASE("bad rows of the wheel's simulation") { sweep_numbers(wheels()); }

TEST_CASE("a position that is left out is counted where its group is") {
  const auto backend = make_cpu_backend(1);
  const std::vector<std::uint32_t> key{0, 0, 1};
  const std::span<const std::uint32_t> keys[] = {key};
  Grouping groups;
  REQUIRE(group_positions(keys, groups) == Status::ok);
  for (const double odd : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    const std::vector<double> value{1, odd, 3}, weight{2, 2, 2};
    std::vector<double> out(2);
    std::vector<std::uint32_t> excluded(2);
    REQUIRE(aggregate(*backend, groups, value, 1, weight, out, excluded) == Status::ok);
    CHECK(out[0] == 2);
    CHECK(out[1] == 6);
    CHECK(excluded[0] == 1);
    CHECK(excluded[1] == 0);
  }
}

TEST_CASE("history with bad windows gives shocks of zeros there; a bad gain refuses the tail") {
  std::vector<double> price{100, 101, 99, 102, 103, 50, 51, 52, 53, 54};
  std::vector<Shock> good(8), out(8);
  std::vector<ElementStatus> status(8);
  REQUIRE(historical_shocks(price, {}, 2, 1, 0.01, good, status) == Status::ok);
  for (const double odd : odd_numbers()) {
    auto spoilt = price;
    spoilt[2] = odd;
    INFO(odd);
    REQUIRE(historical_shocks(spoilt, {}, 2, 1, 0.01, out, status) == Status::ok);
    for (std::size_t i = 0; i < 8; ++i) {
      CHECK(std::isfinite(out[i].spot_move));
      if (status[i] != ElementStatus::ok) CHECK(out[i].spot_move == 0);
      const bool touched = i == 2 || i == 4;  // scenario after scenario, two groups each
      if (touched && !(odd > 0 && std::isfinite(odd))) CHECK(status[i] == ElementStatus::domain);
      if (!touched) CHECK(out[i].spot_move == good[i].spot_move);
    }
    TailRisk risk{1, 2};
    const std::vector<double> gains{1, -1, odd};
    const Status call = tail_risk(gains, 0.9, risk);
    if (std::isfinite(odd))
      CHECK(std::isfinite(risk.expected_shortfall));
    else
      CHECK(call == Status::invalid_setting);
  }
}

TEST_CASE("simulations refuse odd settings with a sentence, or give finite estimates") {
  const auto backend = make_cpu_backend(1);
  const double good[6] = {100, 0.03, 0.01, 0.2, 100, 1};
  for (std::size_t c = 0; c < 6; ++c)
    for (const double odd : odd_numbers()) {
      double p[6];
      std::copy_n(good, 6, p);
      p[c] = odd;
      INFO("number " << c << " is " << odd);
      PathContract contract;
      contract.payoff = PathPayoff::asian_arithmetic, contract.strike = p[4],
      contract.expiry = p[5], contract.steps = 4;
      PathSettings settings;
      settings.samples = 64, settings.control = true, settings.greeks = PathGreeks::pathwise;
      PathEstimate estimate;
      estimate.price.value = untouched;
      const GbmMarket market{p[0], p[1], p[2], p[3]};
      const char* why = path_refusal(market, contract, settings);
      const Status call = simulate(*backend, market, contract, settings, estimate);
      CHECK((call == Status::ok) == (why == nullptr));
      if (!std::isfinite(odd)) CHECK(call == Status::invalid_setting);
      if (call != Status::ok) {
        CHECK(estimate.price.value == untouched);
      } else {
        CHECK(std::isfinite(estimate.price.value));
        CHECK(std::isfinite(estimate.price.standard_error));
        CHECK(std::isfinite(estimate.delta.value));
        CHECK(std::isfinite(estimate.vega.value));
      }
    }
}

TEST_CASE("growth paths refuse odd settings and write nothing, or are finite") {
  const auto backend = make_cpu_backend(1);
  const double good[10] = {0.04, 1.5, 0.05, 0.6, -0.7, 1.0, -0.1, 0.2, 0.05, 0.1};
  for (std::size_t c = 0; c < 10; ++c)
    for (const double odd : odd_numbers()) {
      double p[10];
      std::copy_n(good, 10, p);
      p[c] = odd;
      INFO("number " << c << " is " << odd);
      std::vector<double> growth(3 * 8, untouched);
      const Status call =
          heston_growth(*backend, {{p[0], p[1], p[2], p[3], p[4]}, {p[5], p[6], p[7]}, p[8]}, p[9],
                        4, 3, 8, 1, growth);
      if (!std::isfinite(odd)) CHECK(call == Status::invalid_setting);
      for (const double g : growth)
        CHECK((call == Status::ok ? std::isfinite(g) && g >= 0 : g == untouched));
    }
  for (const double odd : odd_numbers())
    for (const int which : {0, 1, 2}) {
      INFO("setting " << which << " is " << odd);
      std::vector<double> growth(3 * 8, untouched);
      const std::vector<double> history{0.01, -0.02, which == 2 ? odd : 0.005, 0.0};
      const Status law =
          which == 2 ? Status::ok
                     : gbm_growth(*backend, {which == 0 ? odd : 0.01, which == 1 ? odd : 0.05}, 3,
                                  8, 1, growth);
      const Status call =
          which == 2 ? bootstrap_growth(*backend, history, 2.0, 5, 3, 8, 1, growth) : law;
      if (!std::isfinite(odd)) CHECK(call == Status::invalid_setting);
      for (const double g : growth)
        CHECK((call == Status::ok ? std::isfinite(g) && g >= 0 : g == untouched));
    }
}
