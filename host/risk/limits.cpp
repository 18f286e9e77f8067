#include "risk/limits.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "portfolio/valuation.h"

namespace zomma {
namespace {

std::int64_t number(std::int64_t value) { return value; }
template <class Tag>
std::int64_t number(Number<Tag> value) {
  return value.value;
}

// The tightest of what is given.
struct Tightest {
  std::int64_t value = int64_max;
  template <class T>
  Tightest& with(const std::optional<T>& limit) {
    if (limit) value = std::min(value, number(*limit));
    return *this;
  }
};

const ScopeLimits* find(const LimitTree& tree, InstanceId instance) {
  for (const auto& entry : tree.instances)
    if (entry.instance == instance) return &entry.limits;
  return nullptr;
}
const ScopeLimits* find(const LimitTree& tree, InstrumentId instrument) {
  for (const auto& entry : tree.instruments)
    if (entry.instrument == instrument) return &entry.limits;
  return nullptr;
}
const ScopeLimits* find(const LimitTree& tree, InstanceId instance, InstrumentId instrument) {
  for (const auto& entry : tree.pairs)
    if (entry.instance == instance && entry.instrument == instrument) return &entry.limits;
  return nullptr;
}

// Visits every maximum of a scope with its name.
template <class Visit>
void each_maximum(const ScopeLimits& s, Visit&& visit) {
  visit("max_quantity", s.max_quantity);
  visit("max_order_notional", s.max_order_notional);
  visit("collar_bps", s.collar_bps);
  visit("collar_ticks", s.collar_ticks);
  visit("max_reference_age", s.max_reference_age);
  visit("max_volume_bps", s.max_volume_bps);
  visit("max_position", s.max_position);
  visit("max_gross_notional", s.max_gross_notional);
  visit("max_net_notional", s.max_net_notional);
  visit("max_delta", s.max_delta);
  visit("max_gamma", s.max_gamma);
  visit("max_vega", s.max_vega);
  visit("max_underlying_bps", s.max_underlying_bps);
  visit("max_open_orders", s.max_open_orders);
  visit("max_orders_per_second", s.max_orders_per_second);
  visit("max_daily_loss", s.max_daily_loss);
  visit("max_drawdown", s.max_drawdown);
  visit("max_drawdown_bps", s.max_drawdown_bps);
}

constexpr std::size_t maxima = 18;
struct Maxima {
  std::string_view names[maxima];
  std::optional<std::int64_t> values[maxima];
};
Maxima maxima_of(const ScopeLimits& scope) {
  Maxima out;
  std::size_t i = 0;
  each_maximum(scope, [&](std::string_view name, const auto& limit) {
    out.names[i] = name;
    if (limit) out.values[i] = number(*limit);
    ++i;
  });
  return out;
}

Error refusal(const std::string& scope, std::string_view name, const std::string& why) {
  return {Errc::invalid_argument, "limit " + std::string(name) + " of " + scope + " " + why};
}

Result<void> check_scope(const ScopeLimits& scope, const std::string& name) {
  const Maxima own = maxima_of(scope);
  for (std::size_t i = 0; i < maxima; ++i) {
    if (own.values[i] && *own.values[i] < 0)
      return refusal(name, own.names[i],
                     "is " + std::to_string(*own.values[i]) + "; it must not be negative");
  }
  if (scope.max_orders_per_second && *scope.max_orders_per_second < 1)
    return refusal(name, "max_orders_per_second",
                   "is 0; give at least 1, or use a kill switch to stop all orders");
  if (scope.order_burst && *scope.order_burst < 1)
    return refusal(name, "order_burst", "must be at least 1");
  if (scope.min_quantity && scope.min_quantity->value < 0)
    return refusal(name, "min_quantity", "must not be negative");
  if (scope.min_quantity && scope.max_quantity && *scope.min_quantity > *scope.max_quantity)
    return refusal(name, "min_quantity", "is above max_quantity: no order could pass");
  if (scope.duplicate_window && scope.duplicate_window->value < 0)
    return refusal(name, "duplicate_window", "must not be negative");
  return {};
}

// A scope may tighten what a wider one allows, never loosen it.
Result<void> check_within(const ScopeLimits& scope, const std::string& name,
                          const ScopeLimits& wider, const std::string& wider_name) {
  const Maxima own = maxima_of(scope), around = maxima_of(wider);
  for (std::size_t i = 0; i < maxima; ++i) {
    if (own.values[i] && around.values[i] && *own.values[i] > *around.values[i])
      return refusal(name, own.names[i],
                     "is " + std::to_string(*own.values[i]) + ", more than the " +
                         std::to_string(*around.values[i]) + " of " + wider_name);
  }
  return {};
}

}  // namespace

Result<void> validate(const LimitTree& tree) {
  if (auto ok = check_scope(tree.firm, "the firm"); !ok) return ok;
  for (const auto& [instance, limits] : tree.instances) {
    const std::string name = "instance " + std::to_string(instance.value);
    if (auto ok = check_scope(limits, name); !ok) return ok;
    if (auto ok = check_within(limits, name, tree.firm, "the firm"); !ok) return ok;
  }
  for (const auto& [instrument, limits] : tree.instruments) {
    const std::string name = "instrument " + std::to_string(instrument.value);
    if (auto ok = check_scope(limits, name); !ok) return ok;
    if (auto ok = check_within(limits, name, tree.firm, "the firm"); !ok) return ok;
  }
  for (const auto& [instance, instrument, limits] : tree.pairs) {
    const std::string name = "instance " + std::to_string(instance.value) + " in instrument " +
                             std::to_string(instrument.value);
    if (auto ok = check_scope(limits, name); !ok) return ok;
    if (auto ok = check_within(limits, name, tree.firm, "the firm"); !ok) return ok;
    if (const ScopeLimits* wider = find(tree, instance))
      if (auto ok = check_within(limits, name, *wider, "its instance"); !ok) return ok;
    if (const ScopeLimits* wider = find(tree, instrument))
      if (auto ok = check_within(limits, name, *wider, "its instrument"); !ok) return ok;
  }
  return {};
}

EffectiveLimits effective_limits(const LimitTree& tree, InstanceId instance,
                                 InstrumentId instrument) {
  static const ScopeLimits none;
  const ScopeLimits& firm = tree.firm;
  const ScopeLimits* found[] = {find(tree, instance), find(tree, instrument),
                                find(tree, instance, instrument)};
  const ScopeLimits& i = found[0] ? *found[0] : none;
  const ScopeLimits& s = found[1] ? *found[1] : none;
  const ScopeLimits& p = found[2] ? *found[2] : none;
  const auto tightest = [&](auto member) {
    return Tightest{}.with(firm.*member).with(i.*member).with(s.*member).with(p.*member).value;
  };

  EffectiveLimits out{};
  for (const ScopeLimits* scope : {&firm, &i, &s, &p}) {
    if (scope->min_quantity)
      out.min_quantity = std::max(out.min_quantity, scope->min_quantity->value);
    if (scope->duplicate_window)
      out.duplicate_window = scope->duplicate_window->value;  // the most specific
  }
  out.max_quantity = tightest(&ScopeLimits::max_quantity);
  out.max_order_notional = tightest(&ScopeLimits::max_order_notional);
  out.collar_bps = tightest(&ScopeLimits::collar_bps);
  out.collar_ticks = tightest(&ScopeLimits::collar_ticks);
  out.max_reference_age = tightest(&ScopeLimits::max_reference_age);
  out.max_volume_bps = tightest(&ScopeLimits::max_volume_bps);
  // A position has a meaning per instrument only, so a wider scope's holds for each of its
  // instruments.
  out.max_position = Tightest{}.with(i.max_position).with(p.max_position).value;
  out.firm_max_position = Tightest{}.with(firm.max_position).with(s.max_position).value;
  out.max_open_orders = Tightest{}.with(p.max_open_orders).value;
  out.firm_max_open_orders = Tightest{}.with(s.max_open_orders).value;
  out.needs_reference = out.collar_bps != int64_max || out.collar_ticks != int64_max ||
                        out.max_reference_age != int64_max;
  return out;
}

EffectiveSums effective_sums(const ScopeLimits& scope) {
  EffectiveSums out{};
  out.max_gross = Tightest{}.with(scope.max_gross_notional).value;
  out.max_net = Tightest{}.with(scope.max_net_notional).value;
  out.max_delta = Tightest{}.with(scope.max_delta).value;
  out.max_gamma = Tightest{}.with(scope.max_gamma).value;
  out.max_vega = Tightest{}.with(scope.max_vega).value;
  out.max_underlying_bps = Tightest{}.with(scope.max_underlying_bps).value;
  out.max_open_orders = Tightest{}.with(scope.max_open_orders).value;
  out.max_daily_loss = Tightest{}.with(scope.max_daily_loss).value;
  out.max_drawdown = Tightest{}.with(scope.max_drawdown).value;
  out.max_drawdown_bps = Tightest{}.with(scope.max_drawdown_bps).value;
  out.rate = scope.max_orders_per_second.value_or(0);
  out.burst = scope.order_burst.value_or(out.rate);
  out.cash_account = scope.cash_account;
  return out;
}

}  // namespace zomma
