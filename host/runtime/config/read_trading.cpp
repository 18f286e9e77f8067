// The parts of the schema that concern trading: the simulated exchange and the plugins. Risk
// limits: read_risk.cpp.
#include <algorithm>
#include <cctype>
#include <cmath>

#include "runtime/config/read.h"
#include "runtime/config/units.h"

namespace zomma {
namespace {

constexpr std::int64_t largest_quota = 10'000'000;
constexpr double widest_sigma = 5;

void read_quantiles(Section& section, LatencyConfig& latency) {
  std::vector<std::string> texts;
  std::vector<TextPosition> at;
  if (!section.texts("quantiles", texts, &at, Need::required)) return;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto value = parse_duration(texts[i]);
    const bool rising = value && value->value >= 0 &&
                        (latency.quantiles.empty() || latency.quantiles.back() <= *value);
    if (rising)
      latency.quantiles.push_back(*value);
    else
      section.fail(at[i], "quantiles", ConfigFault::bad_value, "the string \"" + texts[i] + '"',
                   "a duration from \"0s\", not below the one before");
  }
  if (texts.size() < 2)
    section.bad("quantiles", std::to_string(texts.size()) + " values",
                "at least 2, from the least to the greatest delay");
}

void read_latency(Section& parent, std::string_view key, LatencyConfig& latency) {
  auto section = parent.table(key);
  if (!section) return;
  if (!section->word("kind", latency.kind, Need::required)) {
    accept_keys(*section, {"value", "minimum", "maximum", "median", "sigma", "quantiles"});
    section->finish();
    return;
  }
  const std::string reason = "kind is \"" + std::string(to_text(latency.kind)) + '"';
  const Nanoseconds zero{0};
  switch (latency.kind) {
    case LatencyKind::constant:
      section->duration("value", latency.value, zero, Need::required);
      refuse_keys(*section, {"minimum", "maximum", "median", "sigma", "quantiles"}, reason);
      break;
    case LatencyKind::uniform:
      section->duration("minimum", latency.minimum, zero, Need::required);
      section->duration("maximum", latency.maximum, latency.minimum, Need::required);
      refuse_keys(*section, {"value", "median", "sigma", "quantiles"}, reason);
      break;
    case LatencyKind::lognormal:
      section->duration("minimum", latency.minimum, zero);
      section->duration("maximum", latency.maximum, latency.minimum);
      section->duration("median", latency.median, zero, Need::required);
      section->real("sigma", latency.sigma, 0, widest_sigma, Need::required);
      refuse_keys(*section, {"value", "quantiles"}, reason);
      break;
    case LatencyKind::empirical:
      read_quantiles(*section, latency);
      refuse_keys(*section, {"value", "minimum", "maximum", "median", "sigma"}, reason);
      break;
  }
  section->finish();
}

void read_quota(Section& section, std::string_view key, std::uint32_t& out) {
  std::int64_t value = 0;
  if (section.integer(key, value, {0, largest_quota})) out = static_cast<std::uint32_t>(value);
}

void read_sha256(Section& section, PluginConfig& plugin) {
  if (!section.text("sha256", plugin.sha256)) return;
  for (char& c : plugin.sha256) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const bool hex = plugin.sha256.size() == 64 &&
                   plugin.sha256.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!hex)
    section.bad("sha256", describe(*section.find("sha256")),
                "64 hexadecimal digits, as sha256sum prints them");
}

void read_traded(Section& section, PluginConfig& plugin, const Config& config) {
  std::vector<std::string> symbols;
  std::vector<TextPosition> at;
  if (!section.texts("instruments", symbols, &at, Need::required)) return;
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    const InstrumentId id = instrument_named(section, "instruments", at[i], symbols[i], config);
    if (!id.valid()) continue;
    if (std::find(plugin.instruments.begin(), plugin.instruments.end(), id) !=
        plugin.instruments.end()) {
      section.fail(at[i], "instruments", ConfigFault::bad_value,
                   "the string \"" + symbols[i] + "\" again", "each instrument once");
      continue;
    }
    plugin.instruments.push_back(id);
  }
}

void read_params(Section& section, PluginConfig& plugin) {
  auto params = section.table("params");
  if (!params) return;
  for (const TomlMember& member : params->node().members) {
    ParamValue param{
        member.key, {}, params->location(member.key_at), params->location(member.value.at)};
    switch (member.value.kind) {
      case TomlKind::boolean:
        param.value = member.value.boolean;
        break;
      case TomlKind::integer:
        param.value = member.value.integer;
        break;
      case TomlKind::text:
        param.value = member.value.text;
        break;
      case TomlKind::real:
        if (std::isfinite(member.value.real)) {
          param.value = member.value.real;
          break;
        }
        [[fallthrough]];
      default:
        params->bad(member.key, describe(member.value), "a finite number, a boolean or a string");
        continue;
    }
    plugin.params.push_back(std::move(param));
  }
}

