// engine_exposure.cpp: what limits on Greeks, margin and concentration ask of an order in options
// or their underlyings. Reckoned only where some limit asks.
#include <algorithm>
#include <cmath>

#include "runtime/engine.h"

namespace zomma {
namespace {

std::int64_t scaled(double value) {
  const double wide = value * 1e8;
  if (!(std::abs(wide) < 9e18)) return wide < 0 ? int64_min : int64_max;
  return static_cast<std::int64_t>(std::llround(wide));
}

}  // namespace

// Of one quantity unit. An option whose Greeks nobody knows counts with its full delta.
Engine::Greeks Engine::unit_greeks(InstrumentId id) const {
  const Instrument& instrument = settings_.instruments[id.value];
  const double quantity_unit = static_cast<double>(power_of_ten(instrument.quantity_digits));
  const auto worth = [&](InstrumentId of) {
    return static_cast<double>(portfolio_.doubled_mark(of)) / 2 /
           static_cast<double>(power_of_ten(settings_.instruments[of.value].price_digits));
  };
  const Market& market = markets_[id.value];
  if (market.underlying == UINT32_MAX) {
    const double multiplier = static_cast<double>(std::max<std::int64_t>(instrument.multiplier, 1));
    return {worth(id) * multiplier / quantity_unit, 0, 0};
  }
  const options::Contract& terms = *clearing_.contract(id);
  const double units = static_cast<double>(terms.multiplier) / quantity_unit;
  const double heard = to_double(clearing_.prices().spot(terms.underlying));
  const double spot = heard > 0 ? heard : worth(terms.underlying);
  Greeks full{(terms.right == options::Right::call ? spot : -spot) * units, 0, 0};
  if (market.chain == UINT32_MAX) return full;
  const options::ChainBook& chain = *chains_[market.chain];
  const auto row = chain.row_of(id.value);
  if (!row) return full;
  const zm_chain view = chain.view();
  if (!std::isfinite(view.delta[*row])) return full;
  const auto known = [](double greek) { return std::isfinite(greek) ? greek : 0.0; };
  return {view.delta[*row] * spot * units, known(view.gamma[*row]) * spot * spot / 100 * units,
          known(view.vega[*row]) / 100 * units};
}

// Positions, and of open orders those that lead the same way as this one, as if they were filled;
// but not `replaced`, which the order takes the place of.
void Engine::add_greeks(RiskContext& context, const zm_intent& intent,
                        const Order* replaced) const {
  const Greeks unit = unit_greeks(InstrumentId{intent.instrument});
  const double direction = intent.side == ZM_SIDE_BUY ? 1 : -1;
  const auto add = [](RiskSums& sums, const Greeks& greeks) {
    sums.delta = add_saturated(sums.delta, scaled(greeks.delta));
    sums.gamma = add_saturated(sums.gamma, scaled(greeks.gamma));
    sums.vega = add_saturated(sums.vega, scaled(greeks.vega));
  };
  const auto times = [this](InstrumentId id, Quantity quantity) {
    const Greeks one = unit_greeks(id);
    const auto count = static_cast<double>(quantity.value);
    return Greeks{one.delta * count, one.gamma * count, one.vega * count};
  };
  const auto along = [&](double greek, double own) {
    return greek * own * direction > 0 ? greek : 0;
  };
  for (const Instrument& one : settings_.instruments) {
    if (!portfolio_.held(one.id)) continue;
    add(context.firm, times(one.id, portfolio_.firm_quantity(one.id)));
    add(context.own, times(one.id, portfolio_.position(context.instance, one.id).quantity));
  }
  for (const auto& instance : instances_)
    oms_.for_each_open(instance->id(), [&](const Order& order) {
      if (&order == replaced) return;
      const Greeks all = times(order.instrument, {sign(order.side) * order.state.leaves().value});
      const Greeks worst{along(all.delta, unit.delta), along(all.gamma, unit.gamma),
                         along(all.vega, unit.vega)};
      add(context.firm, worst);
      if (instance->id() == context.instance) add(context.own, worst);
    });
  context.unit_delta = scaled(unit.delta);
  context.unit_gamma = scaled(unit.gamma);
  context.unit_vega = scaled(unit.vega);
}

// What the instance's open orders would bring it, all of them filled.
std::vector<options::Proposal> Engine::open_proposals(InstanceId id, const Order* without) const {
  std::vector<options::Proposal> proposals;
  oms_.for_each_open(id, [&](const Order& open) {
    const bool buy = open.side == Side::buy;
    const Bbo& bbo = markets_[open.instrument.value].told;
    const Price price = open.state.price != no_price ? open.state.price : buy ? bbo.ask : bbo.bid;
    if (&open != without && price != no_price)
      proposals.push_back({open.instrument, sign(open.side) * open.state.leaves().value, price});
  });
  return proposals;
}

// The order, alone and with every other open order of the instance: the dearer of the two counts.
void Engine::add_margin(RiskContext& context, const options::Proposal& order,
                        const Order* replaced) const {
  const auto market = [this](InstrumentId underlying) { return margin_market(underlying); };
  const auto missing = [](const options::MarginStatement& all) {
    return all.refused.empty() ? all.initial - all.funds : Money{int64_max};
  };
  std::vector<options::Proposal> proposals;
  const auto reckon = [&] { return clearing_.margin(context.instance, now_, proposals, market); };
  context.margin_missing_before = std::max(missing(reckon()), Money{});
  proposals.push_back(order);
  options::MarginStatement worst = reckon();
  proposals = open_proposals(context.instance, replaced);
  if (!proposals.empty()) {
    proposals.push_back(order);
    if (auto all = reckon(); missing(all) > missing(worst)) worst = std::move(all);
  }
  context.margin_known = true;
  context.margin_required = worst.refused.empty() ? worst.initial : Money{int64_max};
  context.margin_funds = worst.refused.empty() ? worst.funds : Money{};
}

// Capital at work in one underlying: shares, bought options, strikes of short puts, and the
// underlyings of short calls that no shares cover. `besides` counts as held.
Money Engine::capital_in(InstanceId id, InstrumentId underlying,
                         std::span<const options::Proposal> besides) const {
  const auto held = [&](InstrumentId one) {
    std::int64_t quantity = portfolio_.position(id, one).quantity.value;
    for (const options::Proposal& more : besides)
      if (more.instrument == one) quantity += more.quantity;
    return quantity;
  };
  const auto value = [&](InstrumentId one, std::int64_t quantity) {
    return magnitude(
        portfolio_.valuation(one).value_at_half(portfolio_.doubled_mark(one), {quantity}).value);
  };
  Int128 capital = value(underlying, held(underlying));
  const std::int64_t share = power_of_ten(settings_.instruments[underlying.value].quantity_digits);
  Int128 owed = 0;
  for (const Instrument& one : settings_.instruments) {
    if (markets_[one.id.value].underlying != underlying.value) continue;
    const std::int64_t quantity = held(one.id);
    if (quantity == 0) continue;
    const options::Contract& terms = *clearing_.contract(one.id);
    const std::int64_t contracts = magnitude(quantity) / power_of_ten(one.quantity_digits);
    if (quantity > 0)
      capital += value(one.id, quantity);
    else if (terms.right == options::Right::put)
      capital += static_cast<Int128>(terms.exercise_amount().value) * contracts;
    else
      owed += static_cast<Int128>(terms.deliverable) * contracts;
  }
  const Int128 uncovered = owed * share - std::max<std::int64_t>(held(underlying), 0);
  if (uncovered > 0) capital += value(underlying, saturate(uncovered));
  return {saturate(capital)};
}

void Engine::add_option_facts(RiskContext& context, const zm_intent& intent,
                              const Order* replaced) const {
  const InstrumentId id{intent.instrument};
  if (risk_.asks_for_greeks(context.instance)) add_greeks(context, intent, replaced);
  const Market& market = markets_[id.value];
  const InstrumentId underlying{market.settles ? id.value : market.underlying};
  if (!underlying.valid()) return;  // no options here
  const bool margin = settings_.clearing.margin != options::MarginRule::none;
  const bool concentration = risk_.asks_for_concentration(context.instance);
  if (!margin && !concentration) return;
  const bool buy = intent.side == ZM_SIDE_BUY;
  const bool limited = intent.type == ZM_ORDER_LIMIT || intent.type == ZM_ORDER_STOP_LIMIT;
  const Price price = limited ? Price{intent.price} : buy ? market.told.ask : market.told.bid;
  const std::int64_t rest = intent.quantity - context.filled.value;
  const options::Proposal order{id, buy ? rest : -rest, price};
  if (margin && price != no_price) add_margin(context, order, replaced);
  if (!concentration) return;
  auto besides = open_proposals(context.instance, replaced);
  context.underlying_capital_before = capital_in(context.instance, underlying, besides);
  besides.push_back(order);
  context.underlying_capital = capital_in(context.instance, underlying, besides);
}

}  // namespace zomma
