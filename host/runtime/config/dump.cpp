// Writing a Config as canonical TOML: one order, every default spelled out, what does not apply
// left out.
#include <charconv>
#include <cstdio>

#include "runtime/config/config.h"
#include "runtime/config/units.h"

namespace zomma {
namespace {

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04X", static_cast<unsigned>(byte));
      result += escape;
    } else {
      result += c;
    }
  }
  return result + '"';
}

// The shortest text that reads back as the same double, and as a TOML float rather than an integer.
std::string real_text(double value) {
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value);
  std::string text(buffer, end.ptr);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

std::string endpoint_text(const Endpoint& endpoint) {
  const bool v6 = endpoint.address.find(':') != std::string::npos;
  return (v6 ? "[" + endpoint.address + "]" : endpoint.address) + ":" +
         std::to_string(endpoint.port);
}

class Writer {
 public:
  std::string take() { return std::move(text_); }

  void header(const std::string& name) { text_ += (text_.empty() ? "" : "\n") + name + "\n"; }
  void raw(std::string_view key, const std::string& value) {
    text_.append(key).append(" = ").append(value).append("\n");
  }
  void text(std::string_view key, std::string_view value) { raw(key, quoted(value)); }
  void flag(std::string_view key, bool value) { raw(key, value ? "true" : "false"); }
  void real(std::string_view key, double value) { raw(key, real_text(value)); }
  template <class Integer>
  void integer(std::string_view key, Integer value) {
    raw(key, std::to_string(value));
  }
  void decimal(std::string_view key, std::int64_t value, int digits) {
    text(key, format_decimal(value, digits));
  }
  void duration(std::string_view key, Nanoseconds value) { text(key, format_duration(value)); }

  template <class List, class ToText>
  void list(std::string_view key, const List& values, ToText to_text_of) {
    std::string array = "[";
    for (const auto& value : values)
      array += (array.size() == 1 ? "" : ", ") + quoted(to_text_of(value));
    raw(key, array + "]");
  }

  // Limits that are not given are not written.
  void decimal(std::string_view key, const std::optional<Money>& value) {
    if (value) decimal(key, value->value, money_digits);
  }
  void decimal(std::string_view key, const std::optional<Quantity>& value, int digits) {
    if (value) decimal(key, value->value, digits);
  }
  void integer(std::string_view key, const std::optional<std::int64_t>& value) {
    if (value) integer(key, *value);
  }
  void duration(std::string_view key, const std::optional<Nanoseconds>& value) {
    if (value) duration(key, *value);
  }
  void endpoint(std::string_view key, const Endpoint& value) {
    if (value.given()) text(key, endpoint_text(value));
  }

 private:
  std::string text_;
};

std::string identity(const std::string& text) { return text; }

