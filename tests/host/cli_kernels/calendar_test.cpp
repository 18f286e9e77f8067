// Dates and numbers as people write them.
#include <catch2/catch.hpp>

#include "cli/kernels/calendar.h"
#include "cli/kernels/option_rows.h"

using namespace zomma::cli;

TEST_CASE("one day may be written in several ways") {
  for (const char* text : {"2021-01-15", "20210115", "01/15/2021", "01/15/21", "1/15/21"}) {
    INFO(text);
    const auto moment = parse_moment(text);
    REQUIRE(moment);
    CHECK(moment->days == 18642);
    CHECK_FALSE(moment->has_time);
    CHECK(looks_like_date(text));
  }
  CHECK(parse_moment("2021-01-15T16:00")->days == Approx(18642 + 16.0 / 24));
  CHECK(parse_moment("2021-01-15 09:30:36")->days ==
        Approx(18642 + (9 * 3600 + 30 * 60 + 36) / 86400.0));
}

TEST_CASE("the calendar knows leap years") {
  CHECK(parse_moment("1970-01-01")->days == 0);
  CHECK(parse_moment("2024-02-29")->days + 1 == parse_moment("2024-03-01")->days);
  CHECK(parse_moment("2000-02-29"));
  CHECK_FALSE(parse_moment("2100-02-29"));
  CHECK_FALSE(parse_moment("2023-02-29"));
  CHECK(parse_moment("2026-12-31")->days - parse_moment("2025-12-31")->days == 365);
}

TEST_CASE("a day that is written reads back as it was") {
  for (int day = -25000; day < 80000; day += 1) {
    const auto back = parse_moment(format_day(day));
    REQUIRE(back);
    REQUIRE(back->days == day);
  }
}

TEST_CASE("what is no date is not taken for one") {
  for (const char* text :
       {"2021-13-01", "2021-00-10", "15/01/2021", "2021-1", "soon", "", "2021-01-15T25:00"})
    CHECK_FALSE(parse_moment(text));
  for (const char* text : {"0.5", "1e-3", "-0.5", "2", "30.25"}) CHECK_FALSE(looks_like_date(text));
}

TEST_CASE("numbers may carry a sign, an exponent, a percent sign or groups of three") {
  CHECK(parse_number("12.5") == 12.5);
  CHECK(parse_number("+1e-3") == 0.001);
  CHECK(*parse_number("159.39%") == Approx(1.5939));
  CHECK(parse_number("1,234.50") == 1234.5);
  CHECK(parse_number("12,345,678") == 12345678.0);
}

TEST_CASE("what is not wholly a finite number is none") {
  for (const char* text : {"", "abc", "1.2.3", "12x", "nan", "inf", "1e999", "12,34", ",123",
                           "1,2345", "1,234,5", "1.5,000", "+-1", "%", "--"}) {
    INFO(text);
    CHECK_FALSE(parse_number(text));
  }
}

TEST_CASE("calls and puts have many names") {
  for (const char* text : {"c", "C", "call", "Call", "CALLS", "1", "+1"})
    CHECK(parse_type(text) == 1);
  for (const char* text : {"p", "P", "put", "PUT", "-1"}) CHECK(parse_type(text) == -1);
  for (const char* text : {"", "x", "0", "callput", "2"}) CHECK(parse_type(text) == 0);
}
