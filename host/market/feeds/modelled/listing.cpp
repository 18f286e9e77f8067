#include "market/feeds/modelled/listing.h"

#include <algorithm>
#include <array>

namespace zomma::modelled {
namespace {

using options::Date;

constexpr std::array<std::int64_t, 6> steps{5'000, 10'000, 25'000, 50'000, 100'000, 250'000};
constexpr std::array<std::int64_t, 4> price_bounds{250'000, 1'000'000, 5'000'000, 10'000'000};

bool trades_after(Date expiry, Date date) { return options::settlement_day(expiry) > date; }

// Of the calendar month `ahead` months after the one of `date`.
Date monthly_ahead(Date date, int ahead) {
  const int months =
      static_cast<int>(date / 10'000) * 12 + static_cast<int>(date / 100 % 100) - 1 + ahead;
  return options::monthly_expiry(months / 12, months % 12 + 1);
}

bool quarterly(Date expiry) { return expiry / 100 % 100 % 3 == 0; }

}  // namespace

Result<void> check(const ListingRule& rule) {
  const auto wrong = [](const char* what) { return Error{Errc::invalid_argument, what}; };
  if (rule.weeklies < 0 || rule.monthlies < 0 || rule.quarterlies < 0 ||
      rule.weeklies + rule.monthlies + rule.quarterlies == 0)
    return wrong("at least one of weeklies, monthlies and quarterlies must be above 0");
  if (!(rule.reach > 0)) return wrong("reach must be above 0");
  if (rule.step < 0) return wrong("strike_step must not be negative");
  return {};
}

std::vector<Date> listed_expiries(const ListingRule& rule, Date date) {
  std::vector<Date> expiries;
  int monthlies = 0, quarterlies = 0;
  constexpr int furthest = 36;  // months; a rule that asks for more gets what there is
  for (int ahead = 0; ahead < furthest; ++ahead) {
    const Date expiry = monthly_ahead(date, ahead);
    if (!options::in_calendar(expiry)) break;
    if (!trades_after(expiry, date)) continue;
    if (monthlies < rule.monthlies)
      ++monthlies;
    else if (quarterlies < rule.quarterlies && quarterly(expiry))
      ++quarterlies;
    else
      continue;
    expiries.push_back(expiry);
  }
  Date in_week = date;
  for (int found = 0; found < rule.weeklies; in_week = options::add_days(in_week, 7)) {
    if (!options::in_calendar(in_week)) break;
    const Date expiry = options::weekly_expiry(in_week);
    if (!trades_after(expiry, date)) continue;
    ++found;
    const bool known = std::any_of(expiries.begin(), expiries.end(), [&](Date other) {
      return options::settlement_day(other) == options::settlement_day(expiry);
    });
    if (!known) expiries.push_back(expiry);
  }
  std::sort(expiries.begin(), expiries.end());
  return expiries;
}

std::int64_t strike_step(std::int64_t price, bool far) {
  const auto above = std::upper_bound(price_bounds.begin(), price_bounds.end(), price);
  return steps[static_cast<std::size_t>(above - price_bounds.begin()) + (far ? 1 : 0)];
}

void StrikeGrid::reach(std::int64_t low, std::int64_t high, std::uint32_t session) {
  low = std::max((low + step_ - 1) / step_, std::int64_t{1}) * step_;
  high = high / step_ * step_;
  if (low > high) return;
  if (listed_.empty()) {
    low_ = low;
    listed_.assign(static_cast<std::size_t>((high - low) / step_ + 1), session);
    return;
  }
  if (low < low_) {
    listed_.insert(listed_.begin(), static_cast<std::size_t>((low_ - low) / step_), session);
    low_ = low;
  }
  if (const std::int64_t top = strike(size() - 1); high > top)
    listed_.insert(listed_.end(), static_cast<std::size_t>((high - top) / step_), session);
}

}  // namespace zomma::modelled
