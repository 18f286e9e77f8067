// spline_slice.h: one expiry's total variance through given points by a natural cubic spline, with straight wings.
#pragma once

#include <zomma/kernels/status.h>
#include <zomma/kernels/surface/svi.h>

#include <span>
#include <vector>

namespace zomma::kernels {

// Goes through every point and so keeps whatever arbitrage they hold: check it. Beyond the outer points w is a straight line
// with the spline's end slope, clipped to Lee's bounds: in [-2, 0] on the left, [0, 2] on the right.
class SplineSlice {
 public:
  // k strictly ascending and w > 0, all finite, at least two points of each; else domain and an empty slice.
  static ElementStatus make(std::span<const double> k, std::span<const double> w, SplineSlice* out);

  bool empty() const { return k_.empty(); }
  VarianceJet operator()(double k) const;  // of a slice that is not empty
  double low() const { return k_.front(); }
  double high() const { return k_.back(); }

 private:
  std::vector<double> k_, w_, bend_;  // bend_: second derivatives
};

// How w continues beyond the outermost point that carries information: straight, within Lee's bounds. `right`: which wing.
VarianceJet lee_wing(const VarianceJet& edge, double distance, bool right);

}  // namespace zomma::kernels
