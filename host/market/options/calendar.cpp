// calendar.cpp: see calendar.h. Holidays: NYSE Rule 7.2; special closings as they happened.
#include "market/options/calendar.h"

#include <algorithm>
#include <array>

namespace zomma::options {
namespace {

constexpr std::int64_t hour_ns = 3'600'000'000'000, minute_ns = 60'000'000'000;
constexpr int monday = 0, wednesday = 2, thursday = 3, friday = 4, saturday = 5, sunday = 6;
constexpr Date first_friday_expiry = 20150201;  // monthly contracts from here on expire on Fridays
constexpr int first_juneteenth = 2022, first_energy_act = 2007;

// Days the market stayed closed: terror attacks, funerals of presidents, a hurricane.
constexpr std::array<Date, 10> special_closings{20010911, 20010912, 20010913, 20010914, 20040611,
                                                20070102, 20121029, 20121030, 20181205, 20250109};
constexpr std::array<Date, 2> special_early_closes{19991231, 20031226};

int year_of(Date date) { return static_cast<int>(date / 10000); }
int month_of(Date date) { return static_cast<int>(date / 100 % 100); }
int day_of(Date date) { return static_cast<int>(date % 100); }
Date make(int year, int month, int day) {
  return static_cast<Date>(year * 10000 + month * 100 + day);
}
bool leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }
int month_length(int year, int month) {
  constexpr std::array<int, 12> lengths{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && leap(year) ? 29 : lengths[static_cast<std::size_t>(month - 1)];
}

// The n-th (from 1) such weekday of a month.
Date nth_weekday(int year, int month, int which, int n) {
  const Date first = make(year, month, 1);
  return add_days(first, (which - weekday(first) + 7) % 7 + 7 * (n - 1));
}
Date last_weekday(int year, int month, int which) {
  const Date last = make(year, month, month_length(year, month));
  return add_days(last, -((weekday(last) - which + 7) % 7));
}

// Easter Sunday of the Gregorian calendar, by Gauss's method as corrected in 1816.
Date easter(int year) {
  const int a = year % 19, b = year % 4, c = year % 7, century = year / 100;
  const int p = (13 + 8 * century) / 25, q = century / 4;
  const int m = (15 - p + century - q) % 30, n = (4 + century - q) % 7;
  const int d = (19 * a + m) % 30;
  int e = (2 * b + 4 * c + 6 * d + n) % 7;
  int days = d + e;
  if (d == 29 && e == 6) days -= 7;
  if (d == 28 && e == 6 && (11 * m + 11) % 30 < 19) days -= 7;
  return add_days(make(year, 3, 22), days);
}

// A fixed holiday on a Saturday is kept on the Friday before, on a Sunday on the Monday after.
Date observed(Date date) {
  if (weekday(date) == saturday) return add_days(date, -1);
  if (weekday(date) == sunday) return add_days(date, 1);
  return date;
}

bool regular_holiday(Date date) {
  const int year = year_of(date);
  const Date new_year = make(year, 1, 1);
  // New Year on a Saturday is not kept at all: the Friday ends a year of accounts.
  if (weekday(new_year) != saturday && date == observed(new_year)) return true;
  return date == nth_weekday(year, 1, monday, 3) || date == nth_weekday(year, 2, monday, 3) ||
         date == add_days(easter(year), -2) || date == last_weekday(year, 5, monday) ||
         (year >= first_juneteenth && date == observed(make(year, 6, 19))) ||
         date == observed(make(year, 7, 4)) || date == nth_weekday(year, 9, monday, 1) ||
         date == nth_weekday(year, 11, thursday, 4) || date == observed(make(year, 12, 25));
}

bool daylight_saving(Date date) {
  const int year = year_of(date);
  if (year >= first_energy_act)
    return date >= nth_weekday(year, 3, sunday, 2) && date < nth_weekday(year, 11, sunday, 1);
  return date >= nth_weekday(year, 4, sunday, 1) && date < last_weekday(year, 10, sunday);
}

}  // namespace

bool valid_date(Date date) {
  const int year = year_of(date), month = month_of(date), day = day_of(date);
  return year >= 1900 && year <= 2199 && month >= 1 && month <= 12 && day >= 1 &&
         day <= month_length(year, month);
}

std::int64_t day_number(Date date) {
  // Years begin in March, so that the leap day is the last of its year.
  const int month = month_of(date);
  const std::int64_t year = year_of(date) - (month <= 2 ? 1 : 0);
  const std::int64_t day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day_of(date) - 1;
  return 365 * year + year / 4 - year / 100 + year / 400 + day_of_year - 719'468;
}

Date date_of(std::int64_t day_number) {
  const std::int64_t days = day_number + 719'468, era = days / 146'097, in_era = days % 146'097;
  const std::int64_t year_of_era =
      (in_era - in_era / 1'460 + in_era / 36'524 - in_era / 146'096) / 365;
  const std::int64_t in_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted = (5 * in_year + 2) / 153;
  const int day = static_cast<int>(in_year - (153 * shifted + 2) / 5 + 1);
  const int month = static_cast<int>(shifted < 10 ? shifted + 3 : shifted - 9);
  return make(static_cast<int>(era * 400 + year_of_era) + (month <= 2 ? 1 : 0), month, day);
}

int weekday(Date date) {
  const std::int64_t since = day_number(date) + 3;  // 1970-01-01 was a Thursday
  return static_cast<int>((since % 7 + 7) % 7);
}
Date add_days(Date date, int days) { return date_of(day_number(date) + days); }

Nanoseconds new_york_behind(Date date) { return {(daylight_saving(date) ? 4 : 5) * hour_ns}; }

Nanoseconds new_york(Date date, int hour, int minute) {
  return {day_number(date) * 24 * hour_ns + hour * hour_ns + minute * minute_ns +
          new_york_behind(date).value};
}

Date new_york_date(Nanoseconds utc) {
  const Date guess = date_of((utc.value - 5 * hour_ns) / (24 * hour_ns));
  const Date next = add_days(guess, 1);
  return utc.value >= new_york(next, 0, 0).value ? next : guess;
}

bool in_calendar(Date date) {
  return date >= calendar_first && date <= calendar_last && valid_date(date);
}

bool holiday(Date date) {
  if (weekday(date) >= saturday) return false;
  return regular_holiday(date) || std::find(special_closings.begin(), special_closings.end(),
                                            date) != special_closings.end();
}

bool session(Date date) { return weekday(date) < saturday && !holiday(date); }

bool early_close(Date date) {
  if (!session(date)) return false;
  const int year = year_of(date), month = month_of(date), day = day_of(date);
  const int which = weekday(date);
  if (month == 11 && date == add_days(nth_weekday(year, 11, thursday, 4), 1)) return true;
  if (month == 12 && day == 24) return true;
  // The eve of Independence Day; when that was a Wednesday, until 2012 the Friday after instead.
  if (month == 7 && day == 3) return which != wednesday || year >= 2013;
  if (month == 7 && day == 5) return which == friday && year < 2013;
  return std::find(special_early_closes.begin(), special_early_closes.end(), date) !=
         special_early_closes.end();
}

Date session_on_or_before(Date date) {
  while (!session(date)) date = add_days(date, -1);
  return date;
}
Date session_before(Date date) { return session_on_or_before(add_days(date, -1)); }
Date session_after(Date date) {
  do date = add_days(date, 1);
  while (!session(date));
  return date;
}

Result<SessionTimes> session_times(Date date, bool late) {
  if (!in_calendar(date))
    return Error{Errc::not_found,
                 "the exchange calendar knows 1998 to 2030, not " + std::to_string(date)};
  if (!session(date)) return Error{Errc::not_found, "no session on " + std::to_string(date)};
  return SessionTimes{new_york(date, 9, 30),
                      new_york(date, early_close(date) ? 13 : 16, late ? 15 : 0)};
}

Nanoseconds session_close(Date date) {
  const auto times = session_times(date);
  return times ? times->close : new_york(date, 16, 0);
}

Date monthly_expiry(int year, int month) {
  const Date third_friday = nth_weekday(year, month, friday, 3);
  return third_friday < first_friday_expiry ? add_days(third_friday, 1)
                                            : session_on_or_before(third_friday);
}

Date weekly_expiry(Date any_day_of_week) {
  return session_on_or_before(add_days(any_day_of_week, friday - weekday(any_day_of_week)));
}

Date quarterly_expiry(int year, int quarter) {
  const int month = quarter * 3;
  return session_on_or_before(make(year, month, month_length(year, month)));
}

Date settlement_day(Date expiry_date) { return session_on_or_before(expiry_date); }

Date last_trading_day(Date expiry_date, Settlement settlement) {
  const Date day = settlement_day(expiry_date);
  return settlement == Settlement::am ? session_before(day) : day;
}

Result<void> set_times(Contract& contract, bool late) {
  if (!in_calendar(contract.expiry_date))
    return Error{Errc::not_found, "the exchange calendar knows 1998 to 2030, not expiry " +
                                      std::to_string(contract.expiry_date)};
  const auto settles = session_times(settlement_day(contract.expiry_date), late);
  const auto last =
      session_times(last_trading_day(contract.expiry_date, contract.settlement), late);
  if (!settles) return settles.error();
  if (!last) return last.error();
  contract.last_trade = last.value().close;
  contract.expiry =
      contract.settlement == Settlement::am ? settles.value().open : settles.value().close;
  return {};
}

}  // namespace zomma::options
