// A recorded option chain (SPY, January 2021 expiry, close of 2 July 2020): what the slice fits
// make of a real market.
#include <zomma/kernels/elementary.h>
#include <zomma/kernels/surface/sabr.h>
#include <zomma/kernels/surface/svi_fit.h>
#include <catch2/catch.hpp>

#include <cmath>
#include <map>

#include "kernels/surface/quotes.h"
#include "kernels/surface/truth.h"
#include "support/shared_data.h"

using namespace zomma::kernels;
using zomma::test::number;

namespace {

struct Side {
  double bid = 0, ask = 0;
};

// Bisection: slow and certain.
double implied(double price, double forward, double strike, double expiry, double sign) {
  double low = 1e-3, high = 5.0;
  for (int i = 0; i < 60; ++i) {
    const double s = 0.5 * (low + high) * std::sqrt(expiry),
                 d = std::log(forward / strike) / s + 0.5 * s;
    const double value = sign * (forward * norm_cdf(sign * d) - strike * norm_cdf(sign * (d - s)));
    (value < price ? low : high) = 0.5 * (low + high);
  }
  return low < 2e-3 ? 0.0 : 0.5 * (low + high);
}

}  // namespace

TEST_CASE("a recorded chain is fitted within its spreads, without butterfly arbitrage") {
  ZOMMA_SHARED_DATA(path, "options/barchart_SPY_exp2021-01-15_asof2020-07-02.csv");
  std::map<double, Side> calls, puts;
  for (const auto& row : zomma::test::table(path)) {
    if (row.size() < 13) continue;
    auto& side = row[12] == "Call" ? calls : puts;
    side[number(row[1])] = {number(row[4]), number(row[6])};
  }
  REQUIRE(calls.size() > 50);
  // Forward and discount by parity near the money: C - P = discount (forward - strike).
  double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (const auto& [strike, call] : calls) {
    const auto put = puts.find(strike);
    if (put == puts.end() || strike < 290 || strike > 335) continue;
    const double y = 0.5 * (call.bid + call.ask - put->second.bid - put->second.ask);
    n += 1, sx += strike, sy += y, sxx += strike * strike, sxy += strike * y;
  }
  REQUIRE(n > 5);
  const double slope = (n * sxy - sx * sy) / (n * sxx - sx * sx), discount = -slope;
  const double forward = (sy - slope * sx) / n / discount, expiry = 197.0 / 365.0;
  REQUIRE(forward == Approx(312).epsilon(0.02));

  zomma::test::Quotes quotes;
  quotes.expiry = expiry;
  for (const double sign : {-1.0, 1.0})
    for (const auto& [strike, side] : sign < 0 ? puts : calls) {
      if ((strike < forward) != (sign < 0) || strike < 0.5 * forward) continue;
      quotes.k.push_back(std::log(strike / forward));
      quotes.bid.push_back(implied(side.bid / discount, forward, strike, expiry, sign));
      quotes.ask.push_back(implied(side.ask / discount, forward, strike, expiry, sign));
    }
  SviFit svi = fit_svi(quotes.view());
  assess_stability(quotes.view(), SviFitSettings{}, 8, 3, &svi);
  INFO("SVI: " << explain(svi.report) << "; stability " << svi.report.stability << ", condition "
               << svi.report.condition);
  CHECK(svi.report.quotes_used > 50);
  CHECK(check_butterfly(svi.svi).free());
  CHECK(svi.report.rms_vol < 0.006);
  CHECK(svi.report.stability < 1.0);
  CHECK(total_variance(svi.svi, 0.0).dw < 0);  // an index has skew

  const SabrFit sabr = fit_sabr(quotes.view(), forward);
  INFO("SABR: " << explain(sabr.report));
  CHECK(sabr.sabr.rho < -0.3);
  CHECK(sabr.report.rms_vol < 0.02);
}