void write_host(Writer& out, const Config& config) {
  out.header("[run]");
  out.text("name", config.run.name);
  out.text("mode", to_text(config.run.mode));
  if (config.run.mode == RunMode::recorded) out.real("speed", config.run.speed);
  out.integer("seed", config.run.seed);
  out.text("state_dir", config.run.state_dir);
  out.duration("longest_call", config.run.longest_call);
  out.header("[journal]");
  out.text("directory", config.journal.directory);
  out.integer("segment_size", config.journal.segment_size);
  out.integer("compression_level", config.journal.compression_level);
  out.duration("sync_every", config.journal.sync_every);
  out.flag("market_data", config.journal.market_data);
  out.integer("snapshot_every_events", config.journal.snapshot_every_events);
  out.header("[reload]");
  out.duration("probation", config.reload.probation);
  out.duration("longest_pause", config.reload.longest_pause);
  out.header("[bus]");
  out.flag("enabled", config.bus.enabled);
  out.text("name", config.bus.name);
  out.integer("capacity", config.bus.capacity);
  out.header("[metrics]");
  out.flag("enabled", config.metrics.enabled);
  out.endpoint("listen", config.metrics.listen);
  out.flag("allow_remote", config.metrics.allow_remote);
  out.header("[admin]");
  out.flag("enabled", config.admin.enabled);
  out.text("socket", config.admin.socket);
  if (config.admin.listen.given()) out.endpoint("listen", config.admin.listen);
  out.flag("allow_remote", config.admin.allow_remote);
  if (!config.admin.token_file.empty()) out.text("token_file", config.admin.token_file);
  if (!config.admin.tls_key.empty()) {
    out.text("tls_certificate", config.admin.tls_certificate);
    out.text("tls_key", config.admin.tls_key);
  }
  out.header("[report]");
  out.text("directory", config.report.directory);
  out.list("formats", config.report.formats,
           [](ReportFormat format) { return std::string(to_text(format)); });
  out.list("baselines", config.report.baselines, identity);
  out.list("signal_horizons", config.report.signal_horizons, format_duration);
  out.header("[terminal]");
  out.text("mode", to_text(config.terminal.mode));
  out.duration("refresh", config.terminal.refresh);
  out.header("[gpu]");
  out.flag("enabled", config.gpu.enabled);
  out.text("backend", to_text(config.gpu.lending.backend));
  out.integer("memory", config.gpu.lending.memory_bytes);
  out.integer("pinned_memory", config.gpu.lending.pinned_bytes);
  out.integer("queue", config.gpu.lending.queue);
  out.text("pricing", to_text(config.gpu.pricing.on));
  out.integer("pricing_device", config.gpu.pricing.device);
  out.integer("pricing_batch", config.gpu.pricing.least);
}

void write_instrument(Writer& out, const Instrument& instrument) {
  out.header("[[instrument]]");
  out.text("symbol", instrument.symbol);
  out.text("venue", instrument.venue);
  out.text("currency", instrument.currency);
  out.text("kind", to_text(instrument.kind));
  out.integer("price_digits", instrument.price_digits);
  out.integer("quantity_digits", instrument.quantity_digits);
  out.decimal("tick", instrument.tick.value, instrument.price_digits);
  out.decimal("lot", instrument.lot.value, instrument.quantity_digits);
  out.integer("multiplier", instrument.multiplier);
  out.real("maker_fee_bps", instrument.maker_fee_bps);
  out.real("taker_fee_bps", instrument.taker_fee_bps);
  out.decimal("fee_per_unit", instrument.fee_per_unit.value, money_digits);
  if (!instrument.option) return;
  const OptionTerms& terms = *instrument.option;
  out.text("underlying", terms.underlying);
  out.integer("expiry", terms.expiry);
  out.decimal("strike", terms.strike.value, instrument.price_digits);
  out.text("right", terms.put ? "put" : "call");
  out.text("style", terms.american ? "american" : "european");
  out.text("opening", terms.am_settled ? "am" : "pm");
  out.text("settlement", terms.cash_settled ? "cash" : "physical");
  out.integer("deliverable", terms.deliverable);
}

void write_date(Writer& out, std::string_view key, const CalendarDate& day) {
  char date[40];
  std::snprintf(date, sizeof date, "%04d-%02d-%02d", day.year, day.month, day.day);
  out.raw(key, date);
}

void write_chain_feed(Writer& out, const ChainFeedConfig& chains, FeedFormat format) {
  out.list("underlyings", chains.underlyings, identity);
  if (!chains.prices_path.empty()) out.text("prices", chains.prices_path);
  if (format == FeedFormat::lean) out.text("resolution", to_text(chains.resolution));
  if (chains.from.given()) write_date(out, "from", chains.from);
  if (chains.to.given()) write_date(out, "to", chains.to);
  if (format != FeedFormat::chain_csv) {
    out.decimal("half_spread", chains.half_spread.value, money_digits);
    out.real("half_spread_share", chains.half_spread_share);
    out.integer("quote_quantity", chains.quote_quantity);
  }
  out.decimal("fee_per_contract", chains.fee_per_contract.value, money_digits);
}