void read_process(Section& section, ProcessConfig& process) {
  auto table = section.table("process");
  if (!table) return;
  table->duration("deadline", process.deadline, Nanoseconds{1'000'000});
  table->duration("spin", process.spin, Nanoseconds{0});
  table->size("address_space", process.address_space, 0, std::uint64_t{1} << 44);
  std::int64_t core = process.core, restarts = process.restarts;
  if (table->integer("core", core, {-1, 1023})) process.core = static_cast<int>(core);
  table->duration("checkpoint_every", process.checkpoint_every, Nanoseconds{0});
  if (table->integer("restarts", restarts, {0, 1000}))
    process.restarts = static_cast<std::uint32_t>(restarts);
  read_worker_limits(*table, process);
  table->finish();
}

PluginConfig read_plugin(const std::string& name, Section& section, const Config& config) {
  PluginConfig plugin;
  plugin.name = name;
  plugin.at = section.location(section.position());
  section.boolean("enabled", plugin.enabled);
  section.text("path", plugin.path, Need::required);
  if (plugin.path.find('/') != std::string::npos) plugin.path = section.resolve(plugin.path);
  plugin.path_at = section.location(section.position_of("path"));
  section.text("strategy", plugin.strategy);
  read_sha256(section, plugin);
  section.boolean("allow_unlisted", plugin.allow_unlisted);
  std::vector<TextPosition> waived_at;
  section.texts("waived_imports", plugin.waived_imports, &waived_at);
  section.boolean("watch", plugin.watch);
  section.word("isolation", plugin.isolation);
  section.word("on_fault", plugin.on_fault);
  read_name(section, "account", plugin.account);
  section.decimal("cash", plugin.cash.value, money_digits, 0);
  read_traded(section, plugin, config);
  if (auto limits = section.table("limits")) {
    read_quota(*limits, "orders", plugin.limits.orders);
    read_quota(*limits, "timers", plugin.limits.timers);
    read_quota(*limits, "log_lines", plugin.limits.log_lines);
    read_quota(*limits, "metrics", plugin.limits.metrics);
    limits->size("memory", plugin.limits.memory, 0, std::uint64_t{1} << 44);
    limits->finish();
  }
  read_loan_limits(section, plugin.gpu);
  read_process(section, plugin.process);
  read_params(section, plugin);
  section.finish();
  if (plugin.enabled && !section.has("sha256") && !plugin.allow_unlisted &&
      !section.source().damaged) {
    section.fail(section.position(), "sha256", ConfigFault::missing_key, "missing",
                 "the library's SHA-256, or allow_unlisted = true to load it whatever it is");
  }
  return plugin;
}

}  // namespace

void read_gateway(Section& root, Config& config) {
  auto gateway = root.table("gateway");
  if (!gateway) return;
  if (auto sim = gateway->table("sim")) {
    read_latency(*sim, "feed_latency", config.sim.feed);
    read_latency(*sim, "order_latency", config.sim.order);
    read_latency(*sim, "report_latency", config.sim.report);
    sim->word("queue_model", config.sim.queue_model);
    std::int64_t power = config.sim.queue_power;
    if (sim->integer("queue_power", power, {1, 8}))
      config.sim.queue_power = static_cast<int>(power);
    sim->word("self_trade", config.sim.self_trade);
    sim->boolean("reject_when_halted", config.sim.reject_when_halted);
    sim->integer("seed", config.sim.seed);
    sim->finish();
  }
  gateway->finish();
}

void read_plugins(Section& root, Config& config) {
  for (auto& [name, section] : root.named_tables("plugin")) {
    if (!is_name(name)) {
      section.bad("", "the name \"" + name + '"', "letters, digits, '_', '-' and '.', at most 64");
      continue;
    }
    const auto twin =
        std::find_if(config.plugins.begin(), config.plugins.end(),
                     [&name = name](const PluginConfig& other) { return other.name == name; });
    if (twin != config.plugins.end()) {
      section.bad(
          "", "[plugin." + quoted_key(name) + "] again",
          "it once; " + twin->at.file + ":" + std::to_string(twin->at.line) + " has it already");
      continue;
    }
    config.plugins.push_back(read_plugin(name, section, config));
  }
}

}  // namespace zomma
