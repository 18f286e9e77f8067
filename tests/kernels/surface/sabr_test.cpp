// SABR's expansions agree with 50-digit values also at the money; the fit gives back what made the quotes.
#include <catch2/catch.hpp>
#include <zomma/kernels/elementary.h>
#include <zomma/kernels/surface/sabr.h>

#include <algorithm>
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

constexpr double eps = std::numeric_limits<double>::epsilon();

// Hagan's formula as printed, for condition numbers: F, K, T, alpha, beta, rho, nu.
long double printed(const long double* p) {
  const long double l = std::log(p[0] / p[1]), free = 1 - p[4], mean = std::pow(p[0] * p[1], free / 2);
  const long double z = p[6] / p[3] * mean * l;
  const long double x = std::log((std::sqrt(1 - 2 * p[5] * z + z * z) + z - p[5]) / (1 - p[5]));
  const long double ratio = std::fabs(z) < 1e-6L ? 1 - p[5] * z / 2 : z / x;
  const long double level = 1 + free * free * l * l / 24 + free * free * free * free * l * l * l * l / 1920;
  return p[3] / (mean * level) * ratio *
         (1 + (free * free / 24 * p[3] * p[3] / (mean * mean) + p[5] * p[4] * p[6] * p[3] / (4 * mean) +
               (2 - 3 * p[5] * p[5]) / 24 * p[6] * p[6]) * p[2]);
}

double condition(const double* inputs) {
  long double p[7], sum = 0;
  for (int i = 0; i < 7; ++i) p[i] = inputs[i];
  const long double at = printed(p);
  for (int i = 0; i < 7; ++i) {
    const long double keep = p[i], h = 1e-6L * keep;
    p[i] = keep + h;
    const long double up = printed(p);
    p[i] = keep - h;
    sum += std::fabs((up - printed(p)) / (2e-6L * at));
    p[i] = keep;
  }
  return static_cast<double>(sum);
}

Quotes quotes_of(const Sabr& sabr, double forward, double expiry, int count, double half_spread) {
  Quotes quotes;
  quotes.expiry = expiry;
  for (int i = 0; i < count; ++i) {
    const double k = -0.4 + 0.7 * i / (count - 1);
    const double vol =
        sabr_volatility(SabrFormula::hagan_lognormal, sabr, forward, forward * std::exp(k), expiry);
    quotes.k.push_back(k);
    quotes.bid.push_back(vol - half_spread);
    quotes.ask.push_back(vol + half_spread);
  }
  return quotes;
}

double black_call(double f, double k, double deviation) {
  const double d = std::log(f / k) / deviation + 0.5 * deviation;
  return f * norm_cdf(d) - k * norm_cdf(d - deviation);
}

double bachelier_call(double f, double k, double deviation) {
  const double d = (f - k) / deviation;
  return (f - k) * norm_cdf(d) + deviation * norm_pdf(d);
}

}  // namespace

TEST_CASE("Hagan's formula is within four attainable units of the truth, also as the strike nears the forward") {
  ZOMMA_SHARED_DATA(path, "analytics/sabr_hagan.csv");
  double worst = 0;
  const auto rows = zomma::test::table(path);
  REQUIRE(rows.size() == 400);
  for (const auto& row : rows) {
    double p[7];
    for (std::size_t i = 0; i < 7; ++i) p[i] = number(row[i]);
    const double vol = sabr_volatility(SabrFormula::hagan_lognormal, {p[3], p[4], p[5], p[6]}, p[0], p[1], p[2]);
    const double units = std::fabs(vol / number(row[7]) - 1) / ((1 + condition(p)) * eps);
    INFO("F " << row[0] << " K " << row[1] << " units " << units);
    CHECK(units <= 4.0);
    worst = std::max(worst, units);
  }
  CHECK(worst > 0);
}