void write_model(Writer& out, const ChainModelConfig& model) {
  out.header("[feed.model]");
  out.real("volatility_premium", model.volatility_premium);
  out.real("least_volatility", model.least_volatility);
  out.real("reversion", model.reversion);
  out.real("smile_rho", model.smile_rho);
  out.real("smile_eta", model.smile_eta);
  out.real("smile_gamma", model.smile_gamma);
  out.integer("weeklies", model.weeklies);
  out.integer("monthlies", model.monthlies);
  out.integer("quarterlies", model.quarterlies);
  out.real("reach", model.reach);
  out.decimal("strike_step", model.strike_step.value, money_digits);
  out.real("half_spread_volatility", model.half_spread_volatility);
  out.integer("dividend_notice_days", model.dividend_notice_days);
  out.integer("warm_up_sessions", model.warm_up_sessions);
  out.real("open_interest", model.open_interest);
}

void write_chains(Writer& out, const ChainsConfig& chains) {
  out.header("[chains]");
  out.duration("max_age", chains.max_age);
  if (!chains.rates_path.empty()) out.text("rates_path", chains.rates_path);
  std::vector<std::string> rates;
  for (const RateStep& step : chains.rates)
    rates.push_back(std::to_string(step.date) + " " + real_text(step.rate));
  out.list("rates", rates, identity);
}

void write_clearing(Writer& out, const options::ClearingSettings& clearing) {
  const auto money = [&](std::string_view key, Money value) {
    out.decimal(key, value.value, money_digits);
  };
  out.header("[clearing]");
  out.flag("enabled", clearing.enabled);
  out.text("assignment", to_text(clearing.allocation));
  out.integer("seed", clearing.seed);
  out.real("early_exercise", clearing.early_permille / 1e3);
  money("pin_band", clearing.pin.band);
  out.real("pin_contrary", clearing.pin.contrary_permille / 1e3);
  out.duration("delay", clearing.delay);
  out.real("cash_rate", static_cast<double>(clearing.credit_ppm) / 1e6);
  out.real("debit_rate", static_cast<double>(clearing.debit_ppm) / 1e6);
  out.text("lots", to_text(clearing.lots));
  out.text("margin", to_text(clearing.margin));
  const options::FeeSchedule& fees = clearing.fees;
  out.header("[clearing.fees]");
  money("commission_per_contract", fees.commission_per_contract);
  money("clearing_per_contract", fees.clearing_per_contract);
  money("clearing_cap", fees.clearing_cap);
  money("regulatory_per_contract", fees.regulatory_per_contract);
  money("taf_per_contract", fees.taf_per_contract);
  money("taf_per_share", fees.taf_per_share);
  money("taf_share_cap", fees.taf_share_cap);
  money("sec_per_million", fees.sec_per_million);
  money("exercise_per_contract", fees.exercise_per_contract);
  money("assignment_per_contract", fees.assignment_per_contract);
  money("commission_per_share", fees.commission_per_share);
}

void write_feed(Writer& out, const FeedConfig& feed, const Config& config) {
  out.header("[[feed]]");
  out.text("name", feed.name);
  out.text("format", to_text(feed.format));
  out.text("source", to_text(feed.source));
  if (feed.source != FeedTransport::udp) out.list("paths", feed.paths, identity);
  if (!feed.orderbook_path.empty()) out.text("orderbook_path", feed.orderbook_path);
  if (feed.session_date.given()) write_date(out, "session_date", feed.session_date);
  out.flag("required", feed.required);
  out.text("book", to_text(feed.book));
  out.endpoint("group_a", feed.group_a);
  out.endpoint("group_b", feed.group_b);
  if (!feed.interface.empty()) out.text("interface", feed.interface);
  out.endpoint("rewinder", feed.rewinder);
  if (feed.chains.given()) {
    write_chain_feed(out, feed.chains, feed.format);
    if (feed.format == FeedFormat::modelled) write_model(out, feed.chains.model);
    return;
  }
  std::string symbols;
  for (const FeedSymbol& symbol : feed.symbols) {
    symbols += (symbols.empty() ? " " : ", ") + quoted(symbol.venue_symbol) + " = " +
               quoted(config.instruments[symbol.instrument.value].symbol);
  }
  out.raw("symbols", "{" + symbols + " }");
}

