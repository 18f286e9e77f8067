#include "market/feeds/chain_csv/table.h"

#include <algorithm>

#include "market/feeds/lean/rows.h"
#include "market/options/calendar.h"
#include "market/options/index_roots.h"
#include "market/options/occ_symbol.h"

namespace zomma::chain_csv {
namespace {

constexpr std::array<std::string_view, column_count> names{
    "time",      "symbol",        "root",       "expiry",         "strike",        "right",
    "style",     "bid",           "ask",        "bid_size",       "ask_size",      "last",
    "last_size", "open_interest", "underlying", "underlying_bid", "underlying_ask"};
constexpr std::int64_t second_ns = 1'000'000'000, minute_ns = 60 * second_ns;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '"')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '"')) text.remove_suffix(1);
  return text;
}

Error wrong(std::string_view column, std::string_view found, std::string_view expected) {
  return {Errc::corrupt, std::string(column) + " is \"" + std::string(found) + "\", expected " +
                             std::string(expected)};
}

// Exactly `count` digits off the front.
bool digits(std::string_view& text, std::size_t count, int& out) {
  std::uint64_t value = 0;
  if (text.size() < count || !lean::parse_unsigned(text.substr(0, count), value)) return false;
  text.remove_prefix(count);
  out = static_cast<int>(value);
  return true;
}
bool skip(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

// "2017-01-27" or "20170127" off the front.
bool date_off(std::string_view& text, std::uint32_t& out) {
  int year = 0, month = 0, day = 0;
  if (!digits(text, 4, year)) return false;
  const bool dashes = skip(text, '-');
  if (!digits(text, 2, month) || (dashes && !skip(text, '-')) || !digits(text, 2, day))
    return false;
  out = static_cast<std::uint32_t>(year * 10'000 + month * 100 + day);
  return options::valid_date(out);
}

// "+01:00" as what must be taken off a local time.
bool offset_off(std::string_view text, std::int64_t& out) {
  int hours = 0, minutes = 0;
  const bool west = !text.empty() && text.front() == '-';
  if (!skip(text, '+') && !skip(text, '-')) return false;
  if (!digits(text, 2, hours)) return false;
  skip(text, ':');
  if (!digits(text, 2, minutes) || !text.empty() || hours > 14 || minutes > 59) return false;
  out = (hours * 60 + minutes) * minute_ns * (west ? -1 : 1);
  return true;
}

using Fields = std::array<std::string_view, column_count>;

std::string_view of(const Fields& fields, Column column) {
  return fields[static_cast<std::size_t>(column)];
}

// By its OCC symbol. A symbol that is none is the underlying's own.
Result<void> by_symbol(std::string_view symbol, Row& row) {
  const bool option = symbol.size() > 15 || symbol.find(' ') != std::string_view::npos;
  if (!option) {
    row.underlying = lean::upper(symbol);
    return {};
  }
  const auto occ = options::parse_occ(symbol);
  if (!occ) return wrong("symbol", symbol, "an OCC symbol: " + occ.error().message);
  row.contract = lean::ContractKey{occ->root, occ->expiry_date,
                                   occ->strike.value / power_of_ten(money_digits - 4),
                                   occ->right == options::Right::put};
  return {};
}

Result<void> by_parts(const Fields& fields, Row& row) {
  lean::ContractKey key{lean::upper(of(fields, Column::root)), 0, 0, false};
  const std::string_view expiry = of(fields, Column::expiry), right = of(fields, Column::right);
  if (key.root.empty() || key.root.size() > 6)
    return wrong("root", of(fields, Column::root), "one to six letters");
  if (expiry.empty() && of(fields, Column::strike).empty() && right.empty()) {
    row.underlying = key.root;
    return {};
  }
  std::string_view date = expiry;
  if (!date_off(date, key.expiry) || !date.empty())
    return wrong("expiry", expiry, "a date as in 2017-01-27");
  if (!lean::parse_price(of(fields, Column::strike), key.strike) || key.strike == 0)
    return wrong("strike", of(fields, Column::strike), "a price above zero");
  const std::string kind = lean::lower(right);
  if (kind != "c" && kind != "p" && kind != "call" && kind != "put")
    return wrong("right", right, "C, P, call or put");
  key.put = kind.front() == 'p';
  row.contract = key;
  return {};
}

}  // namespace

std::optional<std::int64_t> parse_time(std::string_view text) {
  std::uint64_t whole = 0;
  if (text.size() > 8 && lean::parse_unsigned(text, whole))
    return whole < INT64_MAX ? std::optional(static_cast<std::int64_t>(whole)) : std::nullopt;
  std::uint32_t date = 0;
  if (!date_off(text, date)) return std::nullopt;
  if (text.empty()) return options::session_close(date).value;
  if (!skip(text, 'T') && !skip(text, ' ')) return std::nullopt;
  int hour = 0, minute = 0, second = 0;
  if (!digits(text, 2, hour) || !skip(text, ':') || !digits(text, 2, minute) || hour > 23 ||
      minute > 59)
    return std::nullopt;
  if (skip(text, ':') && (!digits(text, 2, second) || second > 59)) return std::nullopt;
  std::int64_t of_day = (hour * 60 + minute) * minute_ns + second * second_ns;
  if (skip(text, '.')) {
    std::int64_t unit = second_ns / 10;
    if (text.empty()) return std::nullopt;
    for (; !text.empty() && text.front() >= '0' && text.front() <= '9' && unit > 0; unit /= 10)
      of_day += (text.front() - '0') * unit, text.remove_prefix(1);
  }
  if (text.empty()) return options::new_york(date, 0, 0).value + of_day;
  const std::int64_t utc = options::day_number(date) * 24 * 60 * minute_ns + of_day;
  std::int64_t ahead = 0;
  if (text == "Z") return utc;
  return offset_off(text, ahead) ? std::optional(utc - ahead) : std::nullopt;
}

Result<Header> Header::read(std::string_view line, const std::string& file) {
  Header header;
  header.place_.fill(-1);
  const auto refuse = [&](const std::string& what) {
    return Error{Errc::corrupt, file + ": line 1: " + what};
  };
  if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  while (!line.empty()) {
    const std::string name = lean::lower(trimmed(lean::next_field(line)));
    const auto known = std::find(names.begin(), names.end(), name);
    if (known == names.end())
      return refuse("unknown column \"" + name +
                    "\"; known are time, symbol, root, expiry, strike, right, style, bid, ask, "
                    "bid_size, ask_size, last, last_size, open_interest, underlying, "
                    "underlying_bid, underlying_ask");
    int& place = header.place_[static_cast<std::size_t>(known - names.begin())];
    if (place >= 0) return refuse("the column " + name + " is there twice");
    place = header.fields_++;
  }
  const bool parts = header.has(Column::root) && header.has(Column::expiry) &&
                     header.has(Column::strike) && header.has(Column::right);
  if (!header.has(Column::time) || !header.has(Column::bid) || !header.has(Column::ask) ||
      !(header.has(Column::symbol) || parts))
    return refuse(
        "expected the columns time, bid, ask and either symbol or root, expiry, strike "
        "and right");
  return header;
}

Result<Row> Header::row(std::string_view line) const {
  const auto commas = static_cast<int>(std::count(line.begin(), line.end(), ','));
  if (commas + 1 != fields_)
    return Error{Errc::corrupt, std::to_string(commas + 1) + " fields, expected " +
                                    std::to_string(fields_) + " as in line 1"};
  Fields fields{};
  std::string_view rest = line;
  for (int place = 0; place < fields_; ++place) {
    const std::string_view field = trimmed(lean::next_field(rest));
    for (std::size_t c = 0; c < column_count; ++c)
      if (place_[c] == place) fields[c] = field;
  }
  const auto field = [&](Column column) { return of(fields, column); };
  Row row;
  const auto time = parse_time(field(Column::time));
  if (!time)
    return wrong("time", field(Column::time),
                 "2017-01-27T16:00:00Z, 2017-01-27 or nanoseconds since 1970");
  row.ts_ns = *time;
  for (const auto& [column, out] :
       {std::pair(Column::bid, &row.bid), std::pair(Column::ask, &row.ask),
        std::pair(Column::last, &row.last), std::pair(Column::underlying_bid, &row.underlying_bid),
        std::pair(Column::underlying_ask, &row.underlying_ask)})
    if (!field(column).empty() && !lean::parse_price(field(column), *out))
      return wrong(names[static_cast<std::size_t>(column)], field(column),
                   "a price not below zero, or nothing");
  for (const auto& [column, out] :
       {std::pair(Column::bid_size, &row.bid_size), std::pair(Column::ask_size, &row.ask_size),
        std::pair(Column::last_size, &row.last_size),
        std::pair(Column::open_interest, &row.open_interest)}) {
    std::uint64_t value = 0;
    if (field(column).empty()) continue;
    if (!lean::parse_unsigned(field(column), value) || value > 1'000'000'000'000)
      return wrong(names[static_cast<std::size_t>(column)], field(column), "a whole number");
    *out = static_cast<std::int64_t>(value);
  }
  const std::string_view style = field(Column::style);
  if (!style.empty() && style != "american" && style != "european")
    return wrong("style", style, "american or european");
  const auto named =
      has(Column::symbol) ? by_symbol(field(Column::symbol), row) : by_parts(fields, row);
  if (!named) return named.error();
  if (!row.contract) return row;
  const std::string& root = row.contract->root;
  row.underlying = field(Column::underlying).empty() ? options::underlying_of(root)
                                                     : lean::upper(field(Column::underlying));
  row.american = style.empty() ? !options::is_index(row.underlying) : style == "american";
  return row;
}

}  // namespace zomma::chain_csv
