// radial_surface.h: surfaces that interpolate scattered quotes by functions of distance: radial basis functions, and kriging
// (a Gaussian process), which also says how sure it is. Neither knows of arbitrage: the report says what check_surface found.
// Sources: Rasmussen & Williams (2006), chapters 2, 4 and 5; Buhmann (2003) for radial basis functions.
#pragma once

#include <zomma/kernels/surface/volatility_surface.h>

#include <span>
#include <vector>

namespace zomma::kernels {

enum class RadialKernel : std::uint8_t {
  matern52,              // kriging's: (1 + s + s^2/3) exp(-s), s = sqrt(5) r
  gaussian,              // exp(-r^2 / 2)
  inverse_multiquadric,  // 1 / sqrt(1 + r^2)
};

struct RadialSettings {
  RadialKernel kernel = RadialKernel::matern52;
  double noise_floor_vol = 5e-4;  // a quote's noise is half its spread, at least this; it smooths the interpolation
  // Distances are scaled by these in k / sqrt(expiry) and in ln(expiry), and the surface's own deviation from its mean in
  // volatility. 0: found by maximum likelihood of the quotes.
  double width_k = 0, width_expiry = 0, deviation = 0;
};

// Volatility = weighted mean of the quotes + sum of weights times kernel(distance to quote). Within the quoted range of
// k / sqrt(expiry); beyond it w goes on straight within Lee's bounds.
class RadialSurface : public VarianceSurface {
 public:
  SurfaceValue at(double k, double expiry) const override;  // zeros while empty

  // One standard deviation of the volatility there, given the quotes' noise (kriging's error bar). Small at precise quotes,
  // `deviation` far from all of them.
  double error(double k, double expiry) const;

  bool empty() const { return place_.empty(); }
  double width_k() const { return width_k_; }
  double width_expiry() const { return width_expiry_; }
  double deviation() const { return deviation_; }

 private:
  friend struct RadialBuilder;
  struct Place {
    double x, t;  // k / sqrt(expiry) / width_k, ln(expiry) / width_expiry
  };
  struct Volatility {
    double value, dx, d2x, dt;  // by k / sqrt(expiry) and by ln(expiry)
  };
  Volatility volatility_at(double x, double log_expiry) const;

  RadialKernel kernel_ = RadialKernel::matern52;
  double width_k_ = 1, width_expiry_ = 1, deviation_ = 0, mean_ = 0, low_ = 0, high_ = 0;
  std::vector<Place> place_;
  std::vector<double> weight_;
  std::vector<double> factor_;  // Cholesky factor of the quotes' covariance, rows of the lower triangle
};

struct RadialFit {
  RadialSurface surface;
  FitReport report;       // condition: of the covariance, estimated from its factor; violations: of the surface's grid
  ArbitrageReport arbitrage;  // on the quoted expiries and halfway between them, over the quoted strikes
};

// At least 3 usable quotes, at most 2000 (the work grows with their cube); expiries in any order.
RadialFit fit_radial(std::span<const SliceQuotes> quotes, const RadialSettings& settings = {});

}  // namespace zomma::kernels
