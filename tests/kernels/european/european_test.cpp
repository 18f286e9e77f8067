// european_test.cpp: European options against 50 to 160 digits, over spans, with bad inputs between
// good ones.
#include <catch2/catch.hpp>

#include <zomma/kernels/bachelier_formula.h>
#include <zomma/kernels/european.h>

#include <array>
#include <cstdio>
#include <functional>
#include <limits>

#include "kernels/european/truth_table.h"
#include "support/shared_data.h"

namespace zk = zomma::kernels;
using zk::ElementStatus;
using zk::EuropeanLevel;
using zk::EuropeanModel;
using zomma::test::TruthTable;
using zomma::test::units;

namespace {

constexpr int result_count = 26;
constexpr auto all = EuropeanLevel::full;

// Columns of a batch, owned.
template <class T>
struct Batch {
  std::vector<std::int8_t> sign;
  std::array<std::vector<T>, 6> in;  // spot, strike, maturity, rate, yield, volatility
  std::array<std::vector<T>, result_count> out;
  std::vector<ElementStatus> status;

  void add(int s, T spot, T strike, T maturity, T rate, T yield, T volatility) {
    sign.push_back(static_cast<std::int8_t>(s));
    const T row[] = {spot, strike, maturity, rate, yield, volatility};
    for (int i = 0; i < 6; ++i) in[i].push_back(row[i]);
  }
  zk::EuropeanOptions<T> options() const {
    return {sign, in[0], in[1], in[2], in[3], in[4], in[5]};
  }
  zk::EuropeanResults<T> results() {
    zk::EuropeanResults<T> spans;
    int i = 0;
    zk::visit_tables<all>(spans, spans, [&](auto& to, auto&) { to = out[i++]; });
    return spans;
  }
  zk::Status run(zk::Backend& backend, EuropeanModel model = EuropeanModel::black_scholes,
                 const zk::CashDividends<T>& dividends = {}) {
    for (auto& column : out) column.assign(sign.size(), T(-77));
    status.assign(sign.size(), ElementStatus::no_convergence);
    return european_greeks(backend, model, options(), results(), status, dividends);
  }
  zk::EuropeanTable<T> row(std::size_t i) const {
    zk::EuropeanTable<T> table;
    int column = 0;
    zk::visit_tables<all>(table, table, [&](T& to, T&) { to = out[column++][i]; });
    return table;
  }
};

// The truth's columns in the order of EuropeanTable; theta, charm, veta and color have the other
// sign.
const std::array<const char*, result_count> truth_names = {
    "V",    "V_S",  "V_SS",  "V_v",   "V_T",   "V_r",   "V_q",   "V_Sv", "V_ST",
    "V_vT", "V_vv", "V_SSS", "V_SSv", "V_SST", "V_vvv", "V_K",   "V_KK", "V_TT",
    "V_Sr", "V_vr", "V_Svv", "V_SvT", "V_STT", "V_vvT", "V_vTT", "V_TTT"};
double truth_sign(int column) {
  return column == 4 || column == 8 || column == 9 || column == 13 ? -1.0 : 1.0;
}

template <class T>
Batch<T> truth_batch(const TruthTable& table) {
  Batch<T> batch;
  const auto cp = table.numbers("cp"), s = table.numbers("S"), k = table.numbers("K"),
             t = table.numbers("T");
  const auto r = table.numbers("r"), q = table.numbers("q"), v = table.numbers("sigma");
  for (std::size_t i = 0; i < table.rows(); ++i)
    batch.add(int(cp[i]), T(s[i]), T(k[i]), T(t[i]), T(r[i]), T(q[i]), T(v[i]));
  return batch;
}

using Table = std::array<double, result_count>;
template <bool forward>
Table values_at(int sign, const std::array<double, 6>& x) {
  const auto table = zk::european<all, forward>(
      zk::EuropeanInput<double>{double(sign), x[0], x[1], x[2], x[3], x[4], x[5]});
  Table out;
  int i = 0;
  zk::visit_tables<all>(table, table, [&](double value, double) { out[i++] = value; });
  return out;
}

}  // namespace

