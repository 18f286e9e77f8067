// A model of the whole surface is calibrated to what made the quotes, and to a published market as well as it can be.
#include <catch2/catch.hpp>
#include <zomma/kernels/surface/model_fit.h>

#include <cmath>
#include <limits>

#include "kernels/surface/heston_reference.h"
#include "kernels/surface/truth.h"
#include "support/shared_data.h"

using namespace zomma::kernels;
using zomma::test::dax_quotes;
using zomma::test::heston_reference;
using zomma::test::number;

namespace {

double sum_of_squares(const ModelFit<5>& fit, std::span<const SurfaceQuote> quotes) {
  double sum = 0;
  for (std::size_t i = 0; i < quotes.size(); ++i) sum += std::pow(100 * (fit.vol[i] - quotes[i].bid_vol), 2);
  return sum;
}

// Quotes that the model itself gives, with a spread.
std::vector<SurfaceQuote> quotes_of(const HestonPoint& truth, double half_spread) {
  auto quotes = dax_quotes();
  ModelFitSettings<5> settings = heston_settings(quotes);
  settings.start = truth;
  settings.max_evaluations = 1;
  settings.equal_weights = true;
  const ModelFit<5> at = fit_heston(quotes, heston_reference(128), settings);
  for (std::size_t i = 0; i < quotes.size(); ++i)
    quotes[i].bid_vol = at.vol[i] - half_spread, quotes[i].ask_vol = at.vol[i] + half_spread;
  return quotes;
}

}  // namespace

TEST_CASE("the reference pricer of these tests has the right gradients") {
  ZOMMA_SHARED_DATA(path, "analytics/heston_gradients.csv");
  int checked = 0;
  for (const auto& row : zomma::test::table(path)) {
    const double s = number(row[2]), k = number(row[3]), t = number(row[4]), r = number(row[5]), q = number(row[6]);
    const HestonPoint p{number(row[7]), number(row[8]), number(row[9]), number(row[10]), number(row[11])};
    if (t < 0.05 || p[3] < 0.05) continue;  // a plain rule: not for extreme sets
    const double mean = p[2] + (p[0] - p[2]) * -std::expm1(-p[1] * t) / (p[1] * t);
    const double forward = s * std::exp((r - q) * t), discount = std::exp(-r * t), vol = std::sqrt(mean);
    if (std::fabs(std::log(forward / k)) > 0.8 * vol * std::sqrt(t)) continue;
    const SurfaceQuote quote{t, forward, k, vol, vol};
    double price;
    HestonPoint gradient;
    heston_reference(400, 3000)(p, {&quote, 1}, {&price, 1}, {&gradient, 1});
    const double sign = number(row[1]), other = sign > 0 ? forward - k : k - forward;
    const bool same = (k >= forward) == (sign > 0);
    INFO("set " << row[0]);
    CHECK(discount * (same ? price : price + other) == Approx(number(row[12])).margin(1e-7));
    for (std::size_t j = 0; j < 5; ++j)
      CHECK(discount * gradient[j] == Approx(number(row[15 + j])).epsilon(1e-7).margin(1e-6));
    ++checked;
  }
  CHECK(checked > 30);
}

TEST_CASE("Heston's parameters come back from their own quotes") {
  const HestonPoint truth{0.12, 1.8, 0.07, 0.65, -0.7};
  const auto quotes = quotes_of(truth, 0.002);
  const ModelFit<5> fit = fit_heston(quotes, heston_reference(128), heston_settings(quotes));
  INFO(explain(fit.report));
  CHECK(fit.report.verdict == FitVerdict::trusted);
  for (std::size_t i = 0; i < 5; ++i) CHECK(fit.point[i] == Approx(truth[i]).epsilon(1e-8));
  CHECK(fit.report.evaluations < 25);
}

TEST_CASE("the DAX market of July 2002 is fitted as well as published") {
  const auto quotes = dax_quotes();
  ModelFitSettings<5> settings = heston_settings(quotes);
  settings.start = {0.1, 1.0, 0.1, 0.5, -0.5};
  settings.equal_weights = true;
  const ModelFit<5> fit = fit_heston(quotes, heston_reference(96), settings);
  INFO("sum of squares " << sum_of_squares(fit, quotes) << ", evaluations " << fit.report.evaluations);
  CHECK(sum_of_squares(fit, quotes) <= 177.24);
  CHECK(sum_of_squares(fit, quotes) > 150);
}

TEST_CASE("a bad quote is left out of the calibration, too few are refused") {
  const HestonPoint truth{0.12, 1.8, 0.07, 0.65, -0.7};
  auto quotes = quotes_of(truth, 0.002);
  quotes[3].bid_vol = std::numeric_limits<double>::quiet_NaN();
  quotes[50].strike = -1;
  std::swap(quotes[70].bid_vol, quotes[70].ask_vol);
  const ModelFit<5> fit = fit_heston(quotes, heston_reference(128), heston_settings(quotes));
  CHECK(fit.report.verdict == FitVerdict::trusted);
  CHECK(fit.report.quotes_used == 101);
  CHECK(fit.report.quotes_one_sided == 1);
  CHECK(fit.report.quotes_crossed == 1);
  CHECK(fit.report.quotes_invalid == 1);
  CHECK(fit.vol[50] == 0);
  CHECK(fit.point[0] == Approx(truth[0]).epsilon(1e-6));
  const auto few = std::span(quotes).first(4);
  CHECK(fit_heston(few, heston_reference(), heston_settings(few)).report.verdict == FitVerdict::too_few_quotes);
  CHECK(fit_heston(quotes, nullptr, heston_settings(quotes)).report.verdict == FitVerdict::invalid_input);
  ModelFitSettings<5> outside = heston_settings(quotes);
  outside.start[4] = 2;
  CHECK(fit_heston(quotes, heston_reference(), outside).report.verdict == FitVerdict::invalid_input);
}

TEST_CASE("one expiry leaves kappa and theta to the prior") {
  const HestonPoint truth{0.12, 1.8, 0.07, 0.65, -0.7};
  const auto all = quotes_of(truth, 0.002);
  const auto one = std::span(all).subspan(13, 13);
  ModelFitSettings<5> settings = heston_settings(one);
  settings.prior = {0.12, 1.5, 0.08, 0.6, -0.6};
  settings.prior_width = 0.3;
  const ModelFit<5> fit = fit_heston(one, heston_reference(128), settings);
  CHECK(fit.report.verdict == FitVerdict::trusted);
  CHECK(fit.point[1] == Approx(1.5).epsilon(0.3));
  CHECK(fit.report.rms_spread < 0.2);
}
