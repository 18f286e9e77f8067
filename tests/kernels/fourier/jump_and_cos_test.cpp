// Merton's mixture and the cosine series agree with truth, and every transform answers bad input
// element by element.
#include <zomma/kernels/cos.h>
#include <zomma/kernels/merton.h>

#include <cmath>
#include <cstdio>
#include <limits>

#include "kernels/fourier/csv_table.h"
#include "support/shared_data.h"

using namespace zomma;
using namespace zomma::kernels;

TEST_CASE("Merton prices are within 1e-12 of the spot on every truth row") {
  ZOMMA_SHARED_DATA(path, "analytics/merton_prices.csv");
  const auto t = test::read_csv(path);
  const auto backend = make_cpu_backend(1);
  double worst = 0;
  for (std::size_t i = 0; i < t.rows.size(); ++i) {
    const double spot = t.number(i, "S"), strike = t.number(i, "K"), expiry = t.number(i, "T");
    const double rate = t.number(i, "r"), yield = t.number(i, "q");
    const auto sign = static_cast<std::int8_t>(t.number(i, "cp"));
    const JumpParameters jumps{t.number(i, "lambda"), t.number(i, "muJ"), t.number(i, "deltaJ")};
    double price = 0;
    REQUIRE(
        merton_price(*backend, t.number(i, "sigma"), jumps,
                     {{&spot, 1}, {&strike, 1}, {&expiry, 1}, {&rate, 1}, {&yield, 1}, {&sign, 1}},
                     {&price, 1}, {}) == Status::ok);
    const double error = std::fabs(price - t.number(i, "price")) / spot;
    worst = error <= worst ? worst : error;
  }
  std::printf("merton: worst %.2e of spot over %zu rows\n", worst, t.rows.size());
  CHECK(worst <= 1e-12);
}

TEST_CASE("Merton's Greeks are the derivatives of a sixty-digit sum, with and without jumps") {
  const auto t =
      test::read_csv(std::string(ZOMMA_SOURCE_DIR) + "/tests/kernels/data/merton_greeks.csv");
  REQUIRE(t.rows.size() == 160);
  const auto backend = make_cpu_backend(1);
  const char* names[] = {"price", "delta",        "gamma",        "vega",
                         "theta", "rho",          "phi",          "vanna",
                         "vomma", "by_intensity", "by_jump_mean", "by_jump_deviation"};
  double worst[12] = {}, largest[12] = {};
  for (std::size_t i = 0; i < t.rows.size(); ++i) {
    const double spot = t.number(i, "S"), strike = t.number(i, "K"), expiry = t.number(i, "T");
    const double rate = t.number(i, "r"), yield = t.number(i, "q");
    const auto sign = static_cast<std::int8_t>(t.number(i, "cp"));
    double v[12];
    ElementStatus status{};
    const auto column = [&](int c) { return std::span<double>(&v[c], 1); };
    REQUIRE(
        merton_price(*backend, t.number(i, "sigma"),
                     {t.number(i, "lambda"), t.number(i, "muJ"), t.number(i, "deltaJ")},
                     {{&spot, 1}, {&strike, 1}, {&expiry, 1}, {&rate, 1}, {&yield, 1}, {&sign, 1}},
                     {column(0),
                      column(1),
                      column(2),
                      column(3),
                      column(4),
                      column(5),
                      column(6),
                      column(7),
                      column(8),
                      column(9),
                      column(10),
                      column(11),
                      {&status, 1}}) == Status::ok);
    REQUIRE(status == ElementStatus::ok);
    for (int c = 0; c < 12; ++c) {
      const double truth = t.number(i, names[c]);
      worst[c] = std::fmax(worst[c], std::fabs(v[c] - truth));
      largest[c] = std::fmax(largest[c], std::fabs(truth));
    }
  }
  for (int c = 0; c < 12; ++c) {
    INFO(names[c] << ": worst " << worst[c] << ", largest " << largest[c]);
    CHECK(worst[c] <= 3e-13 * largest[c]);
  }
}

TEST_CASE("a Merton price is the same bits with and without its Greeks, and bad rows are zeros") {
  const std::vector<double> spot{100, 100, NAN, 100, -1, 100}, strike{95, 110, 100, 0, 100, 100},
      expiry{0.5, 2, 1, 1, 1, INFINITY}, rate(6, 0.03), yield(6, 0.01);
  const std::vector<std::int8_t> sign{1, -1, 1, 1, -1, 1};
  const MertonBatch terms{spot, strike, expiry, rate, yield, sign};
  const auto backend = make_cpu_backend(1);
  std::vector<double> alone(6, -7), price(6, -7), vega(6, -7);
  std::vector<ElementStatus> status(6);
  REQUIRE(merton_price(*backend, 0.2, {2, -0.1, 0.2}, terms, alone, {}) == Status::ok);
  MertonValues out;
  out.price = price, out.vega = vega, out.status = status;
  REQUIRE(merton_price(*backend, 0.2, {2, -0.1, 0.2}, terms, out) == Status::ok);
  CHECK(price == alone);
  for (std::size_t i = 2; i < 6; ++i) {
    CHECK(status[i] == ElementStatus::domain);
    CHECK(price[i] == 0);
    CHECK(vega[i] == 0);
  }
  out.vega = std::span(vega).first(3);
  CHECK(merton_price(*backend, 0.2, {2, -0.1, 0.2}, terms, out) == Status::length_mismatch);
}

