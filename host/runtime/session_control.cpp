#include "runtime/session_control.h"

#include <fmt/core.h>

#include <fcntl.h>
#include <algorithm>
#include <boost/json.hpp>

#include <csignal>
#include <filesystem>

#include "base/clock.h"
#include "runtime/assembly.h"
#include "runtime/plugin_folders.h"

namespace zomma {
namespace {

namespace json = boost::json;

constexpr Nanoseconds patience{5'000'000'000};

const char* word_of(InstancePhase phase, bool on_probation) {
  switch (phase) {
    case InstancePhase::started:
      return on_probation ? "probation" : "running";
    case InstancePhase::faulted:
      return "faulted";
    case InstancePhase::ended:
      return "disabled";
    default:
      return "starting";
  }
}

double milliseconds(std::int64_t ns) { return static_cast<double>(ns) * 1e-6; }

}  // namespace

SessionControl::SessionControl(Session& session, std::string plugins_dir, Say say)
    : session_(session),
      plugins_dir_(std::move(plugins_dir)),
      say_(std::move(say)),
      store_(session.config().run.state_dir) {
  for (const PluginConfig& plugin : session.config().plugins) {
    sources_[plugin.name] = {plugin.path, plugin.sha256, plugin.allow_unlisted};
    facts_[plugin.name];
  }
}

SessionControl::~SessionControl() { collect(); }

Result<InstanceId> SessionControl::find(std::string_view plugin) const {
  const auto& plugins = session_.config().plugins;
  for (std::uint32_t id = 0; id < plugins.size(); ++id)
    if (plugins[id].name == plugin) return InstanceId{id};
  std::string known;
  for (const PluginConfig& one : plugins) known += (known.empty() ? "" : ", ") + one.name;
  return Error{Errc::not_found, fmt::format("there is no strategy \"{}\"; this run has {}", plugin,
                                            known.empty() ? "none" : known)};
}

std::optional<WorkerOptions> SessionControl::worker_for(std::string_view plugin) const {
  for (const PluginConfig& one : session_.config().plugins)
    if (one.name == plugin) return worker_of(session_.config(), one);
  return std::nullopt;
}

std::optional<PluginImage::Staging> SessionControl::staging_for(std::string_view plugin) const {
  for (const PluginConfig& one : session_.config().plugins)
    if (one.name == plugin) return staging_of(one, store_);
  return std::nullopt;
}

void SessionControl::set_source(const PluginConfig& plugin) {
  const std::lock_guard lock(mutex_);
  sources_[plugin.name] = {plugin.path, plugin.sha256, plugin.allow_unlisted};
}

// Reads, checks and maps the file; nothing of the running instance is touched.
Result<std::shared_ptr<PluginImage>> SessionControl::stage(const std::string& plugin,
                                                           std::string_view path) {
  const Source& source = sources_[plugin];
  if (source.sha256.empty() && !source.allow_unlisted)
    return Error{
        Errc::refused,
        fmt::format(
            "plugin.{}: neither `sha256` nor `allow_unlisted = true`: say which file may be loaded",
            plugin)};
  const std::string file =
      path.empty() ? find_plugin(source.path, plugins_dir_) : std::string(path);
  auto image = PluginImage::load(
      {file, std::filesystem::path(session_.config().run.state_dir) / "gen",
       plugins_dir_.empty() ? source.sha256 : "", worker_for(plugin), staging_for(plugin)});
  if (!image) return image.error();
  if (const auto kept = store_.keep(**image); !kept) return kept.error();
  return image;
}

Result<Candidate> SessionControl::prepare(InstanceId id, std::shared_ptr<PluginImage> image) {
  CandidateRequest request;
  const auto asked = session_.commands_.ask(
      [&]() -> Result<std::string> {
        request = session_.engine_->candidate_request(id);
        return std::string();
      },
      patience);
  if (!asked) return asked.error();
  const zm_strategy_factory& factory = image->factory();
  return prepare_candidate(request, factory, std::move(image), session_.engine_->instruments(),
                           session_.engine_->max_metrics());
}

Result<std::string> SessionControl::put_in_force(InstanceId id, std::shared_ptr<PluginImage> image,
                                                 Change change, std::int64_t started_ns,
                                                 Recall recall) {
  const std::string sha = image->sha256().substr(0, 12), version = image->note().version;
  auto candidate = prepare(id, std::move(image));
  if (!candidate) return candidate.error();
  const std::int64_t longest = session_.config().reload.longest_pause.value;
  return session_.commands_.ask(
      [&]() -> Result<std::string> {
        Engine& engine = *session_.engine_;
        const std::int64_t paused = monotonic_now().value;
        const ChangeBudget budget{session_.config().reload.longest_pause,
                                  [&] { return monotonic_now().value - paused > longest; }};
        const auto done = change == Change::begin
                              ? engine.begin(id, std::move(*candidate))
                              : engine.replace(id, std::move(*candidate), budget, recall);
        const std::int64_t now = monotonic_now().value;
        session_.collect_retired();
        if (!done) return done.error();
        return fmt::format(
            "version {} ({}) is in force from input {}; pause {:.3f} ms, the whole change {:.1f} "
            "ms",
            version, sha, engine.last_seq(), milliseconds(now - paused),
            milliseconds(now - started_ns));
      },
      patience);
}

// A refused change is remembered for whoever asks later.
Result<std::string> SessionControl::noted(std::string_view plugin, Result<std::string> answer) {
  const std::string name(plugin);
  {
    const std::lock_guard lock(facts_mutex_);
    facts_[name].reason = answer ? "" : answer.error().message;
  }
  collect_locked();
  return answer;
}

Result<std::string> SessionControl::reload(std::string_view plugin, std::string_view path) {
  const std::lock_guard lock(mutex_);
  const auto id = find(plugin);
  if (!id) return id.error();
  const std::int64_t started = monotonic_now().value;
  auto image = stage(std::string(plugin), path);
  if (!image) return noted(plugin, image.error());
  auto answer = put_in_force(*id, std::move(*image), Change::replace, started);
  if (answer) {
    const std::lock_guard facts(facts_mutex_);
    ++facts_[std::string(plugin)].generation;
  }
  return noted(plugin, std::move(answer));
}

Result<std::string> SessionControl::disable(std::string_view plugin) {
  const std::lock_guard lock(mutex_);
  const auto id = find(plugin);
  if (!id) return id.error();
  return noted(plugin,
               session_.commands_.ask(
                   [&]() -> Result<std::string> {
                     const auto stopped = session_.engine_->stop(*id);
                     session_.collect_retired();
                     if (!stopped) return stopped.error();
                     return fmt::format(
                         "disabled from input {}; its orders are cancelled, its state is kept",
                         session_.engine_->last_seq());
                   },
                   patience));
}

Result<std::string> SessionControl::enable(std::string_view plugin) {
  const std::lock_guard lock(mutex_);
  const auto id = find(plugin);
  if (!id) return id.error();
  const std::int64_t started = monotonic_now().value;
  auto image = stage(std::string(plugin), {});
  if (!image) return noted(plugin, image.error());
  return noted(plugin, put_in_force(*id, std::move(*image), Change::begin, started));
}

Result<std::string> SessionControl::set_parameter(std::string_view plugin,
                                                  std::string_view parameter, double value) {
  const std::lock_guard lock(mutex_);
  const auto id = find(plugin);
  if (!id) return id.error();
  bool live = true, changed = true;
  std::filesystem::path image;
  auto told = session_.commands_.ask(
      [&]() -> Result<std::string> {
        Engine& engine = *session_.engine_;
        const Instance& instance = *engine.instances()[id->value];
        auto event = engine.parameter_event(*id, parameter, value, engine.now());
        if (!event) return event.error();
        const std::uint32_t index = event->u.parameter.index;
        live = (instance.parameters()[index].flags & ZM_PARAM_LIVE) != 0;
        if (engine.parameter_value(*id, index) == value) {
          changed = false;
          return fmt::format("{} is {} already", parameter, value);
        }
        if (instance.image() != nullptr) image = instance.image()->copy();
        if (!engine.process({&*event, 1}))
          return Error{Errc::io, "the journal failed; trading has stopped"};
        return fmt::format("{} = {} from input {}", parameter, value, engine.last_seq());
      },
      patience);
  if (!told || live || !changed) return noted(plugin, std::move(told));
  // The strategy hears it when its code begins again.
  const std::int64_t started = monotonic_now().value;
  auto again =
      PluginImage::load({image, std::filesystem::path(session_.config().run.state_dir) / "gen", "",
                         worker_for(plugin)});
  if (!again) return noted(plugin, again.error());
  auto answer = put_in_force(*id, std::move(*again), Change::replace, started);
  if (!answer) return noted(plugin, std::move(answer));
  return noted(plugin, *told + ", by a reload: " + *answer);
}

Result<std::string> SessionControl::kill(KillScope scope, std::string_view name, bool engaged) {
  std::uint32_t number = 0;
  KillLevel level = KillLevel::firm;
  switch (scope) {
    case KillScope::firm:
      break;
    case KillScope::account:
      level = KillLevel::account;
      number = account_number(session_.config(), name);
      if (number == UINT32_MAX)
        return Error{Errc::not_found,
                     fmt::format("no strategy trades for the account \"{}\"", name)};
      break;
    case KillScope::strategy: {
      const auto id = find(name);
      if (!id) return id.error();
      level = KillLevel::instance;
      number = id->value;
      break;
    }
    case KillScope::instrument: {
      const auto& all = session_.engine_->instruments();
      const auto found = std::find_if(all.begin(), all.end(), [&](const Instrument& instrument) {
        return instrument.symbol == name;
      });
      if (found == all.end())
        return Error{Errc::not_found, fmt::format("there is no instrument \"{}\"", name)};
      level = KillLevel::instrument;
      number = found->id.value;
      break;
    }
  }
  return session_.commands_.ask(
      [&]() -> Result<std::string> {
        Engine& engine = *session_.engine_;
        zm_event event =
            Engine::kill_event(static_cast<std::uint32_t>(level), number, engaged, engine.now());
        if (!engine.process({&event, 1}))
          return Error{Errc::io, "the journal failed; trading has stopped"};
        return fmt::format("kill switch {} from input {}", engaged ? "engaged" : "released",
                           engine.last_seq());
      },
      patience);
}

Result<std::string> SessionControl::drain() {
  if (session_.options_.stop == nullptr)
    return Error{Errc::unsupported, "this run cannot be stopped from outside"};
  session_.options_.stop->signal.store(SIGTERM, std::memory_order_relaxed);
  return std::string(
      "the run ends: orders are cancelled, the journal is closed, the report is written");
}

void SessionControl::collect() {
  const std::lock_guard lock(mutex_);
  collect_locked();
}

void SessionControl::collect_locked() {
  session_.take_retired().clear();  // destroyed here
  const auto leaked = PluginImage::leaked();
  for (; leaked_ < leaked.size(); ++leaked_)
    say_(ZM_LOG_WARNING, fmt::format("{} stays mapped after its unload: the plugin uses something "
                                     "that cannot be unmapped (a thread_local with a "
                                     "destructor, a unique symbol) or may have left threads "
                                     "running; its memory is lost until the end of the run",
                                     leaked[leaked_]));
}

// --- strategies in processes of their own ---

std::vector<SessionControl::Worker> SessionControl::workers() const {
  std::vector<Worker> all;
  (void)session_.commands_.ask(
      [&]() -> Result<std::string> {
        for (const auto& instance : session_.engine_->instances()) {
          const PluginImage* image = instance->image();
          if (image == nullptr || image->worker() == nullptr ||
              instance->phase() != InstancePhase::started)
            continue;
          FileDescriptor copy(::fcntl(image->worker()->pidfd(), F_DUPFD_CLOEXEC, 3));
          if (copy.valid()) all.push_back({instance->id(), std::move(copy)});
        }
        return std::string();
      },
      patience);
  return all;
}

void SessionControl::found_dead(InstanceId id) {
  (void)session_.commands_.ask(
      [&]() -> Result<std::string> {
        const PluginImage* image = session_.engine_->instances()[id.value]->image();
        if (image == nullptr || image->worker() == nullptr || image->worker()->alive())
          return std::string();  // another by now
        if (const auto lost = session_.engine_->lose(id, image->worker()->exit_description());
            !lost)
          return lost.error();
        return std::string();
      },
      patience);
}

void SessionControl::begin_again() {
  const std::lock_guard lock(mutex_);
  struct Dead {
    InstanceId id;
    std::filesystem::path image;
    std::string error;
  };
  std::vector<Dead> all;
  (void)session_.commands_.ask(
      [&]() -> Result<std::string> {
        for (const auto& instance : session_.engine_->instances())
          if (instance->phase() == InstancePhase::faulted && instance->died() &&
              instance->image() != nullptr)
            all.push_back({instance->id(), instance->image()->copy(), instance->error()});
        return std::string();
      },
      patience);
  for (const Dead& dead : all)
    begin_again(session_.config().plugins[dead.id.value], dead.id, dead.image, dead.error);
}

void SessionControl::begin_again(const PluginConfig& plugin, InstanceId id,
                                 const std::filesystem::path& image, const std::string& error) {
  constexpr std::int64_t minute = 60'000'000'000;
  const std::int64_t started = monotonic_now().value;
  {
    const std::lock_guard facts(facts_mutex_);
    Facts& known = facts_[plugin.name];
    while (!known.restarted_ns.empty() && known.restarted_ns.front() <= started - minute)
      known.restarted_ns.pop_front();
    if (known.restarted_ns.size() >= plugin.process.restarts) {
      if (!std::exchange(known.given_up, true))
        say_(ZM_LOG_ERROR, fmt::format("strategy {}: its process died {} times within a minute; it "
                                       "stays out until it is reloaded ({})",
                                       plugin.name, known.restarted_ns.size() + 1, error));
      return;
    }
    known.given_up = false;
    known.restarted_ns.push_back(started);
    ++known.restarts;
  }
  Result<std::string> answer = Error{Errc::refused, error};
  for (const Recall recall : {Recall::all, Recall::checkpoint, Recall::nothing}) {
    auto again =
        PluginImage::load({image, std::filesystem::path(session_.config().run.state_dir) / "gen",
                           "", worker_of(session_.config(), plugin), std::nullopt});
    if (!again) {
      answer = again.error();
      break;
    }
    answer = put_in_force(id, std::move(*again), Change::replace, started, recall);
    if (answer) break;
    say_(ZM_LOG_WARNING, fmt::format("strategy {}: {}", plugin.name, answer.error().message));
  }
  if (answer)
    say_(ZM_LOG_WARNING, fmt::format("strategy {} begins again in a new process after \"{}\": {}",
                                     plugin.name, error, *answer));
  else
    say_(ZM_LOG_ERROR,
         fmt::format("strategy {} cannot begin again: {}", plugin.name, answer.error().message));
  collect_locked();
}

std::string SessionControl::status_json() const { return status_ ? status_() : "{}"; }

std::string SessionControl::plugins_json() const {
  json::array all;
  for (const PluginConfig& plugin : session_.config().plugins) {
    const auto one = plugin_json(plugin.name);
    if (one) all.push_back(json::parse(*one));
  }
  return json::serialize(all);
}

Result<std::string> SessionControl::plugin_json(std::string_view plugin) const {
  const auto id = find(plugin);
  if (!id) return id.error();
  struct Picture {
    InstancePhase phase;
    bool on_probation;
    std::string error, sha256, version, plugin_id;
    std::uint64_t last_seq;
    std::vector<ParameterInfo> table;
    std::vector<std::optional<double>> values;
    InstanceStats stats;
    zm_account account;
  } picture{};
  const auto asked = session_.commands_.ask(
      [&]() -> Result<std::string> {
        const Engine& engine = *session_.engine_;
        const Instance& instance = *engine.instances()[id->value];
        picture = {instance.phase(),
                   engine.on_probation(*id),
                   instance.error(),
                   "",
                   "",
                   "",
                   instance.last_seq(),
                   instance.parameters(),
                   {},
                   engine.instance_stats(*id),
                   engine.account_of(*id)};
        if (const PluginImage* image = instance.image()) {
          picture.sha256 = image->sha256();
          picture.version = image->note().version;
          picture.plugin_id = image->note().id;
        }
        for (std::uint32_t i = 0; i < picture.table.size(); ++i)
          picture.values.push_back(engine.parameter_value(*id, i));
        return std::string();
      },
      patience);
  if (!asked) return asked.error();
  json::array parameters;
  for (std::size_t i = 0; i < picture.table.size(); ++i) {
    const ParameterInfo& info = picture.table[i];
    parameters.push_back({{"name", info.name},
                          {"value", picture.values[i].value_or(info.default_value)},
                          {"default", info.default_value},
                          {"minimum", info.minimum},
                          {"maximum", info.maximum},
                          {"unit", info.unit},
                          {"description", info.description},
                          {"live", (info.flags & ZM_PARAM_LIVE) != 0}});
  }
  Facts facts;
  {
    const std::lock_guard lock(facts_mutex_);
    facts = facts_.find(plugin)->second;
  }
  return json::serialize(json::object{{"name", std::string(plugin)},
                                      {"state", word_of(picture.phase, picture.on_probation)},
                                      {"error", picture.error},
                                      {"plugin", picture.plugin_id},
                                      {"version", picture.version},
                                      {"sha256", picture.sha256},
                                      {"generation", facts.generation},
                                      {"restarts", facts.restarts},
                                      {"refused", facts.reason},
                                      {"last_seq", picture.last_seq},
                                      {"orders", picture.stats.sent},
                                      {"fills", picture.stats.fills},
                                      {"rejects", picture.stats.refused},
                                      {"open_orders", picture.account.open_orders},
                                      {"parameters", std::move(parameters)}});
}

}  // namespace zomma
