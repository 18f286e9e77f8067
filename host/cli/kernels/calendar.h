// calendar.h: dates as an analyst writes them, and the years between two of them (actual/365).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace zomma::cli {

// A moment in days since 1970-01-01; `has_time` where the text said a time of day.
struct Moment {
  double days = 0;
  bool has_time = false;
};

// 2026-12-18, 20261218, 12/18/2026, 12/18/26 (month first), each with or without a time of day:
// "2026-12-18T16:00", "2026-12-18 16:00:30". Nothing where the text is not a day of the calendar.
std::optional<Moment> parse_moment(std::string_view text);

// Whether the text looks like a date and not like a number of years: it holds '-' or '/' behind its
// first character, or is eight digits.
bool looks_like_date(std::string_view text);

// Hours and minutes of "16:00" as a share of a day.
std::optional<double> parse_time_of_day(std::string_view text);

// "2026-12-18" of days since 1970-01-01.
std::string format_day(double days);

constexpr double days_per_year = 365.0;

}  // namespace zomma::cli