TEST_CASE(
    "value and all partial derivatives are within 4 units of what rounded inputs allow, on every "
    "row") {
  ZOMMA_SHARED_DATA(path, "analytics/bs_european_greeks.csv");
  ZOMMA_SHARED_DATA(condition_path, "analytics/bs_european_cond.csv");
  const TruthTable table(path), conditions(condition_path);
  auto batch = truth_batch<double>(table);
  const auto backend = zk::make_cpu_backend(2);
  REQUIRE(batch.run(*backend) == zk::Status::ok);
  for (int column = 0; column < result_count; ++column) {
    const auto truth = table.numbers(truth_names[column]),
               condition = conditions.numbers(truth_names[column]);
    double most = 0.0;
    for (std::size_t i = 0; i < table.rows(); ++i) {
      CHECK(batch.status[i] == ElementStatus::ok);
      most = std::fmax(
          most, units<double>(batch.out[column][i], truth_sign(column) * truth[i], condition[i]));
    }
    INFO(truth_names[column] << " worst " << most);
    CHECK(most <= 4.0);
  }
}

TEST_CASE("the same on rows of our own, from the derivatives of the textbook formula") {
  const TruthTable table(zomma::test::own_truth("european.csv"));
  REQUIRE(table.rows() >= 300);
  auto batch = truth_batch<double>(table);
  const auto backend = zk::make_cpu_backend(2);
  REQUIRE(batch.run(*backend) == zk::Status::ok);
  double worst = 0.0;
  for (int column = 0; column < result_count; ++column) {
    const std::string name = truth_names[column];
    const auto truth = table.numbers(name), condition = table.numbers("c_" + name);
    for (std::size_t i = 0; i < table.rows(); ++i) {
      CHECK(batch.status[i] == ElementStatus::ok);
      if (std::fabs(truth[i]) > 1e300) continue;
      const double error =
          units<double>(batch.out[column][i], truth_sign(column) * truth[i], condition[i], 1e-290);
      worst = std::fmax(worst, error);
      INFO(name << " of row " << i << " (" << table.texts("category")[i]
                << "): " << batch.out[column][i] << ", truth " << truth_sign(column) * truth[i]
                << ", condition " << condition[i]);
      CHECK(error <= 4.0);
    }
  }
  std::printf("european, %zu rows of our own: worst %.2f units\n", table.rows(), worst);
}

TEST_CASE("in single precision every result is within 8 units of what rounded inputs allow") {
  ZOMMA_SHARED_DATA(path, "analytics/bs_european_greeks.csv");
  const TruthTable table(path);
  auto batch = truth_batch<float>(table);
  const auto backend = zk::make_cpu_backend(1);
  REQUIRE(batch.run(*backend) == zk::Status::ok);
  constexpr double epsilon = std::numeric_limits<float>::epsilon();
  constexpr double floor = 1e-36,
                   ceiling = 1e36;  // beyond, intermediate results leave the range of a float
  std::array<double, result_count> most{};
  std::size_t compared = 0;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    if (batch.status[i] != ElementStatus::ok) continue;
    std::array<double, 6> x;
    for (int k = 0; k < 6; ++k) x[k] = batch.in[k][i];
    // The truth at the rounded inputs is the double formula, checked above; what each input's last
    // digit moves is measured.
    const Table truth = values_at<false>(batch.sign[i], x);
    Table moved{};
    for (int k = 0; k < 6; ++k) {
      auto up = x, down = x;
      up[k] *= 1 + epsilon, down[k] *= 1 - epsilon;
      const Table above = values_at<false>(batch.sign[i], up),
                  below = values_at<false>(batch.sign[i], down);
      for (int c = 0; c < result_count; ++c)
        moved[c] += std::fmax(std::fabs(above[c] - truth[c]), std::fabs(below[c] - truth[c]));
    }
    for (int c = 0; c < result_count; ++c) {
      if (std::fabs(truth[c]) > ceiling) continue;
      const double scale = std::fmax(std::fabs(truth[c]), floor);
      most[c] = std::fmax(
          most[c], std::fabs(double(batch.out[c][i]) - truth[c]) / (moved[c] + epsilon * scale));
      ++compared;
    }
  }
  CHECK(compared > 45000);
  for (int c = 0; c < result_count; ++c) {
    INFO(truth_names[c] << " worst " << most[c]);
    CHECK(most[c] <= 8.0);
  }
}

