// Three independent methods for an American option agree, and a local-volatility surface reprices
// what it came from.
#include <zomma/kernels/american_cash.h>
#include <zomma/kernels/lattice.h>
#include <zomma/kernels/pde.h>

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdio>

#include "kernels/american/american_truth.h"
#include "support/shared_data.h"

using namespace zomma;
using namespace zomma::kernels;

namespace {

double black(double forward, double strike, double variance, int sign) {
  const double s = std::sqrt(variance), d1 = std::log(forward / strike) / s + 0.5 * s;
  const auto cdf = [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); };
  return sign * (forward * cdf(sign * d1) - strike * cdf(sign * (d1 - s)));
}

// A total variance without arbitrage whose local variance is smooth down to t = 0: SSVI, constant
// phi.
double ssvi(double k, double t) {
  const double theta = 0.04 * t, rho = -0.6, phi = 1.5;
  return 0.5 * theta *
         (1 + rho * phi * k + std::sqrt((phi * k + rho) * (phi * k + rho) + 1 - rho * rho));
}

// Dupire's local variance of it, derivatives by differences.
double dupire(double k, double t) {
  const double h = 1e-4, w = ssvi(k, t), up = ssvi(k + h, t), down = ssvi(k - h, t);
  const double w1 = (up - down) / (2 * h), w2 = (up - 2 * w + down) / (h * h);
  const double wt = (ssvi(k, t * 1.0001) - ssvi(k, t * 0.9999)) / (0.0002 * t);
  const double a = 1 - 0.5 * k * w1 / w;
  return wt / (a * a - 0.25 * w1 * w1 * (1 / w + 0.25) + 0.5 * w2);
}

}  // namespace

TEST_CASE("the Leisen-Reimer tree meets the integral equation's prices") {
  ZOMMA_SHARED_DATA(path, "analytics/american.csv");
  const auto truth = test::read_american(path);
  const std::size_t n = truth.spot.size();
  std::vector<double> price(n);
  std::vector<ElementStatus> status(n);
  const auto backend = make_cpu_backend(1);
  REQUIRE(lattice_price(*backend, 301, truth.terms(), price, status) == Status::ok);
  double worst = 0, square = 0;
  for (std::size_t i = 0; i < n; ++i) {
    REQUIRE(status[i] == ElementStatus::ok);
    const double error = std::fabs(price[i] - truth.price[i]);
    worst = std::max(worst, error);
    square += error * error;
  }
  std::printf("tree of 301: rmse %.1e, worst %.1e\n", std::sqrt(square / n), worst);
  CHECK(std::sqrt(square / n) < 1e-2);
  CHECK(worst < 1e-1);
}

TEST_CASE("finite differences meet the integral equation's prices, deltas and gammas") {
  ZOMMA_SHARED_DATA(path, "analytics/american.csv");
  const auto truth = test::read_american(path);
  const auto backend = make_cpu_backend(1);
  const double zero = 0;
  double worst = 0, worst_delta = 0, square = 0;
  for (std::size_t i = 0; i < truth.spot.size(); ++i) {
    const double variance = truth.volatility[i] * truth.volatility[i];
    const LocalVariance constant{{&zero, 1}, {&zero, 1}, {&variance, 1}};
    double price = 0, delta = 0, gamma = 0;
    ElementStatus status{};
    REQUIRE(pde_price(*backend, constant, {truth.spot[i], truth.rate[i], truth.yield[i]},
                      {201, 100},
                      {{&truth.strike[i], 1}, {&truth.expiry[i], 1}, {&truth.sign[i], 1}, true},
                      {&price, 1}, {&delta, 1}, {&gamma, 1}, {&status, 1}) == Status::ok);
    REQUIRE(status == ElementStatus::ok);
    const double error = std::fabs(price - truth.price[i]);
    worst = std::max(worst, error);
    square += error * error;
    worst_delta = std::max(worst_delta, std::fabs(delta - truth.delta[i]));
  }
  std::printf("201 x 100 grid: rmse %.1e, worst %.1e, worst delta %.1e\n",
              std::sqrt(square / static_cast<double>(truth.spot.size())), worst, worst_delta);
  CHECK(worst < 2e-2);
  CHECK(worst_delta < 5e-3);
}

