// history.h: an underlying's recorded daily closes and dividends, free of splits: prices before a
// split are divided by it, so that a modelled world has no adjusted contracts. Not here: anything
// modelled.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "market/feeds/lean/rows.h"
#include "market/options/calendar.h"

namespace zomma::modelled {

struct Session {
  options::Date date;
  std::int64_t close_ns;  // UTC: when its chain is heard
  std::int64_t close;     // in 1/10,000 of the currency
  std::int64_t volume;
};

struct Dividend {
  options::Date ex_date;
  double amount;  // per share
};

struct History {
  std::string symbol;  // upper case
  std::vector<Session> sessions;
  std::vector<Dividend> dividends;
  lean::RowCounters counters;          // `holes`: sessions of the exchange that the prices lack
  std::optional<Error> first_problem;  // of a row that was refused, with file and line
};

// Reads SYMBOL.csv or SYMBOL.zip of Lean's daily bars (DATE,open,high,low,close,volume in 1/10,000)
// from `dir`, `dir`/daily or `dir`/equity/usa/daily, and the factor file beside it where there is
// one. Splits after `to` (yyyymmdd) are not looked at, nor are prices after it. Errc::not_found: no
// such file, with the places; Errc::corrupt: a factor file that cannot be read, or a close that
// more than doubles or halves overnight without a split.
Result<History> read_history(const std::string& dir, const std::string& symbol, options::Date to);

}  // namespace zomma::modelled
