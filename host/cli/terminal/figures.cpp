#include "cli/terminal/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace zomma::terminal {
namespace {

constexpr std::int64_t ns_per_second = 1'000'000'000;

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xc0u) != 0x80u; }

}  // namespace

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

std::string money(double amount) {
  if (!std::isfinite(amount) || std::fabs(amount) >= 1e15) return fmt::format("{:.4g}", amount);
  const auto cents = static_cast<std::uint64_t>(std::llround(std::fabs(amount) * 100));
  const bool negative = amount < 0 && cents != 0;
  return fmt::format("{}{}.{:02}", negative ? "-" : "", grouped(cents / 100), cents % 100);
}

std::string signed_money(double amount) {
  std::string text = money(amount);
  const bool zero = text.find_first_of("123456789ai") == std::string::npos;
  return amount > 0 && !zero ? "+" + text : text;
}

std::string rate(double per_second) {
  if (!(per_second > 0)) return "0 /s";
  if (per_second >= 1e6) return fmt::format("{:.1f} M/s", per_second / 1e6);
  if (per_second >= 1e4) return fmt::format("{:.0f} k/s", per_second / 1e3);
  return fmt::format("{:.0f} /s", per_second);
}

std::string duration(std::int64_t ns) {
  const auto value = static_cast<double>(ns);
  if (ns < 1000) return fmt::format("{} ns", ns);
  if (ns < 1'000'000) return fmt::format("{:.1f} us", value / 1e3);
  if (ns < ns_per_second) return fmt::format("{:.1f} ms", value / 1e6);
  if (ns < 60 * ns_per_second) return fmt::format("{:.1f} s", value / 1e9);
  const std::int64_t seconds = ns / ns_per_second;
  if (seconds < 3600) return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
  return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string time_of_day(std::int64_t utc_ns, bool with_date) {
  using namespace std::chrono;
  const sys_time<milliseconds> time =
      floor<milliseconds>(sys_time<nanoseconds>(nanoseconds(utc_ns)));
  const sys_days day = floor<days>(time);
  const std::int64_t ms = (time - day).count();
  const std::string clock = fmt::format("{:02}:{:02}:{:02}.{:03}", ms / 3'600'000, ms / 60'000 % 60,
                                        ms / 1000 % 60, ms % 1000);
  if (!with_date) return clock;
  const year_month_day date(day);
  return fmt::format("{:04}-{:02}-{:02} {}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock);
}

std::string bar(double done, int width) {
  done = std::isfinite(done) ? std::clamp(done, 0.0, 1.0) : 0.0;
  const auto full = static_cast<std::size_t>(done * width);
  return fmt::format("[{}{}] {:3}%", std::string(full, '#'),
                     std::string(static_cast<std::size_t>(width) - full, '.'),
                     static_cast<int>(done * 100));
}

int width_of(std::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), begins_character));
}

std::string fitted(std::string_view text, int width) {
  const bool cut = width_of(text) > width;
  const int keep = cut ? width - 1 : width;
  std::string result;
  int characters = 0;
  for (const char c : text) {
    if (begins_character(c) && ++characters > keep) break;
    const auto byte = static_cast<unsigned char>(c);
    result += byte < 0x20 || byte == 0x7f ? '?' : c;
  }
  if (cut && width > 0) result += '~';
  return result;
}

}  // namespace zomma::terminal
