// American options agree with the integral equation solved to 1e-10 elsewhere, and answer bad input element by element.
#include <zomma/kernels/american.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "kernels/american/american_truth.h"
#include "support/shared_data.h"

using namespace zomma;
using namespace zomma::kernels;

namespace {

struct Errors {
  double rmse = 0, worst = 0;
};

Errors errors(const std::vector<double>& got, const std::vector<double>& truth) {
  Errors out;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double e = std::isinf(truth[i]) && got[i] == truth[i] ? 0 : std::fabs(got[i] - truth[i]);
    out.rmse += e * e;
    out.worst = e <= out.worst ? out.worst : e;
  }
  out.rmse = std::sqrt(out.rmse / static_cast<double>(got.size()));
  return out;
}

struct Priced {
  Errors price, delta, gamma, theta;
};

Priced priced(AmericanPreset preset, const test::AmericanTruth& truth) {
  const std::size_t n = truth.spot.size();
  std::vector<double> price(n), delta(n), gamma(n), theta(n), boundary(n);
  std::vector<ElementStatus> status(n, ElementStatus::no_convergence);
  const auto backend = make_cpu_backend(1);
  REQUIRE(american_price(*backend, preset, truth.terms(),
                         {.price = price, .delta = delta, .gamma = gamma, .theta = theta, .vega = {}, .rho = {},
                          .boundary = boundary, .status = status}) == Status::ok);
  for (const auto s : status) REQUIRE(s == ElementStatus::ok);
  const Priced out{errors(price, truth.price), errors(delta, truth.delta), errors(gamma, truth.gamma),
                   errors(theta, truth.theta)};
  std::printf("preset %d: price rmse %.1e max %.1e, delta max %.1e, gamma max %.1e, theta max %.1e\n",
              static_cast<int>(preset), out.price.rmse, out.price.worst, out.delta.worst, out.gamma.worst,
              out.theta.worst);
  return out;
}

}  // namespace

TEST_CASE("the fast preset is within 2.5e-5 root mean square at a spot of 100") {
  ZOMMA_SHARED_DATA(path, "analytics/american.csv");
  CHECK(priced(AmericanPreset::fast, test::read_american(path)).price.rmse <= 2.5e-5);
}

TEST_CASE("the precise preset is within 1e-6 root mean square") {
  ZOMMA_SHARED_DATA(path, "analytics/american.csv");
  CHECK(priced(AmericanPreset::precise, test::read_american(path)).price.rmse <= 1e-6);
}

TEST_CASE("the accurate preset is within 1e-8 of the spot on every row, the hard ones included") {
  for (const char* name : {"analytics/american.csv", "analytics/american_hard.csv"}) {
    ZOMMA_SHARED_DATA(path, name);
    const auto got = priced(AmericanPreset::accurate, test::read_american(path));
    CHECK(got.price.worst <= 1e-6);
    CHECK(got.delta.worst <= 1e-6);
  }
}

TEST_CASE("implied volatility gives back the volatility that made the price") {
  ZOMMA_SHARED_DATA(path, "analytics/american.csv");
  const auto truth = test::read_american(path);
  const std::size_t n = truth.spot.size();
  const auto backend = make_cpu_backend(1);
  std::vector<double> price(n), vega(n), implied(n);
  std::vector<ElementStatus> status(n);
  REQUIRE(american_price(*backend, AmericanPreset::fast, truth.terms(),
                         {.price = price, .delta = {}, .gamma = {}, .theta = {}, .vega = vega, .rho = {},
                          .boundary = {}, .status = status}) == Status::ok);
  REQUIRE(american_implied_volatility(*backend, AmericanPreset::fast, truth.terms(), price, implied, status) ==
          Status::ok);
  std::size_t solved = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (vega[i] < 1e-2) continue;  // exercised at once, or worth nothing: no volatility is to be had
    INFO("row " << i);
    REQUIRE(status[i] == ElementStatus::ok);
    REQUIRE(std::fabs(implied[i] - truth.volatility[i]) * vega[i] < 1e-6);
    ++solved;
  }
  CHECK(solved > n * 9 / 10);
}

TEST_CASE("a bad element is answered by its status and leaves its neighbours right") {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  std::vector<double> spot, strike, expiry, rate, yield, volatility;
  std::vector<std::int8_t> sign;
  const double bad[] = {nan, inf, -1.0};
  const auto add = [&] {
    spot.push_back(100), strike.push_back(105), expiry.push_back(0.5), rate.push_back(0.04), yield.push_back(0.01);
    volatility.push_back(0.3), sign.push_back(-1);
  };
  for (auto* column : {&spot, &strike, &expiry, &volatility, &rate, &yield}) {
    for (const double x : bad) {
      add(), add();
      column->back() = x == -1.0 && (column == &rate || column == &yield) ? -inf : x;
    }
  }
  add(), expiry.back() = 0;
  add(), sign.back() = 0;
  add(), rate.back() = -0.01, yield.back() = -0.02;
  const std::size_t n = spot.size();
  std::vector<double> price(n, -7), delta(n), gamma(n), theta(n), vega(n), rho(n), boundary(n), implied(n);
  std::vector<ElementStatus> status(n);
  const auto backend = make_cpu_backend(2);
  REQUIRE(american_price(*backend, AmericanPreset::fast, {spot, strike, expiry, rate, yield, volatility, sign},
                         {price, delta, gamma, theta, vega, rho, boundary, status}) == Status::ok);
  for (std::size_t i = 0; i < n; ++i) {
    INFO("element " << i);
    const bool is_good = i < 36 && i % 2 == 0;
    CHECK((status[i] == ElementStatus::ok) == is_good);
    CHECK(price[i] == (is_good ? price[0] : 0.0));
    CHECK(vega[i] == (is_good ? vega[0] : 0.0));
  }
}

TEST_CASE("spans of different lengths are refused and nothing is written") {
  const std::vector<double> one{1.0}, two{1.0, 2.0};
  const std::vector<std::int8_t> sign{1};
  std::vector<double> price{-7.0};
  const auto backend = make_cpu_backend(1);
  CHECK(american_price(*backend, AmericanPreset::fast, {one, two, one, one, one, one, sign},
                       {price, {}, {}, {}, {}, {}, {}, {}}) == Status::length_mismatch);
  CHECK(price[0] == -7.0);
}

TEST_CASE("a call without dividends is never exercised early") {
  const std::vector<double> spot{100}, strike{90}, expiry{2}, rate{0.05}, yield{0}, volatility{0.2};
  const std::vector<std::int8_t> sign{1};
  std::vector<double> price(1), boundary(1);
  const auto backend = make_cpu_backend(1);
  REQUIRE(american_price(*backend, AmericanPreset::precise, {spot, strike, expiry, rate, yield, volatility, sign},
                         {price, {}, {}, {}, {}, {}, boundary, {}}) == Status::ok);
  const double d1 = (std::log(100.0 / 90) + 0.1) / (0.2 * std::sqrt(2.0)) + 0.1 * std::sqrt(2.0);
  const double cdf1 = 0.5 * std::erfc(-d1 / std::sqrt(2.0)), cdf2 = 0.5 * std::erfc(-(d1 / std::sqrt(2.0) - 0.2));
  CHECK(price[0] == Approx(100 * cdf1 - 90 * std::exp(-0.1) * cdf2).epsilon(1e-13));
  CHECK(std::isinf(boundary[0]));
}
