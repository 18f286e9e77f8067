// American options agree with the integral equation solved to 1e-10 elsewhere, and answer bad input
// element by element.
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
                         {.price = price,
                          .delta = delta,
                          .gamma = gamma,
                          .theta = theta,
                          .vega = {},
                          .rho = {},
                          .boundary = boundary,
                          .status = status}) == Status::ok);
  for (const auto s : status) REQUIRE(s == ElementStatus::ok);
  const Priced out{errors(price, truth.price), errors(delta, truth.delta),
                   errors(gamma, truth.gamma), errors(theta, truth.theta)};
  std::printf(
      "preset %d: price rmse %.1e max %.1e, delta max %.1e, gamma max %.1e, theta max %.1e\n",
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

TEST_CASE("the fast and precise presets hold where the plain iteration diverges") {
  ZOMMA_SHARED_DATA(path, "analytics/american_hard.csv");
  const auto truth = test::read_american(path);
  CHECK(priced(AmericanPreset::fast, truth).price.worst <= 1e-3);
  CHECK(priced(AmericanPreset::precise, truth).price.worst <= 2e-5);
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
                         {.price = price,
                          .delta = {},
                          .gamma = {},
                          .theta = {},
                          .vega = vega,
                          .rho = {},
                          .boundary = {},
                          .status = status}) == Status::ok);
  REQUIRE(american_implied_volatility(*backend, AmericanPreset::fast, truth.terms(), price, implied,
                                      status) == Status::ok);
  std::size_t solved = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (vega[i] < 1e-2)
      continue;  // exercised at once, or worth nothing: no volatility is to be had
    INFO("row " << i);
    REQUIRE(status[i] == ElementStatus::ok);
    REQUIRE(std::fabs(implied[i] - truth.volatility[i]) * vega[i] < 1e-6);
    ++solved;
  }
  CHECK(solved > n * 9 / 10);
}

