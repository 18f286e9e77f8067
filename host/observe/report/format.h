// format.h: numbers as people read them, the same in the terminal and on the page. A statistic
// without a value is "-".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "observe/report/figures.h"
#include "observe/report/report.h"

namespace zomma::show {

// "-1,234.57": rounded half away from zero to `digits` (0 to 8) decimals. Never "-0.00".
std::string money(Money amount, int digits);
// "1,234.57" of a statistic; beyond 10^15 in scientific notation.
std::string number(double value, int digits);
// As number, with a "+" before what is above zero.
std::string signed_number(double value, int digits);
// "12.3 %" for 0.123.
std::string percent(double share, int digits = 1);
// "1,234,567"
std::string count(std::uint64_t value);
// "350 us", "1.25 ms", "12.4 s", "1 h 02 min": three digits or two units.
std::string duration(Nanoseconds length);
// "2012-06-21 13:30:00" UTC; "-" for 0.
std::string time(Nanoseconds utc);
// "1,234.5" units of the instrument, its own decimals.
std::string quantity(const Instrument& instrument, Quantity amount);

// Decimals at which the report's money is shown: the smaller the sums, the more.
int money_digits_of(const Report& report);

// Lines of at most `width` columns, broken between words.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

}  // namespace zomma::show
