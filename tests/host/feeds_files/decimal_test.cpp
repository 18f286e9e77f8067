// Decimal strings become integers exactly, or it is said that they did not.
#include <catch2/catch.hpp>

#include <string>

#include "base/random.h"
#include "market/feeds/binance/decimal.h"

using namespace zomma;
using binance::DecimalReader;
using binance::Digits;

namespace {

struct Read {
  Digits digits;
  std::int64_t value;
  std::size_t used;
};

// `behind`: what else the text holds, so that the wide path is taken.
Read read(const std::string& text, int decimals, const std::string& behind = "") {
  const std::string all = text + "\"" + behind;
  const std::string exact(all.data(), all.size());
  const char* at = exact.data();
  std::int64_t value = -1;
  const Digits digits = DecimalReader(decimals).read(at, exact.data() + exact.size(), value);
  return {digits, value, static_cast<std::size_t>(at - exact.data())};
}

const std::string more = ",\"B\":\"3.78826000\",\"a\":\"61837.64000000\"";

}  // namespace

TEST_CASE("a price keeps every digit the instrument has") {
  for (const std::string& behind : {std::string(), more}) {
    CHECK(read("61837.63000000", 2, behind).value == 6'183'763);
    CHECK(read("61837.63000000", 2, behind).digits == Digits::exact);
    CHECK(read("61837.63000000", 2, behind).used == 15);
    CHECK(read("0.00001000", 5, behind).value == 1);
    CHECK(read("0.00000000", 5, behind).value == 0);
    CHECK(read("61800", 1, behind).value == 618'000);
    CHECK(read("7", 0, behind).value == 7);
    CHECK(read("1234567890123.4", 2, behind).value == 123'456'789'012'340);
    CHECK(read("00012.50", 1, behind).value == 125);
  }
}

TEST_CASE("a digit that the instrument cannot hold is cut off and told") {
  for (const std::string& behind : {std::string(), more}) {
    const Read cut = read("61837.63000001", 2, behind);
    CHECK(cut.digits == Digits::inexact);
    CHECK(cut.value == 6'183'763);
    CHECK(read("0.019", 2, behind).digits == Digits::inexact);
    CHECK(read("0.019", 2, behind).value == 1);
    CHECK(read("5.5", 0, behind).digits == Digits::inexact);
  }
}

TEST_CASE("what is no decimal number is refused") {
  for (const std::string& behind : {std::string(), more}) {
    for (const char* text :
         {"", ".5", "5.", "1.2.3", "-1.5", "+1", "1e5", "1,5", " 1", "1 ", "abc", "1.5x", "NaN"})
      CHECK(read(text, 2, behind).digits == Digits::bad);
    CHECK(read("9223372036854775808", 0, behind).digits == Digits::bad);
    CHECK(read("9223372036854775807", 0, behind).value == INT64_MAX);
    CHECK(read("922337203685477581", 2, behind).digits == Digits::bad);
    CHECK(read("99999999999999999999999999", 2, behind).digits == Digits::bad);
  }
  // Nothing behind the digits, not even the closing quote.
  const std::string open = "1234567890123456789";
  const char* at = open.data();
  std::int64_t value = 0;
  CHECK(DecimalReader(2).read(at, open.data() + open.size(), value) == Digits::bad);
}

TEST_CASE("the wide path and the narrow path agree on any text") {
  constexpr std::string_view letters = "0123456789..\"\"00";
  SplitMix64 random(5);
  for (int i = 0; i < 200'000; ++i) {
    std::string text;
    const std::size_t size = random() % 24;
    for (std::size_t k = 0; k < size; ++k) text += letters[random() % letters.size()];
    const int decimals = static_cast<int>(random() % 10);
    // Sixteen characters to read make the wide path possible; a text cut to what is used does not.
    const Read wide = read(text, decimals, more);
    const std::string narrow_text = text.substr(0, text.find('"'));
    const Read narrow = read(narrow_text, decimals);
    REQUIRE(static_cast<int>(wide.digits) == static_cast<int>(narrow.digits));
    if (wide.digits != Digits::bad) {
      REQUIRE(wide.value == narrow.value);
      REQUIRE(wide.used == narrow.used);
    }
  }
}

TEST_CASE("bare integers end at the first character that is no digit") {
  for (const std::string& behind : {std::string(), more}) {
    const std::string text = "5123107839020," + behind;
    const char* at = text.data();
    std::uint64_t value = 0;
    CHECK(binance::read_unsigned(at, text.data() + text.size(), value));
    CHECK(value == 5'123'107'839'020u);
    CHECK(*at == ',');
  }
  std::uint64_t value = 0;
  for (const std::string text :
       {"", "x", "-5", "9223372036854775808,", "111111111111111111111111111,"}) {
    const char* at = text.data();
    CHECK_FALSE(binance::read_unsigned(at, text.data() + text.size(), value));
  }
  const std::string largest = "9223372036854775807,";
  const char* at = largest.data();
  CHECK(binance::read_unsigned(at, largest.data() + largest.size(), value));
  CHECK(value == static_cast<std::uint64_t>(INT64_MAX));
}
