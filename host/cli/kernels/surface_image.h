// surface_image.h: a fitted surface as a picture: volatility as colour over log-moneyness and time,
// with the quotes as dots of their own colour.
#pragma once

#include "cli/kernels/image.h"
#include "cli/kernels/surface_report.h"

namespace zomma::cli {

Image surface_image(const SurfaceTask& task, const Chain& chain, const SurfaceFit& fit);

}  // namespace zomma::cli
