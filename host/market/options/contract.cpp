// contract.cpp: see contract.h.
#include "market/options/contract.h"

#include "market/options/calendar.h"

namespace zomma::options {
namespace {

Error wrong(std::string message) { return {Errc::invalid_argument, std::move(message)}; }

}  // namespace

Result<void> check(const Contract& contract) {
  const std::string who = "contract of instrument " + std::to_string(contract.instrument.value);
  if (contract.strike.value <= 0) return wrong(who + ": the strike is not above zero");
  if (contract.multiplier < 1 || contract.multiplier > 1'000'000)
    return wrong(who + ": multiplier " + std::to_string(contract.multiplier) +
                 ", expected 1 to 1000000");
  if (contract.strike.value > std::numeric_limits<std::int64_t>::max() / contract.multiplier)
    return wrong(who + ": strike times multiplier leaves the range of money");
  if (!valid_date(contract.expiry_date))
    return wrong(who + ": expiry date " + std::to_string(contract.expiry_date) +
                 ", expected yyyymmdd");
  if (contract.deliverable < 0 || contract.second_units < 0)
    return wrong(who + ": a negative deliverable");
  const bool delivers =
      contract.deliverable > 0 || contract.second_units > 0 || contract.deliverable_cash.value != 0;
  if (contract.delivery == Delivery::cash && delivers)
    return wrong(who + ": cash-settled, yet it delivers units");
  if (contract.delivery == Delivery::physical && !delivers)
    return wrong(who + ": settled by delivery, yet it delivers nothing");
  if (contract.second_units > 0 && !contract.second.valid())
    return wrong(who + ": units of a second security that is not named");
  if (contract.expiry < contract.last_trade)
    return wrong(who + ": it expires before its last trade");
  return {};
}

Result<zm_contract> to_c(const Contract& contract, int price_digits) {
  const std::int64_t unit = power_of_ten(money_digits - price_digits);
  if (contract.strike.value % unit != 0)
    return wrong("a strike of " + std::to_string(contract.strike.value) +
                 "e-8 has more than the instrument's " + std::to_string(price_digits) + " digits");
  zm_contract out{};
  out.instrument = contract.instrument.value;
  out.underlying = contract.underlying.value;
  if (contract.right == Right::put) out.flags |= ZM_CONTRACT_PUT;
  if (contract.style == Style::american) out.flags |= ZM_CONTRACT_AMERICAN;
  if (contract.settlement == Settlement::am) out.flags |= ZM_CONTRACT_AM_SETTLED;
  if (contract.delivery == Delivery::cash) out.flags |= ZM_CONTRACT_CASH_SETTLED;
  if (contract.adjusted) out.flags |= ZM_CONTRACT_ADJUSTED;
  out.expiry_date = contract.expiry_date;
  out.last_trade_ns = contract.last_trade.value;
  out.expiry_ns = contract.expiry.value;
  out.strike = contract.strike.value / unit;
  out.multiplier = contract.multiplier;
  out.deliverable = contract.deliverable;
  out.deliverable_cash = contract.deliverable_cash.value;
  return out;
}

Result<Contract> from_c(const zm_contract& contract, int price_digits) {
  const auto has = [&](std::uint32_t flag) { return (contract.flags & flag) != 0; };
  Contract out;
  out.instrument = {contract.instrument};
  out.underlying = {contract.underlying};
  out.right = has(ZM_CONTRACT_PUT) ? Right::put : Right::call;
  out.style = has(ZM_CONTRACT_AMERICAN) ? Style::american : Style::european;
  out.settlement = has(ZM_CONTRACT_AM_SETTLED) ? Settlement::am : Settlement::pm;
  out.delivery = has(ZM_CONTRACT_CASH_SETTLED) ? Delivery::cash : Delivery::physical;
  out.adjusted = has(ZM_CONTRACT_ADJUSTED);
  out.expiry_date = contract.expiry_date;
  out.last_trade = {contract.last_trade_ns};
  out.expiry = {contract.expiry_ns};
  const std::int64_t unit = power_of_ten(money_digits - price_digits);
  if (__builtin_mul_overflow(contract.strike, unit, &out.strike.value))
    return wrong("a strike that leaves the range of money");
  out.multiplier = contract.multiplier;
  out.deliverable = contract.deliverable;
  out.deliverable_cash = {contract.deliverable_cash};
  const auto fine = check(out);
  if (!fine) return fine.error();
  return out;
}

}  // namespace zomma::options
