// Surfaces of one form: Dupire's local variance to twelve digits, and fits that hold no arbitrage across expiries.
#include <catch2/catch.hpp>
#include <zomma/kernels/surface/butterfly.h>
#include <zomma/kernels/surface/ssvi.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/surface/quotes.h"
#include "kernels/surface/truth.h"
#include "support/shared_data.h"

using namespace zomma::kernels;
using zomma::test::number;
using zomma::test::Quotes;

namespace {

std::vector<SliceQuotes> views_of(const std::vector<Quotes>& all) {
  std::vector<SliceQuotes> views;
  for (const Quotes& quotes : all) views.push_back(quotes.view());
  return views;
}

std::vector<Quotes> surface_of(const std::vector<EssviSlice>& slices, double half_spread) {
  std::vector<Quotes> all;
  for (std::size_t i = 0; i < slices.size(); ++i) {
    const double expiry = 0.1 * static_cast<double>((i + 1) * (i + 1)), width = 0.3 * std::sqrt(expiry) + 0.15;
    all.push_back(zomma::test::quotes_of(to_raw(slices[i]), expiry, -1.5 * width, width, 11, half_spread));
  }
  return all;
}

// The least w_far - w_near over a wide range of strikes.
double least_step(const EssviSlice& near, const EssviSlice& far) {
  double least = 1;
  for (double k = -8; k <= 8; k += 0.01)
    least = std::min(least, total_variance(to_raw(far), k).w - total_variance(to_raw(near), k).w);
  return least;
}

}  // namespace

TEST_CASE("local variance of SSVI agrees with the truth to 1e-12") {
  ZOMMA_SHARED_DATA(path, "analytics/ssvi_localvol.csv");
  double worst = 0;
  int count = 0;
  for (const auto& row : zomma::test::table(path)) {
    const double v0 = number(row[3]), vinf = number(row[4]), kappa = number(row[5]), t = number(row[6]);
    const double theta = vinf * t - (v0 - vinf) * std::expm1(-kappa * t) / kappa;
    const double slope = vinf + (v0 - vinf) * std::exp(-kappa * t);
    SsviPoint point;
    INFO("row " << count);
    REQUIRE(ssvi_local_variance({number(row[0]), number(row[1]), number(row[2])}, theta, slope, number(row[7]),
                                &point) == ElementStatus::ok);
    worst = std::max(worst, std::fabs(point.local_variance / number(row[12]) - 1));
    worst = std::max(worst, std::fabs(point.jet.w / number(row[9]) - 1));
    worst = std::max(worst, std::fabs(point.dw_dt / number(row[10]) - 1));
    ++count;
  }
  CHECK(count == 400);
  INFO("worst relative error " << worst);
  CHECK(worst < 1e-12);
}

TEST_CASE("an SSVI slice is the same curve as its raw form") {
  const PowerLawSsvi ssvi{-0.6, 0.9, 0.4};
  SsviPoint point;
  REQUIRE(ssvi_local_variance(ssvi, 0.09, 0.04, 0.3, &point) == ElementStatus::ok);
  const VarianceJet raw = total_variance(to_raw(slice_at(ssvi, 0.09)), 0.3);
  CHECK(point.jet.w == Approx(raw.w).epsilon(1e-13));
  CHECK(point.jet.dw == Approx(raw.dw).epsilon(1e-12));
  CHECK(point.jet.d2w == Approx(raw.d2w).epsilon(1e-12));
}

TEST_CASE("eSSVI gives back the surface that its quotes lie on") {
  const std::vector<EssviSlice> truth{{0.004, -0.3, 0.1}, {0.016, -0.4, 0.19}, {0.04, -0.5, 0.32}, {0.07, -0.55, 0.42}};
  for (std::size_t i = 1; i < truth.size(); ++i) REQUIRE(calendar_free(truth[i - 1], truth[i]));
  const auto all = surface_of(truth, 0.002);
  const EssviFit fit = fit_essvi(views_of(all));
  REQUIRE(fit.verdict == FitVerdict::trusted);
  for (std::size_t i = 0; i < truth.size(); ++i) {
    CHECK(fit.slices[i].theta == Approx(truth[i].theta).epsilon(1e-4));
    CHECK(fit.slices[i].rho == Approx(truth[i].rho).margin(1e-3));
    CHECK(fit.slices[i].psi == Approx(truth[i].psi).epsilon(1e-3));
    CHECK(fit.reports[i].max_vol < 1e-5);
  }
}

