// assembly.h: from an operator's configuration to what the engine takes: settings, strategies, sources.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "market/feeds/decoder.h"
#include "runtime/config/config.h"
#include "runtime/engine.h"
#include "runtime/meta.h"

namespace zomma {

EngineSettings engine_settings(const Config& config);

// Loads every enabled plugin and adds its instance to the engine. `first_dir`: see find_plugin. Errors name the place in the
// configuration where there is one.
Result<std::vector<PluginIdentity>> add_plugins(Engine& engine, const Config& config, const std::string& first_dir,
                                                const std::function<void(const std::string&)>& say);

// A recording as a source. Errc::not_found: a file is not there.
Result<std::unique_ptr<FeedSource>> open_feed(const Config& config, const FeedConfig& feed);
Result<std::unique_ptr<LiveSource>> open_live_feed(const Config& config, const FeedConfig& feed);

SimOptions sim_options(const SimGatewayConfig& config);

// The risk limits by the engine's instance numbers (`names`, in order of loading).
LimitTree limit_tree(const Config& config, const std::vector<std::string>& names);

}  // namespace zomma
