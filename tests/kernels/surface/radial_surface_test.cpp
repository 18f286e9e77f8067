// Radial basis functions and kriging meet quotes, are smooth, and kriging knows where it does not know.
#include <catch2/catch.hpp>
#include <zomma/kernels/surface/radial_surface.h>
#include <zomma/kernels/surface/ssvi.h>

#include <cmath>
#include <limits>

#include "kernels/surface/quotes.h"

using namespace zomma::kernels;
using zomma::test::Quotes;

namespace {

std::vector<SliceQuotes> views_of(const std::vector<Quotes>& all) {
  std::vector<SliceQuotes> views;
  for (const Quotes& quotes : all) views.push_back(quotes.view());
  return views;
}

double truth(double k, double t) {
  return std::sqrt(total_variance(to_raw(slice_at({-0.6, 0.9, 0.4}, 0.05 * t)), k).w / t);
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

TEST_CASE("each kernel meets its quotes, stays near the truth between them and is checked for arbitrage") {
  const auto all = market(0.001);
  for (const RadialKernel kernel :
       {RadialKernel::matern52, RadialKernel::gaussian, RadialKernel::inverse_multiquadric}) {
    RadialSettings settings;
    settings.kernel = kernel;
    const RadialFit fit = fit_radial(views_of(all), settings);
    INFO("kernel " << static_cast<int>(kernel) << ": " << explain(fit.report));
    CHECK(fit.report.verdict == FitVerdict::trusted);
    CHECK(fit.report.rms_spread < 0.5);
    CHECK(fit.report.condition > 1);
    for (const double t : {0.15, 0.35, 0.7, 1.4})
      for (const double x : {-0.55, -0.2, 0.03, 0.3})
        CHECK(fit.surface.volatility(x * std::sqrt(t), t) == Approx(truth(x * std::sqrt(t), t)).margin(0.002));
    CHECK(fit.report.violations_after == fit.arbitrage.butterfly_violations + fit.arbitrage.calendar_violations);
  }
}

TEST_CASE("derivatives are those of the surface") {
  const RadialFit fit = fit_radial(views_of(market(0.001)));
  const double h = 1e-4;
  for (const double k : {-0.31, 0.0, 0.17})
    for (const double t : {0.3, 0.8}) {
      const SurfaceValue at = fit.surface.at(k, t);
      CHECK(at.jet.dw == Approx((fit.surface.at(k + h, t).jet.w - fit.surface.at(k - h, t).jet.w) / (2 * h)).epsilon(1e-5));
      CHECK(at.jet.d2w == Approx((fit.surface.at(k + h, t).jet.dw - fit.surface.at(k - h, t).jet.dw) / (2 * h)).epsilon(1e-4).margin(1e-4));
      CHECK(at.dw_dt == Approx((fit.surface.at(k, t + h).jet.w - fit.surface.at(k, t - h).jet.w) / (2 * h)).epsilon(1e-5));
    }
}

TEST_CASE("kriging's error bar is small at quotes, large far away, and covers the truth") {
  auto all = market(0.004);
  for (Quotes& quotes : all) quotes.shake(0.004, static_cast<std::uint64_t>(100 * quotes.expiry));
  const RadialFit fit = fit_radial(views_of(all));
  CHECK(fit.surface.error(0.0, 0.5) < 0.004);
  CHECK(fit.surface.error(0.0, 50.0) > 4 * fit.surface.error(0.0, 0.5));
  CHECK(fit.surface.error(8.0, 0.5) == Approx(fit.surface.deviation()).epsilon(0.05));
  int covered = 0, asked = 0;
  for (const double t : {0.15, 0.35, 0.7, 1.4})
    for (double x = -0.6; x < 0.45; x += 0.05, ++asked)
      covered += std::fabs(fit.surface.volatility(x * std::sqrt(t), t) - truth(x * std::sqrt(t), t)) <
                 2 * fit.surface.error(x * std::sqrt(t), t);
  CHECK(covered > 0.85 * asked);
}

TEST_CASE("wings beyond the quotes keep to Lee's bounds") {
  const RadialFit fit = fit_radial(views_of(market(0.001)));
  for (const double k : {-20.0, -3.0, 3.0, 20.0}) {
    CHECK(fit.surface.at(k, 0.5).jet.w > 0);
    CHECK(std::fabs(fit.surface.at(k, 0.5).jet.dw) < 2);
    CHECK(fit.surface.at(k, 0.5).jet.dw * k >= 0);
  }
}

TEST_CASE("arbitrage in the quotes is found in the interpolation") {
  auto all = market(0.001);
  for (double& bid : all[2].bid) bid -= 0.1;
  for (double& ask : all[2].ask) ask -= 0.1;  // half a year below a quarter
  const RadialFit fit = fit_radial(views_of(all));
  CHECK(fit.arbitrage.calendar_violations > 0);
  CHECK(fit.report.violations_after > 0);
}

TEST_CASE("too few quotes and bad ones are told") {
  auto all = market(0.001);
  all.resize(1);
  all[0].k.resize(2), all[0].bid.resize(2), all[0].ask.resize(2);
  CHECK(fit_radial(views_of(all)).report.verdict == FitVerdict::too_few_quotes);
  CHECK(fit_radial(views_of(all)).surface.empty());
  all = market(0.001);
  all[1].bid[2] = std::numeric_limits<double>::quiet_NaN();
  CHECK(fit_radial(views_of(all)).report.quotes_used == 54);
  all[1].expiry = -1;
  CHECK(fit_radial(views_of(all)).report.verdict == FitVerdict::invalid_input);
}
