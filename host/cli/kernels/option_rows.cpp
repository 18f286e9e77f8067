#include "cli/kernels/option_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "cli/kernels/calendar.h"

namespace zomma::cli {
namespace {

constexpr std::size_t index_of(Quantity quantity) { return static_cast<std::size_t>(quantity); }

// Cells are quoted in sentences; a mistaken file may hold anything.
std::string shown(std::string_view cell) {
  if (cell.empty()) return "nothing";
  std::string text = "'";
  for (const char c : cell.substr(0, 40)) text += static_cast<unsigned char>(c) < 32 ? '?' : c;
  return text + (cell.size() > 40 ? "...'" : "'");
}

const char* expected(Demand demand) {
  switch (demand) {
    case Demand::any:
      return "a number";
    case Demand::positive:
      return "a number above 0";
    case Demand::not_negative:
      return "a number not below 0";
    case Demand::number_or_empty:
      return "a number or nothing";
  }
  return "a number";
}

bool meets(Demand demand, double number) {
  if (demand == Demand::positive) return number > 0;
  if (demand == Demand::not_negative) return number >= 0;
  return true;
}

// "1,234,567.8" without the commas; nothing where they do not part groups of three.
std::optional<double> parse_grouped(std::string_view text) {
  std::string digits;
  int since = -1;  // digits since the last comma; -1 before the first
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ',') {
      if ((since != -1 && since != 3) || i == 0 || i > 12) return std::nullopt;
      since = 0;
      continue;
    }
    if (text[i] == '.' && since != 3) return std::nullopt;
    if (text[i] == '.') since = -2;
    if (since >= 0) ++since;
    digits += text[i];
  }
  if (since != 3 && since != -2) return std::nullopt;
  return digits.find(',') == digits.npos ? parse_number(digits) : std::nullopt;
}

}  // namespace

std::optional<double> parse_number(std::string_view text) {
  double number = 0;
  const char* begin = text.data();
  const char* end = begin + text.size();
  if (begin != end && *begin == '+' && text.size() > 1 && begin[1] != '-') ++begin;
  const auto [stop, code] = std::from_chars(begin, end, number);
  if (code == std::errc::result_out_of_range) return std::nullopt;
  if (code != std::errc{}) return std::nullopt;
  if (stop != end) {
    if (*stop == '%' && stop + 1 == end) return number / 100.0;
    return *stop == ',' ? parse_grouped(text) : std::nullopt;
  }
  if (!std::isfinite(number)) return std::nullopt;
  return number;
}

int parse_type(std::string_view text) {
  if (text.size() == 1) {
    const char c = text[0];
    return c == 'c' || c == 'C' || c == '1' ? 1 : c == 'p' || c == 'P' ? -1 : 0;
  }
  if (text == "-1") return -1;
  if (text == "+1") return 1;
  const std::string plain = plain_name(text);
  if (plain == "call" || plain == "calls") return 1;
  return plain == "put" || plain == "puts" ? -1 : 0;
}