// As expiry -> 0 implied volatility is log-moneyness over the geodesic distance, ln(..)/nu of zeta = nu/alpha times the
// integral of F^-beta from strike to forward (Berestycki, Busca & Florent 2004).
TEST_CASE("Obloj's formula has the exact limit of short expiries at every strike, Hagan's has not") {
  const double beta = 0.3, alpha = 0.25, rho = -0.6, nu = 0.5, forward = 1.0;
  double worst_hagan = 0;
  for (const double strike : {0.05, 0.2, 0.6, 0.99, 1.5, 4.0}) {
    const int steps = 20000;  // Simpson
    double integral = 0;
    for (int i = 0; i <= steps; ++i)
      integral += (i == 0 || i == steps ? 1 : i % 2 ? 4 : 2) *
                  std::pow(strike + (forward - strike) * i / steps, -beta) * (forward - strike) / (3 * steps);
    const double zeta = nu / alpha * integral;
    const double x = std::log((std::sqrt(1 - 2 * rho * zeta + zeta * zeta) + zeta - rho) / (1 - rho));
    const double limit = nu * std::log(forward / strike) / x;
    const Sabr sabr{alpha, beta, rho, nu};
    CHECK(sabr_volatility(SabrFormula::obloj_lognormal, sabr, forward, strike, 0.0) == Approx(limit).epsilon(1e-10));
    worst_hagan = std::max(worst_hagan,
                           std::fabs(sabr_volatility(SabrFormula::hagan_lognormal, sabr, forward, strike, 0.0) / limit - 1));
  }
  CHECK(worst_hagan > 0.01);
}

TEST_CASE("the formulas meet at the money, and for beta = 1") {
  const Sabr sabr{0.3, 0.6, -0.4, 0.5};
  const double at = sabr_volatility(SabrFormula::hagan_lognormal, sabr, 2.0, 2.0, 1.5);
  CHECK(sabr_volatility(SabrFormula::obloj_lognormal, sabr, 2.0, 2.0, 1.5) == Approx(at).epsilon(1e-15));
  const Sabr lognormal{0.3, 1.0, -0.4, 0.5};
  CHECK(sabr_volatility(SabrFormula::obloj_lognormal, lognormal, 2.0, 2.7, 1.5) ==
        Approx(sabr_volatility(SabrFormula::hagan_lognormal, lognormal, 2.0, 2.7, 1.5)).epsilon(1e-14));
}

TEST_CASE("the normal formula prices as the lognormal one for a short expiry") {
  for (const double beta : {0.0, 0.5, 1.0})
    for (const double strike : {0.027, 0.03, 0.034}) {
      const double f = 0.03, expiry = 0.02;
      const Sabr sabr{0.25 * std::pow(f, 1 - beta), beta, -0.3, 0.6};
      const double normal = sabr_volatility(SabrFormula::hagan_normal, sabr, f, strike, expiry);
      const double lognormal = sabr_volatility(SabrFormula::hagan_lognormal, sabr, f, strike, expiry);
      INFO("beta " << beta << " strike " << strike);
      CHECK(bachelier_call(f, strike, normal * std::sqrt(expiry)) ==
            Approx(black_call(f, strike, lognormal * std::sqrt(expiry))).epsilon(2e-3));
    }
  const Sabr rates{0.006, 0.0, 0.2, 0.4};
  CHECK(sabr_volatility(SabrFormula::hagan_normal, rates, -0.002, -0.005, 1.0) > 0);
}

TEST_CASE("the fit gives back alpha, rho and nu at each beta") {
  for (const double beta : {0.0, 0.5, 1.0})
    for (const double rho : {-0.7, 0.0, 0.5})
      for (const double nu : {0.2, 0.8, 2.0}) {
        const double forward = 80.0;
        const Sabr truth{0.25 * std::pow(forward, 1 - beta), beta, rho, nu};
        const Quotes quotes = quotes_of(truth, forward, 0.4, 13, 0.002);
        SabrFitSettings settings;
        settings.beta = beta;
        const SabrFit fit = fit_sabr(quotes.view(), forward, settings);
        INFO("beta " << beta << " rho " << rho << " nu " << nu << ": " << explain(fit.report));
        CHECK(fit.report.verdict == FitVerdict::trusted);
        CHECK(fit.sabr.alpha == Approx(truth.alpha).epsilon(1e-6));
        CHECK(fit.sabr.rho == Approx(rho).margin(1e-5));
        CHECK(fit.sabr.nu == Approx(nu).epsilon(1e-5));
        CHECK(fit.report.evaluations < 20);
      }
}

