// margin_test.cpp: margin against the shared vectors and against cases worked by hand.
#include <catch2/catch.hpp>

#include <boost/json.hpp>
#include <cmath>
#include <fstream>
#include <sstream>

#include "portfolio/options/margin.h"
#include "support/shared_data.h"

using namespace zomma;
using namespace zomma::options;

namespace {

Money money(double amount) { return {std::llround(amount * 1e8)}; }
double number(const boost::json::object& row, const char* key) {
  return row.at(key).to_number<double>();
}
Right right_of(const boost::json::object& row) {
  return row.at("cp").as_string() == "C" ? Right::call : Right::put;
}

MarginLeg leg(Right right, double strike, std::int64_t contracts, double price,
              std::uint32_t expiry = 20240119) {
  MarginLeg out;
  out.contract.underlying = {0};
  out.contract.right = right;
  out.contract.strike = money(strike);
  out.contract.expiry_date = expiry;
  out.contracts = contracts;
  out.price = money(price);
  return out;
}

double initial(double spot, std::int64_t shares, std::vector<MarginLeg> legs, bool cash = false) {
  const auto result = reg_t_margin({money(spot), shares, std::move(legs), false, cash});
  return result ? static_cast<double>(result.value().initial.value) * 1e-8 : -1;
}

}  // namespace

TEST_CASE("every margin vector is met") {
  ZOMMA_SHARED_DATA(path, "orders/exec_margin_vectors.json");
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  const auto root = boost::json::parse(text.str());
  std::size_t rows = 0;
  for (const auto& value : root.at("margin").as_array()) {
    const auto& row = value.as_object();
    CAPTURE(boost::json::serialize(row));
    ++rows;
    const auto type = row.at("type").as_string();
    const double expected = number(row, "margin");
    if (type == "naked_short") {
      const Money margin =
          naked_margin(right_of(row), money(number(row, "S")), money(number(row, "K")),
                       money(number(row, "premium")), row.at("contracts").as_int64(),
                       row.at("mult").as_int64(), row.at("broad_index").as_bool());
      CHECK(std::abs(static_cast<double>(margin.value) * 1e-8 - expected) <= 0.01);
    } else if (type == "vertical") {
      const Money margin = vertical_margin(
          right_of(row), money(number(row, "K_short")), money(number(row, "K_long")),
          row.at("contracts").as_int64(), row.at("mult").as_int64());
      CHECK(margin == money(expected));
    } else {
      REQUIRE(type == "scenario");
      ScenarioInput input{number(row, "S"),
                          number(row, "r"),
                          number(row, "vol"),
                          0,
                          100,
                          {},
                          row.at("broad_index").as_bool(),
                          number(row, "min_per_contract")};
      for (const auto& item : row.at("legs").as_array()) {
        const auto& part = item.as_object();
        if (part.at("kind").as_string() == "S")
          input.shares += number(part, "qty");
        else
          input.legs.push_back({part.at("kind").as_string() == "P", number(part, "K"),
                                number(part, "T"), part.at("qty").as_int64()});
      }
      const auto result = scenario_margin(input);
      REQUIRE(result);
      CHECK(result.value().margin == Approx(expected).epsilon(1e-10).margin(1e-8));
      const auto& pnl = row.at("pnl").as_array();
      REQUIRE(pnl.size() == result.value().pnl.size());
      for (std::size_t i = 0; i < pnl.size(); ++i)
        CHECK(result.value().pnl[i] ==
              Approx(pnl[i].to_number<double>()).epsilon(1e-9).margin(1e-7));
    }
  }
  CHECK(rows == 130);
}

TEST_CASE("strategies require what the rule says") {
  const Right c = Right::call, p = Right::put;
  CHECK(initial(100, 0, {leg(c, 100, 5, 3)}) == 0);  // long: paid in full
  // naked put 10 % out: 2 + max(20 - 10, 9) = 12 a unit
  CHECK(initial(100, 0, {leg(p, 90, -1, 2)}) == Approx(1200));
  CHECK(initial(100, 0, {leg(p, 90, -1, 2)}, true) == Approx(9000));  // cash-secured
  CHECK(initial(100, 100, {leg(c, 105, -1, 2)}) == Approx(5000));     // covered: half the stock
  CHECK(initial(100, -100, {leg(p, 95, -1, 2)}) == Approx(5000));
  CHECK(initial(100, 0, {leg(p, 95, -1, 2), leg(p, 90, 1, 1)}) == Approx(500));
  CHECK(initial(100, 0, {leg(p, 90, -1, 1), leg(p, 95, 1, 2)}) == 0);  // a debit spread
  // a long that expires earlier covers nothing: 2 + max(20 - 5, 9.5) = 17
  CHECK(initial(100, 0, {leg(p, 95, -1, 2), leg(p, 90, 1, 1, 20231215)}) == Approx(1700));
  // iron condor 90/95/105/110: one width of 5
  CHECK(initial(100, 0,
                {leg(p, 90, 1, 1), leg(p, 95, -1, 2), leg(c, 105, -1, 2), leg(c, 110, 1, 1)}) ==
        Approx(500));
  // two put spreads, one call spread: a condor and a put spread
  CHECK(initial(100, 0,
                {leg(p, 90, 2, 1), leg(p, 95, -2, 2), leg(c, 105, -1, 2), leg(c, 110, 1, 1)}) ==
        Approx(1000));
  // straddle: the greater side 20 + 4 for the call, and the put's premium 3
  CHECK(initial(100, 0, {leg(c, 100, -1, 4), leg(p, 100, -1, 3)}) == Approx(2700));
  // 100 shares cover one of two calls; the other: 2 + max(20 - 5, 10) = 17
  CHECK(initial(100, 100, {leg(c, 105, -2, 2)}) == Approx(6700));
  CHECK(initial(100, 0, {leg(c, 105, -1, 2)}, true) == -1);  // refused
  CHECK(initial(100, 100, {leg(c, 105, -1, 2)}, true) == Approx(5000));
}

TEST_CASE("scenario margin refuses what has no price") {
  CHECK_FALSE(scenario_margin({0, 0, 0.2, 0, 100, {}, false, 37.5}));
  CHECK_FALSE(scenario_margin({100, 0, 0.2, 0, 100, {{false, -1, 1, 1}}, false, 37.5}));
  CHECK_FALSE(scenario_margin({100, 0, std::nan(""), 0, 100, {}, false, 37.5}));
}
