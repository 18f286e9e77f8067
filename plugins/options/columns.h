// columns.h: an option chain as decisions see it: the host's columns plus strikes in currency.
// Plain functions; nothing here asks the host or remembers anything. Shared by the strategies that
// trade options.
#pragma once

#include <zomma/ext/draft/chain.h>

#include <cmath>
#include <cstdint>
#include <span>

namespace options {

struct Columns {
  const zm_chain* chain = nullptr;
  std::span<const double> strike;  // currency, one per contract

  const zm_contract& contract(std::uint32_t row) const { return chain->contracts[row]; }
  bool is_put(std::uint32_t row) const { return (contract(row).flags & ZM_CONTRACT_PUT) != 0; }
  double mid(std::uint32_t row) const { return 0.5 * (chain->bid[row] + chain->ask[row]); }
};

// To the settlement of an expiry, or 0 where the chain does not have it.
inline double years_of(const Columns& columns, std::uint32_t date) {
  for (std::uint32_t e = 0; e < columns.chain->expiry_count; ++e) {
    if (columns.chain->expiries[e].date == date) return columns.chain->expiries[e].years;
  }
  return 0;
}

// What the column tells of a contract, or NaN where the host did not fill that column.
inline double at(const double* column, std::uint32_t row) {
  return column == nullptr ? std::nan("") : column[row];
}

inline double normal_cdf(double x) { return 0.5 * std::erfc(-x * 0.70710678118654752); }

// Undiscounted Black (1976) value of a put or call on a forward.
inline double black(double forward, double strike, double vol, double years, bool put) {
  const double deviation = vol * std::sqrt(years);
  if (!(deviation > 0)) return std::fmax(put ? strike - forward : forward - strike, 0.0);
  const double d1 = std::log(forward / strike) / deviation + 0.5 * deviation, d2 = d1 - deviation;
  return put ? strike * normal_cdf(-d2) - forward * normal_cdf(-d1)
             : forward * normal_cdf(d1) - strike * normal_cdf(d2);
}

// The price at which one would trade: between the mid (aggression 0) and the far side of the quote
// (1).
inline double sell_price(const Columns& columns, std::uint32_t row, double aggression) {
  return columns.mid(row) + aggression * (columns.chain->bid[row] - columns.mid(row));
}
inline double buy_price(const Columns& columns, std::uint32_t row, double aggression) {
  return columns.mid(row) + aggression * (columns.chain->ask[row] - columns.mid(row));
}

// Fit to be given up: two-sided and fresh, of the standard deliverable. Deep in the money the mid
// can lie below the exercise value, where no volatility explains it; that keeps nobody from
// closing.
inline bool closable(const Columns& columns, std::uint32_t row) {
  const zm_chain& chain = *columns.chain;
  const std::uint32_t status = chain.status[row];
  return (status == ZM_CHAIN_OK || status == ZM_CHAIN_OUT_OF_BOUNDS) && chain.bid[row] >= 0 &&
         chain.ask[row] > 0 && chain.ask[row] >= chain.bid[row] &&
         (columns.contract(row).flags & ZM_CONTRACT_ADJUSTED) == 0;
}
// Fit to be opened: priced, too. Everything that is traded passes through one of the two.
inline bool tradable(const Columns& columns, std::uint32_t row) {
  return columns.chain->status[row] == ZM_CHAIN_OK && closable(columns, row);
}

// Days since 1970-01-01 of a date written as yyyymmdd (H. Hinnant's days_from_civil), and the other
// way round.
inline std::int64_t day_of_date(std::uint32_t date) {
  std::int64_t year = date / 10000;
  const std::int64_t month = date / 100 % 100, day = date % 100;
  year -= month <= 2;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
  const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}
inline std::int64_t day_of_time(std::int64_t ns) {
  constexpr std::int64_t day_ns = 86'400'000'000'000;
  return ns >= 0 ? ns / day_ns : -((-ns + day_ns - 1) / day_ns);
}
inline std::uint32_t date_of_day(std::int64_t day) {
  day += 719468;
  const std::int64_t era = (day >= 0 ? day : day - 146096) / 146097, of_era = day - era * 146097;
  const std::int64_t year_of_era =
      (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const std::int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100),
                     m = (5 * of_year + 2) / 153;
  const std::int64_t month = m < 10 ? m + 3 : m - 9, date = of_year - (153 * m + 2) / 5 + 1;
  return static_cast<std::uint32_t>((year_of_era + era * 400 + (month <= 2)) * 10000 + month * 100 +
                                    date);
}

}  // namespace options