TEST_CASE("European prices under the local variance of a smile are the smile's own") {
  std::vector<double> time, moneyness, variance;
  for (int i = 1; i <= 60; ++i) time.push_back(2.0 * i * i / 3600);
  for (int j = -100; j <= 100; ++j) moneyness.push_back(0.025 * j);
  for (const double t : time) {
    for (const double k : moneyness) variance.push_back(dupire(k, t));
  }
  std::vector<double> strike, expiry, price(27), truth;
  std::vector<std::int8_t> sign;
  const SpotMarket market{100, 0.03, 0.01};
  for (const double t : {0.5, 1.0, 2.0}) {
    for (int j = -4; j <= 4; ++j) {
      const double forward = 100 * std::exp(0.02 * t);
      expiry.push_back(t);
      strike.push_back(forward * std::exp(0.1 * j));
      sign.push_back(static_cast<std::int8_t>(j < 0 ? -1 : 1));
      truth.push_back(std::exp(-0.03 * t) *
                      black(forward, strike.back(), ssvi(0.1 * j, t), sign.back()));
    }
  }
  std::vector<ElementStatus> status(27);
  const auto backend = make_cpu_backend(1);
  const LocalVariance local{time, moneyness, variance};
  REQUIRE(local_vol_price(*backend, local, market, {801, 400}, strike, expiry, sign, price,
                          status) == Status::ok);
  std::vector<double> backward(27);
  REQUIRE(pde_price(*backend, local, market, {801, 400}, {strike, expiry, sign, false}, backward,
                    {}, {}, status) == Status::ok);
  double worst = 0, apart = 0;
  for (std::size_t i = 0; i < 27; ++i) {
    worst = std::max(worst, std::fabs(price[i] - truth[i]));
    apart = std::max(apart, std::fabs(price[i] - backward[i]));
  }
  std::printf(
      "local volatility: worst %.1e from the smile, %.1e between forward and backward equation\n",
      worst, apart);
  CHECK(worst < 3e-3);
  CHECK(apart < 1e-3);
}

TEST_CASE("a grid that is empty, unsorted or not a variance is refused") {
  const double zero = 0, one = 1, bad = -0.1, strike = 100;
  const std::vector<double> unsorted{1, 0}, pair{0.04, 0.04};
  const std::int8_t sign = 1;
  double price = -7;
  ElementStatus status{};
  const auto backend = make_cpu_backend(1);
  const auto answer = [&](const LocalVariance& local, PdeResolution resolution) {
    return local_vol_price(*backend, local, {100, 0, 0}, resolution, {&strike, 1}, {&one, 1},
                           {&sign, 1}, {&price, 1}, {&status, 1});
  };
  CHECK(answer({{}, {}, {}}, {}) == Status::invalid_setting);
  CHECK(answer({unsorted, {&zero, 1}, pair}, {}) == Status::invalid_setting);
  CHECK(answer({{&zero, 1}, {&zero, 1}, {&bad, 1}}, {}) == Status::invalid_setting);
  CHECK(answer({{&zero, 1}, {&zero, 1}, {&one, 1}}, {3, 100}) == Status::invalid_setting);
  CHECK(price == -7);
  CHECK(answer({{&zero, 1}, {&zero, 1}, {pair.data(), 1}}, {}) == Status::ok);
  CHECK(price == Approx(black(100, 100, 0.04, 1)).epsilon(1e-4));
}

