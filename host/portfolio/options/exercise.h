// exercise.h: who exercises, and when: the clearing house's rule at expiry, instructions, contrary
// exercise near the strike, and what a rational holder does early. Pure functions.
#pragma once

#include "base/random.h"
#include "base/result.h"
#include "base/types.h"
#include "market/options/contract.h"

namespace zomma::options {

// What a contract settles against: Money per unit. Of the second security only where it has one.
struct SettlementPrices {
  Money underlying;
  Money second{};
};

// What exercising one contract is worth: the deliverable's value less the exercise amount for a
// call, the reverse for a put; negative out of the money. Cash-settled: (S - K) x multiplier.
Money exercise_value(const Contract& contract, const SettlementPrices& prices);

// OCC Rule 805 (exercise by exception): an expiring contract in the money by a cent a unit (a
// dollar for a standard contract) or more is exercised unless its holder says otherwise.
constexpr Money exception_threshold{1'000'000};
bool exercised_by_exception(const Contract& contract, const SettlementPrices& prices);

// A holder's word for one contract. `exercise` counts contracts; `decline` all others at expiry.
struct Instruction {
  std::int64_t exercise{};
  bool decline{};
};
// How many of `held` (>= 0) long contracts are exercised at expiry. A cash-settled contract cannot
// be declined by anybody who gains: the clearing house pays it without being asked.
std::int64_t exercised_at_expiry(const Contract& contract, std::int64_t held,
                                 const Instruction& instruction, const SettlementPrices& prices);

// The other holders near the strike: prices move after the close, so within `band` a unit of the
// strike each contract goes against the rule with `contrary_permille`. Beyond it nobody does.
struct PinModel {
  Money band{};
  std::uint32_t contrary_permille{};
  bool operator==(const PinModel&) const = default;
};
std::int64_t exercised_with_pin(const Contract& contract, std::int64_t held,
                                const SettlementPrices& prices, const PinModel& model,
                                Random& random);

// Early exercise, per unit. A call is given up for its stock on the eve of the ex-day when the
// dividend exceeds what is lost: interest on the strike until expiry and the put of the same strike
// (Merton 1973; Cox and Rubinstein 1985, section 4.2).
struct EarlyTerms {
  Money spot;
  Money dividend{};        // a call: going ex next session; a put: still to come before expiry
  Money interest{};        // earned on the strike until expiry
  Money opposite_value{};  // of the put of a call, the call of a put, same strike and expiry
};
bool early_exercise_pays(const Contract& contract, const EarlyTerms& terms);
// Of `open` contracts held by others, those exercised early: `participation_permille` of them in
// the mean, each for itself, when it pays; else none. European contracts: none.
std::int64_t exercised_early(const Contract& contract, std::int64_t open, const EarlyTerms& terms,
                             std::uint32_t participation_permille, Random& random);
// Interest on `amount` from `days` at a yearly rate of `rate_ppm` millionths (actual / 365),
// rounded to the eighth decimal.
Money simple_interest(Money amount, std::int64_t rate_ppm, std::int64_t days);

}  // namespace zomma::options
