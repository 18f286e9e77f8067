// path_contract.h: what is paid on a path, under which market, and how the estimate is made. Plain
// data.
#pragma once

#include <cstddef>
#include <cstdint>

namespace zomma::kernels {

// Geometric Brownian motion; rates continuously compounded, all a year.
struct GbmMarket {
  double spot = 0, rate = 0, dividend = 0, volatility = 0;
};

enum class PathPayoff : std::uint8_t {
  european,
  digital,           // pays 1 if in the money at the end
  asian_arithmetic,  // average of the spot after each step, against the strike
  asian_geometric,
  barrier,            // european, knocked in or out
  lookback_fixed,     // maximum (call) or minimum (put) of the path against the strike; the start
                      // counts
  lookback_floating,  // end against the minimum (call) or maximum (put) of the path; the start
                      // counts
};

enum class Barrier : std::uint8_t { up_out, up_in, down_out, down_in };

struct PathContract {
  PathPayoff payoff = PathPayoff::european;
  bool call = true;
  double strike = 0;  // unused by lookback_floating
  double expiry = 0;  // years
  std::uint32_t steps = 1;
  Barrier barrier = Barrier::up_out;
  double barrier_level = 0;
  // Barriers and extremes watched between the steps too, by the law of the Brownian bridge: exact
  // at any number of steps.
  bool continuous = true;
};

enum class Sampler : std::uint8_t { philox, sobol };
enum class PathGreeks : std::uint8_t { none, pathwise, likelihood_ratio };

struct PathSettings {
  std::uint64_t samples = 100'000;  // an antithetic sample walks two paths
  std::uint64_t seed = 1;
  Sampler sampler = Sampler::philox;
  std::uint32_t replicates =
      16;  // Sobol: independent digital shifts the samples are split over, >= 2
  bool antithetic = false;
  bool control = false;  // regress on a pay-off of known mean, see control_mean()
  PathGreeks greeks = PathGreeks::none;
};

struct Estimate {
  double value = 0, standard_error = 0;
};

struct PathEstimate {
  Estimate price, delta, vega;  // present value; per unit of spot; per unit of volatility (1.00)
  double control_coefficient = 0;
  std::uint64_t path_steps = 0;  // steps walked
};

}  // namespace zomma::kernels
