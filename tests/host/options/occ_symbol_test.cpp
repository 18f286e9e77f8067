// occ_symbol_test.cpp: option symbols and contract terms, good and bad.
#include <catch2/catch.hpp>

#include "market/options/calendar.h"
#include "market/options/occ_symbol.h"

using namespace zomma;
using namespace zomma::options;

TEST_CASE("a symbol is read and written back, padded or compact") {
  for (const std::string text : {"SPY   210115C00300000", "GOOG1 140118P00585500",
                                 "SPXW  201224C03700000", "A     980117C00012125"}) {
    const auto symbol = parse_occ(text);
    REQUIRE(symbol);
    CHECK(*format_occ(symbol.value()) == text);
  }
  const auto compact = parse_occ("AAPL7140118P00071430");
  REQUIRE(compact);
  CHECK(compact->root == "AAPL7");
  CHECK(compact->base_root() == "AAPL");
  CHECK(compact->adjusted_root());
  CHECK(compact->strike.value == 7'143'000'000);
  CHECK(compact->expiry_date == 20140118);
  CHECK(parse_occ("A     980117C00012125")->expiry_date == 19980117);
}

TEST_CASE("symbols that are none are refused and the fault is named") {
  const auto fault = [](std::string_view text) {
    const auto symbol = parse_occ(text);
    return symbol ? std::string() : symbol.error().message;
  };
  CHECK(fault("").find("characters") != std::string::npos);
  CHECK(fault("SPY  210115C00300000").find("padded root") != std::string::npos);
  CHECK(fault("      210115C00300000").find("root") != std::string::npos);
  CHECK(fault("S Y   210115C00300000").find("root") != std::string::npos);
  CHECK(fault("spy   210115C00300000").find("root") != std::string::npos);
  CHECK(fault("SPY   210230C00300000").find("no day") != std::string::npos);
  CHECK(fault("SPY   2101x5C00300000").find("date") != std::string::npos);
  CHECK(fault("SPY   210115X00300000").find("right") != std::string::npos);
  CHECK(fault("SPY   210115C0030000x").find("strike") != std::string::npos);
  CHECK(fault("SPY   210115C00000000").find("strike") != std::string::npos);
  CHECK_FALSE(format_occ({"TOOLONG", 20210115, Right::call, {100'000'000}}));
  CHECK_FALSE(format_occ({"SPY", 20210115, Right::call, {1}}));
  CHECK_FALSE(format_occ({"SPY", 20210115, Right::call, {10'000'000'000'000}}));
}

TEST_CASE("terms survive the C view, and impossible ones are refused") {
  Contract contract;
  contract.instrument = {7};
  contract.underlying = {3};
  contract.right = Right::put;
  contract.expiry_date = 20240119;
  contract.strike = {15'012'500'000};
  REQUIRE(set_times(contract));
  REQUIRE(check(contract));
  const auto c = to_c(contract, 3);
  REQUIRE(c);
  CHECK(c->strike == 150'125);
  CHECK(c->flags == (ZM_CONTRACT_PUT | ZM_CONTRACT_AMERICAN));
  CHECK(from_c(c.value(), 3)->strike == contract.strike);
  CHECK_FALSE(to_c(contract, 2));
  Contract bad = contract;
  bad.strike = {0};
  CHECK_FALSE(check(bad));
  bad = contract;
  bad.delivery = Delivery::cash;
  CHECK_FALSE(check(bad));
  bad = contract;
  bad.deliverable = 0;
  CHECK_FALSE(check(bad));
  bad = contract;
  bad.second_units = 100;
  CHECK_FALSE(check(bad));
  bad = contract;
  bad.expiry_date = 20241301;
  CHECK_FALSE(check(bad));
}