TEST_CASE("Black-76 is Black-Scholes-Merton on a forward, with a rate that only discounts") {
  Batch<double> spot, forward;
  for (const int sign : {1, -1})
    for (const double k : {70.0, 99.0, 100.0, 140.0}) {
      spot.add(sign, 100.0, k, 0.7, 0.04, 0.04, 0.3);
      forward.add(sign, 100.0, k, 0.7, 0.04, 0.9, 0.3);  // a yield that must not be read
    }
  const auto backend = zk::make_cpu_backend(1);
  REQUIRE(spot.run(*backend) == zk::Status::ok);
  REQUIRE(forward.run(*backend, EuropeanModel::black76) == zk::Status::ok);
  for (std::size_t i = 0; i < spot.sign.size(); ++i) {
    const auto s = spot.row(i), f = forward.row(i);
    for (const auto member :
         {&decltype(s)::value, &decltype(s)::delta, &decltype(s)::gamma, &decltype(s)::vega,
          &decltype(s)::theta, &decltype(s)::ultima, &decltype(s)::color, &decltype(s)::v_ttt})
      CHECK(f.*member == Approx(s.*member).epsilon(1e-13));
    CHECK(f.rho == Approx(s.rho + s.phi).epsilon(1e-12));
    CHECK(f.phi == 0.0);
    CHECK(f.v_vr == Approx(-0.7 * f.vega));
    CHECK(f.v_sr == Approx(-0.7 * f.delta));
  }
}

TEST_CASE("Bachelier's Greeks are the derivatives of its value") {
  using Input = std::array<double, 6>;
  const auto at = [](int sign, const Input& x) {
    return zk::bachelier<all>(
        zk::EuropeanInput<double>{double(sign), x[0], x[1], x[2], x[3], x[4], x[5]});
  };
  // Central differences of fourth order of one column by one input.
  const auto slope = [&](int sign, Input x, int by, double zk::EuropeanTable<double>::*column) {
    const double h = 1e-3 * (by == 0 || by == 1 ? 1.0 : x[by]), centre = x[by];
    const auto f = [&](double step) { return x[by] = centre + step * h, at(sign, x).*column; };
    return (8 * (f(1) - f(-1)) - (f(2) - f(-2))) / (12 * h);
  };
  using E = zk::EuropeanTable<double>;
  constexpr int s = 0, k = 1, t = 2, r = 3, v = 5;
  const struct {
    double E::*derivative, E::*of;
    int by;
    double sign;
  } rules[] = {{&E::delta, &E::value, s, 1},
               {&E::dual_delta, &E::value, k, 1},
               {&E::theta, &E::value, t, -1},
               {&E::rho, &E::value, r, 1},
               {&E::vega, &E::value, v, 1},
               {&E::gamma, &E::delta, s, 1},
               {&E::vanna, &E::delta, v, 1},
               {&E::charm, &E::delta, t, -1},
               {&E::vomma, &E::vega, v, 1},
               {&E::veta, &E::vega, t, -1},
               {&E::speed, &E::gamma, s, 1},
               {&E::zomma, &E::gamma, v, 1},
               {&E::color, &E::gamma, t, -1},
               {&E::ultima, &E::vomma, v, 1},
               {&E::dual_gamma, &E::dual_delta, k, 1},
               {&E::v_tt, &E::theta, t, -1},
               {&E::v_ttt, &E::v_tt, t, 1},
               {&E::v_sr, &E::delta, r, 1},
               {&E::v_vr, &E::vega, r, 1},
               {&E::v_svv, &E::vanna, v, 1},
               {&E::v_svt, &E::vanna, t, 1},
               {&E::v_stt, &E::charm, t, -1},
               {&E::v_vvt, &E::vomma, t, 1},
               {&E::v_vtt, &E::veta, t, -1}};
  for (const int sign : {1, -1})
    for (const Input& x :
         {Input{1.5, -2.0, 0.8, 0.03, 0.0, 4.0}, Input{100, 103, 0.5, -0.02, 0.0, 12.0}})
      for (const auto& rule : rules) {
        INFO("rule " << &rule - rules << " sign " << sign);
        CHECK(at(sign, x).*rule.derivative ==
              Approx(rule.sign * slope(sign, x, rule.by, rule.of)).epsilon(1e-7).margin(1e-10));
      }
}

TEST_CASE("Bachelier's value is that of 50 digits") {
  ZOMMA_SHARED_DATA(path, "analytics/iv_bachelier.csv");
  const TruthTable table(path);
  const auto cp = table.numbers("cp"), f = table.numbers("F"), k = table.numbers("K"),
             t = table.numbers("T");
  const auto price = table.numbers("price"), volatility = table.numbers("sigma_n"),
             condition = table.numbers("cond");
  double most = 0.0;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const auto out = zk::bachelier<EuropeanLevel::value>(
        zk::EuropeanInput<double>{cp[i], f[i], k[i], t[i], 0.0, 0.0, volatility[i]});
    // The price moves by 1 / condition of its relative change with the volatility, and with the
    // forward and the strike.
    const double forward_part = std::fabs(f[i] - k[i]) > 0 ? f[i] / std::fabs(f[i] - k[i]) : 0.0;
    most = std::fmax(most, units<double>(out.value, price[i], (1 + forward_part) / condition[i]));
  }
  INFO("worst " << most);
  CHECK(most <= 4.0);
}

