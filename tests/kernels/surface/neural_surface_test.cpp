// A small network meets the quotes, bends away from arbitrage when told to, and gives the same numbers every time.
#include <catch2/catch.hpp>
#include <zomma/kernels/surface/neural_surface.h>
#include <zomma/kernels/surface/ssvi.h>

#include <cmath>

#include "kernels/surface/quotes.h"

using namespace zomma::kernels;
using zomma::test::Quotes;

namespace {

std::vector<SliceQuotes> views_of(const std::vector<Quotes>& all) {
  std::vector<SliceQuotes> views;
  for (const Quotes& quotes : all) views.push_back(quotes.view());
  return views;
}

std::vector<Quotes> market(double half_spread) {
  std::vector<Quotes> all;
  for (const double t : {0.1, 0.25, 0.5, 1.0, 2.0}) {
    const double width = 0.5 * std::sqrt(t);
    all.push_back(zomma::test::quotes_of(to_raw(slice_at({-0.6, 0.9, 0.4}, 0.05 * t)), t, -1.4 * width, width, 11, half_spread));
  }
  return all;
}

}  // namespace

TEST_CASE("fifty-five quotes are met within their spreads, without arbitrage") {
  const auto all = market(0.002);
  const NeuralFit fit = fit_neural(views_of(all));
  INFO(explain(fit.report) << "; evaluations " << fit.report.evaluations);
  CHECK(fit.report.verdict == FitVerdict::trusted);
  CHECK(fit.report.rms_spread < 1.0);
  CHECK(fit.arbitrage.free());
  CHECK(fit_neural(views_of(all)).surface.volatility(0.1, 0.4) == fit.surface.volatility(0.1, 0.4));
}

TEST_CASE("its derivatives are those of the surface") {
  const NeuralFit fit = fit_neural(views_of(market(0.002)));
  const double h = 1e-4;
  for (const double k : {-0.31, 0.0, 0.17})
    for (const double t : {0.3, 0.8}) {
      const SurfaceValue at = fit.surface.at(k, t);
      CHECK(at.jet.dw == Approx((fit.surface.at(k + h, t).jet.w - fit.surface.at(k - h, t).jet.w) / (2 * h)).epsilon(1e-5));
      CHECK(at.jet.d2w == Approx((fit.surface.at(k + h, t).jet.dw - fit.surface.at(k - h, t).jet.dw) / (2 * h)).epsilon(1e-4));
      CHECK(at.dw_dt == Approx((fit.surface.at(k, t + h).jet.w - fit.surface.at(k, t - h).jet.w) / (2 * h)).epsilon(1e-5));
    }
}

TEST_CASE("penalties take away the arbitrage that the quotes hold") {
  auto all = market(0.004);
  for (Quotes& quotes : all)
    if (quotes.expiry == 0.5)
      for (std::size_t i = 0; i < quotes.k.size(); ++i) quotes.bid[i] -= 0.08, quotes.ask[i] -= 0.08;
  NeuralSettings plain;
  plain.penalty = 0;
  const NeuralFit before = fit_neural(views_of(all), plain), after = fit_neural(views_of(all));
  CHECK(before.report.violations_after > 10);
  CHECK(after.report.violations_before == before.report.violations_after);
  CHECK(after.arbitrage.free());
  CHECK(after.report.rms_spread > before.report.rms_spread);
}

TEST_CASE("too few quotes are told") {
  auto all = market(0.002);
  all.resize(1);
  all[0].k.resize(9), all[0].bid.resize(9), all[0].ask.resize(9);
  const NeuralFit fit = fit_neural(views_of(all));
  CHECK(fit.report.verdict == FitVerdict::too_few_quotes);
  CHECK(fit.surface.empty());
  CHECK(fit.surface.at(0, 1).jet.w == 0);
}
