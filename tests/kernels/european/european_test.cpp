// european_test.cpp: European options against 50 to 160 digits, over spans, with bad inputs between good ones.
#include <catch2/catch.hpp>

#include <zomma/kernels/european.h>

#include <array>
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
  zk::EuropeanOptions<T> options() const { return {sign, in[0], in[1], in[2], in[3], in[4], in[5]}; }
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

// The truth's columns in the order of EuropeanTable; theta, charm, veta and color have the other sign.
const std::array<const char*, result_count> truth_names = {
    "V",     "V_S",   "V_SS",  "V_v", "V_T",  "V_r",  "V_q",  "V_Sv", "V_ST",  "V_vT",  "V_vv",  "V_SSS", "V_SSv",
    "V_SST", "V_vvv", "V_K",   "V_KK", "V_TT", "V_Sr", "V_vr", "V_Svv", "V_SvT", "V_STT", "V_vvT", "V_vTT", "V_TTT"};
double truth_sign(int column) { return column == 4 || column == 8 || column == 9 || column == 13 ? -1.0 : 1.0; }

template <class T>
Batch<T> truth_batch(const TruthTable& table) {
  Batch<T> batch;
  const auto cp = table.numbers("cp"), s = table.numbers("S"), k = table.numbers("K"), t = table.numbers("T");
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

TEST_CASE("value and all partial derivatives are within 4 units of what rounded inputs allow, on every row") {
  ZOMMA_SHARED_DATA(path, "analytics/bs_european_greeks.csv");
  ZOMMA_SHARED_DATA(condition_path, "analytics/bs_european_cond.csv");
  const TruthTable table(path), conditions(condition_path);
  auto batch = truth_batch<double>(table);
  const auto backend = zk::make_cpu_backend(2);
  REQUIRE(batch.run(*backend) == zk::Status::ok);
  for (int column = 0; column < result_count; ++column) {
    const auto truth = table.numbers(truth_names[column]), condition = conditions.numbers(truth_names[column]);
    double most = 0.0;
    for (std::size_t i = 0; i < table.rows(); ++i) {
      CHECK(batch.status[i] == ElementStatus::ok);
      most = std::fmax(most, units<double>(batch.out[column][i], truth_sign(column) * truth[i], condition[i]));
    }
    INFO(truth_names[column] << " worst " << most);
    CHECK(most <= 4.0);
  }
}

TEST_CASE("in single precision every result is within 8 units of what rounded inputs allow") {
  ZOMMA_SHARED_DATA(path, "analytics/bs_european_greeks.csv");
  const TruthTable table(path);
  auto batch = truth_batch<float>(table);
  const auto backend = zk::make_cpu_backend(1);
  REQUIRE(batch.run(*backend) == zk::Status::ok);
  constexpr double epsilon = std::numeric_limits<float>::epsilon();
  constexpr double floor = 1e-36, ceiling = 1e36;  // beyond, intermediate results leave the range of a float
  std::array<double, result_count> most{};
  std::size_t compared = 0;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    if (batch.status[i] != ElementStatus::ok) continue;
    std::array<double, 6> x;
    for (int k = 0; k < 6; ++k) x[k] = batch.in[k][i];
    // The truth at the rounded inputs is the double formula, checked above; what each input's last digit moves is measured.
    const Table truth = values_at<false>(batch.sign[i], x);
    Table moved{};
    for (int k = 0; k < 6; ++k) {
      auto up = x, down = x;
      up[k] *= 1 + epsilon, down[k] *= 1 - epsilon;
      const Table above = values_at<false>(batch.sign[i], up), below = values_at<false>(batch.sign[i], down);
      for (int c = 0; c < result_count; ++c)
        moved[c] += std::fmax(std::fabs(above[c] - truth[c]), std::fabs(below[c] - truth[c]));
    }
    for (int c = 0; c < result_count; ++c) {
      if (std::fabs(truth[c]) > ceiling) continue;
      const double scale = std::fmax(std::fabs(truth[c]), floor);
      most[c] = std::fmax(most[c], std::fabs(double(batch.out[c][i]) - truth[c]) / (moved[c] + epsilon * scale));
      ++compared;
    }
  }
  CHECK(compared > 45000);
  for (int c = 0; c < result_count; ++c) {
    INFO(truth_names[c] << " worst " << most[c]);
    CHECK(most[c] <= 8.0);
  }
}
