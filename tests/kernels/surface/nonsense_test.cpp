// Whatever the quotes are, every fit ends, says something, and hands out no number that is not
// finite.
#include <zomma/kernels/surface/andreasen_huge.h>
#include <zomma/kernels/surface/neural_surface.h>
#include <zomma/kernels/surface/radial_surface.h>
#include <zomma/kernels/surface/sabr.h>
#include <zomma/kernels/surface/ssvi.h>
#include <zomma/kernels/surface/svi_fit.h>
#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include "kernels/surface/heston_reference.h"
#include "kernels/surface/quotes.h"

using namespace zomma::kernels;
using zomma::test::Quotes;

namespace {

// A linear congruential generator (Knuth's constants): the same quotes on every machine.
struct Dice {
  std::uint64_t state;
  double uniform() {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<double>(state >> 11) * 0x1.0p-53;
  }
  std::size_t below(std::size_t bound) {
    return static_cast<std::size_t>(uniform() * static_cast<double>(bound));
  }
};

double odd_number(Dice& dice) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  const double odd[] = {0.0,   -0.0, inf,    -inf,     std::numeric_limits<double>::quiet_NaN(),
                        1e300, -1.0, 1e-300, 5.0e-324, 100.0,
                        1e-9,  -1e9};
  return odd[dice.below(std::size(odd))];
}

// A smile with some entries replaced by anything, all strikes or expiries alike at times.
Quotes odd_quotes(Dice& dice, double expiry) {
  Quotes quotes;
  quotes.expiry = expiry;
  const std::size_t count = dice.below(16);
  const double spoil = dice.uniform() < 0.5 ? 0.0 : 0.4 * dice.uniform(),
               scale = std::pow(10.0, 4 * dice.uniform() - 3);
  for (std::size_t i = 0; i < count; ++i) {
    double k = scale * (dice.uniform() - 0.5), bid = 0.05 + dice.uniform(),
           ask = bid + 0.05 * dice.uniform();
    if (dice.uniform() < 0.2 && i > 0) k = quotes.k[i - 1];
    if (dice.uniform() < spoil) k = odd_number(dice);
    if (dice.uniform() < spoil) bid = odd_number(dice);
    if (dice.uniform() < spoil) ask = odd_number(dice);
    quotes.k.push_back(k), quotes.bid.push_back(bid), quotes.ask.push_back(ask);
  }
  return quotes;
}

void check_report(const FitReport& report) {
  CHECK(std::isfinite(report.rms_vol));
  CHECK(std::isfinite(report.max_vol));
  CHECK(std::isfinite(report.rms_spread));
  CHECK(std::isfinite(report.inside_share));
  CHECK(!std::isnan(report.condition));
  CHECK_FALSE(explain(report).empty());
}

}  // namespace

TEST_CASE("slices of nonsense: SVI, SABR") {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    Dice dice{seed};
    const Quotes quotes =
        odd_quotes(dice, dice.uniform() < 0.1 ? odd_number(dice) : 3.0 * dice.uniform());
    INFO("seed " << seed);
    const SviFit svi = fit_svi(quotes.view());
    check_report(svi.report);
    const bool fitted =
        svi.report.quotes_used >= 5 && svi.report.verdict != FitVerdict::invalid_input;
    if (fitted) {
      CHECK(valid(svi.svi));
      CHECK(check_butterfly(svi.svi).free());
    }
    const SabrFit sabr = fit_sabr(quotes.view(), 100.0);
    check_report(sabr.report);
    CHECK(std::isfinite(sabr.sabr.alpha));
    CHECK(std::isfinite(sabr.sabr.nu));
  }
}

TEST_CASE("surfaces of nonsense: eSSVI, Andreasen-Huge, kriging, the network") {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    Dice dice{seed * 7919};
    std::vector<Quotes> all;
    const std::size_t expiries = 1 + dice.below(4);
    for (std::size_t e = 0; e < expiries; ++e)
      all.push_back(odd_quotes(dice, 0.05 + static_cast<double>(e) * dice.uniform()));
    if (dice.uniform() < 0.1) all.back().expiry = odd_number(dice);
    std::vector<SliceQuotes> views;
    for (const Quotes& quotes : all) views.push_back(quotes.view());
    INFO("seed " << seed);

    const EssviFit essvi = fit_essvi(views);
    for (const FitReport& report : essvi.reports) check_report(report);
    for (const EssviSlice& slice : essvi.slices) CHECK(butterfly_free(slice));

    LocalVolSettings quick;
    quick.nodes = 40;
    const LocalVolFit local = fit_local_vol(views, quick);
    for (const FitReport& report : local.reports) check_report(report);
    if (!local.grid.k().empty()) {
      const std::vector<double> times{0.03, 0.06, 0.5, 1.0, 4.0};
      CHECK(local.grid.check(times).free());
      std::vector<double> calls(local.grid.k().size());
      REQUIRE(local.grid.calls(0.7, calls) == Status::ok);
      for (const double call : calls) CHECK((call >= -1e-12 && call <= 1.0 + 1e-12));
    }

    const RadialFit radial = fit_radial(views);
    check_report(radial.report);
    CHECK(std::isfinite(radial.surface.at(0.1, 0.3).jet.w));
    CHECK(std::isfinite(radial.surface.error(0.1, 0.3)));

    NeuralSettings short_training;
    short_training.max_evaluations = 10;
    short_training.restarts = 1;
    const NeuralFit neural = fit_neural(views, short_training);
    check_report(neural.report);
    CHECK(std::isfinite(neural.surface.at(0.1, 0.3).jet.w));
  }
}

TEST_CASE("a model calibrated to nonsense") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Dice dice{seed * 104729};
    std::vector<SurfaceQuote> quotes = zomma::test::dax_quotes();
    const double spoil = dice.uniform();
    for (SurfaceQuote& quote : quotes) {
      if (dice.uniform() < spoil) quote.bid_vol = odd_number(dice);
      if (dice.uniform() < spoil) quote.ask_vol = odd_number(dice);
      if (dice.uniform() < 0.1 * spoil) quote.strike = odd_number(dice);
    }
    INFO("seed " << seed);
    ModelFitSettings<5> settings = heston_settings(quotes);
    settings.max_evaluations = 15;
    const ModelFit<5> fit = fit_heston(quotes, zomma::test::heston_reference(32), settings);
    check_report(fit.report);
    for (const double value : fit.point) CHECK(std::isfinite(value));
    for (const double vol : fit.vol) CHECK(std::isfinite(vol));
  }
}