Result<OptionRows> OptionRows::prepare(const std::vector<std::string>& header,
                                       const Origins& origins, const std::vector<Wanted>& wanted,
                                       std::optional<double> expiry_time) {
  OptionRows rows;
  rows.cells_ = header.size();
  rows.expiry_time_ = expiry_time;
  for (Wanted want : wanted) {
    if (want.quantity == Quantity::expiry && !origins.known(Quantity::expiry) &&
        origins.known(Quantity::days)) {
      want.quantity = Quantity::days;
      rows.expiry_in_days_ = true;
    }
    if (auto error = problem(origins, want.quantity, header)) return *error;
    const Origin& origin = origins[want.quantity];
    if (want.quantity == Quantity::expiry) {
      rows.expiry_column_ = origin.column;
      rows.constant_expiry_ = origin.constant.value_or("");
      const Origin& as_of = origins[Quantity::as_of];
      rows.as_of_column_ = as_of.column;
      rows.constant_as_of_ = as_of.constant.value_or("");
      if (as_of.constant && !parse_moment(*as_of.constant))
        return Error{Errc::invalid_argument,
                     fmt::format("--as-of: found {}, expected a day such as 2026-12-18 or "
                                 "2026-12-18T16:00",
                                 shown(*as_of.constant))};
      std::string why;
      if (origin.constant && rows.as_of_column_ < 0 &&
          !rows.years_to(*origin.constant, rows.constant_as_of_, why))
        return Error{Errc::invalid_argument, "--expiry: " + why};
    } else if (want.quantity == Quantity::type) {
      rows.wants_type_ = true;
      rows.type_column_ = origin.column;
      if (origin.constant)
        rows.constant_sign_ = static_cast<std::int8_t>(parse_type(*origin.constant));
      if (origin.constant && rows.constant_sign_ == 0)
        return Error{Errc::invalid_argument,
                     fmt::format("--type: found {}, expected c, call, 1, p, "
                                 "put or -1",
                                 shown(*origin.constant))};
    } else if (origin.constant) {
      if (auto error = rows.prepare_constant(want, *origin.constant)) return *error;
    } else {
      rows.columns_.push_back({want, origin.column});
    }
  }
  return rows;
}

std::optional<Error> OptionRows::prepare_constant(const Wanted& wanted, const std::string& text) {
  const auto number = parse_number(text);
  if (!number || !meets(wanted.demand, *number))
    return Error{Errc::invalid_argument,
                 fmt::format("--{}: found {}, expected {}", info(wanted.quantity).name, shown(text),
                             expected(wanted.demand))};
  constants_.emplace_back(wanted.quantity, *number);
  return std::nullopt;
}

bool OptionRows::fill(CsvReader& reader, std::size_t most) {
  for (auto& column : values_) column.clear();
  sign_.clear(), bad_.clear(), faults_.clear();
  text_.clear(), text_end_.clear(), place_.clear();
  while (text_end_.size() < most && reader.next(row_)) {
    text_ += row_.text;
    text_end_.push_back(text_.size());
    place_.emplace_back(row_.number, row_.line);
    bad_.push_back(0);
    read_row(row_);
  }
  for (const auto& [quantity, number] : constants_)
    values_[index_of(quantity)].assign(size(), number);
  if (expiry_in_days_) {
    values_[index_of(Quantity::expiry)] = values_[index_of(Quantity::days)];
    for (double& years : values_[index_of(Quantity::expiry)]) years /= days_per_year;
  }
  return size() != 0;
}

void OptionRows::read_row(const CsvRow& row) {
  if (row.cells.size() == cells_ && row.well_quoted) {
    for (const Column& column : columns_)
      if (!read_cell(column, row.cells[static_cast<std::size_t>(column.column)])) break;
    if (wants_type_) {
      const std::string_view cell =
          type_column_ < 0 ? std::string_view() : row.cells[static_cast<std::size_t>(type_column_)];
      const int sign = type_column_ < 0 ? constant_sign_ : parse_type(cell);
      if (sign == 0)
        refuse(fmt::format("type: found {}, expected c, call, 1, p, put or -1", shown(cell)));
      sign_.push_back(static_cast<std::int8_t>(sign));
    }
    if (expiry_column_ >= 0 || !constant_expiry_.empty()) {
      const auto cell = [&](int column, const std::string& constant) {
        return column < 0 ? std::string_view(constant)
                          : row.cells[static_cast<std::size_t>(column)];
      };
      read_expiry(cell(expiry_column_, constant_expiry_), cell(as_of_column_, constant_as_of_));
    }
  } else if (!row.well_quoted) {
    refuse("a quote is not closed, or something follows it");
  } else {
    refuse(fmt::format("found {} cells, expected the header's {}", row.cells.size(), cells_));
  }
  if (bad_.back() == 0) return;
  // Columns stay as long as the rows; what a bad row holds is never shown.
  for (const Column& column : columns_) values_[index_of(column.wanted.quantity)].resize(size());
  if (wants_type_) sign_.resize(size());
  if (expiry_column_ >= 0 || !constant_expiry_.empty())
    values_[index_of(Quantity::expiry)].resize(size());
}

