// new_york.h: days as New York's clocks count them.
#pragma once

#include <cstdint>

namespace zomma::lean {

// 00:00 in New York of a date (yyyymmdd), as nanoseconds UTC. Daylight saving time by the rules
// since 1987. Times of day counted from it are right from 03:00 on, on the two days of a change as
// well, but for those days' first hours.
std::int64_t new_york_midnight(std::uint32_t date);
// The date in New York at a time.
std::uint32_t new_york_date(std::int64_t ns);
// The next day that is neither Saturday nor Sunday.
std::uint32_t next_weekday(std::uint32_t date);

}  // namespace zomma::lean
