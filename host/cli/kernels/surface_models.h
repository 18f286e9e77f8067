// surface_models.h: one function a model: from the expiries of a chain to a surface and reports.
#pragma once

#include <zomma/kernels/surface/optimiser.h>

#include <string>
#include <vector>

#include "cli/kernels/surface_fit.h"

namespace zomma::cli {

// What a model works on, and what it fills. `fits` has an entry for each expiry of `slices`; a
// model takes out those it cannot fit and says why in `left_out`.
struct ModelRun {
  const Chain& chain;
  const SurfaceSettings& settings;
  kernels::Backend& backend;
  SurfaceFit& fit;
  kernels::Optimiser optimiser = nullptr;
  std::vector<kernels::SliceQuotes> slices() const;
};

// False where nothing could be fitted; fit.left_out says why.
bool run_svi(ModelRun& run);
bool run_essvi(ModelRun& run);
bool run_ssvi(ModelRun& run);
bool run_sabr(ModelRun& run);
bool run_spline(ModelRun& run);
bool run_local_vol(ModelRun& run);
bool run_radial(ModelRun& run, bool kriging);
bool run_neural(ModelRun& run);
bool run_heston(ModelRun& run);
bool run_bates(ModelRun& run);

// The spline through the mids of one expiry; empty where fewer than two quotes are usable.
kernels::SplineSlice spline_of_mids(const ChainExpiry& expiry);

// A surface of slices, one for each of fit.expiries; slices that are not usable take their expiry
// out of the fit.
bool assemble(ModelRun& run, std::vector<kernels::Slice> slices);

}  // namespace zomma::cli
