#include "cli/kernels/cash_dividends.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "cli/kernels/calendar.h"

namespace zomma::cli {
namespace {

std::optional<double> finite_number(std::string_view text) {
  double value = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (wrong != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

Error wrong(std::string_view part, std::string_view expected) {
  return Error{Errc::invalid_argument,
               fmt::format("--cash: found '{}', expected {}", part, expected)};
}

Result<double> years_of(std::string_view when, std::string_view part,
                        const std::optional<std::string>& as_of) {
  if (!looks_like_date(when)) {
    const auto years = finite_number(when);
    if (years && *years > 0) return *years;
    return wrong(part, "years above 0 or a day before the ':', as in 0.25:1.10");
  }
  const auto paid = parse_moment(when);
  if (!paid) return wrong(part, "a day of the calendar, as in 2026-12-18:1.10");
  if (!as_of) return wrong(part, "--as-of beside a day of payment, to count from");
  const auto now = parse_moment(*as_of);
  if (!now)
    return Error{Errc::invalid_argument,
                 fmt::format("--as-of: found '{}', expected a day such as 2026-06-30", *as_of)};
  return (paid->days - (now->has_time && !paid->has_time ? std::floor(now->days) : now->days)) /
         days_per_year;
}

}  // namespace

double CashPayments::present_value(double rate, double expiry) const {
  double sum = 0;
  for (std::size_t i = 0; i < years.size(); ++i)
    if (years[i] > 0 && years[i] <= expiry) sum += amounts[i] * std::exp(-rate * years[i]);
  return sum;
}

Result<CashPayments> parse_cash(const std::string& text, const std::optional<std::string>& as_of) {
  CashPayments payments;
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    const std::string_view part = trimmed(rest.substr(0, comma));
    rest = comma == rest.npos ? std::string_view{} : rest.substr(comma + 1);
    const auto colon = part.rfind(':');
    if (colon == part.npos) return wrong(part, "WHEN:AMOUNT, as in 0.25:1.10 or 2026-12-18:1.10");
    const auto years = years_of(trimmed(part.substr(0, colon)), part, as_of);
    if (!years) return years.error();
    const auto amount = finite_number(trimmed(part.substr(colon + 1)));
    if (!amount || *amount < 0) return wrong(part, "an amount of 0 or more behind the ':'");
    payments.years.push_back(*years);
    payments.amounts.push_back(*amount);
  }
  return payments;
}

}  // namespace zomma::cli
