// The part of the schema that limits what may be done. A limit is never looser than the same one of
// a scope around it.
#include <algorithm>

#include "runtime/config/read.h"
#include "runtime/config/units.h"

namespace zomma {
namespace {

// One table of limits under reading.
struct Scope {
  Section& section;
  ScopeLimits& limits;
  std::vector<std::pair<const char*, const ScopeLimits*>> around;  // the wider scopes by name
  const Instrument* instrument{};  // null: for all instruments, whose quantities cannot be compared
};

template <class T, class ToText>
void keep_within(const Scope& scope, std::string_view key, std::optional<T> ScopeLimits::*limit,
                 ToText to_text_of) {
  for (const auto& [name, wider] : scope.around) {
    if (!(scope.limits.*limit) || !(wider->*limit) || *(scope.limits.*limit) <= *(wider->*limit))
      continue;
    scope.section.bad(key, describe(*scope.section.find(key)),
                      "at most " + to_text_of(*(wider->*limit)) + ", the limit of " + name);
  }
}

void read_money(const Scope& scope, std::string_view key,
                std::optional<Money> ScopeLimits::*limit) {
  scope.section.optional_decimal(key, scope.limits.*limit, money_digits);
  keep_within(scope, key, limit,
              [](Money value) { return format_decimal(value.value, money_digits); });
}

void read_count(const Scope& scope, std::string_view key,
                std::optional<std::int64_t> ScopeLimits::*limit, std::int64_t least) {
  scope.section.optional_integer(key, scope.limits.*limit, least);
  keep_within(scope, key, limit, [](std::int64_t value) { return std::to_string(value); });
}

// Greeks: a number with eight decimals.
void read_scaled(const Scope& scope, std::string_view key,
                 std::optional<std::int64_t> ScopeLimits::*limit) {
  std::int64_t value = 0;
  if (scope.section.decimal(key, value, money_digits, 0)) scope.limits.*limit = value;
  keep_within(scope, key, limit,
              [](std::int64_t scaled) { return format_decimal(scaled, money_digits); });
}

void read_span(const Scope& scope, std::string_view key,
               std::optional<Nanoseconds> ScopeLimits::*limit) {
  Nanoseconds value{};
  if (scope.section.duration(key, value, Nanoseconds{1})) scope.limits.*limit = value;
}

void read_quantity(const Scope& scope, std::string_view key,
                   std::optional<Quantity> ScopeLimits::*limit) {
  const Instrument& instrument = *scope.instrument;
  if (!scope.section.optional_decimal(key, scope.limits.*limit, instrument.quantity_digits)) return;
  if (instrument.lot.value > 0 && (scope.limits.*limit)->value % instrument.lot.value != 0) {
    scope.section.bad(key, describe(*scope.section.find(key)),
                      "a multiple of the lot, " +
                          format_decimal(instrument.lot.value, instrument.quantity_digits));
  }
}

void read_quantities(const Scope& scope) {
  const auto text = [&](Quantity value) {
    return format_decimal(value.value, scope.instrument->quantity_digits);
  };
  read_quantity(scope, "min_quantity", &ScopeLimits::min_quantity);
  read_quantity(scope, "max_quantity", &ScopeLimits::max_quantity);
  read_quantity(scope, "max_position", &ScopeLimits::max_position);
  keep_within(scope, "max_quantity", &ScopeLimits::max_quantity, text);
  keep_within(scope, "max_position", &ScopeLimits::max_position, text);
  const ScopeLimits& limits = scope.limits;
  if (limits.min_quantity && limits.max_quantity && *limits.max_quantity < *limits.min_quantity) {
    scope.section.bad("max_quantity", describe(*scope.section.find("max_quantity")),
                      "at least min_quantity, " + text(*limits.min_quantity));
  }
}

// What limits one order, and open orders: in every scope.
void read_order_limits(const Scope& scope) {
  if (scope.instrument != nullptr) read_quantities(scope);
  read_money(scope, "max_order_notional", &ScopeLimits::max_order_notional);
  read_count(scope, "collar_bps", &ScopeLimits::collar_bps, 1);
  read_count(scope, "collar_ticks", &ScopeLimits::collar_ticks, 1);
  read_span(scope, "max_reference_age", &ScopeLimits::max_reference_age);
  keep_within(scope, "max_reference_age", &ScopeLimits::max_reference_age, format_duration);
  read_count(scope, "max_volume_bps", &ScopeLimits::max_volume_bps, 1);
  read_span(scope, "duplicate_window", &ScopeLimits::duplicate_window);
  read_count(scope, "max_open_orders", &ScopeLimits::max_open_orders, 0);
}

// What limits sums over all instruments: of the firm and of an instance.
void read_sum_limits(const Scope& scope) {
  read_money(scope, "max_gross_notional", &ScopeLimits::max_gross_notional);
  read_money(scope, "max_net_notional", &ScopeLimits::max_net_notional);
  read_scaled(scope, "max_delta", &ScopeLimits::max_delta);
  read_scaled(scope, "max_gamma", &ScopeLimits::max_gamma);
  read_scaled(scope, "max_vega", &ScopeLimits::max_vega);
  read_count(scope, "max_underlying_bps", &ScopeLimits::max_underlying_bps, 1);
  read_money(scope, "max_daily_loss", &ScopeLimits::max_daily_loss);
  read_money(scope, "max_drawdown", &ScopeLimits::max_drawdown);
  read_count(scope, "max_drawdown_bps", &ScopeLimits::max_drawdown_bps, 1);
  scope.section.boolean("cash_account", scope.limits.cash_account);
  read_count(scope, "max_orders_per_second", &ScopeLimits::max_orders_per_second, 1);
  if (scope.section.has("max_orders_per_second"))
    read_count(scope, "order_burst", &ScopeLimits::order_burst, 1);
  else
    refuse_keys(scope.section, {"order_burst"}, "max_orders_per_second is missing");
}

// The [... .instrument."SYMBOL"] tables of a section, by instrument.
std::vector<InstrumentRisk> read_instrument_scopes(Section& parent,
                                                   const std::vector<InstrumentRisk>& wider,
                                                   const Config& config, const ScopeLimits* firm,
                                                   const ScopeLimits* instance) {
  std::vector<InstrumentRisk> result;
  auto tables = parent.table("instrument");
  if (!tables) return result;
  for (const TomlMember& member : tables->node().members) {
    auto section = tables->table(member.key);
    if (!section) continue;
    InstrumentRisk risk{instrument_named(*tables, member.key, member.key_at, member.key, config),
                        {}};
    if (!risk.instrument.valid()) continue;
    Scope scope{
        *section, risk.limits, {{"the firm", firm}}, &config.instruments[risk.instrument.value]};
    if (instance != nullptr) scope.around.emplace_back("the instance", instance);
    for (const InstrumentRisk& other : wider) {
      if (other.instrument == risk.instrument)
        scope.around.emplace_back("the instrument", &other.limits);
    }
    read_order_limits(scope);
    section->finish();
    result.push_back(std::move(risk));
  }
  std::sort(result.begin(), result.end(), [](const InstrumentRisk& a, const InstrumentRisk& b) {
    return a.instrument < b.instrument;
  });
  return result;
}

}  // namespace

void read_risk(Section& root, Config& config) {
  auto section = root.table("risk");
  if (!section) return;
  RiskConfig& risk = config.risk;
  const Scope firm{*section, risk.firm, {}, nullptr};
  read_order_limits(firm);
  read_sum_limits(firm);
  section->boolean("kill_on_loss", risk.kill_on_loss);
  risk.instruments = read_instrument_scopes(*section, {}, config, &risk.firm, nullptr);
  std::vector<std::string> plugins;
  for (const PluginConfig& plugin : config.plugins) plugins.push_back(plugin.name);
  for (auto& [name, table] : section->named_tables("instance")) {
    if (std::find(plugins.begin(), plugins.end(), name) == plugins.end()) {
      table.bad("", "the name \"" + name + '"', "the NAME of a [plugin.NAME]",
                nearest(name, plugins));
      continue;
    }
    InstanceRisk instance{name, {}, {}};
    const Scope scope{table, instance.limits, {{"the firm", &risk.firm}}, nullptr};
    read_order_limits(scope);
    read_sum_limits(scope);
    instance.instruments =
        read_instrument_scopes(table, risk.instruments, config, &risk.firm, &instance.limits);
    table.finish();
    risk.instances.push_back(std::move(instance));
  }
  section->finish();
}

}  // namespace zomma
