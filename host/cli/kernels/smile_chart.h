// smile_chart.h: one expiry's smile as inline SVG: the fitted line and bid to ask of every quote.
#pragma once

#include <string>

#include "cli/kernels/surface_fit.h"

namespace zomma::cli {

struct ChartSize {
  double width = 420, height = 250;
};

// Colours come from the page's style sheet by class.
std::string smile_chart(const ChainExpiry& expiry, const ExpiryFit& fit,
                        const kernels::VarianceSurface& surface, ChartSize size);

}  // namespace zomma::cli
