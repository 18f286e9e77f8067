// figures.h: numbers and text as a terminal shows them. Pure; widths are counted in characters, not
// bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace zomma::terminal {

std::string grouped(std::uint64_t number);  // "1,234,567"
std::string money(double amount);           // "-1,234.50"
std::string signed_money(double amount);    // "+12.34", "-0.50", "0.00"
std::string rate(double per_second);        // "10.2 M/s", "850 k/s", "12 /s"
std::string duration(std::int64_t ns);      // "350 ns", "1.2 ms", "12.0 s", "3:25", "1:03:25"
std::string time_of_day(std::int64_t utc_ns, bool with_date);  // "2024-08-08 10:00:12.345"
std::string bar(double done, int width);                       // "[####......]  42%"

int width_of(std::string_view text);
// At most `width` characters, the last one '~' when something was cut. Control characters become
// '?'.
std::string fitted(std::string_view text, int width);

}  // namespace zomma::terminal
