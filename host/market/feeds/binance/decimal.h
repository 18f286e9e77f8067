// decimal.h: numbers out of JSON text, without floating point: decimal strings ("61837.63000000")
// into integers of a given number of decimals, and bare unsigned integers. Sixteen characters at a
// time where the text allows it. Hot path: no allocation; never reads beyond `end`.
#pragma once

#include <array>
#include <cstdint>

namespace zomma::binance {

enum class Digits : std::uint8_t {
  exact,
  inexact,  // a non-zero digit beyond the wanted decimals was cut off
  bad       // not a number of this kind, or too large for 63 bits
};

// Reads what follows the opening quote of a decimal string, up to and with the closing one. digits,
// or digits '.' digits; no sign, no exponent.
class DecimalReader {
 public:
  static constexpr int max_decimals = 18;

  // `decimals`: how many the resulting integers carry, 0 to max_decimals.
  explicit DecimalReader(int decimals);

  // `at` moves behind the closing quote, except for Digits::bad, where it stays inside the text.
  Digits read(const char*& at, const char* end, std::int64_t& value) const;

 private:
  Digits read_slowly(const char*& at, const char* end, std::int64_t& value) const;

  int decimals_;
  // For each length of the whole part: which characters make up the sixteen-digit integer,
  // right-aligned; 0x80 is a zero.
  alignas(16) std::array<std::array<std::uint8_t, 16>, 16> pick_;
};

// A bare integer below 2^63; `at` moves to the first character that is no digit.
bool read_unsigned(const char*& at, const char* end, std::uint64_t& value);

}  // namespace zomma::binance
