// The fitted local volatility grid meets its quotes and holds no arbitrage at any expiry, whatever the quotes.
#include <catch2/catch.hpp>
#include <zomma/kernels/surface/andreasen_huge.h>
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

// Twelve expiries of ten strikes from an SSVI surface.
std::vector<Quotes> market(double half_spread) {
  std::vector<Quotes> all;
  for (const double t : {0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0}) {
    const double width = 0.35 * std::sqrt(t) + 0.05;
    all.push_back(zomma::test::quotes_of(to_raw(slice_at({-0.6, 0.9, 0.4}, 0.05 * t)), t, -1.4 * width, width, 10, half_spread));
  }
  return all;
}

std::vector<double> many_expiries() {
  std::vector<double> out;
  for (int i = 1; i <= 60; ++i) out.push_back(0.1 * i);
  return out;
}

}  // namespace

TEST_CASE("twelve expiries of ten quotes are met within a tenth of the spread, without arbitrage anywhere") {
  const auto all = market(0.002);
  const LocalVolFit fit = fit_local_vol(views_of(all));
  REQUIRE(fit.verdict == FitVerdict::trusted);
  for (const FitReport& report : fit.reports) {
    INFO(explain(report));
    CHECK(report.rms_spread < 0.1);
    CHECK(report.violations_after == 0);
  }
  CHECK(fit.grid.check(many_expiries()).free());
}

TEST_CASE("between quoted strikes the smile stays near the one that made the quotes") {
  const auto all = market(0.002);
  const LocalVolFit fit = fit_local_vol(views_of(all));
  for (const std::size_t e : {2u, 6u, 9u}) {
    const double t = all[e].expiry;
    SplineSlice smile;
    REQUIRE(fit.grid.smile(t, &smile) == ElementStatus::ok);
    const RawSvi truth = to_raw(slice_at({-0.6, 0.9, 0.4}, 0.05 * t));
    for (double k = all[e].k.front(); k < all[e].k.back(); k += 0.013) {
      INFO("expiry " << t << " k " << k);
      CHECK(std::sqrt(smile(k).w / t) == Approx(std::sqrt(total_variance(truth, k).w / t)).margin(0.004));
    }
  }
}

TEST_CASE("quotes full of arbitrage give prices without, and a verdict that says how far off they are") {
  for (int seed = 1; seed <= 5; ++seed) {
    auto all = market(0.001);
    for (Quotes& quotes : all) quotes.shake(0.06, static_cast<std::uint64_t>(seed));
    const LocalVolFit fit = fit_local_vol(views_of(all));
    REQUIRE_FALSE(fit.grid.k().empty());
    CHECK(fit.verdict != FitVerdict::trusted);
    CHECK(fit.grid.check(many_expiries()).free());
  }
}

TEST_CASE("an expiry without quotes is filled by the one before; bad quotes are left out; nothing is refused with a reason") {
  auto all = market(0.002);
  for (double& bid : all[4].bid) bid = std::numeric_limits<double>::quiet_NaN();
  all[7].ask[3] = -1;
  const LocalVolFit fit = fit_local_vol(views_of(all));
  CHECK(fit.verdict == FitVerdict::one_sided);
  CHECK(fit.reports[4].quotes_one_sided == 10);
  CHECK(fit.reports[5].verdict == FitVerdict::trusted);
  CHECK(fit.reports[7].quotes_used == 9);
  CHECK(fit.grid.check(many_expiries()).free());

  for (double& bid : all[0].bid) bid = 0;
  CHECK(fit_local_vol(views_of(all)).grid.k().empty());
  CHECK(fit_local_vol({}).verdict == FitVerdict::invalid_input);
  std::swap(all[1], all[2]);
  CHECK(fit_local_vol(views_of(all)).verdict == FitVerdict::invalid_input);
  LocalVolSettings settings;
  settings.nodes = 3;
  CHECK(fit_local_vol(views_of(market(0.002)), settings).verdict == FitVerdict::invalid_input);
  std::vector<double> short_row(3);
  CHECK(fit.grid.calls(1.0, short_row) == Status::length_mismatch);
}
