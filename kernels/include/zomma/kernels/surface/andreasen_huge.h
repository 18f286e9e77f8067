// andreasen_huge.h: a local volatility grid fitted to quotes, whose prices hold no arbitrage by construction: from one expiry to
// the next goes a single implicit finite-difference step, which keeps call prices convex in the strike and growing in time.
// Source: Andreasen & Huge (2011), "Volatility interpolation", Risk.
#pragma once

#include <zomma/kernels/status.h>
#include <zomma/kernels/surface/fit_report.h>
#include <zomma/kernels/surface/spline_slice.h>

#include <span>
#include <vector>

namespace zomma::kernels {

struct LocalVolSettings {
  int nodes = 160;                // of the strike grid, besides one at each quote and one at the money
  double noise_floor_vol = 5e-4;
  // Tikhonov: ln of the local volatility at neighbouring knots differs as by a Gaussian belief of this width.
  double roughness = 0.5;
  int max_evaluations = 30;       // of each expiry
};

struct PriceCheck {
  int butterfly_violations = 0;  // nodes where the call price is concave in the strike
  int calendar_violations = 0;   // nodes where it falls from one expiry asked to the next
  bool free() const { return butterfly_violations == 0 && calendar_violations == 0; }
};

// Undiscounted call prices over the forward, on nodes of k = ln(strike / forward), at any expiry.
class LocalVolGrid {
 public:
  std::span<const double> k() const { return k_; }
  std::span<const double> expiries() const { return expiries_; }
  // Local volatility at node `node` on the way to expiry number `expiry`.
  double local_vol(std::size_t expiry, std::size_t node) const { return vol_[expiry][node]; }

  // Prices at every node: length_mismatch unless out.size() == k().size(); invalid_setting for expiry <= 0 or an empty
  // grid. Beyond the last expiry the last local volatilities go on.
  Status calls(double expiry, std::span<double> out) const;

  // Total variance by a spline through the volatilities of nodes whose prices carry one (above 1e-9 of the forward out
  // of the money). domain where fewer than two do.
  ElementStatus smile(double expiry, SplineSlice* out) const;

  // Convexity at every node, and order of the expiries given (ascending), to rounding (1e-14 of the forward).
  PriceCheck check(std::span<const double> expiries) const;

 private:
  friend struct LocalVolBuilder;
  std::vector<double> k_, y_, expiries_;        // y = strike / forward
  std::vector<std::vector<double>> vol_, call_;  // one row an expiry
};

struct LocalVolFit {
  LocalVolGrid grid;  // empty where the verdict is invalid_input or nothing was usable
  std::vector<FitReport> reports;  // violations after: of convexity on the grid, always 0
  FitVerdict verdict = FitVerdict::invalid_input;  // of the worst expiry
};

// Expiries ascending. An expiry without usable quotes keeps the volatilities of the one before; the first must have some.
LocalVolFit fit_local_vol(std::span<const SliceQuotes> quotes, const LocalVolSettings& settings = {});

}  // namespace zomma::kernels
