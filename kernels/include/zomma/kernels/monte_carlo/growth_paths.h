// growth_paths.h: simulated worlds as the growth S'/S of a spot over each cycle of each path, kept,
// so that any number of policies can live through the same ones.
//
// All fill growth[cycle * paths + path], of size cycles * paths, and return length_mismatch for
// another size, invalid_setting (nothing written) for settings outside their range. Same bits for
// any number of threads.
#pragma once

#include <cstdint>
#include <span>

#include <zomma/kernels/backend.h>
#include <zomma/kernels/heston.h>
#include <zomma/kernels/monte_carlo/policy.h>
#include <zomma/kernels/status.h>

namespace zomma::kernels {

inline constexpr std::uint32_t heston_stream = 5, bootstrap_stream = 6;

// ln(S'/S) normal with this law, |mean| + 10 deviations < 700: the paths that simulate_policy()
// walks.
Status gbm_growth(Backend& backend, const CycleLaw& law, std::uint32_t cycles, std::uint64_t paths,
                  std::uint64_t seed, std::span<double> growth);

// Heston's stochastic volatility, with jumps (Bates) or without; E[S_t] = e^(drift t). Each cycle
// of `cycle` years is walked in `steps` steps by the quadratic-exponential scheme with martingale
// correction: Andersen (2008), "Simple and efficient simulation of the Heston stochastic volatility
// model", sections 3.2.4 and 4.2. Needs kappa > 0, theta >= 1e-12; variances, kappa and sigma at
// most 1e4, cycles of 1e-9 to 100 years, (v0 + theta) and |drift| times the cycle below 100, kappa
// times it at least 1e-12.
struct HestonWorld {
  HestonParameters variance;
  JumpParameters jumps;
  double drift = 0;  // of the spot, a year, without dividends
};
Status heston_growth(Backend& backend, const HestonWorld& world, double cycle, std::uint32_t steps,
                     std::uint32_t cycles, std::uint64_t paths, std::uint64_t seed,
                     std::span<double> growth);

// Returns drawn from a history with the stationary bootstrap of Politis and Romano (1994): blocks
// of neighbouring returns whose lengths are geometric with mean `block`, around the end of the
// history. `days` returns make a cycle, and the largest
// return times days must stay below 700.
Status bootstrap_growth(Backend& backend, std::span<const double> log_returns, double block,
                        std::uint32_t days, std::uint32_t cycles, std::uint64_t paths,
                        std::uint64_t seed, std::span<double> growth);

}  // namespace zomma::kernels
