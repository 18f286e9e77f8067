// Numbers and text as people read them.
#include <catch2/catch.hpp>

#include <limits>

#include "cli/terminal/figures.h"

using namespace zomma::terminal;

TEST_CASE("numbers are grouped, money has two decimals and a sign where it says something") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1000) == "1,000");
  CHECK(grouped(UINT64_MAX) == "18,446,744,073,709,551,615");
  CHECK(money(-1234.5) == "-1,234.50");
  CHECK(money(-0.001) == "0.00");
  CHECK(signed_money(0.001) == "0.00");
  CHECK(signed_money(12.34) == "+12.34");
  CHECK(signed_money(-0.5) == "-0.50");
  CHECK(money(std::numeric_limits<double>::quiet_NaN()) == "nan");
  CHECK(signed_money(std::numeric_limits<double>::infinity()) == "+inf");
}

TEST_CASE("rates and durations take the unit that fits") {
  CHECK(rate(0) == "0 /s");
  CHECK(rate(-1) == "0 /s");
  CHECK(rate(9'999) == "9999 /s");
  CHECK(rate(850'000) == "850 k/s");
  CHECK(rate(10'240'000) == "10.2 M/s");
  CHECK(duration(350) == "350 ns");
  CHECK(duration(1'500) == "1.5 us");
  CHECK(duration(12'000'000'000) == "12.0 s");
  CHECK(duration(205'000'000'000) == "3:25");
  CHECK(duration(3'805'000'000'000) == "1:03:25");
}

TEST_CASE("time is UTC, also before 1970") {
  CHECK(time_of_day(1'340'271'000'000'000'000, true) == "2012-06-21 09:30:00.000");
  CHECK(time_of_day(951'782'399'999'999'999, true) == "2000-02-28 23:59:59.999");
  CHECK(time_of_day(951'782'400'000'000'000, true) == "2000-02-29 00:00:00.000");
  CHECK(time_of_day(-1'000'000, true) == "1969-12-31 23:59:59.999");
  CHECK(time_of_day(0, false) == "00:00:00.000");
}

TEST_CASE("text is cut between characters, and controls never reach the terminal") {
  CHECK(fitted("BTCUSDT.perp", 12) == "BTCUSDT.perp");
  CHECK(fitted("BTCUSDT.perp", 8) == "BTCUSDT~");
  CHECK(fitted("\xc3\xa4\xc3\xb6\xc3\xbc", 2) == "\xc3\xa4~");
  CHECK(fitted("a\x1b[2Jb", 10) == "a?[2Jb");
  CHECK(fitted("abc", 0) == "");
  CHECK(width_of("\xc3\xa4\xc3\xb6") == 2);
}

TEST_CASE("a bar never leaves its frame") {
  CHECK(bar(0, 4) == "[....]   0%");
  CHECK(bar(0.5, 4) == "[##..]  50%");
  CHECK(bar(7, 4) == "[####] 100%");
  CHECK(bar(-1, 4) == "[....]   0%");
  CHECK(bar(std::numeric_limits<double>::quiet_NaN(), 4) == "[....]   0%");
}
