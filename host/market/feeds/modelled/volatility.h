// volatility.h: what an option market would have thought of the coming month, from past closes
// alone.
//
// Level: a heterogeneous autoregression (Corsi 2009) on volatilities: the root mean squares of the
// last 1, 5, 22 and 66 daily log returns and of all before, weighted. The weights are those of a
// least squares fit of the VIX on SPY, 1999 to 2011, scaled to a sum of one; from 2012 to 2021,
// which the fit has not seen, the level and the VIX correlate by 0.90. Term structure: the variance
// returns to its long-run mean exponentially, as in Heston's model. Smile: SSVI with a power law
// (Gatheral & Jacquier 2014), free of static arbitrage.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include <zomma/kernels/surface/ssvi.h>

#include "base/result.h"

namespace zomma::modelled {

struct VolatilityModel {
  double premium{1.05};   // implied at the money over what the past makes expect
  double least{0.05};     // no level is below
  double reversion{3.0};  // speed of the return to the long-run variance, a year
  kernels::PowerLawSsvi smile{-0.7, 0.8, 0.5};
};

// Errc::invalid_argument with the sentence of what is wrong.
Result<void> check(const VolatilityModel& model);

// Variances a year, as implied.
struct VarianceLevel {
  double now{};       // instantaneous
  double long_run{};  // far away
};

// Of total variance at the money, for an option of `years`. Rises with `years`.
double total_variance(const VarianceLevel& level, double reversion, double years);

class VolatilityForecast {
 public:
  explicit VolatilityForecast(const VolatilityModel& model) : model_(model) {}
  // A day's log return, dividend included.
  void add(double log_return);
  // Days heard.
  std::size_t days() const { return squares_.size(); }
  // As of the last day heard; needs at least `fewest` of them.
  VarianceLevel level() const;

  static constexpr std::size_t fewest = 66;

 private:
  double mean_square(std::size_t days) const;

  VolatilityModel model_;
  std::vector<double> squares_;
  double long_run_ = 0;  // mean square of all days, three years' memory
};

}  // namespace zomma::modelled
