// heston_grid.h: one expiry's integrand on its trapezoid grid, four nodes to the vector lanes, and
// the sums over it for a strike.
#pragma once

#include <zomma/kernels/heston.h>
#include <zomma/kernels/pack.h>

#include <cstddef>
#include <vector>

#include "heston_element.h"

namespace zomma::kernels {

class HestonGrid {
 public:
  static constexpr int most_series = heston_detail::most_series;

  // Fills the grid for strikes with |ln(F/K)| <= reach. False where 65536 nodes do not reach the
  // integrand's end.
  bool fill(const HestonParameters& model, const JumpParameters& jumps, double expiry, double reach,
            int series);

  // h/pi times the sum over nodes of Re[c e^{iuk}] for each series, k = ln(F/K).
  void sums(double k, double* out) const;

  int series() const { return node_.series; }
  double variance() const { return node_.variance; }
  std::size_t nodes() const { return blocks_ * Lanes::width; }

 private:
  std::vector<Complex<Lanes>> coefficients_;  // [block][series]
  std::size_t blocks_ = 0;                    // even
  heston_detail::Node node_{};
};

}  // namespace zomma::kernels
