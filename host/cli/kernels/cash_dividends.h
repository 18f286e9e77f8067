// cash_dividends.h: the payments of one underlying as a command line gives them.
#pragma once

#include <zomma/kernels/european.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace zomma::cli {

struct CashPayments {
  std::vector<double> years, amounts;
  bool empty() const { return years.empty(); }
  kernels::CashDividends<double> view() const { return {years, amounts}; }
  // What those up to `expiry` (years) are worth today.
  double present_value(double rate, double expiry) const;
};

// "0.25:1.10,2026-12-18:1.10": WHEN:AMOUNT, parted by commas. WHEN is years from now or a day that
// counts from `as_of`.
Result<CashPayments> parse_cash(const std::string& text, const std::optional<std::string>& as_of);

}  // namespace zomma::cli