bool OptionRows::read_cell(const Column& column, std::string_view cell) {
  auto& values = values_[index_of(column.wanted.quantity)];
  if (const auto number = parse_number(cell); number && meets(column.wanted.demand, *number)) {
    values.push_back(*number);
    return true;
  }
  if (column.wanted.demand == Demand::number_or_empty &&
      (cell.empty() || plain_name(cell) == "nan" || plain_name(cell) == "na" || cell == "-")) {
    values.push_back(std::nan(""));
    return true;
  }
  refuse(fmt::format("{}: found {}, expected {}", info(column.wanted.quantity).name, shown(cell),
                     expected(column.wanted.demand)));
  return false;
}

std::optional<double> OptionRows::years_to(std::string_view expiry, std::string_view as_of,
                                           std::string& why) const {
  if (!looks_like_date(expiry)) {
    const auto years = parse_number(expiry);
    if (years && *years > 0 && *years < 1000) return *years;
    why = fmt::format("expiry: found {}, expected years above 0, or a date such as 2026-12-18",
                      shown(expiry));
    return std::nullopt;
  }
  const auto end = parse_moment(expiry);
  if (!end) {
    why = fmt::format(
        "expiry: found {}, which is no day of the calendar; expected 2026-12-18, "
        "20261218 or 12/18/2026",
        shown(expiry));
    return std::nullopt;
  }
  const auto begin = parse_moment(as_of);
  if (!begin) {
    why = as_of.empty()
              ? fmt::format(
                    "expiry {} is a date: the day it counts from is needed, by "
                    "--as-of 2026-06-30 or a column as_of",
                    shown(expiry))
              : fmt::format("as_of: found {}, expected a day such as 2026-06-30", shown(as_of));
    return std::nullopt;
  }
  // Between two days without a time the days count; with a time an option ends in the afternoon.
  constexpr double usual_close = 16.0 / 24.0;
  double last = end->days;
  if (!end->has_time) last += expiry_time_.value_or(begin->has_time ? usual_close : 0.0);
  const double years = (last - begin->days) / days_per_year;
  if (years > 0) return years;
  why = fmt::format("expiry {} is not after {}", shown(expiry), shown(as_of));
  return std::nullopt;
}

bool OptionRows::read_expiry(std::string_view cell, std::string_view as_of) {
  auto& values = values_[index_of(Quantity::expiry)];
  if (!last_expiry_.empty() && cell == last_expiry_ && as_of == last_as_of_) {
    values.push_back(last_years_);
    return true;
  }
  std::string why;
  const auto years = years_to(cell, as_of, why);
  if (!years) {
    refuse(std::move(why));
    return false;
  }
  last_expiry_ = cell, last_as_of_ = as_of, last_years_ = *years;
  values.push_back(*years);
  return true;
}

void OptionRows::refuse(std::string sentence) {
  if (bad_.back() != 0) return;  // the first mistake of a row is the one to mend
  bad_.back() = 1;
  faults_.push_back({size() - 1, place(size() - 1) + ": " + sentence});
}

std::string_view OptionRows::text(std::size_t row) const {
  const std::size_t begin = row == 0 ? 0 : text_end_[row - 1];
  return std::string_view(text_).substr(begin, text_end_[row] - begin);
}

const std::string& OptionRows::fault(std::size_t row) const {
  return std::lower_bound(faults_.begin(), faults_.end(), row,
                          [](const Fault& fault, std::size_t r) { return fault.row < r; })
      ->sentence;
}

std::string OptionRows::place(std::size_t row) const {
  return fmt::format("row {} (line {})", place_[row].first, place_[row].second);
}

}  // namespace zomma::cli
