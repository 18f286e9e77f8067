// A fitted slice meets its quotes, never holds butterfly arbitrage, and says when it should not be
// trusted.
#include <zomma/kernels/surface/svi_fit.h>
#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include "kernels/surface/quotes.h"
#include "kernels/surface/truth.h"
#include "support/shared_data.h"

using namespace zomma::kernels;
using zomma::test::number;
using zomma::test::Quotes;

namespace {

const RawSvi vogt{-0.041, 0.1331, 0.306, 0.3586, 0.4153};
const double missing = std::numeric_limits<double>::quiet_NaN();

Quotes thirteen(const RawSvi& svi, double expiry, double half_spread = 0.002) {
  return zomma::test::quotes_of(svi, expiry, -0.6, 0.6, 13, half_spread);
}

}  // namespace

TEST_CASE("quotes that lie on a free slice give that slice back") {
  ZOMMA_SHARED_DATA(path, "analytics/svi_butterfly.csv");
  int tried = 0;
  for (const auto& row : zomma::test::table(path)) {
    const RawSvi svi{number(row[2]), number(row[3]), number(row[4]), number(row[5]),
                     number(row[6])};
    if (number(row[9]) != 1.0) continue;
    ++tried;
    const Quotes quotes = zomma::test::quotes_of(svi, 0.5, -1.0, 1.0, 13, 0.002);
    const SviFit fit = fit_svi(quotes.view());
    INFO("set " << row[0] << ": " << explain(fit.report));
    CHECK(fit.report.verdict == FitVerdict::trusted);
    CHECK(fit.report.max_vol < 2e-5);
    CHECK(fit.report.violations_before == 0);
  }
  CHECK(tried > 30);
}

TEST_CASE("Vogt's slice is detected and repaired, closer than the published repair") {
  const Quotes quotes = zomma::test::quotes_of(vogt, 1.0, -1.5, 1.5, 31, 0.002);
  SviFitSettings free_fit;
  free_fit.butterfly_free = false;
  const SviFit before = fit_svi(quotes.view(), free_fit);
  CHECK(before.report.violations_before == 1);
  CHECK(before.report.min_g_before == Approx(-0.0328635734536).epsilon(1e-3));
  CHECK(before.svi.a == Approx(vogt.a).epsilon(1e-3));

  const SviFit fit = fit_svi(quotes.view());
  CHECK(fit.report.min_g_after >= 0);
  CHECK(fit.report.violations_after == 0);
  CHECK(check_butterfly(fit.svi).free());
  // Gatheral and Jacquier's c* = 0.8564763 keeps jump-wing v, psi, p and v_tilde.
  const RawSvi published{-0.030519878325965800105, 0.10271678958363468925, 0.10071761029107323503,
                         0.27234405325155779114, 0.41239782708728169998};
  double ours = 0, theirs = 0;
  for (const double k : quotes.k) {
    const double truth = std::sqrt(total_variance(vogt, k).w);
    ours += std::pow(std::sqrt(total_variance(fit.svi, k).w) - truth, 2);
    theirs += std::pow(std::sqrt(total_variance(published, k).w) - truth, 2);
  }
  CHECK(ours < 0.5 * theirs);
}

TEST_CASE("no fit of the truth's arbitrageable slices, clean or noisy, is left with arbitrage") {
  ZOMMA_SHARED_DATA(path, "analytics/svi_butterfly.csv");
  int repaired = 0;
  for (const auto& row : zomma::test::table(path)) {
    const RawSvi svi{number(row[2]), number(row[3]), number(row[4]), number(row[5]),
                     number(row[6])};
    for (int noisy = 0; noisy < 4; ++noisy) {
      Quotes quotes = thirteen(svi, 0.25);
      if (noisy) quotes.shake(0.02, static_cast<std::uint64_t>(noisy));
      const SviFit fit = fit_svi(quotes.view());
      INFO("set " << row[0] << " noise " << noisy << ": " << explain(fit.report));
      REQUIRE(valid(fit.svi));
      CHECK(check_butterfly(fit.svi).free());
      repaired += fit.report.violations_before > 0;
    }
    const RawSvi direct = repair_butterfly(svi, -1.0, 1.0);
    CHECK(check_butterfly(direct).free());
  }
  CHECK(repaired > 10);
}

TEST_CASE("precise quotes weigh more than wide ones") {
  const RawSvi svi{0.02, 0.1, -0.4, 0.05, 0.2};
  Quotes quotes = thirteen(svi, 1.0, 0.001);
  quotes.bid[3] -= 0.05;  // one wide, biased quote
  quotes.ask[3] += 0.01;
  const SviFit fit = fit_svi(quotes.view());
  CHECK(fit.report.max_vol > 0.015);  // that quote is missed
  for (const double k : {-0.5, 0.0, 0.5})
    CHECK(std::sqrt(total_variance(fit.svi, k).w) ==
          Approx(std::sqrt(total_variance(svi, k).w)).margin(3e-4));
}

