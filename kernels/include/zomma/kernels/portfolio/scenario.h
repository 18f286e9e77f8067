// scenario.h: what a book of European options gains or loses in scenarios, every position revalued
// in each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <zomma/kernels/backend.h>
#include <zomma/kernels/portfolio/grouping.h>
#include <zomma/kernels/status.h>

namespace zomma::kernels {

// One entry a position in every span. Usable: spot and strike above 0, volatility not negative,
// nothing beyond 1e30, |rate|, |dividend| times years below 100; expired options (years <= 0) stand
// at their intrinsic value.
struct OptionBook {
  std::span<const double> spot, strike, expiry, volatility, rate, dividend,
      weight;                          // expiry in years
  std::span<const std::uint8_t> call;  // 1 call, 0 put
};

// All combinations. Scenario number ((rate * times + time) * volatilities + volatility) * spots +
// spot.
struct ScenarioGrid {
  std::span<const double> spot_moves;        // relative, above -1: -0.10 is a fall of 10 %
  std::span<const double> volatility_moves;  // absolute; a volatility stops at 0
  std::span<const double> times;             // years forward, not negative
  std::span<const double> rate_moves;        // absolute

  std::size_t size() const {
    return spot_moves.size() * volatility_moves.size() * times.size() * rate_moves.size();
  }
};

// One moved market for one group of positions.
struct Shock {
  double spot_move = 0, volatility_move = 0, time = 0, rate_move = 0;  // as in ScenarioGrid
};

// Gain of each group in each scenario against today: out is groups * scenarios, group after group.
// Positions that are not usable have status domain, are left out, and are counted in `excluded` by
// group if given. Sums are taken in the order of the group's positions, so the number of threads
// does not change a bit. Moves outside their range, an empty list: invalid_setting; spans that do
// not fit: length_mismatch; then nothing is written.
Status scenario_grid(Backend& backend, const OptionBook& book, const Grouping& groups,
                     const ScenarioGrid& grid, std::span<double> out,
                     std::span<std::uint32_t> excluded = {}, std::span<ElementStatus> status = {});

// The same with a list of scenarios in each of which every group has its own shock: shocks is
// scenarios * groups, scenario after scenario; out is groups * scenarios.
Status stress(Backend& backend, const OptionBook& book, const Grouping& groups,
              std::span<const Shock> shocks, std::span<double> out,
              std::span<std::uint32_t> excluded = {}, std::span<ElementStatus> status = {});

// What happened over every `horizon` days of history, as shocks: prices and volatilities are groups
// * days, group after group (volatilities may be empty: no move). out: (days - horizon) * groups,
// in the order stress() reads; `time` years pass in each. A window with a price that is not above 0
// or a number that is not finite gives a shock of zeros, status domain.
Status historical_shocks(std::span<const double> prices, std::span<const double> volatilities,
                         std::size_t groups, std::size_t horizon, double time, std::span<Shock> out,
                         std::span<ElementStatus> status = {});

// Loss that is not exceeded with probability `level` (0.99), and the mean loss of the ceil((1 -
// level) n) worst scenarios, both positive for losses. n >= 1 finite gains, level in (0, 1), else
// invalid_setting.
struct TailRisk {
  double value_at_risk = 0, expected_shortfall = 0;
};
Status tail_risk(std::span<const double> gains, double level, TailRisk& out);

}  // namespace zomma::kernels
