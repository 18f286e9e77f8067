// scattered.h: internal to the surfaces that interpolate: quotes of all expiries as points, volatility's derivatives turned into
// total variance's, and the report on the result.
#pragma once

#include <zomma/kernels/surface/volatility_surface.h>

#include <cmath>
#include <span>
#include <vector>

namespace zomma::kernels {

struct ScatteredQuote {
  double k, expiry, x, log_expiry, vol, noise;  // x = k / sqrt(expiry)
};

struct Scattered {
  std::vector<ScatteredQuote> quotes;
  std::vector<double> expiries;  // ascending, distinct
  double low = 0, high = 0;      // of x
};

// Counts into the report; its verdict is trusted where at least `needed` quotes are usable.
Scattered scatter(std::span<const SliceQuotes> quotes, double noise_floor_vol, int needed, FitReport* report);

// w = vol(x, ln t)^2 t with x = k / sqrt(t), from vol's derivatives.
SurfaceValue variance_from_volatility(double x, double expiry, double vol, double dx, double d2x, double dlog);

// inside(x, expiry) for x = k / sqrt(expiry) in [low, high]; beyond, w goes on straight within Lee's bounds, its growth in
// time by differences.
template <class Inside>
SurfaceValue with_wings(double k, double expiry, double low, double high, const Inside& inside) {
  const double x = k / std::sqrt(expiry);
  if (x >= low && x <= high) return inside(x, expiry);
  const auto wing = [&](double t) {
    const double edge = x > high ? high : low;
    return lee_wing(inside(edge, t).jet, k - edge * std::sqrt(t), x > high);
  };
  const double h = 1e-5 * expiry;
  return {wing(expiry), (wing(expiry + h).w - wing(expiry - h).w) / (2.0 * h)};
}

// Residuals and arbitrage of `surface` for these quotes.
void judge(std::span<const SliceQuotes> quotes, const Scattered& scattered, const VarianceSurface& surface,
           double noise_floor_vol, FitReport* report, ArbitrageReport* arbitrage);

}  // namespace zomma::kernels
