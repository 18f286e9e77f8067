// margin.cpp: see margin.h.
#include "portfolio/options/margin.h"

#include <algorithm>
#include <cmath>

#include "portfolio/valuation.h"

namespace zomma::options {
namespace {

constexpr std::int64_t cent = 1'000'000;

Money up_to_cent(Int128 amount) {
  return {saturate(amount <= 0 ? Int128{0} : (amount + cent - 1) / cent * cent)};
}

// One side (calls or puts) after covering.
struct SideMargin {
  Int128 spread_margin{}, naked_margin{}, naked_premium{}, strikes{};
  std::int64_t spread{}, naked{};
};

struct Open {
  const MarginLeg* leg;
  std::int64_t left;
};

Int128 width(const Contract& shorted, const Contract& bought) {
  const Int128 gap = shorted.right == Right::call
                         ? static_cast<Int128>(bought.strike.value) - shorted.strike.value
                         : static_cast<Int128>(shorted.strike.value) - bought.strike.value;
  return std::max<Int128>(gap, 0);
}

// A long covers a short of the same kind, size and style of delivery that does not outlive it.
bool covers(const Contract& bought, const Contract& shorted) {
  return bought.right == shorted.right && bought.multiplier == shorted.multiplier &&
         bought.deliverable == shorted.deliverable && bought.expiry_date >= shorted.expiry_date;
}

SideMargin margin_of_side(const MarginInput& input, Right right, std::int64_t share_cover,
                          const RegTRates& rates, std::int64_t& covered) {
  std::vector<Open> shorts, longs;
  for (const MarginLeg& leg : input.legs)
    if (leg.contract.right == right && leg.contracts != 0)
      (leg.contracts < 0 ? shorts : longs).push_back({&leg, magnitude(leg.contracts)});
  // The dearest obligations are covered first: low strikes of calls, high strikes of puts.
  std::stable_sort(shorts.begin(), shorts.end(), [&](const Open& a, const Open& b) {
    return right == Right::call ? a.leg->contract.strike < b.leg->contract.strike
                                : a.leg->contract.strike > b.leg->contract.strike;
  });
  SideMargin side;
  for (Open& open : shorts) {
    const Contract& terms = open.leg->contract;
    if (terms.deliverable > 0) {
      const std::int64_t by_shares = std::min(open.left, share_cover / terms.deliverable);
      share_cover -= by_shares * terms.deliverable;
      open.left -= by_shares;
      covered += by_shares;
    }
    while (open.left > 0) {
      Open* best = nullptr;
      for (Open& candidate : longs)
        if (candidate.left > 0 && covers(candidate.leg->contract, terms) &&
            (!best || width(terms, candidate.leg->contract) < width(terms, best->leg->contract)))
          best = &candidate;
      const Money naked_one = naked_margin(right, input.spot, terms.strike, open.leg->price, 1,
                                           terms.multiplier, input.broad_index, rates);
      const Int128 gap = best ? width(terms, best->leg->contract) * terms.multiplier : 0;
      if (!best || gap > naked_one.value) {  // a pairing dearer than none helps nobody
        side.naked_margin += static_cast<Int128>(naked_one.value) * open.left;
        side.naked_premium +=
            static_cast<Int128>(open.leg->price.value) * terms.multiplier * open.left;
        side.strikes += static_cast<Int128>(terms.exercise_amount().value) * open.left;
        side.naked += open.left;
        break;
      }
      const std::int64_t pairs = std::min(open.left, best->left);
      side.spread_margin += gap * pairs;
      side.spread += pairs;
      open.left -= pairs;
      best->left -= pairs;
    }
  }
  return side;
}

double normal_cdf(double x) { return 0.5 * std::erfc(-x * 0.70710678118654752440); }

double price(const ScenarioLeg& leg, double spot, double rate, double vol) {
  if (leg.years <= 0) return std::max(leg.put ? leg.strike - spot : spot - leg.strike, 0.0);
  const double deviation = vol * std::sqrt(leg.years);
  const double d1 =
      (std::log(spot / leg.strike) + (rate + 0.5 * vol * vol) * leg.years) / deviation;
  const double d2 = d1 - deviation, discounted = leg.strike * std::exp(-rate * leg.years);
  return leg.put ? discounted * normal_cdf(-d2) - spot * normal_cdf(-d1)
                 : spot * normal_cdf(d1) - discounted * normal_cdf(d2);
}

}  // namespace

Money naked_margin(Right right, Money spot, Money strike, Money premium, std::int64_t contracts,
                   std::int64_t multiplier, bool broad_index, const RegTRates& rates) {
  const Int128 out = std::max<Int128>(
      right == Right::call ? Int128{strike.value} - spot.value : Int128{spot.value} - strike.value,
      0);
  const std::int64_t rate = broad_index ? rates.index_permille : rates.equity_permille;
  const Int128 by_rate = Int128{spot.value} * rate - 1000 * out;
  const Int128 floor =
      Int128{right == Right::call ? spot.value : strike.value} * rates.floor_permille;
  const Int128 each = Int128{premium.value} * 1000 + std::max(by_rate, floor);
  return up_to_cent((each * multiplier * contracts + 999) / 1000);
}

Money vertical_margin(Right right, Money strike_short, Money strike_long, std::int64_t contracts,
                      std::int64_t multiplier) {
  const Int128 gap = right == Right::call ? Int128{strike_long.value} - strike_short.value
                                          : Int128{strike_short.value} - strike_long.value;
  return up_to_cent(std::max<Int128>(gap, 0) * multiplier * contracts);
}

Result<MarginResult> reg_t_margin(const MarginInput& input, const RegTRates& rates) {
  for (const MarginLeg& leg : input.legs) {
    if (leg.contract.underlying != input.legs.front().contract.underlying)
      return Error{Errc::invalid_argument, "margin is reckoned one underlying at a time"};
    if (leg.price.value < 0 || input.spot.value <= 0)
      return Error{Errc::invalid_argument, "margin needs a spot above zero and no price below"};
  }
  MarginResult result;
  const SideMargin calls = margin_of_side(
      input, Right::call, std::max<std::int64_t>(input.shares, 0), rates, result.covered);
  const SideMargin puts = margin_of_side(
      input, Right::put, std::max<std::int64_t>(-input.shares, 0), rates, result.covered);
  if (input.cash_account && calls.naked > 0)
    return Error{Errc::refused, std::to_string(calls.naked) +
                                    " uncovered short calls, which a cash account may not hold"};
  result.cash_secured = up_to_cent(puts.strikes);
  result.spread = calls.spread + puts.spread;
  result.naked = calls.naked + puts.naked;
  const Int128 call_side = calls.spread_margin + calls.naked_margin;
  const Int128 put_side =
      puts.spread_margin + (input.cash_account ? puts.strikes : puts.naked_margin);
  const bool calls_worse = call_side >= put_side;
  Int128 options = calls_worse ? call_side + puts.naked_premium : put_side + calls.naked_premium;
  // The relief is for as many contracts as stand on both sides; the rest pays for itself.
  const std::int64_t on_calls = calls.spread + calls.naked, on_puts = puts.spread + puts.naked;
  const std::int64_t lesser = calls_worse ? on_puts : on_calls;
  const std::int64_t greater = calls_worse ? on_calls : on_puts;
  if (lesser > greater) {
    const Int128 other = calls_worse ? put_side : call_side;
    options += other * (lesser - greater) / lesser;
  }
  const Int128 stock = Int128{input.spot.value} * magnitude(input.shares);
  const bool is_short = input.shares < 0;
  result.initial = up_to_cent(options + stock * rates.stock_initial_permille / 1000);
  result.maintenance = up_to_cent(options + stock *
                                                (is_short ? rates.short_maintenance_permille
                                                          : rates.stock_maintenance_permille) /
                                                1000);
  return result;
}

Result<ScenarioResult> scenario_margin(const ScenarioInput& input) {
  const auto positive = [](double x) { return std::isfinite(x) && x > 0; };
  bool fine = positive(input.spot) && positive(input.vol);
  for (const ScenarioLeg& leg : input.legs) fine = fine && positive(leg.strike);
  if (!fine)
    return Error{Errc::invalid_argument, "scenario margin needs spot, vol and strikes above zero"};
  constexpr int points = 10;
  const double low = input.broad_index ? -0.08 : -0.15, high = input.broad_index ? 0.06 : 0.15;
  ScenarioResult result;
  double contracts = 0;
  for (const ScenarioLeg& leg : input.legs)
    contracts += std::abs(static_cast<double>(leg.contracts));
  for (int i = 0; i < points; ++i) {
    const double move = low + (high - low) * i / (points - 1), spot = input.spot * (1 + move);
    double pnl = input.shares * (spot - input.spot);
    for (const ScenarioLeg& leg : input.legs)
      pnl +=
          static_cast<double>(leg.contracts * input.multiplier) *
          (price(leg, spot, input.rate, input.vol) - price(leg, input.spot, input.rate, input.vol));
    result.moves.push_back(move);
    result.pnl.push_back(pnl);
    result.margin = std::max(result.margin, -pnl);
  }
  result.margin = std::max(result.margin, contracts * input.minimum_per_contract);
  return result;
}

}  // namespace zomma::options
