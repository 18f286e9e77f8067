#include "runtime/sweep/sweep_config.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "runtime/config/read.h"
#include "runtime/config/single_file.h"
#include "runtime/sweep/config_tree.h"

namespace zomma {
namespace {

constexpr std::uint32_t most_samples = 4096, most_blocks = 20;
constexpr std::uint64_t most_runs = 10'000'000;

std::string toml_text(const TomlNode& node) {
  if (node.kind == TomlKind::boolean) return node.boolean ? "true" : "false";
  if (node.kind != TomlKind::text) return node.text;
  std::string out = "\"";
  for (const char c : node.text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::optional<SweepValue> value_of(const TomlNode& node) {
  switch (node.kind) {
    case TomlKind::integer:
      return SweepValue{toml_text(node), static_cast<double>(node.integer)};
    case TomlKind::real:
      return SweepValue{toml_text(node), node.real};
    case TomlKind::boolean:
      return SweepValue{toml_text(node), node.boolean ? 1.0 : 0.0};
    case TomlKind::text:
      return SweepValue{toml_text(node), std::numeric_limits<double>::quiet_NaN()};
    default:
      return std::nullopt;
  }
}

template <class Number>
bool whole_number(Section& section, std::string_view key, Number& out, std::uint64_t minimum,
                  std::uint64_t maximum) {
  std::int64_t value = 0;
  if (!section.integer(key, value,
                       {static_cast<std::int64_t>(minimum), static_cast<std::int64_t>(maximum)}))
    return false;
  out = static_cast<Number>(value);
  return true;
}

// One word of a few; complains about others with the nearest.
int word_of(Section& section, std::string_view key, const std::vector<std::string>& words) {
  std::string text;
  if (!section.text(key, text)) return -1;
  const auto found = std::find(words.begin(), words.end(), text);
  if (found != words.end()) return static_cast<int>(found - words.begin());
  section.bad(key, describe(*section.find(key)), one_of(words), nearest(text, words));
  return -1;
}

void check_paths(Section& section, std::string_view key, const std::vector<std::string>& paths) {
  for (const std::string& path : paths)
    if (const auto steps = parse_path(path); !steps)
      section.bad(key, steps.error().message, "a path such as plugin.NAME.params.KEY");
}

void read_values(Section& section, SweepParameter& parameter) {
  const TomlNode* values = section.find("values");
  if (values->kind != TomlKind::array || values->items.empty())
    return section.bad("values",
                       values->kind == TomlKind::array ? "an empty array" : describe(*values),
                       "an array of values to try");
  for (const TomlNode& item : values->items) {
    if (auto value = value_of(item))
      parameter.values.push_back(std::move(*value));
    else
      section.bad("values", describe(item), "numbers, booleans or strings");
  }
}

void read_range(Section& section, SweepParameter& parameter, SweepMethod method) {
  constexpr double least = -1e300, most = 1e300;
  bool ends = section.real("from", parameter.from, least, most, Need::required);
  ends = section.real("to", parameter.to, least, most, Need::required) && ends;
  const int scale = word_of(section, "scale", {"linear", "log"});
  if (scale == 1) parameter.scale = SweepScale::logarithmic;
  parameter.whole = ends && section.find("from")->kind == TomlKind::integer &&
                    section.find("to")->kind == TomlKind::integer;
  if (method == SweepMethod::grid) {
    if (!section.has("steps"))
      section.bad("from", "a range without \"steps\"", "how many values of the range a grid tries");
    else
      whole_number(section, "steps", parameter.steps, 1, most_runs);
  } else {
    refuse_keys(section, {"steps"}, "method is \"random\"");
  }
  if (!ends) return;
  if (!(parameter.from <= parameter.to))
    section.bad("to", fmt::format("{}", parameter.to),
                fmt::format("at least \"from\", {}", parameter.from));
  else if (scale == 1 && !(parameter.from > 0))
    section.bad("from", fmt::format("{}", parameter.from), "more than 0 on a log scale");
}

void read_parameter(Section& section, SweepConfig& config) {
  SweepParameter parameter;
  parameter.at = section.location(section.position());
  std::string key;
  if (section.has("keys")) {
    refuse_keys(section, {"key"}, "\"keys\" is there");
    section.texts("keys", parameter.keys, nullptr, Need::required);
    check_paths(section, "keys", parameter.keys);
  } else if (section.text("key", key, Need::required)) {
    parameter.keys.push_back(key);
    check_paths(section, "key", parameter.keys);
  }
  if (section.has("values")) {
    refuse_keys(section, {"from", "to", "steps", "scale"}, "\"values\" is there");
    read_values(section, parameter);
  } else {
    read_range(section, parameter, config.method);
  }
  if (!section.text("name", parameter.name) && !parameter.keys.empty()) {
    const auto steps = parse_path(parameter.keys[0]);
    if (steps) parameter.name = steps->back().key;
    // Two strategies may have a parameter of the same name.
    for (const SweepParameter& other : config.parameters)
      if (other.name == parameter.name) parameter.name = parameter.keys[0];
  }
  for (const SweepParameter& other : config.parameters)
    if (other.name == parameter.name && !parameter.name.empty())
      section.bad("name", "\"" + parameter.name + "\" for the second time", "a name of its own");
  section.finish();
  config.parameters.push_back(std::move(parameter));
}

void read_walk_forward(Section& root, SweepConfig& config) {
  auto section = root.table("walk_forward");
  if (!section) return;
  WalkForward walk;
  section->duration("train", walk.train, Nanoseconds{1}, Need::required);
  section->duration("test", walk.test, Nanoseconds{1}, Need::required);
  section->boolean("anchored", walk.anchored);
  section->finish();
  config.walk_forward = walk;
}

void read_simulated(Section& root, SweepConfig& config) {
  auto section = root.table("paths");
  if (!section) return;
  whole_number(*section, "count", config.paths.count, 1, 100'000);
  section->texts("seeds", config.paths.seeds, nullptr);
  check_paths(*section, "seeds", config.paths.seeds);
  const int aggregate = word_of(*section, "aggregate", {"mean", "worst", "median"});
  if (aggregate >= 0) config.paths.aggregate = static_cast<PathAggregate>(aggregate);
  if (auto set = section->table("set")) {
    for (const TomlMember& member : set->node().members) {
      std::string text;
      if (!set->text(member.key, text)) continue;
      if (text.find("{path}") == std::string::npos)
        set->bad(member.key, "\"" + text + "\"", "a text with {path}, which becomes 1, 2, ...");
      config.paths.patterns.push_back({member.key, text});
    }
    set->finish();
  }
  if (config.paths.count > 1 && config.paths.seeds.empty() && config.paths.patterns.empty())
    section->bad("count", fmt::format("{} paths that are all the same", config.paths.count),
                 "\"seeds\" or [paths.set], so that paths differ; seeds = [\"gateway.sim.seed\"] "
                 "draws other latencies and queues");
  section->finish();
}

void read_sweep(Section& root, SweepConfig& config) {
  auto section = root.table("sweep");
  if (!section) return;
  const int method = word_of(*section, "method", {"grid", "random"});
  if (method >= 0) config.method = static_cast<SweepMethod>(method);
  if (config.method == SweepMethod::random)
    whole_number(*section, "trials", config.trials, 1, most_runs);
  else
    refuse_keys(*section, {"trials"}, "method is \"grid\"");
  section->integer("seed", config.seed);
  whole_number(*section, "max_runs", config.max_runs, 1, most_runs);
  if (section->text("objective", config.objective)) {
    const auto& names = trial_figure_names();
    if (config.objective.find('.') == std::string::npos &&
        std::find(names.begin(), names.end(), config.objective) == names.end())
      section->bad("objective", "\"" + config.objective + "\"",
                   one_of(names) + ", or a path into the report's JSON such as \"total.pnl.net\"",
                   nearest(config.objective, names));
  }
  section->boolean("minimise", config.minimise);
  section->real("drawdown_penalty", config.penalty, 0, 1e9);
  section->texts("figures", config.figures, nullptr);
  whole_number(*section, "samples", config.samples, 2, most_samples);
  whole_number(*section, "blocks", config.blocks, 2, most_blocks);
  if (config.blocks % 2 != 0)
    section->bad("blocks", fmt::format("{}", config.blocks), "an even number");
  section->duration("longest_run", config.longest_run, Nanoseconds{0});
  section->size("memory", config.memory, 0, std::uint64_t{1} << 50);
  section->boolean("journal", config.journal);
  section->boolean("report_best", config.report_best);
  section->path("output", config.output, Need::required);
  section->finish();
}

void read_all(Section& root, SweepConfigResult& result) {
  if (!root.has("sweep"))
    root.find("sweep", Need::required, "a table [sweep] with at least \"output\"");
  read_sweep(root, result.config);
  for (Section& section : root.array_of_tables("parameter")) read_parameter(section, result.config);
  if (result.config.parameters.empty() && result.errors.empty())
    root.fail({1, 1}, "parameter", ConfigFault::missing_key, "an empty search: no [[parameter]]",
              "at least one, with a key and values");
  read_walk_forward(root, result.config);
  read_simulated(root, result.config);
}

}  // namespace

SweepConfigResult parse_sweep(std::string_view text, const std::string& name,
                              const std::string& folder) {
  SweepConfigResult result;
  read_single_text(text, name, folder, result.errors,
                   [&](Section& root) { read_all(root, result); });
  return result;
}

SweepConfigResult load_sweep(const std::string& path) {
  SweepConfigResult result;
  read_single_file(path, result.errors, [&](Section& root) { read_all(root, result); });
  return result;
}

}  // namespace zomma
