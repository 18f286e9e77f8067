#include "runtime/config/units.h"

#include <array>
#include <utility>

namespace zomma {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "1.5ms" -> {"1.5", "ms"}
std::pair<std::string_view, std::string_view> split_unit(std::string_view text) {
  std::size_t end = text.size();
  while (end > 0 && !is_digit(text[end - 1]) && text[end - 1] != '.') --end;
  std::string_view unit = text.substr(end);
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  return {text.substr(0, end), unit};
}

bool multiply(std::int64_t& value, std::int64_t factor) {
  return !__builtin_mul_overflow(value, factor, &value);
}

// Digits of a decimal without its point and leading zeros, and how many of them stand behind the
// point.
struct Mantissa {
  bool negative{};
  std::string digits;
  long decimals{};
};

std::optional<Mantissa> read_mantissa(std::string_view text) {
  Mantissa result;
  std::size_t at = 0;
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) result.negative = text[at++] == '-';
  bool any = false, point = false;
  for (; at < text.size() && text[at] != 'e' && text[at] != 'E'; ++at) {
    const char c = text[at];
    if (is_digit(c)) {
      any = true;
      if (point) ++result.decimals;
      if (c != '0' || !result.digits.empty()) result.digits += c;
    } else if (c == '.' && !point) {
      point = true;
    } else if (c != '_' || at == 0 || !is_digit(text[at - 1]) || at + 1 == text.size() ||
               !is_digit(text[at + 1])) {
      return std::nullopt;
    }
  }
  if (!any) return std::nullopt;
  if (at == text.size()) return result;
  bool minus = false;
  if (++at < text.size() && (text[at] == '+' || text[at] == '-')) minus = text[at++] == '-';
  if (at == text.size() || text.size() - at > 4) return std::nullopt;
  long exponent = 0;
  for (; at < text.size(); ++at) {
    if (!is_digit(text[at])) return std::nullopt;
    exponent = exponent * 10 + (text[at] - '0');
  }
  result.decimals += minus ? exponent : -exponent;
  return result;
}

}  // namespace

Decimal parse_decimal(std::string_view text, int digits) {
  auto mantissa = read_mantissa(text);
  if (!mantissa) return {0, DecimalFault::not_a_number};
  while (!mantissa->digits.empty() && mantissa->digits.back() == '0') {
    mantissa->digits.pop_back();
    --mantissa->decimals;
  }
  if (mantissa->digits.empty()) return {0, DecimalFault::none};
  if (mantissa->decimals > digits) return {0, DecimalFault::too_precise};
  std::int64_t value = 0;
  for (const char c : mantissa->digits) {
    if (!multiply(value, 10) || __builtin_add_overflow(value, c - '0', &value))
      return {0, DecimalFault::too_large};
  }
  for (long i = mantissa->decimals; i < digits; ++i) {
    if (!multiply(value, 10)) return {0, DecimalFault::too_large};
  }
  return {mantissa->negative ? -value : value, DecimalFault::none};
}

std::string format_decimal(std::int64_t value, int digits) {
  const bool negative = value < 0;
  std::string text = std::to_string(negative ? 0 - static_cast<std::uint64_t>(value)
                                             : static_cast<std::uint64_t>(value));
  if (digits > 0) {
    const auto places = static_cast<std::size_t>(digits);
    if (text.size() <= places) text.insert(0, places + 1 - text.size(), '0');
    text.insert(text.size() - places, 1, '.');
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
  }
  return negative ? "-" + text : text;
}

std::optional<Nanoseconds> parse_duration(std::string_view text) {
  struct Unit {
    std::string_view name;
    int digits;          // 10^digits nanoseconds ...
    std::int64_t times;  // ... times this
  };
  constexpr std::array<Unit, 7> units{{{"ns", 0, 1},
                                       {"us", 3, 1},
                                       {"µs", 3, 1},
                                       {"ms", 6, 1},
                                       {"s", 9, 1},
                                       {"min", 9, 60},
                                       {"h", 9, 3600}}};
  auto [number, name] = split_unit(text);
  for (const Unit& unit : units) {
    if (unit.name != name) continue;
    Decimal decimal = parse_decimal(number, unit.digits);
    if (decimal.fault != DecimalFault::none || !multiply(decimal.value, unit.times))
      return std::nullopt;
    return Nanoseconds{decimal.value};
  }
  return std::nullopt;
}

std::string format_duration(Nanoseconds duration) {
  constexpr std::array<std::pair<std::int64_t, const char*>, 3> units{
      {{1'000'000'000, "s"}, {1'000'000, "ms"}, {1000, "us"}}};
  for (const auto& [factor, name] : units) {
    if (duration.value % factor == 0) return std::to_string(duration.value / factor) + name;
  }
  return std::to_string(duration.value) + "ns";
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  struct Unit {
    std::string_view name;
    std::int64_t bytes;
  };
  constexpr std::array<Unit, 10> units{{{"", 1},
                                        {"B", 1},
                                        {"kB", 1000},
                                        {"KB", 1000},
                                        {"MB", 1'000'000},
                                        {"GB", 1'000'000'000},
                                        {"KiB", 1 << 10},
                                        {"MiB", 1 << 20},
                                        {"GiB", 1 << 30},
                                        {"TiB", std::int64_t{1} << 40}}};
  constexpr int fraction_digits = 6;  // "1.5GiB"; what remains must be a whole number of bytes
  auto [number, name] = split_unit(text);
  if (number.find_first_of("eE") != std::string_view::npos) return std::nullopt;
  for (const Unit& unit : units) {
    if (unit.name != name) continue;
    // The whole part and the fraction apart, so that large sizes do not overflow with six decimals.
    const std::size_t point = number.find('.');
    const Decimal whole = parse_decimal(number.substr(0, point), 0);
    Decimal fraction{};
    if (point != std::string_view::npos)
      fraction = parse_decimal(number.substr(point), fraction_digits);
    std::int64_t bytes = whole.value;
    if (whole.fault != DecimalFault::none || fraction.fault != DecimalFault::none || bytes < 0)
      return std::nullopt;
    if (number.front() == '-' || !multiply(bytes, unit.bytes) ||
        !multiply(fraction.value, unit.bytes))
      return std::nullopt;
    if (fraction.value % power_of_ten(fraction_digits) != 0) return std::nullopt;
    if (__builtin_add_overflow(bytes, fraction.value / power_of_ten(fraction_digits), &bytes))
      return std::nullopt;
    return static_cast<std::uint64_t>(bytes);
  }
  return std::nullopt;
}

}  // namespace zomma