void write_latency(Writer& out, const std::string& name, const LatencyConfig& latency) {
  out.header("[gateway.sim." + name + "]");
  out.text("kind", to_text(latency.kind));
  switch (latency.kind) {
    case LatencyKind::constant:
      out.duration("value", latency.value);
      break;
    case LatencyKind::uniform:
      out.duration("minimum", latency.minimum);
      out.duration("maximum", latency.maximum);
      break;
    case LatencyKind::lognormal:
      out.duration("minimum", latency.minimum);
      if (latency.maximum.value != 0) out.duration("maximum", latency.maximum);
      out.duration("median", latency.median);
      out.real("sigma", latency.sigma);
      break;
    case LatencyKind::empirical:
      out.list("quantiles", latency.quantiles, format_duration);
      break;
  }
}

void write_gateway(Writer& out, const SimGatewayConfig& sim) {
  out.header("[gateway.sim]");
  out.text("queue_model", to_text(sim.queue_model));
  out.integer("queue_power", sim.queue_power);
  out.text("self_trade", to_text(sim.self_trade));
  out.flag("reject_when_halted", sim.reject_when_halted);
  out.integer("seed", sim.seed);
  write_latency(out, "feed_latency", sim.feed);
  write_latency(out, "order_latency", sim.order);
  write_latency(out, "report_latency", sim.report);
}

void write_scope(Writer& out, const ScopeLimits& limits, int quantity_digits) {
  out.decimal("min_quantity", limits.min_quantity, quantity_digits);
  out.decimal("max_quantity", limits.max_quantity, quantity_digits);
  out.decimal("max_position", limits.max_position, quantity_digits);
  out.decimal("max_order_notional", limits.max_order_notional);
  out.integer("collar_bps", limits.collar_bps);
  out.integer("collar_ticks", limits.collar_ticks);
  out.duration("max_reference_age", limits.max_reference_age);
  out.integer("max_volume_bps", limits.max_volume_bps);
  out.duration("duplicate_window", limits.duplicate_window);
  out.integer("max_open_orders", limits.max_open_orders);
  out.decimal("max_gross_notional", limits.max_gross_notional);
  out.decimal("max_net_notional", limits.max_net_notional);
  if (limits.max_delta) out.decimal("max_delta", *limits.max_delta, money_digits);
  if (limits.max_gamma) out.decimal("max_gamma", *limits.max_gamma, money_digits);
  if (limits.max_vega) out.decimal("max_vega", *limits.max_vega, money_digits);
  if (limits.max_underlying_bps) out.integer("max_underlying_bps", *limits.max_underlying_bps);
  out.decimal("max_daily_loss", limits.max_daily_loss);
  out.decimal("max_drawdown", limits.max_drawdown);
  out.integer("max_drawdown_bps", limits.max_drawdown_bps);
  out.integer("max_orders_per_second", limits.max_orders_per_second);
  out.integer("order_burst", limits.order_burst);
}

void write_instrument_scopes(Writer& out, const std::string& parent,
                             const std::vector<InstrumentRisk>& scopes, const Config& config) {
  for (const InstrumentRisk& scope : scopes) {
    const Instrument& instrument = config.instruments[scope.instrument.value];
    out.header("[" + parent + ".instrument." + quoted(instrument.symbol) + "]");
    write_scope(out, scope.limits, instrument.quantity_digits);
  }
}

void write_risk(Writer& out, const Config& config) {
  out.header("[risk]");
  write_scope(out, config.risk.firm, 0);
  out.flag("cash_account", config.risk.firm.cash_account);
  out.flag("kill_on_loss", config.risk.kill_on_loss);
  write_instrument_scopes(out, "risk", config.risk.instruments, config);
  for (const InstanceRisk& instance : config.risk.instances) {
    const std::string table = "risk.instance." + quoted(instance.instance);
    out.header("[" + table + "]");
    write_scope(out, instance.limits, 0);
    out.flag("cash_account", instance.limits.cash_account);
    write_instrument_scopes(out, table, instance.instruments, config);
  }
}

