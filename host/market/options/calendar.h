// calendar.h: the exchange calendar of US equity and index options, 1998 to 2030: sessions in UTC,
// holidays, early closes, expiries. Computed; neither the system's clock nor its time zones are
// read.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "base/types.h"
#include "market/options/contract.h"

namespace zomma::options {

using Date = std::uint32_t;  // yyyymmdd, the exchange's day (New York)

bool valid_date(Date date);
// Days since 1970-01-01, and back. `date` must be valid.
std::int64_t day_number(Date date);
Date date_of(std::int64_t day_number);
int weekday(Date date);  // 0 Monday ... 6 Sunday
Date add_days(Date date, int days);

// New York's clock at a UTC instant is this much behind (daylight saving: 4 hours, else 5).
Nanoseconds new_york_behind(Date date);                 // on that day from 2 o'clock on
Nanoseconds new_york(Date date, int hour, int minute);  // that clock time, in UTC
Date new_york_date(Nanoseconds utc);

constexpr Date calendar_first = 19980101, calendar_last = 20301231;
bool in_calendar(Date date);
bool holiday(Date date);      // closed although a weekday
bool session(Date date);      // the exchange is open at all
bool early_close(Date date);  // until 13:00 New York
Date session_on_or_before(Date date);
Date session_before(Date date);
Date session_after(Date date);

// Opening 9:30 and close 16:00 (13:00) New York, as UTC. `late` quarter of an hour: options on
// broad indices and many ETFs go on until 16:15 (13:15). Not found for a day without session or
// outside the calendar.
struct SessionTimes {
  Nanoseconds open, close;
};
Result<SessionTimes> session_times(Date date, bool late = false);

// When the day's prices are final: the close of its session, 16:00 New York on a day without one.
Nanoseconds session_close(Date date);

// Standard monthly expiry date: the third Friday, or the session before if that is a holiday;
// until January 2015 the Saturday after it, whatever the Friday was (OCC's rule for contracts
// expiring before 1 February 2015).
Date monthly_expiry(int year, int month);
Date weekly_expiry(Date any_day_of_week);      // its Friday, or the session before
Date quarterly_expiry(int year, int quarter);  // the last session of the quarter (1..4)

// The session whose prices settle: the expiry date itself, or the last session before it.
Date settlement_day(Date expiry_date);
// The last session in which the contract trades: the settlement day, or the one before if it
// settles on the opening.
Date last_trading_day(Date expiry_date, Settlement settlement);

// Fills last_trade and expiry from expiry_date and the kind of settlement. An AM settlement value
// is known at the opening of the settlement day; a PM one at its close. Fails outside the calendar.
Result<void> set_times(Contract& contract, bool late = false);

}  // namespace zomma::options
