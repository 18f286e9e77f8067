// occ_symbol.cpp: see occ_symbol.h.
#include "market/options/occ_symbol.h"

#include <algorithm>

#include "market/options/calendar.h"

namespace zomma::options {
namespace {

constexpr std::size_t root_width = 6, tail_width = 15;
constexpr std::int64_t thousandth = 100'000;  // of Money
constexpr int first_year_of_1900s = 80;       // listed options began in 1973, the symbols in 2010

Error wrong(std::string_view text, const std::string& what) {
  return {Errc::invalid_argument, "option symbol \"" + std::string(text) + "\": " + what};
}

bool digit(char c) { return c >= '0' && c <= '9'; }
bool capital(char c) { return c >= 'A' && c <= 'Z'; }

std::int64_t number(std::string_view digits) {
  std::int64_t value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

std::string padded(std::int64_t value, std::size_t width) {
  std::string text = std::to_string(value);
  return text.size() < width ? std::string(width - text.size(), '0') + text : text;
}

bool good_root(std::string_view root) {
  return !root.empty() && root.size() <= root_width &&
         std::all_of(root.begin(), root.end(), [](char c) { return digit(c) || capital(c); }) &&
         std::any_of(root.begin(), root.end(), capital);
}

}  // namespace

std::string_view OccSymbol::base_root() const {
  std::string_view base = root;
  while (!base.empty() && digit(base.back())) base.remove_suffix(1);
  return base;
}

Result<OccSymbol> parse_occ(std::string_view text) {
  if (text.size() <= tail_width || text.size() > root_width + tail_width)
    return wrong(text, std::to_string(text.size()) + " characters, expected 21");
  std::string_view root = text.substr(0, text.size() - tail_width);
  if (root.back() == ' ' && root.size() != root_width)
    return wrong(text, "a padded root must fill 6 characters");
  while (!root.empty() && root.back() == ' ') root.remove_suffix(1);
  if (!good_root(root))
    return wrong(text, "root \"" + std::string(root) + "\", expected 1 to 6 of A-Z and 0-9");
  const std::string_view tail = text.substr(text.size() - tail_width);
  const std::string_view date = tail.substr(0, 6), strike = tail.substr(7);
  if (!std::all_of(date.begin(), date.end(), digit))
    return wrong(text, "date \"" + std::string(date) + "\", expected yymmdd");
  OccSymbol out;
  out.root = root;
  const std::int64_t yymmdd = number(date);
  const std::int64_t century = yymmdd / 10000 >= first_year_of_1900s ? 19'000'000 : 20'000'000;
  out.expiry_date = static_cast<std::uint32_t>(century + yymmdd);
  if (!valid_date(out.expiry_date))
    return wrong(text, "there is no day " + std::string(date) + " (yymmdd)");
  if (tail[6] != 'C' && tail[6] != 'P')
    return wrong(text, std::string("right '") + tail[6] + "', expected C or P");
  out.right = tail[6] == 'C' ? Right::call : Right::put;
  if (!std::all_of(strike.begin(), strike.end(), digit) || number(strike) == 0)
    return wrong(text, "strike \"" + std::string(strike) + "\", expected 8 digits above zero");
  out.strike.value = number(strike) * thousandth;
  return out;
}

Result<std::string> format_occ(const OccSymbol& symbol) {
  if (!good_root(symbol.root)) return wrong(symbol.root, "root, expected 1 to 6 of A-Z and 0-9");
  if (!valid_date(symbol.expiry_date))
    return wrong(symbol.root, "no such date: " + std::to_string(symbol.expiry_date));
  const std::int64_t strike = symbol.strike.value / thousandth;
  if (symbol.strike.value % thousandth != 0 || strike <= 0 || strike > 99'999'999)
    return wrong(symbol.root, "strike " + std::to_string(symbol.strike.value) +
                                  "e-8, expected whole thousandths up to 99999.999");
  return symbol.root + std::string(root_width - symbol.root.size(), ' ') +
         padded(symbol.expiry_date % 1'000'000, 6) + (symbol.right == Right::call ? "C" : "P") +
         padded(strike, 8);
}

}  // namespace zomma::options