TEST_CASE(
    "cash dividends are taken out of the spot, and the Greeks are the derivatives of what is "
    "left") {
  const std::vector<double> time{-0.1, 0.1, 0.4, 0.9},
      amount{9.0, 1.5, 1.25, 7.0};  // one paid, one after expiry
  const double maturity = 0.5;
  const auto backend = zk::make_cpu_backend(1);
  const auto run = [&](double spot, double volatility, double rate, double later,
                       std::size_t member) {
    Batch<double> b;
    for (const int sign : {1, -1})
      b.add(sign, spot, 98.0, maturity + later, rate, 0.01, volatility);
    auto moved = time;
    for (double& x : moved) x += later;
    zk::EuropeanResults<double> results = b.results();
    for (auto& column : b.out) column.assign(2, 0.0);
    results = b.results();
    results.v_tt = results.v_sr = results.v_vr = results.v_svv = results.v_svt = {};
    results.v_stt = results.v_vvt = results.v_vtt = results.v_ttt = {};
    REQUIRE(european_greeks(*backend, EuropeanModel::black_scholes, b.options(), results, {},
                            {moved, amount}) == zk::Status::ok);
    return b.out[member][0] + 3.0 * b.out[member][1];  // both options at once
  };
  enum { value, delta, gamma, vega, theta, rho, phi, vanna, charm, veta };
  const double h = 1e-5, s = 100.0, v = 0.25, r = 0.03;
  CHECK(run(s, v, r, 0, delta) ==
        Approx((run(s + h, v, r, 0, value) - run(s - h, v, r, 0, value)) / (2 * h)));
  CHECK(run(s, v, r, 0, rho) ==
        Approx((run(s, v, r + h, 0, value) - run(s, v, r - h, 0, value)) / (2 * h)));
  CHECK(run(s, v, r, 0, theta) ==
        Approx((run(s, v, r, -h, value) - run(s, v, r, h, value)) / (2 * h)));
  CHECK(run(s, v, r, 0, charm) ==
        Approx((run(s, v, r, -h, delta) - run(s, v, r, h, delta)) / (2 * h)));
  CHECK(run(s, v, r, 0, veta) ==
        Approx((run(s, v, r, -h, vega) - run(s, v, r, h, vega)) / (2 * h)));
  const double left = s - 1.5 * std::exp(-r * 0.1) - 1.25 * std::exp(-r * 0.4);
  Batch<double> plain;
  for (const int sign : {1, -1}) plain.add(sign, left, 98.0, maturity, r, 0.01, v);
  REQUIRE(plain.run(*backend) == zk::Status::ok);
  CHECK(run(s, v, r, 0, value) == Approx(plain.out[0][0] + 3 * plain.out[0][1]).epsilon(1e-14));
}

TEST_CASE("bad elements have a status and zeros, and their neighbours are right") {
  const double nan = std::nan(""), inf = std::numeric_limits<double>::infinity();
  const double good[] = {100.0, 95.0, 0.5, 0.03, 0.01, 0.2};
  for (const auto model :
       {EuropeanModel::black_scholes, EuropeanModel::black76, EuropeanModel::bachelier}) {
    Batch<double> batch, alone;
    std::vector<ElementStatus> expected;
    const auto add_good = [&] {
      batch.add(-1, good[0], good[1], good[2], good[3], good[4], good[5]);
      expected.push_back(ElementStatus::ok);
    };
    for (int column = 0; column < 6; ++column)
      for (const double bad : {nan, inf, -inf, 0.0, -1.0, 1e-320}) {
        const bool allowed =
            (column >= 3 && column <= 4 && std::isfinite(bad)) ||
            (column == 4 && model != EuropeanModel::black_scholes) ||
            (column <= 1 && std::isfinite(bad) && model == EuropeanModel::bachelier);
        std::array<double, 6> row;
        std::copy_n(good, 6, row.begin());
        row[column] = bad;
        batch.add(1, row[0], row[1], row[2], row[3], row[4], row[5]);
        const bool late = column == 2 && bad <= 0 && std::isfinite(bad);
        expected.push_back(allowed ? ElementStatus::ok
                           : late  ? ElementStatus::expired
                                   : ElementStatus::domain);
        add_good();
      }
    batch.add(0, 100, 95, 0.5, 0.03, 0.01, 0.2), expected.push_back(ElementStatus::domain);
    add_good();
    alone.add(-1, good[0], good[1], good[2], good[3], good[4], good[5]);
    const auto backend = zk::make_cpu_backend(1);
    REQUIRE(batch.run(*backend, model) == zk::Status::ok);
    REQUIRE(alone.run(*backend, model) == zk::Status::ok);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      INFO("model " << int(model) << " element " << i);
      CHECK(int(batch.status[i]) == int(expected[i]));
      for (int c = 0; c < result_count; ++c) {
        if (expected[i] != ElementStatus::ok) CHECK(batch.out[c][i] == 0.0);
        if (batch.sign[i] == -1) CHECK(batch.out[c][i] == alone.out[c][0]);
        CHECK(std::isfinite(batch.out[c][i]));
      }
    }
  }
}

