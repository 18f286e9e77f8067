#include "cli/config_watch.h"

#include <zomma/ext/log.h>

namespace zomma {
namespace {

const PluginConfig* find_plugin_config(const Config& config, const std::string& name) {
  for (const PluginConfig& plugin : config.plugins)
    if (plugin.name == name) return &plugin;
  return nullptr;
}

std::optional<double> number_in(const PluginConfig& plugin, const std::string& name) {
  for (const ParamValue& param : plugin.params) {
    if (param.name != name) continue;
    if (const auto* integer = std::get_if<std::int64_t>(&param.value)) return static_cast<double>(*integer);
    if (const auto* real = std::get_if<double>(&param.value)) return *real;
    if (const auto* boolean = std::get_if<bool>(&param.value)) return *boolean ? 1.0 : 0.0;
  }
  return std::nullopt;
}

}  // namespace

ConfigWatch::ConfigWatch(std::string path, std::vector<std::string> files, Config config, Say say)
    : path_(std::move(path)), files_(std::move(files)), config_(std::move(config)), say_(std::move(say)), times_(times()) {}

std::vector<std::filesystem::file_time_type> ConfigWatch::times() const {
  std::vector<std::filesystem::file_time_type> all;
  for (const std::string& file : files_) {
    std::error_code code;
    all.push_back(std::filesystem::last_write_time(file, code));
  }
  return all;
}

std::vector<ParameterChange> ConfigWatch::poll() {
  std::vector<ParameterChange> changes;
  auto now = times();
  if (now == times_) return changes;
  times_ = std::move(now);
  ConfigResult read = load_config(path_);
  if (!read) {
    say_(ZM_LOG_ERROR, "the configuration changed but cannot be used; everything stays as it was:\n" + format(read.errors));
    return changes;
  }
  for (const PluginConfig& plugin : read.config.plugins) {
    const PluginConfig* old = find_plugin_config(config_, plugin.name);
    if (old == nullptr || !old->enabled) continue;
    for (const ParamValue& param : plugin.params) {
      const auto value = number_in(plugin, param.name);
      if (value && number_in(*old, param.name) != value) changes.push_back({plugin.name, param.name, *value});
    }
  }
  say_(ZM_LOG_INFO, changes.empty() ? "the configuration changed; no live parameter is affected, the rest takes effect at the next run"
                                    : std::to_string(changes.size()) + " parameters have new values");
  config_ = std::move(read.config);
  return changes;
}

}  // namespace zomma
