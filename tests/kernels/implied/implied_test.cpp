// implied_test.cpp: implied volatilities against 160 digits, and prices that no volatility has.
#include <catch2/catch.hpp>

#include <zomma/kernels/european.h>
#include <zomma/kernels/implied.h>
#include <zomma/kernels/implied_element.h>

#include <cstdio>
#include <cstring>
#include <limits>

#include "kernels/european/truth_table.h"
#include "support/shared_data.h"

namespace zk = zomma::kernels;
using zk::ElementStatus;
using zk::ImpliedModel;
using zomma::test::TruthTable;
using zomma::test::units;

namespace {

template <class T>
struct Quotes {
  std::vector<std::int8_t> sign;
  std::vector<T> price, forward, strike, maturity, volatility;
  std::vector<ElementStatus> status;

  void add(int s, T p, T f, T k, T t) {
    sign.push_back(static_cast<std::int8_t>(s));
    price.push_back(p), forward.push_back(f), strike.push_back(k), maturity.push_back(t);
  }
  zk::Status run(ImpliedModel model, unsigned threads = 1) {
    volatility.assign(sign.size(), T(-7));
    status.assign(sign.size(), ElementStatus::no_convergence);
    const auto backend = zk::make_cpu_backend(threads);
    return implied_volatility(*backend, model, {sign, price, forward, strike, maturity}, volatility,
                              status);
  }
};

double worst_of(const TruthTable& table, ImpliedModel model, const char* column) {
  Quotes<double> quotes;
  const auto cp = table.numbers("cp"), price = table.numbers("price"), forward = table.numbers("F");
  const auto strike = table.numbers("K"), maturity = table.numbers("T");
  const auto truth = table.numbers(column), condition = table.numbers("cond");
  for (std::size_t i = 0; i < table.rows(); ++i)
    quotes.add(int(cp[i]), price[i], forward[i], strike[i], maturity[i]);
  REQUIRE(quotes.run(model, 2) == zk::Status::ok);
  double most = 0.0;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    CHECK(quotes.status[i] == ElementStatus::ok);
    most = std::fmax(most, units<double>(quotes.volatility[i], truth[i], condition[i]));
  }
  return most;
}

}  // namespace

TEST_CASE("Black volatilities are within 3 units of what the price allows on every row") {
  ZOMMA_SHARED_DATA(path, "analytics/iv_black.csv");
  const double most = worst_of(TruthTable(path), ImpliedModel::black, "sigma");
  INFO("worst " << most);
  CHECK(most <= 3.0);
}

TEST_CASE("the same on prices of our own") {
  const TruthTable table(zomma::test::own_truth("implied.csv"));
  REQUIRE(table.rows() >= 300);
  const double most = worst_of(table, ImpliedModel::black, "sigma");
  std::printf("implied volatility, %zu prices of our own: worst %.2f units\n", table.rows(), most);
  CHECK(most <= 3.0);
}

TEST_CASE("Bachelier volatilities are within 3 units of what the price allows on every row") {
  ZOMMA_SHARED_DATA(path, "analytics/iv_bachelier.csv");
  const double most = worst_of(TruthTable(path), ImpliedModel::bachelier, "sigma_n");
  INFO("worst " << most);
  CHECK(most <= 3.0);
}

TEST_CASE("the normalised form is within 3 units from x = 0 to 512 and prices of 1e-300") {
  ZOMMA_SHARED_DATA(path, "analytics/iv_black_normalised.csv");
  const TruthTable table(path);
  const auto x = table.numbers("x"), beta = table.numbers("beta"), truth = table.numbers("s");
  const auto condition = table.numbers("cond");
  double most = 0.0;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const double bound = std::exp(x[i] / 2);  // beta at infinite volatility
    const double got =
        zk::implied_black_deviation(-x[i], beta[i] / bound, (bound - beta[i]) / bound);
    most = std::fmax(most, units<double>(got, truth[i], condition[i]));
  }
  INFO("worst " << most);
  CHECK(most <= 3.0);
}

