#include "cli/kernels/calendar.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

namespace zomma::cli {
namespace {

bool digits_only(std::string_view text) {
  for (const char c : text)
    if (c < '0' || c > '9') return false;
  return !text.empty();
}

std::optional<int> whole(std::string_view text) {
  int number = 0;
  if (!digits_only(text) || text.size() > 4) return std::nullopt;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// Days from 1970-01-01 in the Gregorian calendar, counting years from March so that the leap day
// comes last.
std::optional<double> days_of(int year, int month, int day) {
  constexpr std::array<int, 12> lengths{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (year < 1900 || year > 2200 || month < 1 || month > 12 || day < 1) return std::nullopt;
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  if (day > lengths[static_cast<std::size_t>(month - 1)] + (leap && month == 2))
    return std::nullopt;
  const int y = month > 2 ? year : year - 1, m = (month + 9) % 12;
  const int days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1;
  return days - 719468;
}

// The parts of a date, parted by `mark`.
std::optional<std::array<int, 3>> three_numbers(std::string_view text, char mark) {
  const auto first = text.find(mark);
  const auto second = first == text.npos ? first : text.find(mark, first + 1);
  if (second == text.npos) return std::nullopt;
  const auto a = whole(text.substr(0, first)),
             b = whole(text.substr(first + 1, second - first - 1)),
             c = whole(text.substr(second + 1));
  if (!a || !b || !c) return std::nullopt;
  return std::array<int, 3>{*a, *b, *c};
}

std::optional<double> parse_day(std::string_view text) {
  if (text.size() == 8 && digits_only(text))
    return days_of(*whole(text.substr(0, 4)), *whole(text.substr(4, 2)), *whole(text.substr(6)));
  if (const auto parts = three_numbers(text, '-'))
    return days_of((*parts)[0], (*parts)[1], (*parts)[2]);
  const auto parts = three_numbers(text, '/');
  if (!parts) return std::nullopt;
  const int year = (*parts)[2];
  return days_of(year < 100 ? 2000 + year : year, (*parts)[0], (*parts)[1]);
}

}  // namespace

std::optional<double> parse_time_of_day(std::string_view text) {
  if (text.ends_with('Z')) text.remove_suffix(1);
  const auto colon = text.find(':');
  if (colon == text.npos) return std::nullopt;
  const auto hour = whole(text.substr(0, colon));
  std::string_view rest = text.substr(colon + 1), seconds = "0";
  if (const auto second = rest.find(':'); second != rest.npos) {
    seconds = rest.substr(second + 1);
    rest = rest.substr(0, second);
  }
  const auto minute = whole(rest), second = whole(seconds);
  if (!hour || !minute || !second || *hour > 24 || *minute > 59 || *second > 59)
    return std::nullopt;
  return (*hour * 3600 + *minute * 60 + *second) / 86400.0;
}

std::optional<Moment> parse_moment(std::string_view text) {
  const auto gap = text.find_first_of("T ");
  const auto day = parse_day(text.substr(0, gap));
  if (!day) return std::nullopt;
  if (gap == text.npos) return Moment{*day, false};
  const auto time = parse_time_of_day(text.substr(gap + 1));
  if (!time) return std::nullopt;
  return Moment{*day + *time, true};
}

std::string format_day(double days) {
  // The same count of days backwards: from a year that begins in March to the calendar's.
  const int day = static_cast<int>(std::floor(days)) + 719468;
  int year = static_cast<int>((day + 0.5) / 365.2425);
  const auto begin = [](int y) { return 365 * y + y / 4 - y / 100 + y / 400; };
  while (begin(year) > day) --year;
  while (begin(year + 1) <= day) ++year;
  const int in_year = day - begin(year), m = (5 * in_year + 2) / 153;
  const int month = m < 10 ? m + 3 : m - 9;
  return fmt::format("{:04}-{:02}-{:02}", month <= 2 ? year + 1 : year, month,
                     in_year - (153 * m + 2) / 5 + 1);
}

bool looks_like_date(std::string_view text) {
  if (text.size() == 8 && digits_only(text)) return true;
  if (text.find('/') != text.npos) return true;
  const auto dash = text.find('-', 1);  // "1e-3" and "-0.5" are numbers
  return dash != text.npos && text[dash - 1] >= '0' && text[dash - 1] <= '9';
}

}  // namespace zomma::cli
