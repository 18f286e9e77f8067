// assembly.h: from an operator's configuration to what the engine takes: settings, strategies,
// sources.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "market/feeds/decoder.h"
#include "runtime/config/config.h"
#include "runtime/engine.h"
#include "runtime/meta.h"

namespace zomma {

EngineSettings engine_settings(const Config& config);

struct PluginSource {
  std::string first_dir;  // see find_plugin
  std::span<const PluginIdentity>
      pinned{};  // a run that goes on: exactly these images, whatever the files hold now
  const ImageStore* store{nullptr};  // where pinned images are kept
  bool keep{false};                  // keep what is loaded there
  bool probe{false};                 // look at imports and load it in a child process first
  std::function<void(const std::string&)> say{};
};

// Adds an instance for every plugin of the configuration, in its order, and loads those that are
// enabled. Errors name the place in the configuration where there is one.
Result<std::vector<PluginIdentity>> add_plugins(Engine& engine, const Config& config,
                                                const PluginSource& source);

// What the configuration says about one instance.
Result<InstanceSettings> instance_settings(const Config& config, const PluginConfig& plugin);

// Accounts are numbered in the order in which the configuration first names them; UINT32_MAX for
// one it does not name.
std::uint32_t account_number(const Config& config, std::string_view account);

// What is asked of a plugin before its code is mapped here. `store` outlives the answer's use.
PluginImage::Staging staging_of(const PluginConfig& plugin, const ImageStore& store);

// How a plugin's code is run: nothing for inline, else the worker that it gets.
std::optional<WorkerOptions> worker_of(const Config& config, const PluginConfig& plugin);

// Finds another generation's image by its hash: in the store, or (`first_dir` given) another build
// of the same plugin there.
Engine::GenerationLoader generation_loader(const Engine& engine, const Config& config,
                                           std::string first_dir, ImageStore store);

// A recording as a source. Errc::not_found: a file is not there.
Result<std::unique_ptr<FeedSource>> open_feed(const Config& config, const FeedConfig& feed);
Result<std::unique_ptr<LiveSource>> open_live_feed(const Config& config, const FeedConfig& feed);

SimOptions sim_options(const SimGatewayConfig& config);

// The risk limits by the engine's instance numbers (`names`, in order of loading).
LimitTree limit_tree(const Config& config, const std::vector<std::string>& names);

}  // namespace zomma