std::string param_text(const ParamValue& param) {
  if (const auto* integer = std::get_if<std::int64_t>(&param.value))
    return std::to_string(*integer);
  if (const auto* real = std::get_if<double>(&param.value)) return real_text(*real);
  if (const auto* flag = std::get_if<bool>(&param.value)) return *flag ? "true" : "false";
  return quoted(std::get<std::string>(param.value));
}

void write_loan_limits(Writer& out, const std::string& table, const gpu::LoanLimits& limits) {
  out.header("[" + table + ".gpu]");
  out.integer("budget", limits.memory_bytes);
  out.integer("priority", limits.priority);
  out.duration("wait", limits.wait);
  out.integer("streams", limits.streams);
  out.integer("events", limits.events);
  out.integer("graphs", limits.graphs);
  out.integer("libraries", limits.libraries);
}

void write_worker_limits(Writer& out, const ProcessConfig& process) {
  const gpu::WorkerGpuLimits& gpu = process.gpu;
  if (!gpu.devices.empty()) out.list("gpu_devices", gpu.devices, identity);
  if (gpu.compute) out.real("gpu_compute", *gpu.compute);
  if (!gpu.memory.empty())
    out.list("gpu_memory", gpu.memory,
             [](const auto& limit) { return std::to_string(limit.second) + "B"; });
  if (!gpu.mps_directory.empty()) out.text("mps_directory", gpu.mps_directory);
  if (process.cgroup.empty()) return;
  const gpu::CgroupLimits& group = process.cgroup_limits;
  out.text("cgroup", process.cgroup);
  if (group.memory_bytes) out.integer("memory", *group.memory_bytes);
  if (group.processors) out.real("processors", *group.processors);
  if (group.processes) out.integer("processes", *group.processes);
}

void write_plugin(Writer& out, const PluginConfig& plugin, const Config& config) {
  const std::string table = "plugin." + quoted(plugin.name);
  out.header("[" + table + "]");
  out.flag("enabled", plugin.enabled);
  out.text("path", plugin.path);
  if (!plugin.strategy.empty()) out.text("strategy", plugin.strategy);
  if (!plugin.sha256.empty()) out.text("sha256", plugin.sha256);
  out.flag("allow_unlisted", plugin.allow_unlisted);
  if (!plugin.waived_imports.empty()) out.list("waived_imports", plugin.waived_imports, identity);
  out.flag("watch", plugin.watch);
  out.text("isolation", to_text(plugin.isolation));
  out.text("on_fault", to_text(plugin.on_fault));
  out.text("account", plugin.account);
  out.decimal("cash", plugin.cash.value, money_digits);
  out.list("instruments", plugin.instruments,
           [&](InstrumentId id) { return config.instruments[id.value].symbol; });
  out.header("[" + table + ".limits]");
  out.integer("orders", plugin.limits.orders);
  out.integer("timers", plugin.limits.timers);
  out.integer("log_lines", plugin.limits.log_lines);
  out.integer("metrics", plugin.limits.metrics);
  out.integer("memory", plugin.limits.memory);
  write_loan_limits(out, table, plugin.gpu);
  out.header("[" + table + ".process]");
  out.duration("deadline", plugin.process.deadline);
  out.duration("spin", plugin.process.spin);
  out.integer("address_space", plugin.process.address_space);
  out.integer("core", plugin.process.core);
  out.duration("checkpoint_every", plugin.process.checkpoint_every);
  out.integer("restarts", plugin.process.restarts);
  write_worker_limits(out, plugin.process);
  if (plugin.params.empty()) return;
  out.header("[" + table + ".params]");
  for (const ParamValue& param : plugin.params) out.raw(quoted(param.name), param_text(param));
}

}  // namespace

std::string dump_config(const Config& config) {
  Writer out;
  write_host(out, config);
  write_chains(out, config.chains);
  write_clearing(out, config.clearing);
  for (const Instrument& instrument : config.instruments) write_instrument(out, instrument);
  for (const FeedConfig& feed : config.feeds) write_feed(out, feed, config);
  write_gateway(out, config.sim);
  write_risk(out, config);
  for (const PluginConfig& plugin : config.plugins) write_plugin(out, plugin, config);
  return out.take();
}

}  // namespace zomma
