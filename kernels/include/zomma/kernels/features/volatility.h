// volatility.h: how much a price moves, from closes alone or from the range of each bar. All
// answers are annualised standard deviations of log returns (0.20 is 20 % a year).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <zomma/kernels/backend.h>
#include <zomma/kernels/features/bars.h>
#include <zomma/kernels/monte_carlo/lanes.h>
#include <zomma/kernels/status.h>

namespace zomma::kernels {

enum class VolatilityEstimator : std::uint8_t {
  realised,         // root mean square of close-to-close returns, mean taken as 0
  parkinson,        // range (Parkinson 1980)
  garman_klass,     // range and body (Garman and Klass 1980, eq. 20 without the overnight gap)
  rogers_satchell,  // unbiased under drift (Rogers and Satchell 1991)
  yang_zhang,       // with overnight gaps, least variance (Yang and Zhang 2000, eq. 10)
};

// One bar's variance by the range estimators; logs relative to the open: u = ln(H/O), d = ln(L/O),
// c = ln(C/O).
ZM_HOST_DEVICE inline double parkinson_term(double u, double d) {
  return (u - d) * (u - d) * 0.36067376022224085;  // 1 / (4 ln 2)
}
ZM_HOST_DEVICE inline double garman_klass_term(double u, double d, double c) {
  return 0.5 * (u - d) * (u - d) - 0.38629436111989062 * c * c;  // 2 ln 2 - 1
}
ZM_HOST_DEVICE inline double rogers_satchell_term(double u, double d, double c) {
  return u * (u - c) + d * (d - c);
}

// One number an instrument from all its bars. `realised` reads close alone and needs 2 bars,
// `yang_zhang` needs 3, the others 1; they read all four prices. periods_per_year > 0: bars a year.
// Too few bars, bad settings: invalid_setting.
Status volatility(Backend& backend, VolatilityEstimator estimator, const BarSeries& bars,
                  double periods_per_year, std::span<double> out,
                  std::span<ElementStatus> status = {});

}  // namespace zomma::kernels
