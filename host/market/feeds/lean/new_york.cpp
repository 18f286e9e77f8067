#include "market/feeds/lean/new_york.h"

#include <chrono>

namespace zomma::lean {
namespace {

using namespace std::chrono;

sys_days day_of(std::uint32_t date) {
  return year{static_cast<int>(date / 10000)} / month{date / 100 % 100} / day{date % 100};
}
std::uint32_t date_of(sys_days day) {
  const year_month_day ymd{day};
  return static_cast<std::uint32_t>(static_cast<int>(ymd.year())) * 10000 +
         static_cast<unsigned>(ymd.month()) * 100 + static_cast<unsigned>(ymd.day());
}

// Clocks change at 02:00, so the day that begins summer time has its midnight in winter time, and
// the other way round; for times of trading, which come later in the day, the offset of the day's
// noon is what counts.
bool summer_at_noon(sys_days day) {
  const year y = year_month_day{day}.year();
  const bool since_2007 = static_cast<int>(y) >= 2007;
  const sys_days begins =
      since_2007 ? sys_days{y / March / Sunday[2]} : sys_days{y / April / Sunday[1]};
  const sys_days ends =
      since_2007 ? sys_days{y / November / Sunday[1]} : sys_days{y / October / Sunday[last]};
  return day >= begins && day < ends;
}

}  // namespace

std::int64_t new_york_midnight(std::uint32_t date) {
  const sys_days day = day_of(date);
  return duration_cast<nanoseconds>((day + hours{summer_at_noon(day) ? 4 : 5}).time_since_epoch())
      .count();
}

std::uint32_t new_york_date(std::int64_t ns) {
  const sys_time<nanoseconds> time{nanoseconds{ns}};
  const sys_days guess = floor<days>(time - hours{5});
  return ns >= new_york_midnight(date_of(guess + days{1})) ? date_of(guess + days{1})
                                                           : date_of(guess);
}

std::uint32_t next_weekday(std::uint32_t date) {
  sys_days day = day_of(date) + days{1};
  while (weekday{day} == Saturday || weekday{day} == Sunday) day += days{1};
  return date_of(day);
}

}  // namespace zomma::lean
