// The library's own prices calibrate: Heston to a published market, Bates to quotes that it made
// itself.
#include <zomma/kernels/surface/heston_pricer.h>
#include <catch2/catch.hpp>

#include <cmath>

#include "kernels/surface/heston_reference.h"

using namespace zomma::kernels;
using zomma::test::dax_quotes;

TEST_CASE("the library's Heston prices and gradients are those of the plain reference") {
  const auto backend = make_cpu_backend(1);
  const auto quotes = dax_quotes();
  const HestonPoint point{0.12, 1.8, 0.07, 0.65, -0.7};
  std::vector<double> ours(quotes.size()), theirs(quotes.size());
  std::vector<HestonPoint> our_slopes(quotes.size()), their_slopes(quotes.size());
  REQUIRE(heston_pricer(*backend)(point, quotes, ours, our_slopes));
  REQUIRE(zomma::test::heston_reference(256)(point, quotes, theirs, their_slopes));
  for (std::size_t i = 0; i < quotes.size(); ++i) {
    CHECK(ours[i] == Approx(theirs[i]).margin(1e-6));
    for (std::size_t j = 0; j < 5; ++j)
      CHECK(our_slopes[i][j] == Approx(their_slopes[i][j]).epsilon(1e-6).margin(1e-4));
  }
}

TEST_CASE("the DAX market is calibrated as well as published by the library's own prices") {
  const auto backend = make_cpu_backend(1);
  const auto quotes = dax_quotes();
  ModelFitSettings<5> settings = heston_settings(quotes);
  settings.start = {0.1, 1.0, 0.1, 0.5, -0.5};
  settings.equal_weights = true;
  const ModelFit<5> fit = fit_heston(quotes, heston_pricer(*backend), settings);
  double sum = 0;
  for (std::size_t i = 0; i < quotes.size(); ++i)
    sum += std::pow(100 * (fit.vol[i] - quotes[i].bid_vol), 2);
  CHECK(sum <= 177.24);
}

TEST_CASE("Bates fits a surface that its own jumps made") {
  const auto backend = make_cpu_backend(1);
  const auto pricer = bates_pricer(*backend);
  auto quotes = dax_quotes();
  const BatesPoint truth{0.06, 1.8, 0.05, 0.5, -0.6, 0.5, -0.12, 0.1};
  ModelFitSettings<8> settings = bates_settings(quotes);
  settings.start = truth;
  settings.max_evaluations = 1;
  const ModelFit<8> made = fit_bates(quotes, pricer, settings);
  for (std::size_t i = 0; i < quotes.size(); ++i)
    quotes[i].bid_vol = made.vol[i] - 0.002, quotes[i].ask_vol = made.vol[i] + 0.002;
  const ModelFit<8> fit = fit_bates(quotes, pricer, bates_settings(quotes));
  INFO(explain(fit.report));
  CHECK(fit.report.verdict == FitVerdict::trusted);
  CHECK(fit.report.max_vol < 1e-4);
  for (std::size_t j = 0; j < 8; ++j) CHECK(fit.point[j] == Approx(truth[j]).epsilon(0.02));
}
