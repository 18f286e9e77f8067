// Rows of the truth tables through the commands come out to the digits that a double can hold.
#include <catch2/catch.hpp>
#include <cmath>

#include "host/cli_kernels/command_run.h"
#include "support/shared_data.h"

using namespace zomma::cli;
using namespace zomma::test;

namespace {

// The worst |got - truth| / (|truth| + scale), and no row refused.
double worst(const Answer& answer, const std::string& got, const std::string& truth,
             double scale = 0) {
  double most = 0;
  for (std::size_t row = 0; row < answer.rows(); ++row) {
    INFO("row " << row << ": " << answer.texts("status")[row]);
    REQUIRE(answer.texts("status")[row] == "ok");
    const double t = answer.number(truth, row);
    most = std::fmax(most, std::fabs(answer.number(got, row) - t) / (std::fabs(t) + scale));
  }
  return most;
}

}  // namespace

TEST_CASE("European values and Greeks of the table come out") {
  ZOMMA_SHARED_DATA(path, "analytics/bs_european_greeks.csv");
  ZOMMA_SHARED_DATA(condition_path, "analytics/bs_european_cond.csv");
  const Answer answer = run_on_file(command(Verb::greeks), path);
  Answer condition;
  auto conditions = CsvReader::open(condition_path);
  REQUIRE(conditions);
  condition.header = conditions->header();
  for (CsvRow row; conditions->next(row);)
    for (std::size_t i = 0; i < row.cells.size(); ++i)
      condition.columns[condition.header[i]].emplace_back(row.cells[i]);
  REQUIRE(answer.rows() == 2000);
  const std::vector<std::tuple<std::string, std::string, double>> pairs{
      {"price", "V", 1},      {"delta", "V_S", 1},    {"gamma", "V_SS", 1},
      {"vega", "V_v", 1},     {"theta", "V_T", -1},   {"rho", "V_r", 1},
      {"phi", "V_q", 1},      {"vanna", "V_Sv", 1},   {"charm", "V_ST", -1},
      {"vomma", "V_vv", 1},   {"speed", "V_SSS", 1},  {"zomma", "V_SSv", 1},
      {"color", "V_SST", -1}, {"ultima", "V_vvv", 1}, {"dual_delta", "V_K", 1},
      {"v_ttt", "V_TTT", 1}};
  for (const auto& [got, truth, sign] : pairs) {
    double units = 0;
    for (std::size_t row = 0; row < answer.rows(); ++row) {
      REQUIRE(answer.texts("status")[row] == "ok");
      const double t = sign * answer.number(truth, row);
      const double scale = std::fmax(std::fabs(t), 1e-290);
      units = std::fmax(units, std::fabs(answer.number(got, row) - t) / scale /
                                   ((1 + condition.number(truth, row)) * 2.3e-16));
    }
    INFO(got << " against " << truth);
    CHECK(units < 5);
  }
}

TEST_CASE("implied volatilities of the tables come out") {
  ZOMMA_SHARED_DATA(black, "analytics/iv_black.csv");
  ZOMMA_SHARED_DATA(normal, "analytics/iv_bachelier.csv");
  auto implied = command(Verb::implied);
  implied.undiscounted = true;
  const Answer answer = run_on_file(implied, black);
  REQUIRE(answer.exit == kernel_ok);
  for (std::size_t row = 0; row < answer.rows(); ++row) {
    const double truth = answer.number("sigma", row);
    const double attainable = (1 + answer.number("cond", row)) * 2.3e-16;
    CHECK(std::fabs(answer.number("vol", row) - truth) <= 4 * attainable * truth);
  }
  implied.model = "bachelier";
  CHECK(worst(run_on_file(implied, normal), "vol", "sigma_n") < 1e-14);
}

TEST_CASE("American prices and Greeks of the table come out within the preset's 1e-6") {
  ZOMMA_SHARED_DATA(path, "analytics/american.csv");
  const Answer answer = run_on_file(command(Verb::greeks, "american"), path);
  REQUIRE(answer.exit == kernel_ok);
  for (std::size_t row = 0; row < answer.rows(); ++row) {
    CHECK(std::fabs(answer.number("zomma_price", row) - answer.number("price", row)) < 1e-6);
    CHECK(std::fabs(answer.number("zomma_delta", row) - answer.number("delta", row)) < 1e-6);
  }
}

TEST_CASE("Heston, Bates and Merton prices of the tables come out") {
  ZOMMA_SHARED_DATA(heston, "analytics/heston_prices.csv");
  ZOMMA_SHARED_DATA(bates, "analytics/bates_prices.csv");
  ZOMMA_SHARED_DATA(merton, "analytics/merton_prices.csv");
  ZOMMA_SHARED_DATA(gradients, "analytics/heston_gradients.csv");
  CHECK(worst(run_on_file(command(Verb::price, "heston"), heston), "zomma_price", "price", 100) <
        1e-13);
  CHECK(worst(run_on_file(command(Verb::price, "bates"), bates), "zomma_price", "price", 100) <
        1e-13);
  CHECK(worst(run_on_file(command(Verb::price, "merton"), merton), "zomma_price", "price", 1) <
        1e-13);
  const Answer greeks = run_on_file(command(Verb::greeks, "heston"), gradients);
  CHECK(worst(greeks, "zomma_delta", "delta", 1) < 1e-11);
  CHECK(worst(greeks, "zomma_d_kappa", "d_kappa", 1) < 1e-10);
  CHECK(worst(greeks, "d_vol_of_vol", "d_sigma", 1) < 1e-10);
}

TEST_CASE("published table values come out to the digits printed") {
  ZOMMA_SHARED_DATA(path, "analytics/published_tables.csv");
  const Answer table = run_on_file(command(Verb::price), path);
  int checked = 0;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (table.texts("meaning")[row] != "european price") continue;
    REQUIRE(table.texts("status")[row] == "ok");
    CHECK(std::fabs(table.number("price", row) - table.number("value", row)) <=
          table.number("tol", row));
    CHECK(table.number("price", row) == Approx(table.number("exact", row)).epsilon(1e-13));
    ++checked;
  }
  CHECK(checked == 43);
}

TEST_CASE("American cases of published tables come out at their exact values") {
  ZOMMA_SHARED_DATA(path, "analytics/published_tables.csv");
  const Answer table = run_on_file(command(Verb::price, "american"), path);
  int checked = 0;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (table.texts("meaning")[row].find("American price") == std::string::npos) continue;
    // Two boundaries, or no volatility to speak of; and rows whose exact value nobody has.
    if (table.texts("status")[row] != "ok" || std::isnan(table.number("exact", row))) continue;
    CHECK(std::fabs(table.number("price", row) - table.number("exact", row)) <
          1e-6 * std::fmax(1.0, table.number("S", row) / 100));
    ++checked;
  }
  CHECK(checked >= 80);
}
