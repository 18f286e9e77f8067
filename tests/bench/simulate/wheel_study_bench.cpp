// wheel_study_bench.cpp: sets of parameters of the wheel a second, distributions included, beside
// the policy alone written out as one would on the same paths. CPU time of all threads.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <ctime>
#include <vector>

#include "runtime/simulate/wheel_study.h"

#include <zomma/kernels/monte_carlo/growth_paths.h>
#include <zomma/kernels/monte_carlo/wheel.h>

namespace {

using namespace zomma;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// End and drawdown of every path, a branch a cycle.
double plain_walk(const kernels::WheelPolicy& policy, const std::vector<double>& growth,
                  std::uint32_t cycles, std::size_t paths) {
  double sum = 0;
  for (std::size_t path = 0; path < paths; ++path) {
    double wealth = 1, peak = 1, drawdown = 0;
    bool stock = false;
    for (std::uint32_t cycle = 0; cycle < cycles; ++cycle) {
      const double g = growth[cycle * paths + path];
      if (stock) {
        wealth *= std::min(g, policy.call_moneyness) * policy.dividend_growth + policy.call_income;
        stock = g < policy.call_moneyness;
      } else {
        wealth *= policy.cash_growth - std::max(1 - g / policy.put_moneyness, 0.0);
        stock = g < policy.put_moneyness;
      }
      peak = std::max(peak, wealth);
      drawdown = std::max(drawdown, 1 - wealth / peak);
    }
    sum += wealth - drawdown;
  }
  return sum;
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
  const int axis = quick ? 5 : 20;
  const auto read = parse_wheel(
      fmt::format("[wheel]\nput_moneyness = {{ from = 0.85, to = 1.0, steps = {0} "
                  "}}\ncall_moneyness = {{ from = 1.0, to = 1.15, steps = {0} }}\n"
                  "implied_volatility = 0.25\ncycle_days = 28\ncycles = 26\nrate = 0.03\ndividend "
                  "= 0.01\n[model]\nkind = \"gbm\"\ndrift = 0.08\n"
                  "volatility = 0.2\n[simulation]\npaths = 10000\noutput = \"unused\"\n",
                  axis),
      "bench", "/");
  if (!read) return 1;
  const WheelConfig& config = read.config;
  const auto backend = kernels::make_cpu_backend(2);
  const kernels::WheelSettings settings{0.95, 1.05, config.cycle_years(), 0.03, 0.01, 0.08,
                                        0.2,  0.25, config.cycles};
  std::vector<double> growth(config.paths * config.cycles);
  if (kernels::gbm_growth(*backend, kernels::wheel_law(settings), config.cycles, config.paths, 1,
                          growth) != kernels::Status::ok)
    return 1;
  std::vector<double> rates, plain_rates;
  double kept = 0;
  for (int round = 0; round < 5; ++round) {
    const double first = cpu_seconds();
    const auto study = study_wheel(config, *backend);
    const double second = cpu_seconds();
    if (!study) return 1;
    const int turns = axis;
    for (int i = 0; i < turns; ++i)
      kept += plain_walk(kernels::make_wheel_policy(settings), growth, config.cycles, config.paths);
    const double third = cpu_seconds();
    rates.push_back(static_cast<double>(study->sets.size()) / (second - first));
    plain_rates.push_back(turns / (third - second));
  }
  std::sort(rates.begin(), rates.end());
  std::sort(plain_rates.begin(), plain_rates.end());
  fmt::print(
      "wheel, {} sets of parameters x 10,000 paths x 26 cycles, distributions of return, drawdown "
      "and assignment: {:.0f} sets/s a core\n"
      "  reference, ends and drawdowns alone, a branch a cycle: {:.0f} sets/s; ratio {:.2f} "
      "({:g})\n",
      axis * axis, rates[2], plain_rates[2], rates[2] / plain_rates[2], std::floor(kept * 1e-9));
}
