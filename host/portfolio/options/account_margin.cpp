// account_margin.cpp: what all positions of one account require together.
#include <algorithm>
#include <cmath>

#include "portfolio/options/clearing_desk.h"

namespace zomma::options {
namespace {

double real(Money money) { return static_cast<double>(money.value) * 1e-8; }
Money up_to_cent(double amount) {
  return {static_cast<std::int64_t>(std::ceil(amount * 100 - 1e-6)) * 1'000'000};
}

}  // namespace

struct ClearingDesk::Group {
  InstrumentId underlying;
  Nanoseconds now{};
  MarginInput input;

  void add(const Contract& contract, std::int64_t contracts, Money price) {
    for (MarginLeg& leg : input.legs)
      if (leg.contract.instrument == contract.instrument) {
        leg.contracts += contracts;
        return;
      }
    input.legs.push_back({contract, contracts, price});
    input.broad_index = contract.delivery == Delivery::cash && contract.style == Style::european;
  }
};

// Sums what one underlying's positions require into `sum`.
void ClearingDesk::require(const Group& group, const MarginMarket& market,
                           MarginStatement& sum) const {
  MarginInput input = group.input;
  std::erase_if(input.legs, [](const MarginLeg& leg) { return leg.contracts == 0; });
  if (input.legs.empty() && input.shares == 0) return;
  const auto refuse = [&](std::string why) {
    if (sum.refused.empty()) sum.refused = std::move(why);
  };
  if (input.spot.value <= 0) return refuse("the underlying has no price");
  input.cash_account = settings_.margin == MarginRule::cash;
  if (input.cash_account && input.shares < 0) return refuse("short shares in a cash account");
  RegTRates rates;
  if (input.cash_account) rates.stock_initial_permille = rates.stock_maintenance_permille = 0;
  const auto by_strategy = reg_t_margin(input, rates);
  if (!by_strategy) return refuse(by_strategy.error().message);
  sum.cash_secured += by_strategy->cash_secured;
  if (settings_.margin != MarginRule::portfolio) {
    sum.initial += by_strategy->initial;
    sum.maintenance += by_strategy->maintenance;
    return;
  }
  ScenarioInput scenario;
  scenario.spot = real(input.spot);
  scenario.rate = market.rate;
  scenario.vol = market.vol;
  scenario.shares = static_cast<double>(input.shares);
  scenario.broad_index = input.broad_index;
  for (const MarginLeg& leg : input.legs) {
    scenario.multiplier = leg.contract.multiplier;
    const double years =
        static_cast<double>(leg.contract.expiry.value - group.now.value) / 1e9 / (365.0 * 86'400);
    scenario.legs.push_back(
        {leg.contract.right == Right::put, real(leg.contract.strike), years, leg.contracts});
  }
  const auto worst = scenario_margin(scenario);
  if (!worst) return refuse(worst.error().message);
  sum.initial += up_to_cent(worst->margin);
  sum.maintenance += up_to_cent(worst->margin);
}

MarginStatement ClearingDesk::margin(InstanceId instance, Nanoseconds now,
                                     std::span<const Proposal> proposals, const void* market,
                                     MarketOf market_of) const {
  std::map<InstrumentId, Group> groups;
  Money stock_value, cash = portfolio_.account(instance).cash;
  const auto group_of = [&](InstrumentId underlying) -> Group& {
    Group& group = groups[underlying];
    if (group.underlying.valid()) return group;
    group.underlying = underlying;
    group.now = now;
    const Money heard = fixings_.spot(underlying);
    group.input.spot = heard.value > 0 ? heard : value_of(underlying);
    return group;
  };
  const auto add = [&](InstrumentId id, std::int64_t whole, Money price) {
    if (const Contract* terms = contract(id))
      group_of(terms->underlying).add(*terms, whole, price);
    else
      group_of(id).input.shares += whole;
  };
  for (std::uint32_t i = 0; i < place_.size(); ++i) {
    const InstrumentId id{i};
    if (!portfolio_.held(id) || held(instance, id) == 0) continue;
    add(id, held(instance, id), value_of(id));
    if (contract(id) == nullptr) stock_value += portfolio_.position(instance, id).value;
  }
  Money proposed_value;
  for (const Proposal& one : proposals) {
    const Money value = portfolio_.valuation(one.instrument).value(one.price, {one.quantity});
    cash -= value;
    proposed_value += value;
    if (contract(one.instrument) == nullptr) stock_value += value;
    add(one.instrument, one.quantity / unit(one.instrument),
        {one.price.value * scales_[one.instrument.value]});
  }
  MarginStatement out;
  for (const auto& [underlying, group] : groups) require(group, market_of(market, underlying), out);
  switch (settings_.margin) {
    case MarginRule::cash:
      out.funds = cash;
      break;
    case MarginRule::none:
    case MarginRule::reg_t:  // options have no loan value
      out.funds = cash + stock_value;
      break;
    case MarginRule::portfolio:
      out.funds = cash + portfolio_.account(instance).value + proposed_value;
      break;
  }
  return out;
}

}  // namespace zomma::options