TEST_CASE("one quote and a prior, and two quotes without") {
  const Sabr truth{0.25, 1.0, -0.4, 0.7};
  Quotes quotes = quotes_of(truth, 100, 0.5, 2, 0.002);
  CHECK(fit_sabr(quotes.view(), 100).report.verdict == FitVerdict::too_few_quotes);
  SabrFitSettings settings;
  settings.prior = truth;
  settings.prior_width = 0.2;
  const SabrFit fit = fit_sabr(quotes.view(), 100, settings);
  CHECK(fit.report.verdict == FitVerdict::trusted);
  CHECK(fit.sabr.rho == Approx(-0.4).epsilon(1e-4));
  CHECK(fit_sabr(quotes.view(), -1, settings).report.verdict == FitVerdict::invalid_input);
  settings.beta = 1.5;
  CHECK(fit_sabr(quotes.view(), 100, settings).report.verdict == FitVerdict::invalid_input);
}

TEST_CASE("stability of any fit is measured by refitting moved quotes") {
  const Quotes quotes = quotes_of({0.25, 1.0, -0.4, 0.7}, 100, 0.5, 13, 0.002);
  SabrFit fit = fit_sabr(quotes.view(), 100);
  const auto refit = [](const SliceQuotes& moved, std::span<double> vols) {
    const Sabr sabr = fit_sabr(moved, 100).sabr;
    for (std::size_t i = 0; i < vols.size(); ++i)
      vols[i] = sabr_volatility(SabrFormula::hagan_lognormal, sabr, 100, 100 * std::exp(moved.log_moneyness[i]), 0.5);
  };
  assess_stability(quotes.view(), refit, 5e-4, 32, 11, &fit.report);
  CHECK(fit.report.stability == Approx(std::sqrt(3.0 / 13.0)).epsilon(0.35));  // three parameters, thirteen quotes
  CHECK(fit.report.verdict == FitVerdict::trusted);

  const auto nervous = [](const SliceQuotes& moved, std::span<double> vols) {
    for (double& vol : vols) vol = 0.2 + 50 * (moved.bid_vol[6] - 0.2);
  };
  assess_stability(quotes.view(), nervous, 5e-4, 32, 11, &fit.report);
  CHECK(fit.report.verdict == FitVerdict::unstable);
  CHECK(explain(fit.report).find("unstable") == 0);
}

TEST_CASE("a smile that implies a negative density is found") {
  const Sabr wild{0.25, 0.3, -0.8, 0.3};  // ten years, low strikes: the expansion fails
  CHECK(sabr_butterfly(SabrFormula::hagan_lognormal, wild, 1.0, 10.0, -3.0, 0.5).min_g < 0);
  CHECK(sabr_butterfly(SabrFormula::hagan_lognormal, {0.2, 1.0, -0.3, 0.4}, 100, 0.5, -0.5, 0.5).free());
}

TEST_CASE("a bad strike spoils only itself") {
  const auto backend = make_cpu_backend(1);
  const std::vector<double> strikes{90, -1, std::numeric_limits<double>::quiet_NaN(), 110};
  std::vector<double> vols(4, 7);
  std::vector<ElementStatus> status(4);
  const Sabr sabr{0.25, 1.0, -0.4, 0.7};
  REQUIRE(sabr_volatility(*backend, SabrFormula::hagan_lognormal, sabr, 100, 1, strikes, vols, status) == Status::ok);
  CHECK(status[0] == ElementStatus::ok);
  CHECK(status[1] == ElementStatus::domain);
  CHECK(status[2] == ElementStatus::domain);
  CHECK(vols[2] == 0);
  CHECK(vols[3] == sabr_volatility(SabrFormula::hagan_lognormal, sabr, 100, 110, 1));
  CHECK(sabr_volatility(*backend, SabrFormula::hagan_lognormal, {0, 1, 0, 0}, 100, 1, strikes, vols) ==
        Status::invalid_setting);
}
