#include "observe/report/format.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "portfolio/valuation.h"

namespace zomma::show {
namespace {

// "1234567" -> "1,234,567"; sign and decimals stay as they are.
std::string grouped(const std::string& digits) {
  const std::size_t end = std::min(digits.find('.'), digits.size());
  const std::size_t begin = !digits.empty() && (digits[0] == '-' || digits[0] == '+') ? 1 : 0;
  std::string result;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > begin && i < end && (end - i) % 3 == 0) result += ',';
    result += digits[i];
  }
  return result;
}

bool is_zero(const std::string& text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c == '0' || c == '.' || c == '-'; });
}

}  // namespace

std::string money(Money amount, int digits) {
  const std::int64_t step = power_of_ten(money_digits - digits);
  const bool negative = amount.value < 0;
  const std::uint64_t magnitude = negative ? 0 - static_cast<std::uint64_t>(amount.value)
                                           : static_cast<std::uint64_t>(amount.value);
  const auto unsigned_step = static_cast<std::uint64_t>(step);
  const std::uint64_t rounded =
      magnitude / unsigned_step +
      (magnitude % unsigned_step >= (unsigned_step + 1) / 2 && step > 1 ? 1 : 0);
  const auto scale = static_cast<std::uint64_t>(power_of_ten(digits));
  std::string text = fmt::format("{}{}", negative && rounded != 0 ? "-" : "", rounded / scale);
  if (digits > 0) text += fmt::format(".{:0{}}", rounded % scale, digits);
  return grouped(text);
}

std::string number(double value, int digits) {
  if (!has_value(value)) return "-";
  if (std::fabs(value) >= 1e15) return fmt::format("{:.3e}", value);
  std::string text = fmt::format("{:.{}f}", value, digits);
  if (text[0] == '-' && is_zero(text)) text.erase(0, 1);
  return grouped(text);
}

std::string signed_number(double value, int digits) {
  std::string text = number(value, digits);
  return has_value(value) && value > 0 && !is_zero(text) ? fmt::format("+{}", text) : text;
}

std::string percent(double share, int digits) {
  return has_value(share) ? number(100.0 * share, digits) + " %" : "-";
}

std::string count(std::uint64_t value) { return grouped(std::to_string(value)); }

std::string duration(Nanoseconds length) {
  const std::int64_t ns = length.value;
  if (ns < 0) return fmt::format("-{}", duration({ns == INT64_MIN ? INT64_MAX : -ns}));
  constexpr std::int64_t second = 1'000'000'000, minute = 60 * second, hour = 60 * minute,
                         day = 24 * hour;
  if (ns == 0) return "0 s";
  if (ns < 1'000) return fmt::format("{} ns", ns);
  if (ns < minute) {
    const auto [unit, name] = ns < 1'000'000 ? std::pair{1e3, "us"}
                              : ns < second  ? std::pair{1e6, "ms"}
                                             : std::pair{1e9, "s"};
    std::string text = fmt::format("{:.{}f}", static_cast<double>(ns) / unit,
                                   static_cast<double>(ns) < 10 * unit    ? 2
                                   : static_cast<double>(ns) < 100 * unit ? 1
                                                                          : 0);
    while (text.find('.') != std::string::npos && (text.back() == '0' || text.back() == '.')) {
      const bool point = text.back() == '.';
      text.pop_back();
      if (point) break;
    }
    return text + " " + name;
  }
  if (ns < hour) return fmt::format("{} min {:02} s", ns / minute, ns % minute / second);
  if (ns < day) return fmt::format("{} h {:02} min", ns / hour, ns % hour / minute);
  return fmt::format("{} d {:02} h", ns / day, ns % day / hour);
}

std::string time(Nanoseconds utc) {
  if (utc.value == 0) return "-";
  namespace chrono = std::chrono;
  const chrono::sys_seconds seconds{chrono::seconds{utc.value / 1'000'000'000}};
  const auto midnight = chrono::floor<chrono::days>(seconds);
  const chrono::year_month_day date{midnight};
  const std::int64_t rest = (seconds - midnight).count();
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     rest / 3600, rest / 60 % 60, rest % 60);
}

std::string quantity(const Instrument& instrument, Quantity amount) {
  return grouped(format_quantity(instrument, amount));
}

int money_digits_of(const Report& report) {
  std::int64_t greatest = 0;
  const auto look = [&](const RunResult& run) {
    for (const Money amount : {run.total.pnl.gross(), run.total.pnl.fees, run.total.pnl.net()}) {
      greatest = std::max(greatest, magnitude(amount.value));
    }
  };
  look(report.run);
  for (const Baseline& baseline : report.baselines) look(baseline.run);
  const std::int64_t one = power_of_ten(money_digits);
  if (greatest == 0 || greatest >= 10 * one) return 2;
  return greatest >= one / 10 ? 4 : 6;
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  std::string line;
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    std::string_view word = text.substr(0, space);
    text.remove_prefix(std::min(text.size(), space + 1));
    while (word.size() > width) {  // a word without a place to break
      if (!line.empty()) lines.push_back(std::move(line));
      line.clear();
      lines.emplace_back(word.substr(0, width));
      word.remove_prefix(width);
    }
    if (!line.empty() && line.size() + 1 + word.size() > width) {
      lines.push_back(std::move(line));
      line.clear();
    }
    if (!line.empty() && !word.empty()) line += ' ';
    line += word;
  }
  if (!line.empty()) lines.push_back(std::move(line));
  return lines;
}

}  // namespace zomma::show
