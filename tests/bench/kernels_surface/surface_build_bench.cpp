// surface_build_bench: milliseconds to build a whole surface from 12 expiries of 10 quotes: Andreasen-Huge, kriging, a small
// neural network. Reference of the same run: twelve SVI slices, which know nothing of each other.
// Usage: surface_build_bench [--quick]
#include <zomma/kernels/surface/andreasen_huge.h>
#include <zomma/kernels/surface/neural_surface.h>
#include <zomma/kernels/surface/radial_surface.h>
#include <zomma/kernels/surface/ssvi.h>
#include <zomma/kernels/surface/svi_fit.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <vector>

#include "bench/kernels_surface/measure.h"
#include "kernels/surface/quotes.h"

namespace {

using namespace zomma::kernels;
using zomma::bench::microseconds;
using zomma::test::Quotes;

std::vector<Quotes> market() {
  std::vector<Quotes> all;
  for (const double t : {0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0}) {
    const double width = 0.35 * std::sqrt(t) + 0.05;
    const RawSvi slice = to_raw(slice_at({-0.6, 0.9, 0.4}, 0.05 * t));
    all.push_back(zomma::test::quotes_of(slice, t, -1.4 * width, width, 10, 0.003));
    all.back().shake(0.002, all.size());
  }
  return all;
}

void line(const char* what, double us, double reference, double rms, int violations) {
  std::printf("%-28s %8.3f ms, rms %.2f half spreads, %d arbitrage violations, ratio %.1f\n", what, 1e-3 * us, rms,
              violations, us / reference);
}

}  // namespace

int main(int argc, char** argv) {
  const int repeats = argc > 1 && std::strcmp(argv[1], "--quick") == 0 ? 5 : 15;
  const auto all = market();
  std::vector<SliceQuotes> views;
  for (const Quotes& quotes : all) views.push_back(quotes.view());
  std::printf("12 expiries x 10 quotes, one core, median of %d; ratio to twelve SVI fits\n", repeats);

  std::vector<SviFit> svi(views.size());
  const double reference = microseconds(repeats, 5, [&](int) {
    for (std::size_t i = 0; i < views.size(); ++i) svi[i] = fit_svi(views[i]);
  });
  double rms = 0;
  SliceSurface slices;
  std::vector<double> expiries;
  std::vector<Slice> curves;
  for (std::size_t i = 0; i < views.size(); ++i) {
    rms += svi[i].report.rms_spread / static_cast<double>(views.size());
    expiries.push_back(views[i].expiry);
    curves.push_back(svi[i].svi);
  }
  slices.assign(expiries, curves);
  const ArbitrageReport free_slices = check_surface(slices, expiries, -1.2, 0.9, 101);
  line("SVI slice by slice", reference, reference, rms,
       free_slices.butterfly_violations + free_slices.calendar_violations);

  EssviFit essvi;
  const double joint = microseconds(repeats, 5, [&](int) { essvi = fit_essvi(views); });
  rms = 0;
  for (const FitReport& report : essvi.reports) rms += report.rms_spread / static_cast<double>(views.size());
  for (std::size_t i = 0; i < curves.size(); ++i) curves[i] = to_raw(essvi.slices[i]);
  slices.assign(expiries, curves);
  const ArbitrageReport free_joint = check_surface(slices, expiries, -1.2, 0.9, 101);
  line("eSSVI", joint, reference, rms, free_joint.butterfly_violations + free_joint.calendar_violations);

  LocalVolFit local;
  const double grid = microseconds(repeats, 2, [&](int) { local = fit_local_vol(views); });
  const PriceCheck check = local.grid.check(expiries);
  rms = 0;
  for (const FitReport& report : local.reports) rms += report.rms_spread / static_cast<double>(views.size());
  line("Andreasen-Huge", grid, reference, rms, check.butterfly_violations + check.calendar_violations);

  RadialFit radial;
  const double kriging = microseconds(repeats, 1, [&](int) { radial = fit_radial(views); });
  line("kriging, widths by likelihood", kriging, reference, radial.report.rms_spread, radial.report.violations_after);

  NeuralFit neural;
  const double network = microseconds(repeats, 1, [&](int) { neural = fit_neural(views); });
  line("neural network", network, reference, neural.report.rms_spread, neural.report.violations_after);
  return 0;
}