TEST_CASE("a price outside of the arbitrage bounds has a status, and its neighbours are right") {
  constexpr double inf = std::numeric_limits<double>::infinity(),
                   nan = std::numeric_limits<double>::quiet_NaN();
  const struct {
    int sign;
    double price, forward, strike, maturity;
    ElementStatus status;
  } rows[] = {
      {1, 10.0, 100, 100, 1, ElementStatus::ok},
      {1, 9.99, 110, 100, 1, ElementStatus::below_intrinsic},
      {1, 10.0, 110, 100, 1, ElementStatus::below_intrinsic},
      {-1, 9.99, 100, 110, 1, ElementStatus::below_intrinsic},
      {1, 0.0, 100, 110, 1, ElementStatus::below_intrinsic},
      {1, -1.0, 100, 110, 1, ElementStatus::below_intrinsic},
      {1, 100.0, 100, 110, 1, ElementStatus::above_bound},
      {-1, 110.0, 100, 110, 1, ElementStatus::above_bound},
      {-1, 400.0, 100, 90, 1, ElementStatus::above_bound},
      {1, 1e-320, 100, 110, 1, ElementStatus::domain},
      {1, 10.0, 100, 100, 0, ElementStatus::expired},
      {1, 10.0, 100, 100, -2, ElementStatus::expired},
      {0, 10.0, 100, 100, 1, ElementStatus::domain},
      {1, nan, 100, 100, 1, ElementStatus::domain},
      {1, inf, 100, 100, 1, ElementStatus::domain},
      {1, 10.0, nan, 100, 1, ElementStatus::domain},
      {1, 10.0, 100, nan, 1, ElementStatus::domain},
      {1, 10.0, inf, 100, 1, ElementStatus::domain},
      {1, 10.0, inf, inf, 1, ElementStatus::domain},
      {1, 10.0, 0.0, 100, 1, ElementStatus::domain},
      {1, 10.0, -5.0, 100, 1, ElementStatus::domain},
      {1, 10.0, 100, 0.0, 1, ElementStatus::domain},
      {1, 10.0, 100, 100, nan, ElementStatus::domain},
      {1, 10.0, 100, 100, inf, ElementStatus::domain},
  };
  Quotes<double> quotes;
  for (const auto& row : rows) {
    quotes.add(row.sign, row.price, row.forward, row.strike, row.maturity);
    quotes.add(-1, 12.0, 100, 105, 0.5);
  }
  REQUIRE(quotes.run(ImpliedModel::black) == zk::Status::ok);
  const double neighbour = quotes.volatility[1];
  CHECK(neighbour > 0.2);
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    INFO("row " << i << ": " << zk::name(quotes.status[2 * i]));
    CHECK(quotes.status[2 * i] == rows[i].status);
    if (rows[i].status != ElementStatus::ok) CHECK(quotes.volatility[2 * i] == 0.0);
    CHECK(quotes.status[2 * i + 1] == ElementStatus::ok);
    CHECK(quotes.volatility[2 * i + 1] == neighbour);
  }
}