TEST_CASE("quotes with calendar arbitrage still give an eSSVI surface without") {
  const std::vector<EssviSlice> crossing{{0.03, 0.4, 0.25}, {0.02, -0.6, 0.2}, {0.05, 0.2, 0.2}, {0.05, -0.7, 0.4}};
  for (int seed = 0; seed < 10; ++seed) {
    auto all = surface_of(crossing, 0.003);
    for (Quotes& quotes : all) quotes.shake(0.03, static_cast<std::uint64_t>(seed * 7 + 1));
    const EssviFit fit = fit_essvi(views_of(all));
    REQUIRE(fit.slices.size() == 4);
    CHECK(fit.verdict != FitVerdict::trusted);  // it cannot meet such quotes, and says so
    for (std::size_t i = 0; i < 4; ++i) {
      CHECK(butterfly_free(fit.slices[i]));
      CHECK(check_butterfly(to_raw(fit.slices[i])).min_g >= -1e-12);
      if (i == 0) continue;
      CHECK(calendar_free(fit.slices[i - 1], fit.slices[i]));
      CHECK(least_step(fit.slices[i - 1], fit.slices[i]) >= -1e-12);
    }
  }
}

TEST_CASE("an expiry without quotes leans on the one before; a first one has nothing to lean on") {
  const std::vector<EssviSlice> truth{{0.004, -0.3, 0.1}, {0.016, -0.4, 0.19}, {0.04, -0.5, 0.32}};
  auto all = surface_of(truth, 0.002);
  all[1].k.clear(), all[1].bid.clear(), all[1].ask.clear();
  const EssviFit fit = fit_essvi(views_of(all));
  REQUIRE(fit.slices.size() == 3);
  CHECK(fit.reports[1].verdict == FitVerdict::too_few_quotes);
  CHECK(calendar_free(fit.slices[0], fit.slices[1]));
  all[0].k.clear(), all[0].bid.clear(), all[0].ask.clear();
  CHECK(fit_essvi(views_of(all)).slices.empty());
  std::swap(all[1], all[2]);
  CHECK(fit_essvi(views_of(all)).verdict == FitVerdict::invalid_input);
}

TEST_CASE("SSVI gives back rho, eta and gamma") {
  const PowerLawSsvi truth{-0.55, 0.95, 0.35};
  std::vector<EssviSlice> slices;
  std::vector<double> theta;
  for (const double t : {0.004, 0.016, 0.036, 0.07}) {
    theta.push_back(t);
    slices.push_back(slice_at(truth, t));
  }
  const auto all = surface_of(slices, 0.002);
  const SsviFit fit = fit_ssvi(views_of(all), theta);
  CHECK(fit.report.verdict == FitVerdict::trusted);
  CHECK(fit.ssvi.rho == Approx(truth.rho).epsilon(1e-6));
  CHECK(fit.ssvi.eta == Approx(truth.eta).epsilon(1e-6));
  CHECK(fit.ssvi.gamma == Approx(truth.gamma).epsilon(1e-5));
  CHECK(arbitrage_free(fit.ssvi));
  CHECK(fit_ssvi(views_of(all), std::vector<double>{0.1}).report.verdict == FitVerdict::invalid_input);
}

TEST_CASE("local variance is refused where there is none") {
  SsviPoint point;
  CHECK(ssvi_local_variance({-0.5, 1, 0.5}, -0.1, 0.1, 0, &point) == ElementStatus::domain);
  CHECK(ssvi_local_variance({-1.5, 1, 0.5}, 0.1, 0.1, 0, &point) == ElementStatus::domain);
  CHECK(ssvi_local_variance({-0.5, 1, 0.5}, 0.1, 0.1, std::numeric_limits<double>::quiet_NaN(), &point) ==
        ElementStatus::domain);
  CHECK(point.local_variance == 0);
}
