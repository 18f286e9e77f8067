// fees.h: what a US options account is charged. Every figure is the operator's; the defaults charge
// nothing. Amounts are rounded to the cent, fractions up, as brokers book them.
#pragma once

#include <cstdint>

#include "base/types.h"

namespace zomma::options {

struct FeeSchedule {
  Money commission_per_contract{};
  Money clearing_per_contract{};                               // OCC
  Money clearing_cap{};                                        // per trade; 0: none
  Money regulatory_per_contract{};                             // ORF, both sides
  Money taf_per_contract{}, taf_per_share{}, taf_share_cap{};  // FINRA, sales only; cap 0: none
  Money sec_per_million{};  // of the proceeds of sales (Section 31)
  Money exercise_per_contract{}, assignment_per_contract{};
  Money commission_per_share{};

  bool operator==(const FeeSchedule&) const = default;
};

Money option_fee(const FeeSchedule& fees, Side side, std::int64_t contracts, Money proceeds);
// `by_settlement`: shares that come or go by exercise or assignment pay no commission.
Money share_fee(const FeeSchedule& fees, Side side, std::int64_t shares, Money proceeds,
                bool by_settlement);
Money exercise_fee(const FeeSchedule& fees, std::int64_t contracts);
Money assignment_fee(const FeeSchedule& fees, std::int64_t contracts);

}  // namespace zomma::options
