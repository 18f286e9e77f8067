// Decimals, durations and sizes as people write them, and the nearest-word search.
#include <catch2/catch.hpp>

#include "runtime/config/section.h"
#include "runtime/config/units.h"

using namespace zomma;

TEST_CASE("decimals are exact or refused") {
  const auto value = [](std::string_view text, int digits) {
    const Decimal decimal = parse_decimal(text, digits);
    REQUIRE(decimal.fault == DecimalFault::none);
    return decimal.value;
  };
  CHECK(value("0.01", 2) == 1);
  CHECK(value("61800.1", 2) == 6'180'010);
  CHECK(value("-12.50000", 1) == -125);
  CHECK(value("1e-3", 3) == 1);
  CHECK(value("2.5E+3", 0) == 2500);
  CHECK(value("1_000.25", 2) == 100'025);
  CHECK(value("+7.", 0) == 7);
  CHECK(value(".5", 1) == 5);
  CHECK(value("0e9999", 0) == 0);
  CHECK(value("92233720368.54775807", 8) == INT64_MAX);
  CHECK(parse_decimal("0.015", 2).fault == DecimalFault::too_precise);
  CHECK(parse_decimal("1e-10", 9).fault == DecimalFault::too_precise);
  CHECK(parse_decimal("92233720368.54775808", 8).fault == DecimalFault::too_large);
  CHECK(parse_decimal("1e30", 0).fault == DecimalFault::too_large);
  for (const char* text : {"", "-", ".", "e5", "1e", "1e+", "1.2.3", "1__0", "_1", "1_", "0x10",
                           "1 ", "nan", "1e99999"}) {
    INFO(text);
    CHECK(parse_decimal(text, 2).fault == DecimalFault::not_a_number);
  }
}

TEST_CASE("a decimal is written without trailing zeros and reads back") {
  CHECK(format_decimal(6'180'010, 2) == "61800.1");
  CHECK(format_decimal(-5, 3) == "-0.005");
  CHECK(format_decimal(100, 2) == "1");
  CHECK(format_decimal(0, 8) == "0");
  CHECK(format_decimal(1200, 0) == "1200");
  CHECK(format_decimal(INT64_MIN, 0) == "-9223372036854775808");
  for (const std::int64_t value :
       {std::int64_t{1}, std::int64_t{-99}, std::int64_t{1'000'000'007}, INT64_MAX}) {
    CHECK(parse_decimal(format_decimal(value, 5), 5).value == value);
  }
}

TEST_CASE("durations know their units") {
  CHECK(parse_duration("250us") == Nanoseconds{250'000});
  CHECK(parse_duration("250µs") == Nanoseconds{250'000});
  CHECK(parse_duration("1.5 ms") == Nanoseconds{1'500'000});
  CHECK(parse_duration("0.5h") == Nanoseconds{1'800'000'000'000});
  CHECK(parse_duration("3min") == Nanoseconds{180'000'000'000});
  CHECK(parse_duration("-2s") == Nanoseconds{-2'000'000'000});
  for (const char* text :
       {"", "5", "us", "0.1ns", "1.5xs", "1 s ", "10000000000s", "9999999h", "1e", "s5"}) {
    INFO(text);
    CHECK_FALSE(parse_duration(text));
  }
  for (const std::int64_t ns :
       {0LL, 1LL, 999LL, 1000LL, 1'500'000LL, 60'000'000'000LL, -7'000'000LL}) {
    CHECK(parse_duration(format_duration({ns})) == Nanoseconds{ns});
  }
  CHECK(format_duration({1'500'000}) == "1500us");
}

TEST_CASE("sizes know decimal and binary units") {
  CHECK(parse_size("64MiB") == 67'108'864u);
  CHECK(parse_size("1.5 GB") == 1'500'000'000u);
  CHECK(parse_size("2kB") == 2000u);
  CHECK(parse_size("512") == 512u);
  CHECK(parse_size("0.5KiB") == 512u);
  for (const char* text :
       {"", "B", "-1", "-0.5KiB", "0.5B", "1e3MB", "64 Mib", "99999999TiB", "1.2.3GB", "."}) {
    INFO(text);
    CHECK_FALSE(parse_size(text));
  }
}

TEST_CASE("the nearest word is near, or there is none") {
  const std::vector<std::string> words{"speed", "seed", "state_dir", "name"};
  CHECK(nearest("speeed", words) == "speed");
  CHECK(nearest("sped", words) == "speed");
  CHECK(nearest("SEED", words) == "seed");
  CHECK(nearest("nmae", words) == "name");
  CHECK(nearest("statedir", words) == "state_dir");
  CHECK(nearest("volume", words).empty());
  CHECK(nearest("", words).empty());
  CHECK(nearest(std::string(1000, 's'), words).empty());
}

TEST_CASE("endpoints are literal addresses with a port") {
  CHECK(parse_endpoint("127.0.0.1:9464") == Endpoint{"127.0.0.1", 9464});
  CHECK(parse_endpoint("[::1]:80") == Endpoint{"::1", 80});
  for (const char* text :
       {"", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:+80",
        "127.0.0:80", "::1:80", "localhost:80", "[127.0.0.1]:80", "[]:80"}) {
    INFO(text);
    CHECK_FALSE(parse_endpoint(text));
  }
}