TEST_CASE("a prior fills in for missing strikes and yields to quotes") {
  const RawSvi prior{0.02, 0.1, -0.4, 0.05, 0.2};
  SviFitSettings settings;
  settings.prior = prior;
  settings.prior_weight = 2.0;
  const RawSvi lifted{0.0205, 0.1, -0.4, 0.05, 0.2};
  const Quotes three = zomma::test::quotes_of(lifted, 1.0, -0.2, 0.2, 3, 0.001);
  const SviFit fit = fit_svi(three.view(), settings);
  CHECK(fit.report.verdict == FitVerdict::trusted);
  const double at_money = total_variance(fit.svi, 0.0).w;
  CHECK(at_money > total_variance(prior, 0.0).w);
  CHECK(at_money < total_variance(lifted, 0.0).w + 1e-6);
  const SviFit nothing = fit_svi(SliceQuotes{1.0, {}, {}, {}}, settings);
  CHECK(total_variance(nothing.svi, 0.3).w == Approx(total_variance(prior, 0.3).w).epsilon(1e-5));
}

TEST_CASE("quotes that cannot carry a fit are refused with the reason") {
  const RawSvi svi{0.02, 0.1, -0.4, 0.05, 0.2};
  Quotes quotes = thirteen(svi, 1.0);
  SECTION("too few") {
    const Quotes few = zomma::test::quotes_of(svi, 1.0, -0.2, 0.2, 4, 0.001);
    CHECK(fit_svi(few.view()).report.verdict == FitVerdict::too_few_quotes);
    CHECK(fit_svi(SliceQuotes{1.0, {}, {}, {}}).report.verdict == FitVerdict::too_few_quotes);
  }
  SECTION("one-sided") {
    for (int i = 0; i < 10; ++i) quotes.bid[static_cast<std::size_t>(i)] = missing;
    const SviFit fit = fit_svi(quotes.view());
    CHECK(fit.report.verdict == FitVerdict::one_sided);
    CHECK(fit.report.quotes_one_sided == 10);
    CHECK(explain(fit.report).find("10 of 13") != std::string::npos);
  }
  SECTION("crossed") {
    for (std::size_t i = 0; i < 3; ++i) std::swap(quotes.bid[i], quotes.ask[i]);
    const SviFit fit = fit_svi(quotes.view());
    CHECK(fit.report.verdict == FitVerdict::crossed_market);
    CHECK(check_butterfly(fit.svi).free());  // fitted to the other ten nevertheless
  }
  SECTION("one strike, many times") {
    for (double& k : quotes.k) k = 0.1;
    const SviFit fit = fit_svi(quotes.view());
    CHECK(fit.report.verdict == FitVerdict::singular);
    CHECK(check_butterfly(fit.svi).free());
  }
  SECTION("lengths and expiry") {
    SliceQuotes view = quotes.view();
    view.expiry = 0;
    CHECK(fit_svi(view).report.verdict == FitVerdict::invalid_input);
    view = quotes.view();
    view.bid_vol = view.bid_vol.first(4);
    CHECK(fit_svi(view).report.verdict == FitVerdict::invalid_input);
  }
  SECTION("a smile upside down is fitted as well as an SVI slice can be, and called poor") {
    for (std::size_t i = 0; i < quotes.k.size(); ++i) {
      const double vol = 0.4 - 0.5 * quotes.k[i] * quotes.k[i];
      quotes.bid[i] = vol - 0.001, quotes.ask[i] = vol + 0.001;
    }
    const SviFit fit = fit_svi(quotes.view());
    CHECK(fit.report.verdict != FitVerdict::trusted);
    CHECK(check_butterfly(fit.svi).free());
  }
  SECTION("nonsense in one quote leaves the rest") {
    quotes.bid[2] = -1, quotes.k[5] = std::numeric_limits<double>::infinity(),
    quotes.ask[7] = missing;
    const SviFit fit = fit_svi(quotes.view());
    CHECK(fit.report.verdict == FitVerdict::trusted);
    CHECK(fit.report.quotes_used == 10);
    CHECK(fit.report.max_vol < 1e-4);
  }
}

