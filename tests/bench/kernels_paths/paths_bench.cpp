// paths_bench: path-steps a second of one core, beside a plain loop of std::mt19937_64 and
// std::normal_distribution over the same contract in the same run. Usage: kernels_paths_bench
// [--quick]
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>
#include <vector>

#include "stopwatch.h"

#include <zomma/kernels/monte_carlo/monte_carlo.h>
#include <zomma/kernels/monte_carlo/wheel.h>

namespace zomma::kernels {
namespace {

using bench::median, bench::seconds;
constexpr int repeats = 7;
const GbmMarket market{100, 0.05, 0.02, 0.3};
double sink = 0;

// An arithmetic Asian as a text book would write it.
double plain_asian(std::uint64_t paths, std::uint32_t steps) {
  std::mt19937_64 engine(1);
  std::normal_distribution<double> normal;
  const double dt = 0.75 / steps, v = market.volatility;
  const double drift = (market.rate - market.dividend - 0.5 * v * v) * dt,
               deviation = v * std::sqrt(dt);
  double total = 0;
  for (std::uint64_t path = 0; path < paths; ++path) {
    double x = 0, sum = 0;
    for (std::uint32_t step = 0; step < steps; ++step) {
      x += drift + deviation * normal(engine);
      sum += std::exp(x);
    }
    total += std::max(market.spot * sum / steps - 100, 0.0);
  }
  return total / static_cast<double>(paths);
}

struct Case {
  const char* name;
  PathContract contract;
  PathSettings settings;
};

void print(const char* name, const std::vector<double>& rates, const std::vector<double>& ratios) {
  std::printf("%-52s %7.1f M path-steps/s (best %.1f); %5.1fx the plain loop\n", name,
              median(rates) / 1e6, *std::max_element(rates.begin(), rates.end()) / 1e6,
              median(ratios));
}

void run_case(const Case& c, double scale) {
  const auto backend = make_cpu_backend(1);
  constexpr std::uint32_t reference_steps = 252;
  const auto reference_paths = static_cast<std::uint64_t>(4000 * scale);
  PathEstimate estimate;
  std::vector<double> rates, ratios;
  for (int i = 0; i < repeats; ++i) {
    const double plain = seconds([&] { sink += plain_asian(reference_paths, reference_steps); });
    const double own =
        seconds([&] { simulate(*backend, market, c.contract, c.settings, estimate); });
    sink += estimate.price.value;
    rates.push_back(static_cast<double>(estimate.path_steps) / own);
    ratios.push_back(rates.back() * plain / static_cast<double>(reference_paths * reference_steps));
  }
  print(c.name, rates, ratios);
}

void run_wheel(double scale) {
  const auto backend = make_cpu_backend(1);
  const WheelSettings wheel{0.95, 1.05, 1.0 / 52, 0.03, 0.01, 0.08, 0.2, 0.25, 52};
  const auto paths = static_cast<std::uint64_t>(200'000 * scale);
  const auto reference_paths = static_cast<std::uint64_t>(4000 * scale);
  WheelOutcome out;
  std::vector<double> rates, ratios;
  for (int i = 0; i < repeats; ++i) {
    const double plain = seconds([&] { sink += plain_asian(reference_paths, 252); });
    const double own = seconds([&] { simulate_wheel(*backend, {&wheel, 1}, paths, 1, {&out, 1}); });
    sink += out.mean;
    rates.push_back(static_cast<double>(paths * wheel.cycles) / own);
    ratios.push_back(rates.back() * plain / static_cast<double>(reference_paths * 252));
  }
  print("wheel, 52 cycles", rates, ratios);
}

PathContract contract_of(PathPayoff payoff, std::uint32_t steps) {
  PathContract out;
  out.payoff = payoff;
  out.strike = 100;
  out.expiry = 0.75;
  out.steps = steps;
  out.barrier_level = 130;
  return out;
}

}  // namespace
}  // namespace zomma::kernels

int main(int argc, char** argv) {
  using namespace zomma::kernels;
  const double scale = argc > 1 && std::strcmp(argv[1], "--quick") == 0 ? 0.1 : 1.0;
  PathSettings philox;
  philox.samples = static_cast<std::uint64_t>(40'000 * scale);
  PathSettings greeks = philox, mirrored = philox, sobol = philox;
  greeks.greeks = PathGreeks::pathwise;
  mirrored.antithetic = mirrored.control = true;
  sobol.sampler = Sampler::sobol;
  sobol.samples = static_cast<std::uint64_t>(16'384 * scale) / 16 * 16;
  for (const Case& c :
       {Case{"arithmetic Asian, 252 steps", contract_of(PathPayoff::asian_arithmetic, 252), philox},
        Case{"  + pathwise delta and vega", contract_of(PathPayoff::asian_arithmetic, 252), greeks},
        Case{"  antithetic + control", contract_of(PathPayoff::asian_arithmetic, 252), mirrored},
        Case{"  Sobol on a bridge", contract_of(PathPayoff::asian_arithmetic, 252), sobol},
        Case{"geometric Asian, 252 steps", contract_of(PathPayoff::asian_geometric, 252), philox},
        Case{"barrier between the points, delta and vega, 252",
             contract_of(PathPayoff::barrier, 252), greeks},
        Case{"floating lookback between the points, 252",
             contract_of(PathPayoff::lookback_floating, 252), philox}}) {
    run_case(c, scale);
  }
  run_wheel(scale);
  std::printf(
      "%s\n",
      sink == 0 ? "" : "one thread; the plain loop: mt19937_64, normal_distribution, std::exp");
}
