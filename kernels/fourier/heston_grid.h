// heston_grid.h: one expiry's integrand on its trapezoid grid, and the sums over it for a strike.
#pragma once

#include <zomma/kernels/heston.h>
#include <zomma/kernels/heston_characteristic.h>
#include <zomma/kernels/pack.h>

#include <cstddef>
#include <vector>

namespace zomma::kernels {

// ln E[(S_T / F)^power] for a real power; false where the moment is infinite by `expiry` (Andersen
// and Piterbarg 2007).
bool log_moment(const HestonParameters& model, const JumpParameters& jumps, double expiry,
                double power, double& out);

// The mean of the total variance to expiry, jumps included.
double mean_variance(const HestonParameters& model, const JumpParameters& jumps, double expiry);

// The w beyond which E[(S_T/F)^centre; |ln(S_T/F)| > w] is below e^-27, by Chernoff's bound over
// the finite moments. Centre 1/2 bounds the time value over sqrt(FK), centre 0 the probability.
double tail_width(const HestonParameters& model, const JumpParameters& jumps, double expiry,
                  double variance, double centre);

class HestonGrid {
 public:
  // Coefficient series: price, then optionally its two derivatives by ln S, then its five by the
  // parameters.
  static constexpr int most_series = 8;

  // Fills the grid for strikes with |ln(F/K)| <= reach. False where 65536 nodes do not reach the
  // integrand's end.
  bool fill(const HestonParameters& model, const JumpParameters& jumps, double expiry, double reach,
            bool greeks, bool gradient);

  // h/pi times the sum over nodes of Re[c e^{iuk}] for each series, k = ln(F/K).
  void sums(double k, double* out) const;

  int series() const { return series_; }
  double variance() const { return variance_; }
  std::size_t nodes() const { return blocks_ * Lanes::width; }

 private:
  template <int series>
  void sums_of(double k, double* out) const;

  std::vector<Complex<Lanes>> coefficients_;  // [block][series]
  std::size_t blocks_ = 0;                    // even
  int series_ = 1;
  double step_ = 0, variance_ = 0;
};

}  // namespace zomma::kernels