TEST_CASE("stability separates a smile well quoted from one quoted at one end") {
  const RawSvi svi{0.02, 0.1, -0.4, 0.05, 0.2};
  const Quotes good = thirteen(svi, 1.0);
  SviFit fit = fit_svi(good.view());
  assess_stability(good.view(), {}, 16, 7, &fit);
  CHECK(fit.report.stability > 0.1);
  CHECK(fit.report.stability < 1.0);
  CHECK(fit.report.verdict == FitVerdict::trusted);
  SviFit again = fit_svi(good.view());
  assess_stability(good.view(), {}, 16, 7, &again);
  CHECK(again.report.stability == fit.report.stability);
}

TEST_CASE("a batch is its slices, on any number of threads") {
  std::vector<Quotes> all;
  for (int i = 0; i < 30; ++i)
    all.push_back(thirteen({0.01 + 0.002 * i, 0.1, -0.5 + 0.03 * i, 0, 0.2}, 0.5));
  std::vector<SliceQuotes> views;
  for (const Quotes& quotes : all) views.push_back(quotes.view());
  std::vector<SviFit> fits(30);
  const auto backend = make_cpu_backend(3);
  REQUIRE(fit_svi_batch(*backend, views, {}, fits) == Status::ok);
  for (std::size_t i = 0; i < fits.size(); ++i) CHECK(fits[i].svi.a == fit_svi(views[i]).svi.a);
  CHECK(fit_svi_batch(*backend, views, {}, std::span(fits).first(3)) == Status::length_mismatch);
}

TEST_CASE(
    "a batch of points gives the slices they were taken from, and a bad one spoils only itself") {
  constexpr int slices = 9, strikes = 11;
  std::vector<std::uint32_t> first{0};
  std::vector<double> k, w, q;
  std::vector<RawSvi> truth;
  for (int s = 0; s < slices; ++s) {
    truth.push_back({0.01 + 0.002 * s, 0.1 + 0.01 * s, -0.6 + 0.1 * s, 0.02 * s - 0.05, 0.15});
    const int count = s == 4 ? 3 : strikes;  // too few to tell five numbers
    for (int i = 0; i < count; ++i) {
      k.push_back(-0.5 + 0.1 * i), w.push_back(total_variance(truth.back(), k.back()).w);
      q.push_back(s == 7 && i == 2 ? NAN : 1000.0);
    }
    first.push_back(static_cast<std::uint32_t>(k.size()));
  }
  std::vector<RawSvi> found(slices);
  std::vector<double> cost(slices);
  std::vector<ElementStatus> status(slices);
  const auto backend = make_cpu_backend(2);
  const SviPoints points{first, k, w, q};
  REQUIRE(search_svi_batch(*backend, points, 60, found, cost, status) == Status::ok);
  for (int s = 0; s < slices; ++s) {
    const auto i = static_cast<std::size_t>(s);
    CAPTURE(s);
    if (s == 4 || s == 7) {
      CHECK(status[i] == ElementStatus::domain);
      continue;
    }
    CHECK(status[i] == ElementStatus::ok);
    CHECK(cost[i] < 1e-8);
    for (const double at : {-0.4, 0.0, 0.3})
      CHECK(total_variance(found[i], at).w == Approx(total_variance(truth[i], at).w).epsilon(1e-5));
  }
  CHECK(search_svi_batch(*backend, {first, k, w, {}}, 60, found, cost, status) ==
        Status::length_mismatch);
  CHECK(search_svi_batch(*backend, points, 0, found, cost, status) == Status::invalid_setting);
}

TEST_CASE("a slice whose arbitrage lies far outside of its quotes is repaired near them") {
  // Two months of a share's smile, spreads wide in the wing; the free minimum dips below zero at
  // k = 2.5 only.
  const RawSvi truth{-0.340312, 0.323152, 0.5432, 1.00146, 1.29165};
  const double expiry = 0.15662, low = -0.6, high = 0.25;
  std::vector<double> k, bid, ask;
  for (int i = 0; i < 100; ++i) {
    k.push_back(low + (high - low) * i / 99);
    const double vol = std::sqrt(total_variance(truth, k.back()).w / expiry);
    const double half = 0.0035 + 0.06 * std::pow(k.back() / 0.5, 4);
    const double mid = vol + 0.3 * half * std::sin(37.0 * i);
    bid.push_back(mid - half), ask.push_back(mid + half);
  }
  SviFitSettings settings;
  settings.butterfly_free = false;
  REQUIRE(fit_svi({expiry, k, bid, ask}, settings).report.min_g_after < -0.01);
  const SviFit fit = fit_svi({expiry, k, bid, ask});
  INFO(explain(fit.report));
  CHECK(check_butterfly(fit.svi).free());
  CHECK(fit.report.inside_share == 1.0);
  CHECK(fit.report.rms_spread < 0.25);
}
