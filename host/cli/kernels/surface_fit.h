// surface_fit.h: a chain fitted by any of the kernels' surface models, and what there is to say
// about the fit.
#pragma once

#include <zomma/kernels/surface/volatility_surface.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/kernels/chain.h"

namespace zomma::cli {

// Names of --model, in the order of the manual.
std::vector<std::string> surface_models();

// Names of --optimiser: the kernels' own first, then those of libraries found at configuration.
std::vector<std::string> surface_optimisers();

struct SurfaceSettings {
  std::string model = "svi";
  double noise_floor_vol = 5e-4;
  double sabr_beta = 1.0;
  std::string optimiser = "own";
  int stability_refits = 0;  // how often each expiry's quotes are moved within their noise; 0: not
};

using Parameters = std::vector<std::pair<std::string, double>>;

struct ExpiryFit {
  std::size_t expiry = 0;  // index in the chain
  kernels::FitReport report;
  std::vector<double> vol;  // fitted, one a quote of the expiry
  int inside = 0;           // quotes whose fitted volatility is strictly within bid and ask
  Parameters parameters;
};

struct ArbitrageCount {
  int butterfly = 0, calendar = 0;  // points of the check
  double min_g = 0, min_step = 0;   // least Durrleman g; least growth of total variance a year
};

struct SurfaceFit {
  std::unique_ptr<kernels::VarianceSurface> surface;
  std::vector<ExpiryFit> expiries;  // those that took part
  std::vector<std::string> left_out;
  Parameters parameters;                                             // of the whole surface
  kernels::FitVerdict verdict = kernels::FitVerdict::invalid_input;  // the worst
  double condition = 0;          // of a joint fit; 0 where each expiry has its own
  ArbitrageCount before, after;  // in a spline through the mids; in the fit
  double milliseconds = 0;
};

// Errc::invalid_argument for an unknown model; Errc::refused where no expiry can be fitted.
Result<SurfaceFit> fit_surface(const Chain& chain, const SurfaceSettings& settings,
                               kernels::Backend& backend);

// Points at which arbitrage is looked for on each expiry, over its quoted strikes.
constexpr int arbitrage_samples = 201;
ArbitrageCount count_arbitrage(const kernels::VarianceSurface& surface, const Chain& chain,
                               const std::vector<std::size_t>& expiries);

// The forward at any time: constant growth between expiries, flat growth beyond them.
double forward_at(const Chain& chain, double years);

// The lowest and highest k of usable quotes.
std::pair<double, double> quoted_range(const ChainExpiry& expiry);

}  // namespace zomma::cli
