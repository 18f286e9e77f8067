// exercise.cpp: see exercise.h.
#include "portfolio/options/exercise.h"

#include <algorithm>

#include "portfolio/valuation.h"

namespace zomma::options {
namespace {

Int128 exact_value(const Contract& contract, const SettlementPrices& prices) {
  Int128 worth = static_cast<Int128>(prices.underlying.value) *
                 (contract.delivery == Delivery::cash ? contract.multiplier : contract.deliverable);
  worth += contract.deliverable_cash.value;
  if (contract.second.valid())
    worth += static_cast<Int128>(prices.second.value) * contract.second_units;
  const Int128 gain = worth - static_cast<Int128>(contract.strike.value) * contract.multiplier;
  return contract.right == Right::call ? gain : -gain;
}

// Each of `count` contracts decides for itself.
std::int64_t draw(std::int64_t count, std::uint32_t permille, Random& random) {
  std::int64_t yes = 0;
  for (std::int64_t i = 0; i < count; ++i) yes += random.chance(permille, 1000);
  return yes;
}

}  // namespace

Money exercise_value(const Contract& contract, const SettlementPrices& prices) {
  return {saturate(exact_value(contract, prices))};
}

bool exercised_by_exception(const Contract& contract, const SettlementPrices& prices) {
  return exact_value(contract, prices) >=
         static_cast<Int128>(exception_threshold.value) * contract.multiplier;
}

std::int64_t exercised_at_expiry(const Contract& contract, std::int64_t held,
                                 const Instruction& instruction, const SettlementPrices& prices) {
  if (held <= 0) return 0;
  if (contract.delivery == Delivery::cash)
    return exercised_by_exception(contract, prices) ? held : 0;
  if (!instruction.decline && exercised_by_exception(contract, prices)) return held;
  return std::clamp<std::int64_t>(instruction.exercise, 0, held);
}

std::int64_t exercised_with_pin(const Contract& contract, std::int64_t held,
                                const SettlementPrices& prices, const PinModel& model,
                                Random& random) {
  const std::int64_t by_rule = exercised_at_expiry(contract, held, {}, prices);
  const Int128 distance = exact_value(contract, prices);
  const bool pinned = contract.delivery == Delivery::physical &&
                      (distance < 0 ? -distance : distance) <=
                          static_cast<Int128>(model.band.value) * contract.multiplier;
  if (!pinned || held <= 0) return by_rule;
  const std::int64_t contrary = draw(held, model.contrary_permille, random);
  return by_rule > 0 ? held - contrary : contrary;
}

bool early_exercise_pays(const Contract& contract, const EarlyTerms& terms) {
  if (contract.style != Style::american) return false;
  if (contract.right == Right::call)
    return terms.spot > contract.strike &&
           static_cast<Int128>(terms.dividend.value) >
               static_cast<Int128>(terms.interest.value) + terms.opposite_value.value;
  return terms
             .spot<contract.strike&& static_cast<Int128>(terms.interest.value)> static_cast<Int128>(
                 terms.dividend.value) +
         terms.opposite_value.value;
}

std::int64_t exercised_early(const Contract& contract, std::int64_t open, const EarlyTerms& terms,
                             std::uint32_t participation_permille, Random& random) {
  return early_exercise_pays(contract, terms) ? draw(open, participation_permille, random) : 0;
}

Money simple_interest(Money amount, std::int64_t rate_ppm, std::int64_t days) {
  const Int128 scaled = static_cast<Int128>(amount.value) * rate_ppm * days;
  return {saturate(divide_rounded(scaled, Int128{365} * 1'000'000))};
}

}  // namespace zomma::options
