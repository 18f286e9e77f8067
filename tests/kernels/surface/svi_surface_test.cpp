// A surface of slices is free of arbitrage within and between expiries, whatever its quotes say,
// and changes nothing where they are free already.
#include <zomma/kernels/surface/calendar.h>
#include <zomma/kernels/surface/svi_fit.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

#include "kernels/surface/quotes.h"

using namespace zomma::kernels;
using zomma::test::Quotes;

namespace {

std::vector<SliceQuotes> views(const std::vector<Quotes>& quotes) {
  std::vector<SliceQuotes> out;
  for (const Quotes& one : quotes) out.push_back(one.view());
  return out;
}

void check_free(const std::vector<SviFit>& fits) {
  for (std::size_t i = 0; i < fits.size(); ++i) {
    INFO("slice " << i << ": " << explain(fits[i].report));
    CHECK(fits[i].report.violations_after == 0);
    CHECK(check_butterfly(fits[i].svi).free());
    if (i > 0) CHECK(check_calendar(fits[i - 1].svi, fits[i].svi).free());
  }
}

}  // namespace

TEST_CASE("slices that do not cross are those of single fits") {
  const std::vector<Quotes> quotes{
      zomma::test::quotes_of({0.002, 0.04, -0.4, 0.0, 0.1}, 0.1, -0.3, 0.3, 13, 0.004),
      zomma::test::quotes_of({0.010, 0.08, -0.4, 0.0, 0.2}, 0.5, -0.6, 0.6, 13, 0.004)};
  std::vector<SviFit> fits(2);
  REQUIRE(fit_svi_surface(views(quotes), {}, fits) == Status::ok);
  for (std::size_t i = 0; i < 2; ++i) {
    const SviFit alone = fit_svi(quotes[i].view());
    CHECK(fits[i].svi.a == alone.svi.a);
    CHECK(fits[i].svi.sigma == alone.svi.sigma);
  }
  check_free(fits);
}

TEST_CASE("wings that cross beyond the quotes give way, and all quotes are still met") {
  // The short slice is quoted about the money alone; its wing, drawn out, is steeper than the long
  // one's.
  const RawSvi near{-0.038, 0.14, -0.2, 0.0, 0.3}, far{0.010, 0.09, -0.4, 0.0, 0.15};
  REQUIRE_FALSE(check_calendar(near, far).free());
  const std::vector<Quotes> quotes{zomma::test::quotes_of(near, 0.1, -0.06, 0.06, 13, 0.01),
                                   zomma::test::quotes_of(far, 0.5, -0.8, 0.6, 25, 0.005)};
  std::vector<SviFit> fits(2);
  REQUIRE(fit_svi_surface(views(quotes), {}, fits) == Status::ok);
  check_free(fits);
  for (const SviFit& fit : fits) CHECK(fit.report.inside_share == 1.0);
}

TEST_CASE("quotes that cross leave a surface that is free, and the report says how far it is off") {
  const RawSvi near{0.03, 0.10, -0.3, 0.0, 0.1}, far{0.01, 0.10, -0.3, 0.0, 0.1};
  const std::vector<Quotes> quotes{zomma::test::quotes_of(near, 0.5, -0.4, 0.4, 13, 0.002),
                                   zomma::test::quotes_of(far, 0.6, -0.4, 0.4, 13, 0.002),
                                   zomma::test::quotes_of(near, 0.7, -0.4, 0.4, 13, 0.002)};
  std::vector<SviFit> fits(3);
  REQUIRE(fit_svi_surface(views(quotes), {}, fits) == Status::ok);
  check_free(fits);
  CHECK(std::any_of(fits.begin(), fits.end(),
                    [](const SviFit& fit) { return fit.report.verdict == FitVerdict::poor_fit; }));
}

TEST_CASE("a slice with too few quotes is left out") {
  const RawSvi svi{0.002, 0.04, -0.4, 0.0, 0.1};
  const std::vector<Quotes> quotes{zomma::test::quotes_of(svi, 0.1, -0.3, 0.3, 13, 0.004),
                                   zomma::test::quotes_of(svi, 0.2, -0.3, 0.3, 3, 0.004),
                                   zomma::test::quotes_of(svi, 0.3, -0.3, 0.3, 13, 0.004)};
  std::vector<SviFit> fits(3);
  REQUIRE(fit_svi_surface(views(quotes), {}, fits) == Status::ok);
  CHECK(fits[1].report.verdict == FitVerdict::too_few_quotes);
  CHECK(check_calendar(fits[0].svi, fits[2].svi).free());
}

TEST_CASE("expiries out of order are refused") {
  const RawSvi svi{0.002, 0.04, -0.4, 0.0, 0.1};
  const std::vector<Quotes> quotes{zomma::test::quotes_of(svi, 0.2, -0.3, 0.3, 13, 0.004),
                                   zomma::test::quotes_of(svi, 0.1, -0.3, 0.3, 13, 0.004)};
  std::vector<SviFit> fits(2), three(3);
  CHECK(fit_svi_surface(views(quotes), {}, fits) == Status::invalid_setting);
  CHECK(fit_svi_surface(views(quotes), {}, three) == Status::length_mismatch);
}