TEST_CASE("the cosine series agrees with the truth wherever it says that its terms suffice") {
  ZOMMA_SHARED_DATA(path, "analytics/heston_prices.csv");
  const auto t = test::read_csv(path);
  const auto backend = make_cpu_backend(1);
  std::size_t close = 0;
  double worst = 0;
  for (std::size_t i = 0; i < t.rows.size(); ++i) {
    const HestonParameters model{t.number(i, "v0"), t.number(i, "kappa"), t.number(i, "theta"),
                                 t.number(i, "sigma"), t.number(i, "rho")};
    const HestonExpiry expiry{t.number(i, "T"), t.number(i, "r"), t.number(i, "q"), 0, 1};
    const double strike = t.number(i, "K");
    const auto sign = static_cast<std::int8_t>(t.number(i, "cp"));
    double price = 0;
    ElementStatus status{};
    REQUIRE(cos_price(*backend, 4096, model, {},
                      {t.number(i, "S"), {&expiry, 1}, {&strike, 1}, {&sign, 1}},
                      {{&price, 1}, {}, {}, {}, {&status, 1}}) == Status::ok);
    if (status != ElementStatus::ok) continue;
    const double error = std::fabs(price - t.number(i, "price")) / t.number(i, "S");
    ++close;
    worst = error <= worst ? worst : error;
  }
  std::printf("cos, 4096 terms: %zu of %zu rows converged, worst %.1e of spot\n", close,
              t.rows.size(), worst);
  CHECK(worst <= 1e-8);
  CHECK(close >= t.rows.size() * 85 / 100);
}

TEST_CASE("a bad strike, sign, or expiry is answered by its own status") {
  const double nan = std::numeric_limits<double>::quiet_NaN(),
               inf = std::numeric_limits<double>::infinity();
  const HestonParameters model{0.04, 1.5, 0.05, 0.6, -0.7};
  const std::vector<HestonExpiry> expiries{
      {1, 0.02, 0.01, 0, 6}, {0, 0.02, 0.01, 6, 7}, {nan, 0, 0, 7, 8}, {-1, 0, 0, 8, 9}};
  const std::vector<double> strike{100, nan, inf, -5, 0, 100, 100, 100, 100};
  const std::vector<std::int8_t> sign{1, 1, 1, 1, 1, 2, 1, 1, 1};
  const auto backend = make_cpu_backend(1);
  std::vector<double> price(9, -7), series(9, -7);
  std::vector<ElementStatus> status(9);
  const HestonQuotes quotes{100, expiries, strike, sign};
  REQUIRE(heston_price(*backend, model, {}, quotes, {price, {}, {}, {}, status}) == Status::ok);
  CHECK(status[0] == ElementStatus::ok);
  for (std::size_t i = 1; i < 9; ++i) {
    INFO("element " << i);
    CHECK(status[i] == ElementStatus::domain);
    CHECK(price[i] == 0.0);
  }
  REQUIRE(cos_price(*backend, 4096, model, {}, quotes, {series, {}, {}, {}, status}) == Status::ok);
  CHECK(series[0] == Approx(price[0]).epsilon(1e-9));
  for (std::size_t i = 1; i < 9; ++i) CHECK(status[i] == ElementStatus::domain);
}

TEST_CASE("parameters outside their range and spans that do not fit are refused whole") {
  const HestonExpiry expiry{1, 0, 0, 0, 1}, beyond{1, 0, 0, 0, 2};
  const double strike = 100;
  const std::int8_t sign = 1;
  double price = -7;
  const auto backend = make_cpu_backend(1);
  const HestonQuotes quotes{100, {&expiry, 1}, {&strike, 1}, {&sign, 1}};
  const HestonValues out{{&price, 1}, {}, {}, {}, {}};
  for (const HestonParameters& bad :
       {HestonParameters{-0.04, 1, 0.04, 0.5, 0}, HestonParameters{0.04, 1, 0.04, 0, 0},
        HestonParameters{0.04, 1, 0.04, 0.5, 1}, HestonParameters{0, 0, 0.04, 0.5, 0}}) {
    CHECK(heston_price(*backend, bad, {}, quotes, out) == Status::invalid_setting);
  }
  CHECK(heston_price(*backend, {0.04, 1, 0.04, 0.5, 0}, {},
                     {100, {&beyond, 1}, {&strike, 1}, {&sign, 1}},
                     out) == Status::length_mismatch);
  CHECK(price == -7);
}
