// margin.h: what holding options requires: by strategy (Regulation T, FINRA Rule 4210(f)(2)) and by
// scenario (portfolio margin, Rule 4210(g), a TIMS-style grid). Money is rounded up to the cent.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "market/options/contract.h"

namespace zomma::options {

// The house's rates. Per mille of the underlying's value.
struct RegTRates {
  std::int64_t equity_permille{200}, index_permille{150};  // less what it is out of the money
  std::int64_t floor_permille{100};  // of the underlying for calls, of the strike for puts
  std::int64_t stock_initial_permille{500}, stock_maintenance_permille{250};
  std::int64_t short_maintenance_permille{300};
};

// Of one uncovered short position: premium + max(rate x S - out of the money, floor x S, or floor x
// K for a put), for every contract.
Money naked_margin(Right right, Money spot, Money strike, Money premium, std::int64_t contracts,
                   std::int64_t multiplier, bool broad_index, const RegTRates& rates = {});
// Of a vertical, paid by the width where the short strike is the better one, 0 for a debit spread.
Money vertical_margin(Right right, Money strike_short, Money strike_long, std::int64_t contracts,
                      std::int64_t multiplier);

// One line of an account in one underlying.
struct MarginLeg {
  Contract contract;
  std::int64_t contracts{};  // signed
  Money price{};             // per unit, now
};
struct MarginInput {
  Money spot{};
  std::int64_t shares{};  // signed
  std::vector<MarginLeg> legs;
  bool broad_index{};
  bool cash_account{};  // short puts secured by their whole strike, uncovered calls refused
};
struct MarginResult {
  Money initial{}, maintenance{};
  Money cash_secured{};    // strikes of all uncovered short puts
  std::int64_t covered{};  // calls against long shares and puts against short shares
  std::int64_t spread{};   // contracts paired with a long
  std::int64_t naked{};
};
// Pairs: shares cover short calls (short shares short puts); longs that expire no earlier cover
// shorts, the narrowest width first; of a put side and a call side left with losses on both, only
// the larger counts (straddle, iron condor: the underlying cannot be in two places), with the other
// side's premium. Longs are paid in full and require nothing. Refuses an uncovered call in a cash
// account, a leg of another underlying than the first, and contracts without price below zero.
Result<MarginResult> reg_t_margin(const MarginInput& input, const RegTRates& rates = {});

// Portfolio margin. Floating point: the model's prices are.
struct ScenarioLeg {
  bool put{};
  double strike{}, years{};
  std::int64_t contracts{};  // signed
};
struct ScenarioInput {
  double spot{}, rate{}, vol{};
  double shares{};
  std::int64_t multiplier{100};
  std::vector<ScenarioLeg> legs;
  bool broad_index{};
  double minimum_per_contract{37.5};
};
struct ScenarioResult {
  std::vector<double> moves, pnl;  // ten, equidistant: -15 % to +15 %, broad indices -8 % to +6 %
  double margin{};                 // the worst loss, at least the minimum of every option contract
};
// Black-Scholes (1973) without dividends at a flat vol; at or past expiry the payoff. Refuses a
// spot, vol or strike that is not above zero.
Result<ScenarioResult> scenario_margin(const ScenarioInput& input);

}  // namespace zomma::options