TEST_CASE("Bachelier takes forwards and strikes of any sign and has no upper bound") {
  Quotes<double> quotes;
  quotes.add(1, 3.0, -1.0, 2.0, 1.0);
  quotes.add(-1, 500.0, -1.0, 2.0, 1.0);
  quotes.add(1, 0.4, 0.0, 0.0, 1.0);
  quotes.add(-1, 2.0, -1.0, 2.0, 1.0);
  quotes.add(1, 0.0, 0.0, 0.0, 1.0);
  quotes.add(1, 1.0, 0.0, std::nan(""), 1.0);
  REQUIRE(quotes.run(ImpliedModel::bachelier) == zk::Status::ok);
  const ElementStatus expected[] = {ElementStatus::ok,
                                    ElementStatus::ok,
                                    ElementStatus::ok,
                                    ElementStatus::below_intrinsic,
                                    ElementStatus::below_intrinsic,
                                    ElementStatus::domain};
  for (int i = 0; i < 6; ++i) CHECK(quotes.status[i] == expected[i]);
  CHECK(quotes.volatility[2] == Approx(0.4 * std::sqrt(2 * 3.14159265358979323846)));
  zk::EuropeanResults<double> results;
  std::vector<double> value(2);
  results.value = value;
  const std::vector<double> zero(2, 0.0);
  const auto backend = zk::make_cpu_backend(1);
  const auto two = [](const auto& column) { return std::span(column).first(2); };
  REQUIRE(european_greeks(*backend, zk::EuropeanModel::bachelier,
                          {two(quotes.sign),
                           two(quotes.forward),
                           two(quotes.strike),
                           two(quotes.maturity),
                           zero,
                           {},
                           two(quotes.volatility)},
                          results) == zk::Status::ok);
  CHECK(value[0] == Approx(3.0).epsilon(1e-14));
  CHECK(value[1] == Approx(500.0).epsilon(1e-14));
}

TEST_CASE(
    "in single precision a volatility comes back from its price as exactly as the price tells") {
  Quotes<float> quotes;
  std::vector<float> truth;
  for (int i = 0; i < 3000; ++i) {
    const float s = 0.02f + 0.0005f * float(i), k = 100 * std::exp(0.002f * float(i % 1500) * s),
                t = 0.7f;
    zk::EuropeanInput<double> in{1, 100, k, t, 0, 0, s};
    const double price = zk::european<zk::EuropeanLevel::value, true>(in).value;
    quotes.add(1, float(price), 100, k, t);
    truth.push_back(s);
  }
  REQUIRE(quotes.run(ImpliedModel::black) == zk::Status::ok);
  double most = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    REQUIRE(quotes.status[i] == ElementStatus::ok);
    zk::EuropeanInput<double> in{1, 100, quotes.strike[i], 0.7f, 0, 0, truth[i]};
    const auto greeks = zk::european<zk::EuropeanLevel::first, true>(in);
    const double condition = greeks.value / (in.volatility * greeks.vega);
    most = std::fmax(most, units<float>(quotes.volatility[i], truth[i], condition));
  }
  INFO("worst " << most);
  CHECK(most <= 6.0);
}

TEST_CASE("a batch gives the bits of the formula on one quote") {
  Quotes<double> all;
  for (int i = 0; i < 53; ++i) {
    const double floor = i % 2 ? 0 : 12;
    all.add(i % 2 ? 1 : -1, 0.01 * std::pow(1.2, i % 40) + floor, 100, 88 + i * 0.4 * (i % 3),
            0.1 + i * 0.1);
  }
  const auto check = [&](auto model) {
    REQUIRE(all.run(model.value) == zk::Status::ok);
    for (std::size_t i = 0; i < all.sign.size(); ++i) {
      const auto one = zk::detail::implied_element<model.value, double>(
          all.sign[i], all.price[i], all.forward[i], all.strike[i], all.maturity[i]);
      CHECK(static_cast<int>(all.status[i]) == static_cast<int>(one.status));
      if (one.status == 0.0) CHECK(all.volatility[i] == one.value);
    }
  };
  check(std::integral_constant<ImpliedModel, ImpliedModel::black>{});
  check(std::integral_constant<ImpliedModel, ImpliedModel::bachelier>{});
}

TEST_CASE("columns of different lengths and unknown models are refused") {
  Quotes<double> quotes;
  quotes.add(1, 10, 100, 100, 1);
  CHECK(quotes.run(static_cast<ImpliedModel>(7)) == zk::Status::invalid_setting);
  CHECK(quotes.volatility[0] == -7.0);
  quotes.price.push_back(10);
  CHECK(quotes.run(ImpliedModel::black) == zk::Status::length_mismatch);
  CHECK(Quotes<double>{}.run(ImpliedModel::black) == zk::Status::ok);
}
