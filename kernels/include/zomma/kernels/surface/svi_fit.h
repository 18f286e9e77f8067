// svi_fit.h: an SVI slice from the quotes of one expiry, free of butterfly arbitrage whatever the
// quotes say. Source of the reduction: De Marco & Martini (2009), "Quasi-explicit calibration of
// Gatheral's SVI model" (Zeliade): for fixed m and sigma the slice is linear in three numbers, so
// only two are searched.
#pragma once

#include <zomma/kernels/surface/butterfly.h>
#include <zomma/kernels/surface/fit_report.h>
#include <zomma/kernels/surface/optimiser.h>

#include <cstdint>
#include <span>

namespace zomma::kernels {

struct SviFitSettings {
  // Quotes are taken as the true vol plus Gaussian noise of half a spread, at least this much; the
  // fit is then the one of maximum likelihood.
  double noise_floor_vol = 5e-4;
  bool butterfly_free =
      true;             // false keeps the unconstrained minimum and only reports what it violates
  double min_g = 1e-4;  // what the repair aims for, so that rounding leaves no violation
  // Tikhonov regularisation: the fit is pulled toward `prior` over the quoted strikes and a quarter
  // of their range beyond, as by this many quotes of average precision. 0: no prior.
  double prior_weight = 0;
  RawSvi prior;
  int max_evaluations = 60;       // of the outer search, and of each round of the repair
  Optimiser optimiser = nullptr;  // of the outer search; null: the kernels' own
};

struct SviFit {
  RawSvi svi;  // valid() whenever the verdict is not invalid_input, too_few_quotes, crossed (with <
               // 5 left) or one_sided
  FitReport report;
};

// Fits one slice. At least 5 usable quotes, or any number with a prior. Crossed, one-sided and
// invalid quotes are left out and counted. Allocates three short arrays.
SviFit fit_svi(const SliceQuotes& quotes, const SviFitSettings& settings = {});

// assess_stability of fit_report.h for this fit.
void assess_stability(const SliceQuotes& quotes, const SviFitSettings& settings, int refits,
                      std::uint64_t seed, SviFit* fit);

// results.size() slices on a backend; length_mismatch where the spans differ.
Status fit_svi_batch(Backend& backend, std::span<const SliceQuotes> quotes,
                     const SviFitSettings& settings, std::span<SviFit> results);

// All slices of a surface, by strictly ascending expiry. Each is the one of fit_svi as long as no
// two cross; where they do, at any ln(strike / forward), the surface is built from an eSSVI one by
// moving each slice toward its quotes as far as no arbitrage arises, so that total variance nowhere
// falls from one expiry to the next. Slices with fewer than 5 usable quotes are left out, as their
// reports say; violations_after counts a crossing with the next slice as well. length_mismatch
// where the spans differ, invalid_setting for expiries out of order and for a prior.
Status fit_svi_surface(std::span<const SliceQuotes> quotes, const SviFitSettings& settings,
                       std::span<SviFit> results);

// Points of many slices, slice after slice: those of slice i are [first[i], first[i + 1]) of the
// columns. w is total variance, q one over its noise.
struct SviPoints {
  std::span<const std::uint32_t> first;  // slices + 1, ascending, the last is k.size()
  std::span<const double> k, w, q;
};

// The search of fit_svi alone, without report or repair: the slice of least cost (half the sum of
// squared residuals), each by Levenberg-Marquardt over m and ln sigma. An element is `domain` with
// fewer than 5 points or one that is not finite or not positive in w and q, `no_convergence` where
// the evaluations were used up; its slice is then the best found. `cost` and `status` may be empty.
// length_mismatch where spans do not fit, invalid_setting for less than 1 evaluation.
Status search_svi_batch(Backend& backend, const SviPoints& points, int max_evaluations,
                        std::span<RawSvi> svi, std::span<double> cost,
                        std::span<ElementStatus> status);

// Repairs a slice that is not free of butterfly arbitrage, staying close to it over [low, high]
// (least squares of total variance on 33 points); a free slice comes back as it is.
RawSvi repair_butterfly(const RawSvi& svi, double low, double high, double min_g = 1e-4);

}  // namespace zomma::kernels