TEST_CASE("a bad element is answered by its status and leaves its neighbours right") {
  const double nan = std::numeric_limits<double>::quiet_NaN(),
               inf = std::numeric_limits<double>::infinity();
  std::vector<double> spot, strike, expiry, rate, yield, volatility;
  std::vector<std::int8_t> sign;
  const double bad[] = {nan, inf, -1.0};
  const auto add = [&] {
    spot.push_back(100), strike.push_back(105), expiry.push_back(0.5), rate.push_back(0.04),
        yield.push_back(0.01);
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
  std::vector<double> price(n, -7), delta(n), gamma(n), theta(n), vega(n), rho(n), boundary(n),
      implied(n);
  std::vector<ElementStatus> status(n);
  const auto backend = make_cpu_backend(2);
  REQUIRE(american_price(*backend, AmericanPreset::fast,
                         {spot, strike, expiry, rate, yield, volatility, sign},
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
  REQUIRE(american_price(*backend, AmericanPreset::precise,
                         {spot, strike, expiry, rate, yield, volatility, sign},
                         {price, {}, {}, {}, {}, {}, boundary, {}}) == Status::ok);
  const double d1 = (std::log(100.0 / 90) + 0.1) / (0.2 * std::sqrt(2.0)) + 0.1 * std::sqrt(2.0);
  const double cdf1 = 0.5 * std::erfc(-d1 / std::sqrt(2.0)),
               cdf2 = 0.5 * std::erfc(-(d1 / std::sqrt(2.0) - 0.2));
  CHECK(price[0] == Approx(100 * cdf1 - 90 * std::exp(-0.1) * cdf2).epsilon(1e-13));
  CHECK(std::isinf(boundary[0]));
}

TEST_CASE("an element's result depends neither on its neighbours nor on the number of threads") {
  std::vector<double> spot, strike, expiry, rate, yield, volatility;
  std::vector<std::int8_t> sign;
  for (int i = 0; i < 203; ++i) {
    spot.push_back(100), strike.push_back(70 + i % 61), expiry.push_back(0.1 + 0.01 * i);
    rate.push_back(0.001 * (i % 50)), yield.push_back(0.001 * (i % 37));
    volatility.push_back(0.1 + 0.005 * (i % 90)), sign.push_back(i % 2 == 0 ? 1 : -1);
  }
  const AmericanTermsBatch all{spot, strike, expiry, rate, yield, volatility, sign};
  const std::size_t n = spot.size();
  std::vector<double> one(n), three(n), tail(n);
  const auto single = make_cpu_backend(1), pool = make_cpu_backend(3);
  REQUIRE(american_price(*single, AmericanPreset::fast, all, {one, {}, {}, {}, {}, {}, {}, {}}) ==
          Status::ok);
  REQUIRE(american_price(*pool, AmericanPreset::fast, all, {three, {}, {}, {}, {}, {}, {}, {}}) ==
          Status::ok);
  CHECK(one == three);
  const auto from = [](const auto& v) { return std::span(v).subspan(1); };
  const AmericanTermsBatch rest{from(spot),  from(strike),     from(expiry), from(rate),
                                from(yield), from(volatility), from(sign)};
  REQUIRE(american_price(*single, AmericanPreset::fast, rest,
                         {std::span(tail).subspan(1), {}, {}, {}, {}, {}, {}, {}}) == Status::ok);
  CHECK(std::equal(one.begin() + 1, one.end(), tail.begin() + 1));
}

TEST_CASE("vega and rho are the slopes of the price") {
  const std::vector<double> strike{95, 110}, spot{100, 100}, expiry{0.8, 1.5}, yield{0.02, 0.05};
  const std::vector<std::int8_t> sign{-1, 1};
  const auto backend = make_cpu_backend(1);
  const auto price = [&](double rate, double volatility, std::span<double> vega,
                         std::span<double> rho) {
    const std::vector<double> r(2, rate), v(2, volatility);
    std::vector<double> out(2);
    REQUIRE(american_price(*backend, AmericanPreset::accurate,
                           {spot, strike, expiry, r, yield, v, sign},
                           {out, {}, {}, {}, vega, rho, {}, {}}) == Status::ok);
    return out;
  };
  std::vector<double> vega(2), rho(2);
  price(0.04, 0.3, vega, rho);
  const auto up = price(0.04, 0.302, {}, {}), down = price(0.04, 0.298, {}, {});
  const auto high = price(0.0405, 0.3, {}, {}), low = price(0.0395, 0.3, {}, {});
  for (int i = 0; i < 2; ++i) {
    CHECK(vega[i] == Approx((up[i] - down[i]) / 0.004).epsilon(1e-4));
    CHECK(rho[i] == Approx((high[i] - low[i]) / 0.001).epsilon(1e-4));
  }
}

TEST_CASE("prices stay between their bounds, or are refused, where the terms are extreme") {
  std::vector<double> spot, strike, expiry, rate, yield, volatility;
  std::vector<std::int8_t> sign;
  for (const double k : {1.0, 60.0, 100.0, 140.0, 1e4}) {
    for (const double t : {1e-6, 0.01, 1.0, 30.0}) {
      for (const double r : {-0.02, 0.0, 1e-9, 0.05, 0.7}) {
        for (const double q : {0.0, 0.01, 0.05, 0.7}) {
          for (const double v : {0.002, 0.05, 0.4, 3.0}) {
            for (const int s : {-1, 1}) {
              spot.push_back(100), strike.push_back(k), expiry.push_back(t), rate.push_back(r);
              yield.push_back(q), volatility.push_back(v),
                  sign.push_back(static_cast<std::int8_t>(s));
            }
          }
        }
      }
    }
  }
  const std::size_t n = spot.size();
  std::vector<double> price(n), delta(n), gamma(n), theta(n);
  std::vector<ElementStatus> status(n);
  const auto backend = make_cpu_backend(1);
  std::size_t refused = 0;
  for (const auto preset : {AmericanPreset::fast, AmericanPreset::precise}) {
    REQUIRE(american_price(*backend, preset, {spot, strike, expiry, rate, yield, volatility, sign},
                           {price, delta, gamma, theta, {}, {}, {}, status}) == Status::ok);
    for (std::size_t i = 0; i < n; ++i) {
      REQUIRE(std::isfinite(price[i] + delta[i] + gamma[i] + theta[i]));
      if (status[i] != ElementStatus::ok) {
        ++refused;
        continue;
      }
      INFO("element " << i << " K " << strike[i] << " T " << expiry[i] << " r " << rate[i] << " q "
                      << yield[i] << " v " << volatility[i] << " sign " << int{sign[i]});
      const double most =
          sign[i] > 0 ? 100 : strike[i] * std::exp(std::max(-rate[i], 0.0) * expiry[i]);
      REQUIRE(price[i] >= sign[i] * (100 - strike[i]) - 1e-9);
      REQUIRE(price[i] <= most * 1.0001 + 1e-9);
    }
  }
  std::printf("extreme terms: %zu of %zu refused\n", refused, 2 * n);
  CHECK(refused < 2 * n / 20);
}
