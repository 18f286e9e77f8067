// optimiser_bench: what a fit costs by the kernels' own Levenberg-Marquardt, and, of the same run
// and the same problems, by NLopt's L-BFGS. Usage: optimiser_bench [--quick]
#include <zomma/kernels/surface/heston_pricer.h>
#include <zomma/kernels/surface/model_fit.h>
#include <zomma/kernels/surface/nlopt_optimiser.h>
#include <zomma/kernels/surface/sabr.h>
#include <zomma/kernels/surface/svi_fit.h>

#include <cstdio>
#include <cstring>
#include <vector>

#include "bench/kernels_surface/measure.h"
#include "kernels/surface/heston_reference.h"
#include "kernels/surface/quotes.h"

namespace {

using namespace zomma::kernels;
using zomma::test::Quotes;

struct Outcome {
  double rms = 0;
  int evaluations = 0;
};

// fit(optimiser, i) -> Outcome, `count` problems.
template <class Fit>
void compare(const char* what, int repeats, int count, const char* unit, const Fit& fit) {
  Outcome own, other;
  double micro[2];
  for (const bool library : {false, true}) {
    Outcome& sum = library ? other : own;
    micro[library] = zomma::bench::microseconds(repeats, count, [&](int i) {
      if (i == 0) sum = {};
      const Outcome one = fit(library ? nlopt_optimiser : nullptr, i);
      sum.rms += one.rms / count, sum.evaluations += one.evaluations;
    });
  }
  std::printf("%-30s own %9.1f us, %5.1f evaluations, rms %.9f %s\n", what, micro[0],
              1.0 * own.evaluations / count, own.rms, unit);
  std::printf("%-30s     %9.1f us, %5.1f evaluations, rms %.9f: ratio %.1f\n", "  NLopt L-BFGS",
              micro[1], 1.0 * other.evaluations / count, other.rms, micro[1] / micro[0]);
}

std::vector<Quotes> slices() {
  std::vector<Quotes> market;
  for (int i = 0; i < 100; ++i) {
    const double u = (i % 10) / 9.0, v = (i / 10) / 9.0;
    const RawSvi svi{0.005 + 0.02 * u, 0.05 + 0.1 * v, -0.75 + 0.5 * u, -0.05 + 0.15 * v,
                     0.1 + 0.2 * u * v};
    market.push_back(zomma::test::quotes_of(svi, 0.5, -0.5, 0.35, 13, 0.004));
    market.back().shake(0.003, static_cast<std::uint64_t>(i + 1));
  }
  return market;
}

}  // namespace

int main(int argc, char** argv) {
  const int repeats = argc > 1 && std::strcmp(argv[1], "--quick") == 0 ? 3 : 11;
  const auto market = slices();
  const auto view = [&](int i) { return market[static_cast<std::size_t>(i)].view(); };
  std::printf("fits by two optimisers, one core, median of %d\n", repeats);
  compare("SVI, 13 strikes", repeats, 100, "half spreads", [&](Optimiser optimiser, int i) {
    SviFitSettings settings;
    settings.optimiser = optimiser;
    const auto report = fit_svi(view(i), settings).report;
    return Outcome{report.rms_spread, report.evaluations};
  });
  compare("SABR, 13 strikes", repeats, 100, "half spreads", [&](Optimiser optimiser, int i) {
    SabrFitSettings settings;
    settings.beta = 0.5;
    settings.optimiser = optimiser;
    const auto report = fit_sabr(view(i), 100, settings).report;
    return Outcome{report.rms_spread, report.evaluations};
  });
  const auto dax = zomma::test::dax_quotes();
  const auto backend = make_cpu_backend(1);
  compare("Heston, 104 DAX quotes", repeats, 1, "vol", [&](Optimiser optimiser, int) {
    auto settings = heston_settings(dax);
    settings.equal_weights = true, settings.optimiser = optimiser;
    const auto report = fit_heston(dax, heston_pricer(*backend), settings).report;
    return Outcome{report.rms_vol, report.evaluations};
  });
  compare("Bates, 104 DAX quotes", repeats, 1, "vol", [&](Optimiser optimiser, int) {
    auto settings = bates_settings(dax);
    settings.equal_weights = true, settings.optimiser = optimiser;
    const auto report = fit_bates(dax, bates_pricer(*backend), settings).report;
    return Outcome{report.rms_vol, report.evaluations};
  });
  return 0;
}
