// daily_curve.h: what a strategy's account was worth at the end of each day, and what that amounts
// to by the year: the figures by which strategies that hold for weeks are compared.
#pragma once

#include <cstdint>
#include <vector>

#include "base/types.h"
#include "observe/report/figures.h"

namespace zomma {

class DailyCurve {
 public:
  static constexpr std::int64_t day_ns = 86'400'000'000'000;  // days are those of UTC
  static std::int64_t day_of(std::int64_t ts_ns) { return ts_ns / day_ns; }

  // P&L after fees at the end of a day on which something was heard. Days without records (a
  // weekend) are no days here.
  void close(Money equity) { equity_.push_back(equity); }
  // `open`: P&L now, on a day that has not ended. `span_ns`: from the first record to the last.
  // Nothing without capital, before 20 days, or when the capital was lost.
  AnnualFigures figures(Money capital, Money open, std::int64_t span_ns) const;

 private:
  std::vector<Money> equity_;
};

}  // namespace zomma
