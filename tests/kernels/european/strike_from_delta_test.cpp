// strike_from_delta_test.cpp: the strike that has a given delta, against 50 digits.
#include <catch2/catch.hpp>

#include <zomma/kernels/elementary.h>
#include <zomma/kernels/european.h>

#include "kernels/european/truth_table.h"
#include "support/shared_data.h"

namespace zk = zomma::kernels;
using zk::ElementStatus;
using zomma::test::TruthTable;
using zomma::test::units;

TEST_CASE("the strike of a spot or forward delta is as exact as the inputs allow") {
  ZOMMA_SHARED_DATA(path, "analytics/strike_from_delta.csv");
  const TruthTable table(path);
  const auto& kinds = table.texts("kind");
  const auto cp = table.numbers("cp"), delta = table.numbers("delta"), spot = table.numbers("S");
  const auto maturity = table.numbers("T"), rate = table.numbers("r"), yield = table.numbers("q");
  const auto volatility = table.numbers("sigma"), truth = table.numbers("K");
  const std::vector<std::int8_t> sign(cp.begin(), cp.end());
  const auto backend = zk::make_cpu_backend(1);
  double most = 0.0;
  std::size_t seen = 0;
  for (const auto kind : {zk::DeltaKind::spot, zk::DeltaKind::forward}) {
    std::vector<double> strike(table.rows());
    std::vector<ElementStatus> status(table.rows());
    REQUIRE(strike_from_delta(*backend, kind,
                              {sign, delta, spot, maturity, rate, yield, volatility}, strike,
                              status) == zk::Status::ok);
    for (std::size_t i = 0; i < table.rows(); ++i) {
      if ((kinds[i] == "spot") != (kind == zk::DeltaKind::spot)) continue;
      ++seen;
      CHECK(status[i] == ElementStatus::ok);
      // ln K moves by these parts of a relative change of the inputs: carry, deviation, and the
      // probability through d1.
      const double grown = kind == zk::DeltaKind::spot ? yield[i] * maturity[i] : 0.0;
      const double p = std::fabs(delta[i]) * std::exp(grown),
                   s = volatility[i] * std::sqrt(maturity[i]);
      const double d1 = zk::norm_inverse(p), by_p = p / zk::norm_pdf(d1) * s;
      const double condition = 2 * std::fabs(rate[i] * maturity[i]) +
                               2 * std::fabs(yield[i] * maturity[i]) + 1.5 * std::fabs(d1 * s) +
                               1.5 * s * s + by_p * (1 + 2 * std::fabs(grown)) + 1;
      most = std::fmax(most, units<double>(strike[i], truth[i], condition));
    }
  }
  CHECK(seen == table.rows());
  INFO("worst " << most);
  CHECK(most <= 4.0);
}

TEST_CASE("a strike from delta has the delta it was asked for, in both precisions") {
  const std::vector<std::int8_t> sign{1, -1, 1};
  const std::vector<float> delta{0.25f, -0.1f, 0.9f}, spot{100, 50, 2000}, maturity{0.5, 2, 0.01f},
      rate{0.03f, -0.01f, 0}, yield{0, 0.02f, 0.05f}, volatility{0.2f, 0.5f, 0.3f};
  std::vector<float> strike(3), got(3);
  const auto backend = zk::make_cpu_backend(1);
  REQUIRE(strike_from_delta(*backend, zk::DeltaKind::spot,
                            {sign, delta, spot, maturity, rate, yield, volatility},
                            strike) == zk::Status::ok);
  zk::EuropeanResults<float> results;
  results.delta = got;
  REQUIRE(european_greeks(*backend, zk::EuropeanModel::black_scholes,
                          {sign, spot, strike, maturity, rate, yield, volatility},
                          results) == zk::Status::ok);
  for (int i = 0; i < 3; ++i) CHECK(got[i] == Approx(delta[i]).epsilon(1e-4));
}

TEST_CASE("a delta that no strike has is refused by its element alone") {
  const double nan = std::nan("");
  const std::vector<double> delta{0.5, 1.0, 0.0, -0.3, 0.995, nan, 0.5, 0.5};
  const std::vector<std::int8_t> sign{1, 1, 1, 1, 1, 1, 0, 1};
  const std::vector<double> spot(8, 100.0), rate(8, 0.01), yield(8, 0.01), volatility(8, 0.2);
  std::vector<double> maturity(8, 1.0), strike(8, -1.0);
  maturity[7] = 0.0;
  std::vector<ElementStatus> status(8);
  const auto backend = zk::make_cpu_backend(1);
  REQUIRE(strike_from_delta(*backend, zk::DeltaKind::spot,
                            {sign, delta, spot, maturity, rate, yield, volatility}, strike,
                            status) == zk::Status::ok);
  CHECK(status[0] == ElementStatus::ok);
  CHECK(strike[0] > 90.0);
  for (std::size_t i = 1; i < 8; ++i) {
    CHECK(status[i] == (i == 7 ? ElementStatus::expired : ElementStatus::domain));
    CHECK(strike[i] == 0.0);
  }
  CHECK(strike_from_delta(*backend, zk::DeltaKind::spot,
                          {sign, delta, spot, maturity, rate, yield, {}},
                          strike) == zk::Status::length_mismatch);
}
