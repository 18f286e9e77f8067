// butterfly.h: does a slice of total variance imply a negative density anywhere?
#pragma once

#include <zomma/kernels/surface/svi.h>

#include <functional>

namespace zomma::kernels {

struct ButterflyCheck {
  double min_g = 0;     // least Durrleman g found; negative: arbitrage
  double argmin_k = 0;  // where
  int violations = 0;   // separate dips below zero
  bool wings = true;    // both wings grow slower than 2 |k| (Lee's bound)
  bool free() const { return min_g >= 0 && wings; }
};

// An SVI slice over the whole line: g is sampled in sinh-spaced points about the slice's two natural centres and each
// dip is polished; beyond the samples g is within 1e-3 of its limits (1 - slope^2/4)/4. The slice must be valid().
ButterflyCheck check_butterfly(const RawSvi& svi);

// The k of up to `capacity` dips of g below `level`, polished; the count. For penalties at exactly the strikes that matter.
int butterfly_dips(const RawSvi& svi, double level, double* k, int capacity);

// Any slice over [low, high] by `samples` points and polishing of dips.
ButterflyCheck check_butterfly(const std::function<VarianceJet(double)>& slice, double low, double high,
                               int samples = 512);

}  // namespace zomma::kernels
