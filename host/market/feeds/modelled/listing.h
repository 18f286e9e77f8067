// listing.h: which options an exchange would list on a day: weekly, monthly and quarterly expiries,
// strikes on a grid around the price. What was listed once stays until it expires.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "market/options/calendar.h"

namespace zomma::modelled {

struct ListingRule {
  int weeklies{4};       // Fridays ahead
  int monthlies{3};      // third Fridays ahead
  int quarterlies{3};    // of March, June, September, December, after those
  double reach{3.0};     // strikes within so many standard deviations of the price
  std::int64_t step{0};  // between strikes, in 1/10,000; 0: by the price, see strike_step()
};

Result<void> check(const ListingRule& rule);

// Expiry dates listed on a session, ascending. A weekly in the week of a monthly is the monthly.
std::vector<options::Date> listed_expiries(const ListingRule& rule, options::Date date);

// 0.50 below 25, 1 below 100, 2.50 below 500, 5 below 1,000, else 10; the next wider for `far`
// expiries, beyond half a year. All in 1/10,000.
std::int64_t strike_step(std::int64_t price, bool far);

// The strikes of one expiry: every multiple of `step` from `low` to `high`, each listed from some
// session on.
class StrikeGrid {
 public:
  explicit StrikeGrid(std::int64_t step) : step_(step) {}
  // Lists what lies between two prices and is not there yet, as of session number `session`.
  void reach(std::int64_t low, std::int64_t high, std::uint32_t session);
  std::size_t size() const { return listed_.size(); }
  std::int64_t strike(std::size_t i) const { return low_ + static_cast<std::int64_t>(i) * step_; }
  std::uint32_t listed(std::size_t i) const { return listed_[i]; }

 private:
  std::int64_t step_;
  std::int64_t low_ = 0;
  std::vector<std::uint32_t> listed_;  // by strike: the first session
};

}  // namespace zomma::modelled
