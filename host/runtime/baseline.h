// baseline.h: another strategy over the same inputs, in the place of the configured ones: what
// anybody could have had.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "base/result.h"
#include "observe/report/figures.h"
#include "runtime/config/config.h"

namespace zomma {

// Hands over the run's inputs in order, whole packets at a time, until there are no more (an empty
// span).
using InputSource = std::function<Result<std::span<zm_event>>()>;

Result<InputSource> inputs_of_journal(const std::string& journal);
Result<InputSource> inputs_of_feeds(const Config& config);

// The configuration with every strategy replaced by `plugin`, each on its predecessor's
// instruments (naive_maker: the first of them), with those of its parameters that the baseline has,
// too.
Config baseline_config(const Config& config, const std::string& plugin);

// Runs it. Errors: the plugin is missing or does not start.
Result<RunResult> run_baseline(const Config& config, const std::string& plugin,
                               const std::string& plugins_dir, InputSource inputs);

}  // namespace zomma
