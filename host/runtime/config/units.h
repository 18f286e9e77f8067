// units.h: numbers as people write them, exactly: decimals, durations with a unit, sizes with a
// unit. No floating point.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/types.h"

namespace zomma {

enum class DecimalFault : std::uint8_t { none, not_a_number, too_precise, too_large };

struct Decimal {
  std::int64_t value{};  // scaled by 10^digits
  DecimalFault fault{DecimalFault::none};
};

// "-12.5", "1_000.25", "2.5e-3" as an integer with `digits` decimals. Trailing zeros do not count
// as precision.
Decimal parse_decimal(std::string_view text, int digits);
// 1250 with 2 digits is "12.5"; no trailing zeros.
std::string format_decimal(std::int64_t value, int digits);

// "250us", "1.5 ms", "2s", "3min", "1h", "-5ms". Nothing when it is none, finer than a nanosecond,
// or above 292 years.
std::optional<Nanoseconds> parse_duration(std::string_view text);
// In the largest unit up to seconds that needs no decimals: "250us".
std::string format_duration(Nanoseconds duration);

// "64MiB", "1.5 GB", "512" in bytes. Nothing when it is none, not whole, negative or above 2^63
// - 1.
std::optional<std::uint64_t> parse_size(std::string_view text);

}  // namespace zomma
