#include "runtime/assembly.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "market/options/calendar.h"
#include "plugin/image.h"
#include "runtime/gpu_chain_pricing.h"
#include "runtime/merger.h"
#include "runtime/plugin_folders.h"

namespace zomma {
namespace {

// Null where the operator lends no GPU.
std::shared_ptr<gpu::LenderSource> lender_source(const Config& config) {
  if (!config.gpu.enabled) return nullptr;
  std::map<std::string, gpu::LoanLimits> limits;
  for (const PluginConfig& plugin : config.plugins) limits.emplace(plugin.name, plugin.gpu);
  return std::make_shared<gpu::LenderSource>("", config.gpu.lending, std::move(limits),
                                             config.gpu.pricing);
}

std::vector<std::string> names_of(const Config& config) {
  std::vector<std::string> names;
  for (const PluginConfig& plugin : config.plugins) names.push_back(plugin.name);
  return names;
}

// "file:12:3: plugin.x.params.y: ..."
std::string at(const Location& place, const PluginConfig& plugin, const std::string& key) {
  return fmt::format("{}:{}:{}: plugin.{}.params.{}", place.file, place.line, place.column,
                     plugin.name, key);
}

Result<double> number_of(const PluginConfig& plugin, const ParamValue& param) {
  if (const auto* integer = std::get_if<std::int64_t>(&param.value))
    return static_cast<double>(*integer);
  if (const auto* real = std::get_if<double>(&param.value)) return *real;
  if (const auto* boolean = std::get_if<bool>(&param.value)) return *boolean ? 1.0 : 0.0;
  return Error{Errc::invalid_argument, at(param.value_at, plugin, param.name) +
                                           ": found a string, expected a number or a boolean"};
}

// The configured file; or, when a run goes on, the very image it had.
Result<std::shared_ptr<PluginImage>> load_image(const Config& config, const PluginConfig& plugin,
                                                const PluginSource& source) {
  const std::string path = find_plugin(plugin.path, source.first_dir);
  const auto generations = std::filesystem::path(config.run.state_dir) / "gen";
  // Another folder means another build: its hash is not the one that was listed.
  const std::string expected = source.first_dir.empty() ? plugin.sha256 : "";
  std::optional<PluginImage::Staging> staging;
  if (source.probe) staging = staging_of(plugin, *source.store);
  auto image = PluginImage::load({path, generations, expected, worker_of(config, plugin), staging});
  const auto pinned =
      std::find_if(source.pinned.begin(), source.pinned.end(),
                   [&](const PluginIdentity& known) { return known.instance == plugin.name; });
  if (pinned == source.pinned.end() || (image && (*image)->sha256() == pinned->sha256))
    return image;
  const auto kept = source.store->find(pinned->sha256);
  if (!kept) return kept.error();
  if (source.say)
    source.say(fmt::format(
        "strategy {}: {} has changed since the run began; going on with the image it had ({})",
        plugin.name, path, pinned->sha256.substr(0, 12)));
  return PluginImage::load({*kept, generations, pinned->sha256, worker_of(config, plugin)});
}

Result<PluginIdentity> add_plugin(Engine& engine, const Config& config, const PluginConfig& plugin,
                                  const PluginSource& source) {
  auto settings = instance_settings(config, plugin);
  if (!settings) return settings.error();
  if (plugin.sha256.empty() && !plugin.allow_unlisted)
    return Error{
        Errc::refused,
        fmt::format(
            "plugin.{}: neither `sha256` nor `allow_unlisted = true`: say which file may be loaded",
            plugin.name)};
  auto image = load_image(config, plugin, source);
  if (!image) return image.error();
  const std::string path = find_plugin(plugin.path, source.first_dir);
  if (!plugin.strategy.empty() && plugin.strategy != (*image)->note().id)
    return Error{Errc::not_found,
                 fmt::format("plugin.{}: {} holds the strategy \"{}\", not \"{}\"", plugin.name,
                             path, (*image)->note().id, plugin.strategy)};
  const PluginIdentity identity{plugin.name, (*image)->note().id, (*image)->note().version,
                                (*image)->sha256(), path};
  if (source.keep)
    if (const auto kept = source.store->keep(**image); !kept) return kept.error();
  const zm_strategy_factory& factory = (*image)->factory();
  const auto added = engine.add_instance(std::move(*settings), factory, std::move(*image));
  if (!added) {
    // A parameter that the plugin does not know was written somewhere: say where.
    for (const ParamValue& param : plugin.params)
      if (added.error().message.find("\"" + param.name + "\"") != std::string::npos)
        return Error{added.error().code,
                     at(param.key_at, plugin, param.name) + ": " + added.error().message};
    return added.error();
  }
  return identity;
}

}  // namespace

PluginImage::Staging staging_of(const PluginConfig& plugin, const ImageStore& store) {
  return {plugin.waived_imports,
          [&store](const std::string& sha256) { return static_cast<bool>(store.find(sha256)); }};
}

std::optional<WorkerOptions> worker_of(const Config& config, const PluginConfig& plugin) {
  if (plugin.isolation != Isolation::process) return std::nullopt;
  WorkerOptions options;
  options.deadline = plugin.process.deadline;
  options.memory_limit = plugin.process.address_space;
  options.core = plugin.process.core;
  options.spin = plugin.process.spin;
  options.lending = config.gpu.lending;
  options.loans = plugin.gpu;
  options.gpu_limits = plugin.process.gpu;
  options.cgroup = plugin.process.cgroup;
  options.cgroup_limits = plugin.process.cgroup_limits;
  return options;
}

std::uint32_t account_number(const Config& config, std::string_view account) {
  std::vector<std::string_view> known;
  for (const PluginConfig& plugin : config.plugins)
    if (std::find(known.begin(), known.end(), plugin.account) == known.end())
      known.push_back(plugin.account);
  const auto found = std::find(known.begin(), known.end(), account);
  return found == known.end() ? UINT32_MAX : static_cast<std::uint32_t>(found - known.begin());
}

Result<InstanceSettings> instance_settings(const Config& config, const PluginConfig& plugin) {
  InstanceSettings settings;
  settings.name = plugin.name;
  settings.on_fault = plugin.on_fault;
  settings.log_lines_per_second = plugin.limits.log_lines;
  settings.memory_limit = plugin.limits.memory;
  settings.cash = plugin.cash;
  if (plugin.isolation == Isolation::process)
    settings.checkpoint_every = plugin.process.checkpoint_every;
  settings.account = account_number(config, plugin.account);
  for (const InstrumentId id : plugin.instruments) settings.instruments.push_back(id.value);
  for (const ParamValue& param : plugin.params) {
    const auto number = number_of(plugin, param);
    if (!number) return number.error();
    settings.parameters.emplace_back(param.name, *number);
  }
  return settings;
}

Engine::GenerationLoader generation_loader(const Engine& engine, const Config& config,
                                           std::string first_dir, ImageStore store) {
  return [&engine, &config, first_dir = std::move(first_dir), store = std::move(store)](
             InstanceId id, const Sha256Digest& sha256) -> Result<Candidate> {
    const PluginConfig& plugin = config.plugins[id.value];
    const auto kept = first_dir.empty()
                          ? store.find(to_hex(sha256))
                          : Result<std::filesystem::path>(find_plugin(plugin.path, first_dir));
    if (!kept) return kept.error();
    auto image = PluginImage::load({*kept, std::filesystem::path(config.run.state_dir) / "gen", "",
                                    worker_of(config, plugin)});
    if (!image) return image.error();
    const zm_strategy_factory& factory = (*image)->factory();
    return prepare_candidate(engine.candidate_request(id), factory, std::move(*image),
                             engine.instruments(), engine.max_metrics());
  };
}

LimitTree limit_tree(const Config& config, const std::vector<std::string>& names) {
  LimitTree tree;
  tree.firm = config.risk.firm;
  tree.kill_on_loss = config.risk.kill_on_loss;
  for (const InstrumentRisk& entry : config.risk.instruments)
    tree.instruments.push_back({entry.instrument, entry.limits});
  for (const InstanceRisk& entry : config.risk.instances) {
    const auto found = std::find(names.begin(), names.end(), entry.instance);
    if (found == names.end()) continue;
    const InstanceId id{static_cast<std::uint32_t>(found - names.begin())};
    tree.instances.push_back({id, entry.limits});
    for (const InstrumentRisk& pair : entry.instruments)
      tree.pairs.push_back({id, pair.instrument, pair.limits});
  }
  // [plugin.NAME.limits] orders: how many may be open at once, unless [risk.instance.NAME] says
  // less.
  for (const PluginConfig& plugin : config.plugins) {
    const auto found = std::find(names.begin(), names.end(), plugin.name);
    if (found == names.end()) continue;
    const InstanceId id{static_cast<std::uint32_t>(found - names.begin())};
    auto entry = std::find_if(tree.instances.begin(), tree.instances.end(),
                              [&](const InstanceLimits& limits) { return limits.instance == id; });
    if (entry == tree.instances.end()) entry = tree.instances.insert(entry, {id, {}});
    const std::int64_t most = std::min<std::int64_t>(
        plugin.limits.orders, tree.firm.max_open_orders.value_or(plugin.limits.orders));
    entry->limits.max_open_orders = std::min(entry->limits.max_open_orders.value_or(most), most);
  }
  return tree;
}

LatencyModel latency_model(const LatencyConfig& config) {
  switch (config.kind) {
    case LatencyKind::constant:
      return LatencyModel::constant(config.value);
    case LatencyKind::uniform:
      return LatencyModel::uniform(config.minimum, config.maximum);
    case LatencyKind::lognormal:
      return LatencyModel::lognormal(config.minimum, config.median, config.sigma, config.maximum);
    case LatencyKind::empirical:
      return LatencyModel::empirical(config.quantiles);
  }
  return {};
}

SimOptions sim_options(const SimGatewayConfig& config) {
  SimOptions options;
  options.feed = latency_model(config.feed);
  options.order = latency_model(config.order);
  options.report = latency_model(config.report);
  options.queue = config.queue_model;
  options.queue_power = config.queue_power;
  options.self_trade = config.self_trade;
  options.reject_when_halted = config.reject_when_halted;
  options.seed = config.seed;
  return options;
}

EngineSettings engine_settings(const Config& config) {
  EngineSettings settings;
  settings.instruments = config.instruments;
  settings.books.assign(config.instruments.size(), BookKind::l2);
  settings.feeds.assign(config.instruments.size(), no_feed);
  for (const FeedConfig& feed : config.feeds)
    for (const FeedSymbol& symbol : feed.symbols) {
      settings.books[symbol.instrument.value] = feed.book;
      settings.feeds[symbol.instrument.value] =
          static_cast<std::uint32_t>(&feed - config.feeds.data());
    }
  for (const FeedConfig& feed : config.feeds)
    if (modelled_quotes(feed))
      for (const FeedSymbol& symbol : feed.symbols)
        if (!config.instruments[symbol.instrument.value].option)
          settings.modelled_chains.push_back(symbol.instrument.value);
  settings.chains.max_age_ns = config.chains.max_age.value;
  for (const RateStep& step : config.chains.rates)
    settings.chains.rates.push_back({options::new_york(step.date, 0, 0).value, step.rate});
  settings.clearing = config.clearing;
  settings.limits = limit_tree(config, names_of(config));
  settings.sim = sim_options(config.sim);
  settings.probation = config.reload.probation;
  settings.gpu = lender_source(config);
  if (settings.gpu && settings.gpu->pricing() != nullptr)
    settings.chains.pricing = std::make_shared<GpuChainPricing>(settings.gpu);
  for (const PluginConfig& plugin : config.plugins) {
    settings.max_timers = std::max(settings.max_timers, plugin.limits.timers);
    settings.max_metrics = std::max(settings.max_metrics, plugin.limits.metrics);
  }
  return settings;
}

Result<std::vector<PluginIdentity>> add_plugins(Engine& engine, const Config& config,
                                                const PluginSource& source) {
  std::vector<PluginIdentity> identities;
  for (const PluginConfig& plugin : config.plugins) {
    if (!plugin.enabled) {
      auto settings = instance_settings(config, plugin);
      if (!settings) return settings.error();
      if (const auto added = engine.add_absent(std::move(*settings)); !added) return added.error();
      continue;
    }
    const auto added = add_plugin(engine, config, plugin, source);
    if (!added) return added.error();
    if (source.say)
      source.say(fmt::format("strategy {}: {} {} ({})", added->instance, added->id, added->version,
                             added->sha256.substr(0, 12)));
    identities.push_back(*added);
  }
  return identities;
}

}  // namespace zomma
