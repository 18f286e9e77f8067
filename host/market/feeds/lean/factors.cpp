#include "market/feeds/lean/factors.h"

#include <charconv>
#include <cmath>

#include "market/feeds/lean/names.h"
#include "market/feeds/lean/rows.h"
#include "market/options/calendar.h"

namespace zomma::lean {
namespace {

constexpr std::uint32_t open_end = 20'500'000;  // rows from here on say "until further notice"
constexpr double factor_digits = 2e-6;          // what seven printed digits leave of a ratio
constexpr std::uint32_t largest_denominator = 10'000;

struct FactorRow {
  std::uint32_t date;
  double price, split, reference;
};

bool parse_real(std::string_view text, double& out) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out);
  return code == std::errc{} && end == text.data() + text.size() && std::isfinite(out);
}

bool parse_date(std::string_view text, std::uint32_t& out) {
  std::uint64_t number = 0;
  if (text.size() != 8 || !parse_unsigned(text, number)) return false;
  out = static_cast<std::uint32_t>(number);
  return options::valid_date(out);
}

// The simplest fraction within `factor_digits` of x, by continued fractions.
void simplest_fraction(double x, std::uint32_t& numerator, std::uint32_t& denominator) {
  double rest = x;
  double p0 = 0, q0 = 1, p1 = 1, q1 = 0;
  for (int step = 0; step < 24; ++step) {
    const double whole = std::floor(rest);
    const double p = whole * p1 + p0, q = whole * q1 + q0;
    if (q > largest_denominator || p > 4e9) break;
    p0 = p1, q0 = q1, p1 = p, q1 = q;
    if (std::fabs(p / q / x - 1) < factor_digits || rest == whole) break;
    rest = 1 / (rest - whole);
  }
  numerator = static_cast<std::uint32_t>(p1);
  denominator = static_cast<std::uint32_t>(q1);
}

// Money. Factors have seven digits, which leaves the amount uncertain: the roundest one within that
// is what was paid.
std::int64_t dividend(double reference, double kept) {
  const double amount = reference * (1 - kept);
  for (const double unit : {0.01, 0.001})
    if (std::fabs(std::round(amount / unit) * unit - amount) <= reference * 2e-7)
      return std::llround(std::round(amount / unit) * unit * 1e8);
  return std::llround(amount * 1e4) * 10'000;
}

Error bad_row(const std::string& file, std::uint64_t line, const char* expected) {
  return {Errc::corrupt, file + ": line " + std::to_string(line) + ": expected " + expected};
}

}  // namespace

Result<std::vector<CorporateAction>> read_factor_file(std::string_view text,
                                                      const std::string& file) {
  std::vector<CorporateAction> actions;
  FactorRow before{};
  std::string_view line;
  for (std::uint64_t number = 1; next_line(text, line); ++number) {
    if (line.empty()) continue;
    FactorRow row{};
    if (!parse_date(next_field(line), row.date) || !parse_real(next_field(line), row.price) ||
        !parse_real(next_field(line), row.split) || !(row.price > 0) || !(row.split > 0) ||
        row.date <= before.date)
      return bad_row(
          file, number,
          "date (later than the one before), price factor, split factor, reference price");
    if (!line.empty() && !parse_real(next_field(line), row.reference))
      return bad_row(file, number, "a reference price");
    if (before.date != 0) {
      const std::uint32_t ex = options::session_after(before.date);
      if (const double kept = before.price / row.price; kept < 1 - factor_digits / 10) {
        CorporateAction paid{ex, {}, {}};
        paid.action.type = ZM_CORPORATE_DIVIDEND;
        paid.action.ex_date = ex;
        paid.action.cash = dividend(before.reference, kept);
        if (paid.action.cash > 0) actions.push_back(paid);
      }
      if (const double ratio = row.split / before.split; std::fabs(ratio - 1) > factor_digits) {
        CorporateAction split{ex, {}, {}};
        split.action.type = ZM_CORPORATE_SPLIT;
        split.action.ex_date = ex;
        simplest_fraction(ratio, split.action.new_units, split.action.old_units);
        actions.push_back(split);
      }
    }
    before = row;
  }
  return actions;
}

Result<std::vector<MapRow>> read_map_file(std::string_view text, const std::string& file) {
  std::vector<MapRow> rows;
  std::string_view line;
  for (std::uint64_t number = 1; next_line(text, line); ++number) {
    if (line.empty()) continue;
    MapRow row{};
    if (!parse_date(next_field(line), row.until) ||
        (!rows.empty() && row.until < rows.back().until))
      return bad_row(file, number, "a date not before the one before it, and a symbol");
    row.ticker = upper(next_field(line));
    if (row.ticker.empty())
      return bad_row(file, number, "a date not before the one before it, and a symbol");
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<CorporateAction> renames_of(const std::vector<MapRow>& map) {
  std::vector<CorporateAction> actions;
  for (std::size_t i = 0; i < map.size(); ++i) {
    const bool last = i + 1 == map.size();
    if (last ? map[i].until >= open_end : map[i].ticker == map[i + 1].ticker) continue;
    const std::uint32_t ex = options::session_after(map[i].until);
    CorporateAction change{ex, {}, last ? "" : map[i + 1].ticker};
    change.action.type = last ? ZM_CORPORATE_DELISTED : ZM_CORPORATE_RENAME;
    change.action.ex_date = ex;
    actions.push_back(std::move(change));
  }
  return actions;
}

std::string ticker_on(const std::vector<MapRow>& map, std::uint32_t date) {
  for (const MapRow& row : map)
    if (date <= row.until) return row.ticker;
  return {};
}

}  // namespace zomma::lean