TEST_CASE("an American call before one dividend is worth what the dividend's day decides") {
  // C = e^-rt E[max(S + D - K, European call on S)], S lognormal at the dividend's time t.
  const double spot = 80, strike = 82, when = 0.25, expiry = 1.0 / 3, rate = 0.06, sigma = 0.3,
               cash = 4;
  const double risky = spot - cash * std::exp(-rate * when), root = sigma * std::sqrt(when);
  const auto call = [&](double s, double t) {
    const double d =
        (std::log(s / strike) + rate * t) / (sigma * std::sqrt(t)) + 0.5 * sigma * std::sqrt(t);
    return s * norm_cdf(d) - strike * std::exp(-rate * t) * norm_cdf(d - sigma * std::sqrt(t));
  };
  double want = 0;
  constexpr int points = 40001;
  for (int i = 0; i < points; ++i) {
    const double z = -8 + 16.0 * i / (points - 1);
    const double s = risky * std::exp((rate - 0.5 * sigma * sigma) * when + root * z);
    want += 16.0 / (points - 1) * norm_pdf(z) * std::max(s + cash - strike, call(s, expiry - when));
  }
  want *= std::exp(-rate * when);
  CHECK(want == Approx(4.3860).margin(1e-4));  // Haug (1998), Roll-Geske-Whaley

  const std::vector<double> strikes{strike}, expiries{expiry}, time{when}, amount{cash};
  const std::vector<std::int8_t> sign{1};
  const std::vector<double> at{1.0}, moneyness{0.0}, variance{sigma * sigma};
  std::vector<double> price(1), european(1), greeks(1);
  std::vector<ElementStatus> status(1);
  const auto backend = make_cpu_backend(1);
  const LocalVariance flat{at, moneyness, variance};
  const PdeResolution fine{801, 400};
  PdeOptions options{strikes, expiries, sign, true, {time, amount}};
  REQUIRE(pde_price(*backend, flat, {spot, rate, 0}, fine, options, price, {}, {}, status) ==
          Status::ok);
  CHECK(status[0] == ElementStatus::ok);
  CHECK(price[0] == Approx(want).margin(2e-3));

  options.american = false;
  REQUIRE(pde_price(*backend, flat, {spot, rate, 0}, fine, options, european, {}, {}, {}) ==
          Status::ok);
  CHECK(european[0] == Approx(call(risky, expiry)).margin(1e-3));
  EuropeanResults<double> out;
  out.value = greeks;
  const std::vector<double> spots{spot}, rates{rate}, vols{sigma};
  REQUIRE(european_greeks(*backend, EuropeanModel::black_scholes,
                          {sign, spots, strikes, expiries, rates, {}, vols}, out, {},
                          {time, amount}) == Status::ok);
  CHECK(european[0] == Approx(greeks[0]).margin(1e-3));

  const std::vector<double> too_much{100.0};
  options.dividends = {time, too_much};
  REQUIRE(pde_price(*backend, flat, {spot, rate, 0}, fine, options, price, {}, {}, status) ==
          Status::ok);
  CHECK(status[0] == ElementStatus::domain);
  options.dividends = {time, {}};
  CHECK(pde_price(*backend, flat, {spot, rate, 0}, fine, options, price, {}, {}, status) ==
        Status::length_mismatch);
}

TEST_CASE(
    "American options on cash in batches: pde_price's numbers, their inverse, bad rows alone") {
  const std::vector<double> time{0.25, 0.75}, amount{1.5, 1.5};
  const CashDividends<double> dividends{time, amount};
  const std::vector<double> spot{100, 100, NAN, 100, 100, 100, 2},
      strike{90, 110, 100, -1, 100, 100, 1}, expiry{1, 1, 1, 1, 0, 1, 1},
      rate{0.03, 0.03, 0.03, 0.03, 0.03, INFINITY, 0.03}, yield(7, 0.0),
      vol{0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25};
  const std::vector<std::int8_t> sign{1, -1, 1, 1, 1, 1, 1};
  const AmericanTermsBatch terms{spot, strike, expiry, rate, yield, vol, sign};
  std::vector<double> price(7, -7), vega(7, -7), back(7, -7);
  std::vector<ElementStatus> status(7);
  const auto pool = make_cpu_backend(3);
  REQUIRE(american_cash_price(*pool, {}, terms, dividends, {price, {}, {}, vega, status}) ==
          Status::ok);
  const double zero = 0, variance = 0.25 * 0.25;
  std::vector<double> alone(2);
  REQUIRE(pde_price(*pool, {{&zero, 1}, {&zero, 1}, {&variance, 1}}, {100, 0.03, 0}, {},
                    {std::span(strike).first(2), std::span(expiry).first(2),
                     std::span(sign).first(2), true, dividends},
                    alone, {}, {}, {}) == Status::ok);
  CHECK(price[0] == alone[0]);
  CHECK(price[1] == alone[1]);
  CHECK(vega[0] > 20);
  for (std::size_t i = 2; i < 7; ++i) {  // the last pays more than it is worth
    INFO(i);
    CHECK(status[i] == ElementStatus::domain);
    CHECK(price[i] == 0);
    CHECK(vega[i] == 0);
  }
  price[1] = 9;  // below 110 - 100 + what the dividends add
  REQUIRE(american_cash_implied_volatility(*pool, {}, terms, dividends, price, back, status) ==
          Status::ok);
  CHECK(back[0] == Approx(0.25).epsilon(1e-7));
  CHECK(status[1] == ElementStatus::below_intrinsic);
  CHECK(back[1] == 0);
  CHECK(status[3] == ElementStatus::domain);
  const std::vector<double> negative{1.5, -1};
  CHECK(american_cash_price(*pool, {}, terms, {time, negative}, {price, {}, {}, {}, {}}) ==
        Status::invalid_setting);
  CHECK(american_cash_price(*pool, {3, 3}, terms, dividends, {price, {}, {}, {}, {}}) ==
        Status::invalid_setting);
  CHECK(american_cash_price(*pool, {}, terms, {time, {}}, {price, {}, {}, {}, {}}) ==
        Status::length_mismatch);
}
