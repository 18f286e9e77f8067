#include "cli/config_watch.h"

#include <zomma/ext/log.h>

#include <algorithm>

#include "runtime/plugin_folders.h"

namespace zomma {
namespace {

const PluginConfig* find_plugin_config(const Config& config, const std::string& name) {
  for (const PluginConfig& plugin : config.plugins)
    if (plugin.name == name) return &plugin;
  return nullptr;
}

std::optional<double> number_of(const ParamValue& param) {
  if (const auto* integer = std::get_if<std::int64_t>(&param.value))
    return static_cast<double>(*integer);
  if (const auto* real = std::get_if<double>(&param.value)) return *real;
  if (const auto* boolean = std::get_if<bool>(&param.value)) return *boolean ? 1.0 : 0.0;
  return std::nullopt;
}

std::optional<double> number_in(const PluginConfig& plugin, const std::string& name) {
  for (const ParamValue& param : plugin.params)
    if (param.name == name) return number_of(param);
  return std::nullopt;
}

}  // namespace

ConfigWatch::ConfigWatch(std::string path, std::vector<std::string> files, Config config,
                         std::string plugins_dir, SessionControl& control, Say say)
    : path_(std::move(path)),
      files_(std::move(files)),
      config_(std::move(config)),
      plugins_dir_(std::move(plugins_dir)),
      control_(control),
      say_(std::move(say)),
      stamps_(stamps()) {
  for (const PluginConfig& plugin : config_.plugins) {
    const Stamp now = stamp(library(plugin));
    libraries_[plugin.name] = {now, now};
  }
}

ConfigWatch::Stamp ConfigWatch::stamp(const std::string& path) {
  std::error_code code;
  Stamp now;
  now.time = std::filesystem::last_write_time(path, code);
  now.size = std::filesystem::file_size(path, code);
  return now;
}

std::vector<ConfigWatch::Stamp> ConfigWatch::stamps() const {
  std::vector<Stamp> all;
  for (const std::string& file : files_) all.push_back(stamp(file));
  return all;
}

std::string ConfigWatch::library(const PluginConfig& plugin) const {
  return find_plugin(plugin.path, plugins_dir_);
}

void ConfigWatch::poll() {
  if (auto now = stamps(); now != stamps_) {
    stamps_ = std::move(now);
    take_edits();
  }
  for (const PluginConfig& plugin : config_.plugins) {
    Library& known = libraries_[plugin.name];
    const Stamp now = stamp(library(plugin));
    const bool settled = now == known.seen;
    known.seen = now;
    if (!plugin.watch || !plugin.enabled || now == known.loaded || !settled || now == Stamp{})
      continue;
    known.loaded = now;  // a refused file is not tried again until it changes again
    tell(plugin.name, control_.reload(plugin.name, {}));
  }
  control_.collect();
}

void ConfigWatch::reload_changed() {
  for (const PluginConfig& plugin : config_.plugins) {
    Library& known = libraries_[plugin.name];
    const Stamp now = stamp(library(plugin));
    if (!plugin.enabled || now == known.loaded) continue;
    known.loaded = known.seen = now;
    tell(plugin.name, control_.reload(plugin.name, {}));
  }
}

void ConfigWatch::tell(const std::string& plugin, const Result<std::string>& answer) const {
  if (answer)
    say_(ZM_LOG_INFO, plugin + ": " + *answer);
  else
    say_(ZM_LOG_ERROR, plugin + ": not changed, what ran goes on: " + answer.error().message);
}

void ConfigWatch::take_edits() {
  ConfigResult read = load_config(path_);
  if (!read) {
    say_(ZM_LOG_ERROR,
         "the configuration changed but cannot be used; everything stays as it was:\n" +
             format(read.errors));
    return;
  }
  say_(ZM_LOG_INFO, "the configuration changed");
  for (const PluginConfig& plugin : read.config.plugins) {
    if (const PluginConfig* before = find_plugin_config(config_, plugin.name))
      take_plugin(plugin, *before);
    else
      say_(ZM_LOG_WARNING,
           plugin.name +
               ": a strategy that this run did not begin with takes effect at the next run");
  }
  for (const PluginConfig& plugin : config_.plugins)
    if (plugin.enabled && find_plugin_config(read.config, plugin.name) == nullptr)
      tell(plugin.name, control_.disable(plugin.name));
  config_ = std::move(read.config);
  files_ = std::move(read.files);
  stamps_ = stamps();
}

void ConfigWatch::take_plugin(const PluginConfig& now, const PluginConfig& before) {
  const bool other_file = now.path != before.path || now.sha256 != before.sha256 ||
                          now.allow_unlisted != before.allow_unlisted;
  if (other_file) control_.set_source(now);
  if (before.enabled && !now.enabled) {
    tell(now.name, control_.disable(now.name));
    return;
  }
  if (!before.enabled && now.enabled)
    tell(now.name, control_.enable(now.name));
  else if (now.enabled && (now.path != before.path || now.sha256 != before.sha256))
    tell(now.name, control_.reload(now.name, {}));
  if (other_file) {
    const Stamp file = stamp(library(now));
    libraries_[now.name] = {file, file};
  }
  if (!now.enabled) return;
  for (const ParamValue& param : now.params) {
    const auto value = number_of(param);
    if (value && number_in(before, param.name) != value)
      tell(now.name, control_.set_parameter(now.name, param.name, *value));
  }
  if (now.instruments != before.instruments || now.account != before.account ||
      now.isolation != before.isolation || now.on_fault != before.on_fault)
    say_(ZM_LOG_WARNING,
         now.name + ": instruments, account, isolation and on_fault take effect at the next run");
}

}  // namespace zomma
