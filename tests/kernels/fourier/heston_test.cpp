// Heston and Bates agree with quadruple-precision truth to 1e-10 of the spot on every row.
#include <zomma/kernels/heston.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "kernels/fourier/csv_table.h"
#include "support/shared_data.h"

using namespace zomma;
using namespace zomma::kernels;

namespace {

struct One {
  double price, delta, gamma;
  HestonGradient gradient;
  ElementStatus status;
};

HestonParameters model_of(const test::CsvTable& t, std::size_t row) {
  return {t.number(row, "v0"), t.number(row, "kappa"), t.number(row, "theta"),
          t.number(row, "sigma"), t.number(row, "rho")};
}

One price_row(const test::CsvTable& t, std::size_t row, const JumpParameters& jumps, bool greeks) {
  const auto backend = make_cpu_backend(1);
  const HestonExpiry expiry{t.number(row, "T"), t.number(row, "r"), t.number(row, "q"), 0, 1};
  const double strike = t.number(row, "K");
  const auto sign = static_cast<std::int8_t>(t.number(row, "cp"));
  One out{};
  std::vector<HestonGradient> gradient(1);
  HestonValues values{{&out.price, 1}, {}, {}, {}, {&out.status, 1}};
  if (greeks)
    values = {{&out.price, 1}, {&out.delta, 1}, {&out.gamma, 1}, gradient, {&out.status, 1}};
  const HestonQuotes quotes{t.number(row, "S"), {&expiry, 1}, {&strike, 1}, {&sign, 1}};
  REQUIRE(heston_price(*backend, model_of(t, row), jumps, quotes, values) == Status::ok);
  out.gradient = gradient[0];
  return out;
}

// The worst error over all rows in units of the spot.
double worst_error(const test::CsvTable& t, const std::string& truth, bool jumps) {
  double worst = 0;
  std::size_t where = 0;
  for (std::size_t i = 0; i < t.rows.size(); ++i) {
    const JumpParameters jump =
        jumps ? JumpParameters{t.number(i, "lambda"), t.number(i, "muJ"), t.number(i, "deltaJ")}
              : JumpParameters{};
    const One got = price_row(t, i, jump, false);
    INFO("row " << i);
    REQUIRE(got.status == ElementStatus::ok);
    const double error = std::fabs(got.price - t.number(i, truth)) / t.number(i, "S");
    if (!(error <= worst)) worst = error, where = i;
  }
  std::printf("%s: worst %.2e of spot, row %zu of %zu\n", jumps ? "bates" : "heston", worst, where,
              t.rows.size());
  return worst;
}

}  // namespace

TEST_CASE("Heston prices are within 1e-10 of the spot on every truth row") {
  ZOMMA_SHARED_DATA(path, "analytics/heston_prices.csv");
  CHECK(worst_error(test::read_csv(path), "price", false) <= 1e-10);
}

TEST_CASE("the published Heston cases are met to 1e-10 of the spot") {
  ZOMMA_SHARED_DATA(path, "analytics/heston_published_cases.csv");
  CHECK(worst_error(test::read_csv(path), "truth_25_digits", false) <= 1e-10);
}

TEST_CASE("Bates prices are within 1e-10 of the spot on every truth row") {
  ZOMMA_SHARED_DATA(path, "analytics/bates_prices.csv");
  CHECK(worst_error(test::read_csv(path), "price", true) <= 1e-10);
}

TEST_CASE("Heston's gradient by its parameters, delta and gamma equal the truth") {
  ZOMMA_SHARED_DATA(path, "analytics/heston_gradients.csv");
  const auto t = test::read_csv(path);
  double worst[7] = {};
  for (std::size_t i = 0; i < t.rows.size(); ++i) {
    const One got = price_row(t, i, {}, true);
    INFO("row " << i);
    REQUIRE(got.status == ElementStatus::ok);
    const double values[7] = {got.delta,          got.gamma,          got.gradient.v0,
                              got.gradient.kappa, got.gradient.theta, got.gradient.sigma,
                              got.gradient.rho};
    const char* names[7] = {"delta", "gamma", "d_v0", "d_kappa", "d_theta", "d_sigma", "d_rho"};
    for (int k = 0; k < 7; ++k) {
      const double truth = t.number(i, names[k]),
                   error = std::fabs(values[k] - truth) / (1 + std::fabs(truth));
      worst[k] = error <= worst[k] ? worst[k] : error;
    }
  }
  for (const double w : worst) std::printf("%.1e ", w);
  std::printf("worst of delta, gamma and the five derivatives\n");
  for (const double w : worst) CHECK(w <= 1e-8);
}

TEST_CASE("the gradient by the jumps is that of the price's difference quotients") {
  const HestonParameters model{0.05, 1.2, 0.04, 0.5, -0.5};
  const JumpParameters jumps{0.6, -0.12, 0.2};
  const std::vector<double> strike{70, 90, 100, 110, 140};
  const std::vector<std::int8_t> sign{-1, -1, 1, 1, 1};
  const std::vector<HestonExpiry> slices{{0.4, 0.03, 0.01, 0, 5}};
  const HestonQuotes quotes{100, slices, strike, sign};
  const auto backend = make_cpu_backend(1);
  std::vector<double> price(5), up(5), down(5);
  std::vector<JumpGradient> gradient(5);
  std::vector<ElementStatus> status(5);
  HestonValues out{price, {}, {}, {}, status};
  out.jump_gradient = gradient;
  REQUIRE(heston_price(*backend, model, jumps, quotes, out) == Status::ok);
  const auto compare = [&](double JumpParameters::*parameter, double JumpGradient::*slope) {
    constexpr double h = 1e-4;
    for (const double side : {1.0, -1.0}) {
      JumpParameters moved = jumps;
      moved.*parameter += side * h;
      REQUIRE(heston_price(*backend, model, moved, quotes,
                           {side > 0 ? up : down, {}, {}, {}, status}) == Status::ok);
    }
    for (std::size_t i = 0; i < 5; ++i)
      CHECK(gradient[i].*slope == Approx((up[i] - down[i]) / (2 * h)).epsilon(1e-6));
  };
  compare(&JumpParameters::intensity, &JumpGradient::intensity);
  compare(&JumpParameters::mean, &JumpGradient::mean);
  compare(&JumpParameters::deviation, &JumpGradient::deviation);
}
