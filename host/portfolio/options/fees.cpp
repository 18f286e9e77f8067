// fees.cpp: see fees.h.
#include "portfolio/options/fees.h"

#include <algorithm>

#include "portfolio/valuation.h"

namespace zomma::options {
namespace {

constexpr std::int64_t cent = 1'000'000;

Money up_to_cent(Int128 amount) { return {saturate((amount + cent - 1) / cent * cent)}; }
Int128 times(Money each, std::int64_t count) { return static_cast<Int128>(each.value) * count; }
Int128 capped(Int128 amount, Money cap) {
  return cap.value > 0 ? std::min<Int128>(amount, cap.value) : amount;
}
Money section_31(const FeeSchedule& fees, Money proceeds) {
  const Int128 scaled = static_cast<Int128>(fees.sec_per_million.value) * proceeds.value;
  return up_to_cent((scaled + 99'999'999'999'999) / 100'000'000'000'000);  // a million dollars
}

}  // namespace

Money option_fee(const FeeSchedule& fees, Side side, std::int64_t contracts, Money proceeds) {
  Money fee = up_to_cent(times(fees.commission_per_contract, contracts));
  fee += up_to_cent(capped(times(fees.clearing_per_contract, contracts), fees.clearing_cap));
  fee += up_to_cent(times(fees.regulatory_per_contract, contracts));
  if (side == Side::sell)
    fee += up_to_cent(times(fees.taf_per_contract, contracts)) + section_31(fees, proceeds);
  return fee;
}

Money share_fee(const FeeSchedule& fees, Side side, std::int64_t shares, Money proceeds,
                bool by_settlement) {
  Money fee = by_settlement ? Money{} : up_to_cent(times(fees.commission_per_share, shares));
  if (side == Side::sell)
    fee += up_to_cent(capped(times(fees.taf_per_share, shares), fees.taf_share_cap)) +
           section_31(fees, proceeds);
  return fee;
}

Money exercise_fee(const FeeSchedule& fees, std::int64_t contracts) {
  return up_to_cent(times(fees.exercise_per_contract, contracts));
}
Money assignment_fee(const FeeSchedule& fees, std::int64_t contracts) {
  return up_to_cent(times(fees.assignment_per_contract, contracts));
}

}  // namespace zomma::options