TEST_CASE("a batch gives the same bits at any length, with any columns and any number of threads") {
  Batch<double> one;
  for (int i = 0; i < 4099; ++i)
    one.add(i % 2 ? 1 : -1, 80 + i * 0.01, 100, 0.1 + i * 1e-3, 0.02, 0.01, 0.1 + i * 1e-4);
  auto many = one;
  const auto single = zk::make_cpu_backend(1), pool = zk::make_cpu_backend(3);
  REQUIRE(one.run(*single) == zk::Status::ok);
  REQUIRE(many.run(*pool) == zk::Status::ok);
  CHECK(one.out == many.out);
  for (const std::size_t i : {0u, 1u, 777u, 4098u}) {
    const auto scalar = zk::european<all, false>(
        zk::EuropeanInput<double>{double(one.sign[i]), one.in[0][i], one.in[1][i], one.in[2][i],
                                  one.in[3][i], one.in[4][i], one.in[5][i]});
    const auto packed = one.row(i);
    zk::visit_tables<all>(scalar, packed, [](double a, double b) { CHECK(a == b); });
  }
  std::vector<double> vanna(one.sign.size());
  zk::EuropeanResults<double> only;
  only.vanna = vanna;
  REQUIRE(european_greeks(*single, EuropeanModel::black_scholes, one.options(), only) ==
          zk::Status::ok);
  CHECK(vanna == one.out[7]);
}

TEST_CASE(
    "spans of different lengths, and settings that cannot be, are refused before anything is "
    "written") {
  Batch<double> batch;
  batch.add(1, 100, 100, 1, 0, 0, 0.2);
  batch.add(1, 100, 100, 1, 0, 0, 0.2);
  const auto backend = zk::make_cpu_backend(1);
  REQUIRE(batch.run(*backend) == zk::Status::ok);
  const auto before = batch.out;
  auto options = batch.options();
  options.strike = options.strike.first(1);
  CHECK(european_greeks(*backend, EuropeanModel::black76, options, batch.results()) ==
        zk::Status::length_mismatch);
  auto results = batch.results();
  results.ultima = results.ultima.first(1);
  CHECK(european_greeks(*backend, EuropeanModel::black76, batch.options(), results) ==
        zk::Status::length_mismatch);
  const std::vector<double> time{0.5}, amount{1.0}, none, bad{std::nan("")};
  const auto with = [&](EuropeanModel model, const std::vector<double>& t,
                        const std::vector<double>& a) {
    return european_greeks(*backend, model, batch.options(), batch.results(), {}, {t, a});
  };
  CHECK(with(EuropeanModel::black_scholes, time, none) == zk::Status::length_mismatch);
  CHECK(with(EuropeanModel::black_scholes, time, amount) ==
        zk::Status::invalid_setting);  // beyond `standard`
  CHECK(with(EuropeanModel::black76, time, amount) == zk::Status::invalid_setting);
  CHECK(with(EuropeanModel::black_scholes, time, bad) == zk::Status::invalid_setting);
  CHECK(european_greeks(*backend, static_cast<EuropeanModel>(9), batch.options(),
                        batch.results()) == zk::Status::invalid_setting);
  CHECK(batch.out == before);
  CHECK(european_greeks(*backend, EuropeanModel::black_scholes, zk::EuropeanOptions<double>{},
                        {}) == zk::Status::ok);
}
