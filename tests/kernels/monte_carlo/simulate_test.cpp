// Simulated prices and Greeks against closed forms, one contract a case, within standard errors.
#include <catch2/catch.hpp>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include <zomma/kernels/monte_carlo/closed_forms.h>
#include <zomma/kernels/monte_carlo/monte_carlo.h>

namespace zomma::kernels {
namespace {

const GbmMarket market{100, 0.05, 0.02, 0.3};

PathContract contract_of(PathPayoff payoff, bool call, double strike, std::uint32_t steps) {
  PathContract out;
  out.payoff = payoff;
  out.call = call;
  out.strike = strike;
  out.expiry = 0.75;
  out.steps = steps;
  return out;
}

PathContract barrier_of(Barrier kind, bool call, double strike, double level,
                        std::uint32_t steps = 6) {
  PathContract out = contract_of(PathPayoff::barrier, call, strike, steps);
  out.barrier = kind;
  out.barrier_level = level;
  return out;
}

double closed_form(const GbmMarket& m, const PathContract& c) {
  switch (c.payoff) {
    case PathPayoff::european:
      return european_value(m, c.strike, c.expiry, c.call);
    case PathPayoff::digital:
      return digital_value(m, c.strike, c.expiry, c.call);
    case PathPayoff::asian_geometric:
      return geometric_asian_value(m, c.strike, c.expiry, c.steps, c.call);
    case PathPayoff::barrier:
      return barrier_value(m, c.strike, c.expiry, c.call, c.barrier, c.barrier_level);
    case PathPayoff::lookback_fixed:
      return lookback_fixed_value(m, c.strike, c.expiry, c.call);
    case PathPayoff::lookback_floating:
      return lookback_floating_value(m, c.expiry, c.call);
    case PathPayoff::asian_arithmetic:
      break;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

double closed_delta(const GbmMarket& m, const PathContract& c) {
  GbmMarket up = m, down = m;
  up.spot += 1e-3;
  down.spot -= 1e-3;
  return (closed_form(up, c) - closed_form(down, c)) / 2e-3;
}

double closed_vega(const GbmMarket& m, const PathContract& c) {
  GbmMarket up = m, down = m;
  up.volatility += 1e-5;
  down.volatility -= 1e-5;
  return (closed_form(up, c) - closed_form(down, c)) / 2e-5;
}

PathEstimate run(const PathContract& contract, const PathSettings& settings, unsigned threads = 1) {
  PathEstimate out;
  auto backend = make_cpu_backend(threads);
  REQUIRE(simulate(*backend, market, contract, settings, out) == Status::ok);
  return out;
}

void near(const Estimate& found, double expected, double errors = 4) {
  CAPTURE(found.value, found.standard_error, expected);
  CHECK(std::abs(found.value - expected) <= errors * found.standard_error + 1e-12);
}

std::vector<PathContract> contracts_with_formula() {
  using P = PathPayoff;
  return {contract_of(P::european, true, 105, 3),
          contract_of(P::european, false, 105, 1),
          contract_of(P::asian_geometric, true, 95, 13),
          contract_of(P::asian_geometric, false, 110, 4),
          barrier_of(Barrier::up_out, true, 100, 130),
          barrier_of(Barrier::up_in, true, 100, 130),
          barrier_of(Barrier::down_out, true, 100, 90),
          barrier_of(Barrier::down_in, true, 85, 90),
          barrier_of(Barrier::up_out, false, 100, 120),
          barrier_of(Barrier::up_in, false, 125, 120),
          barrier_of(Barrier::down_out, false, 110, 80),
          barrier_of(Barrier::down_in, false, 100, 80, 1),
          contract_of(P::lookback_fixed, true, 110, 5),
          contract_of(P::lookback_fixed, true, 90, 5),
          contract_of(P::lookback_fixed, false, 90, 5),
          contract_of(P::lookback_fixed, false, 110, 5),
          contract_of(P::lookback_floating, true, 0, 5),
          contract_of(P::lookback_floating, false, 0, 2)};
}

}  // namespace

TEST_CASE(
    "prices and pathwise Greeks of every pay-off with a formula are within four standard errors") {
  for (const PathContract& contract : contracts_with_formula()) {
    PathSettings settings;
    settings.samples = 200'000;
    settings.greeks = PathGreeks::pathwise;
    CAPTURE(static_cast<int>(contract.payoff), static_cast<int>(contract.barrier), contract.call,
            contract.strike);
    const PathEstimate found = run(contract, settings);
    near(found.price, closed_form(market, contract));
    near(found.delta, closed_delta(market, contract));
    near(found.vega, closed_vega(market, contract));
    CHECK(found.price.standard_error > 0);
  }
}

TEST_CASE("likelihood-ratio Greeks agree with the formula where the pay-off jumps") {
  PathSettings settings;
  settings.samples = 400'000;
  settings.greeks = PathGreeks::likelihood_ratio;
  for (const PathContract& contract : {contract_of(PathPayoff::digital, true, 105, 1),
                                       contract_of(PathPayoff::digital, false, 95, 3),
                                       contract_of(PathPayoff::european, true, 100, 2),
                                       contract_of(PathPayoff::asian_geometric, true, 100, 4)}) {
    const PathEstimate found = run(contract, settings);
    near(found.price, closed_form(market, contract));
    near(found.delta, closed_delta(market, contract));
    near(found.vega, closed_vega(market, contract));
  }
}

TEST_CASE("pathwise and likelihood-ratio Greeks of an arithmetic Asian agree") {
  const PathContract contract = contract_of(PathPayoff::asian_arithmetic, true, 100, 8);
  PathSettings settings;
  settings.samples = 400'000;
  settings.greeks = PathGreeks::pathwise;
  const PathEstimate pathwise = run(contract, settings);
  settings.greeks = PathGreeks::likelihood_ratio;
  settings.seed = 2;
  const PathEstimate ratio = run(contract, settings);
  const auto agree = [](const Estimate& a, const Estimate& b) {
    CHECK(std::abs(a.value - b.value) < 4 * std::hypot(a.standard_error, b.standard_error));
  };
  agree(pathwise.price, ratio.price);
  agree(pathwise.delta, ratio.delta);
  agree(pathwise.vega, ratio.vega);
  CHECK(pathwise.delta.standard_error < ratio.delta.standard_error);
}

TEST_CASE("antithetic paths and control variates keep the mean and cut the error") {
  const PathContract asian = contract_of(PathPayoff::asian_arithmetic, true, 100, 50);
  PathSettings settings;
  settings.samples = 100'000;
  const PathEstimate plain = run(asian, settings);
  settings.control = true;
  const PathEstimate controlled = run(asian, settings);
  CHECK(controlled.price.standard_error < plain.price.standard_error / 20);
  near(plain.price, controlled.price.value);
  settings.control = false;
  settings.antithetic = true;
  const PathEstimate mirrored = run(asian, settings);
  CHECK(mirrored.price.standard_error < plain.price.standard_error / 1.5);
  near(mirrored.price, controlled.price.value);
  settings.control = true;
  for (const PathContract& contract : contracts_with_formula()) {
    near(run(contract, settings).price, closed_form(market, contract));
  }
}

TEST_CASE("Sobol points on a bridge beat as many random paths tenfold") {
  for (const auto payoff :
       {PathPayoff::asian_geometric, PathPayoff::european, PathPayoff::lookback_floating}) {
    PathContract contract = contract_of(payoff, true, 100, 64);
    PathSettings settings;
    settings.samples = 16 * 4096;
    settings.greeks = PathGreeks::pathwise;
    const PathEstimate random = run(contract, settings);
    settings.sampler = Sampler::sobol;
    const PathEstimate net = run(contract, settings);
    CAPTURE(static_cast<int>(payoff));
    near(net.price, closed_form(market, contract), 5);
    near(net.delta, closed_delta(market, contract), 5);
    near(net.vega, closed_vega(market, contract), 5);
    // A lookback draws its extremes between the points at random, so it gains less.
    const double gain = payoff == PathPayoff::lookback_floating ? 2 : 10;
    CHECK(net.price.standard_error * gain < random.price.standard_error);
  }
}

TEST_CASE("a result does not depend on the number of threads") {
  for (const auto sampler : {Sampler::philox, Sampler::sobol}) {
    PathSettings settings;
    settings.samples = 50'003;
    settings.sampler = sampler;
    settings.antithetic = settings.control = true;
    settings.greeks = PathGreeks::pathwise;
    const PathContract contract = contract_of(PathPayoff::asian_arithmetic, true, 100, 10);
    const PathEstimate one = run(contract, settings, 1), five = run(contract, settings, 5);
    CHECK(std::memcmp(&one, &five, sizeof one) == 0);
  }
}

TEST_CASE(
    "discretely watched barriers and extremes tend to the continuous ones as the steps shrink") {
  PathSettings settings;
  settings.samples = 50'000;
  PathContract contract = barrier_of(Barrier::down_out, true, 100, 90, 8);
  contract.continuous = false;
  const double coarse = run(contract, settings).price.value;
  contract.steps = 512;
  const double fine = run(contract, settings).price.value;
  const double limit = closed_form(market, contract);
  CHECK(coarse > fine);
  CHECK(fine > limit);
  // Broadie, Glasserman and Kou (1997): watching at steps is a continuous barrier moved out by
  // 0.5826 s sqrt(dt).
  contract.barrier_level *=
      std::exp(-0.5826 * market.volatility * std::sqrt(contract.expiry / contract.steps));
  CHECK(fine == Approx(closed_form(market, contract)).margin(0.25));
}

TEST_CASE("a simulation that makes no sense is refused in words and writes nothing") {
  const auto backend = make_cpu_backend(1);
  PathEstimate out;
  out.price.value = 42;
  const auto refuse = [&](GbmMarket m, PathContract c, PathSettings s) {
    CHECK(path_refusal(m, c, s) != nullptr);
    CHECK(simulate(*backend, m, c, s, out) == Status::invalid_setting);
    CHECK(out.price.value == 42);
  };
  const PathContract european = contract_of(PathPayoff::european, true, 100, 4);
  const double nan = std::numeric_limits<double>::quiet_NaN(),
               inf = std::numeric_limits<double>::infinity();
  for (const double bad : {nan, inf, -1.0, 0.0}) {
    refuse({bad, 0, 0, 0.2}, european, {});
    refuse({100, 0, 0, bad}, european, {});
    PathContract c = european;
    c.strike = bad;
    refuse(market, c, {});
    c = european;
    c.expiry = bad;
    refuse(market, c, {});
    c = barrier_of(Barrier::up_in, true, 100, bad);
    refuse(market, c, {});
  }
  refuse({100, nan, 0, 0.2}, european, {});
  refuse({100, 0, inf, 0.2}, european, {});
  refuse(market, barrier_of(Barrier::up_out, true, 100, 99), {});
  refuse(market, barrier_of(Barrier::down_in, true, 100, 101), {});
  PathContract none = european;
  none.steps = 0;
  refuse(market, none, {});
  PathSettings settings;
  settings.samples = 1;
  refuse(market, european, settings);
  settings = {};
  settings.sampler = Sampler::sobol;
  PathContract fine = european;
  fine.steps = 1025;
  refuse(market, fine, settings);
  settings = {};
  settings.greeks = PathGreeks::pathwise;
  refuse(market, contract_of(PathPayoff::digital, true, 100, 1), settings);
  settings.greeks = PathGreeks::likelihood_ratio;
  refuse(market, barrier_of(Barrier::up_out, true, 100, 120), settings);
}

}  // namespace zomma::kernels
