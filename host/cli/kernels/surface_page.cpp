// surface_page.cpp: the page with the surface and the smiles.
#include "cli/kernels/surface_report.h"

namespace zomma::cli {

std::string html_report(const SurfaceTask&, const Chain&, const SurfaceFit&) { return {}; }

}  // namespace zomma::cli
