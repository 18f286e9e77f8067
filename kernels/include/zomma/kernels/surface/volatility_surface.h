// volatility_surface.h: total variance over strikes and expiries: what every surface answers, a surface of slices, and the
// search for static arbitrage in any of them.
#pragma once

#include <zomma/kernels/surface/fit_report.h>
#include <zomma/kernels/surface/spline_slice.h>
#include <zomma/kernels/surface/svi.h>

#include <span>
#include <variant>
#include <vector>

namespace zomma::kernels {

struct SurfaceValue {
  VarianceJet jet;    // total variance with derivatives in k = ln(strike / forward)
  double dw_dt = 0;   // per year, at constant k
};

class VarianceSurface {
 public:
  virtual ~VarianceSurface() = default;
  // Any finite k, expiry > 0.
  virtual SurfaceValue at(double k, double expiry) const = 0;

  double volatility(double k, double expiry) const;
  // Dupire's local variance, dw_dt / g; 0 where there is none (arbitrage).
  double local_variance(double k, double expiry) const;
};

// Volatilities at pairs of k and expiry: domain and 0 where a number is not finite, expiry <= 0 or w is not positive.
Status surface_volatility(Backend& backend, const VarianceSurface& surface, std::span<const double> k,
                          std::span<const double> expiry, std::span<double> volatility,
                          std::span<ElementStatus> status = {});

using Slice = std::variant<RawSvi, SplineSlice>;
VarianceJet total_variance(const Slice& slice, double k);

// Slices by expiry, linear in total variance between them at constant k, which keeps calendar order. Before the first
// expiry w is in proportion to time, which keeps the first slice free of butterflies (g is concave in a factor of w in
// [0, 1] and not negative at both ends). After the last, w grows by the same amount at every k: what the last two
// expiries earn at the money, or nothing where they are in the wrong order.
class SliceSurface : public VarianceSurface {
 public:
  // Expiries positive and strictly ascending, slices valid() or not empty; else domain and the surface stays as it was.
  ElementStatus assign(std::span<const double> expiries, std::span<const Slice> slices);

  SurfaceValue at(double k, double expiry) const override;  // zeros while no slices are assigned
  std::span<const double> expiries() const { return expiries_; }
  std::span<const Slice> slices() const { return slices_; }

 private:
  std::vector<double> expiries_;
  std::vector<Slice> slices_;
  double last_growth_ = 0;  // of w per year beyond the last expiry
};

struct ArbitrageReport {
  int butterfly_violations = 0;  // grid points with g < 0 or w <= 0
  double min_g = 0, min_g_k = 0, min_g_expiry = 0;
  int calendar_violations = 0;  // grid points where w falls to the next expiry
  double min_step = 0, min_step_k = 0, min_step_expiry = 0;  // least growth of w per year between two expiries
  bool wings = true;  // |dw| < 2 at both ends of every expiry
  bool free() const { return butterfly_violations == 0 && calendar_violations == 0 && wings; }
};

// Looks at `samples` points of k in [low, high] on every expiry given (ascending), and at the step to the next one. Rounding
// (1e-12 of w) is not a violation.
ArbitrageReport check_surface(const VarianceSurface& surface, std::span<const double> expiries, double low, double high,
                              int samples = 201);

}  // namespace zomma::kernels
