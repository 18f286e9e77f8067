// heston_fit_bench: milliseconds to calibrate Heston to 104 DAX quotes from (0.1, 1, 0.1, 0.5, -0.5), with the plain pricer of
// the tests. Reference of the same run: the same optimiser and pricer with difference quotients.
// Usage: heston_fit_bench [--quick]
#include <zomma/kernels/surface/model_fit.h>

#include <cmath>
#include <cstdio>
#include <cstring>

#include "bench/kernels_surface/measure.h"
#include "kernels/surface/heston_reference.h"

namespace {

using namespace zomma::kernels;

// Five more pricings for each gradient.
SurfacePricer<5> differences(const SurfacePricer<5>& pricer) {
  return [pricer](const HestonPoint& p, std::span<const SurfaceQuote> quotes, std::span<double> price,
                  std::span<HestonPoint> gradient) {
    std::vector<double> moved(price.size());
    if (!pricer(p, quotes, price, {})) return false;
    for (std::size_t j = 0; j < 5; ++j) {
      HestonPoint other = p;
      const double h = 1e-6 * (1 + std::fabs(p[j]));
      other[j] += h;
      if (!pricer(other, quotes, moved, {})) return false;
      for (std::size_t i = 0; i < price.size(); ++i) gradient[i][j] = (moved[i] - price[i]) / h;
    }
    return true;
  };
}

void report(const char* what, const SurfacePricer<5>& pricer, int repeats, double reference, double* milliseconds) {
  const auto quotes = zomma::test::dax_quotes();
  ModelFitSettings<5> settings = heston_settings(quotes);
  settings.start = {0.1, 1.0, 0.1, 0.5, -0.5};
  settings.equal_weights = true;
  ModelFit<5> fit;
  *milliseconds = 1e-3 * zomma::bench::microseconds(repeats, 1, [&](int) { fit = fit_heston(quotes, pricer, settings); });
  double sum = 0;
  for (std::size_t i = 0; i < quotes.size(); ++i) sum += std::pow(100 * (fit.vol[i] - quotes[i].bid_vol), 2);
  std::printf("%-34s %8.2f ms, %d evaluations, sum of squares %.4f", what, *milliseconds, fit.report.evaluations, sum);
  if (reference > 0) std::printf(": ratio %.1f", *milliseconds / reference);
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  const int repeats = argc > 1 && std::strcmp(argv[1], "--quick") == 0 ? 5 : 21;
  constexpr int nodes = 96;
  std::printf("Heston, 104 DAX quotes, 8 expiries, %d nodes, one core, median of %d\n", nodes, repeats);
  const auto pricer = zomma::test::heston_reference(nodes);
  double ours = 0, theirs = 0;
  report("analytic gradients", pricer, repeats, 0, &ours);
  report("  difference quotients", differences(pricer), repeats, ours, &theirs);
  return 0;
}
