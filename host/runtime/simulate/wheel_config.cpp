#include "runtime/simulate/wheel_config.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "runtime/config/read.h"
#include "runtime/config/single_file.h"

namespace zomma {
namespace {

constexpr std::uint64_t most_path_cycles = 200'000'000;  // 1.6 GB of growth

bool number_of(const TomlNode& node, double& out) {
  if (node.kind == TomlKind::integer)
    out = static_cast<double>(node.integer);
  else if (node.kind == TomlKind::real)
    out = node.real;
  else
    return false;
  return true;
}

// A number, an array of numbers, or { from = .., to = .., steps = .. }.
void read_values(Section& section, std::string_view key, double minimum, double maximum,
                 std::vector<double>& out) {
  const TomlNode* node =
      section.find(key, Need::required, "a number, numbers, or { from, to, steps }");
  if (node == nullptr) return;
  std::vector<double> values;
  double one = 0;
  if (number_of(*node, one)) {
    values.push_back(one);
  } else if (node->kind == TomlKind::array) {
    for (const TomlNode& item : node->items) {
      if (!number_of(item, one)) return section.bad(key, describe(item), "numbers");
      values.push_back(one);
    }
    if (values.empty()) return section.bad(key, "an empty array", "at least one number");
  } else if (node->kind == TomlKind::table) {
    auto range = section.table(key);
    double from = 0, to = 0;
    std::int64_t steps = 0;
    bool good = range->real("from", from, minimum, maximum, Need::required);
    good = range->real("to", to, minimum, maximum, Need::required) && good;
    good = range->integer("steps", steps, {1, 100'000}, Need::required) && good;
    range->finish();
    if (!good) return;
    for (std::int64_t i = 0; i < steps; ++i)
      values.push_back(steps == 1 ? from
                                  : from + (to - from) * static_cast<double>(i) /
                                               static_cast<double>(steps - 1));
  } else {
    return section.bad(key, describe(*node), "a number, numbers, or { from, to, steps }");
  }
  for (const double value : values)
    if (!(value >= minimum && value <= maximum))
      return section.bad(key, fmt::format("{}", value), fmt::format("{} to {}", minimum, maximum));
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  out = std::move(values);
}

void read_strikes(Section& section, const std::string& side, WheelAxis& axis) {
  const std::string moneyness = side + "_moneyness", delta = side + "_delta";
  axis.delta = section.has(delta);
  if (axis.delta) refuse_keys(section, {moneyness}, "\"" + delta + "\" is there");
  if (axis.delta)
    read_values(section, delta, 0.001, 0.999, axis.values);
  else
    read_values(section, moneyness, 0.2, 5, axis.values);
}

template <class Number>
void whole_number(Section& section, std::string_view key, Number& out, std::int64_t minimum,
                  std::int64_t maximum) {
  std::int64_t value = 0;
  if (section.integer(key, value, {minimum, maximum})) out = static_cast<Number>(value);
}

int word_of(Section& section, std::string_view key, const std::vector<std::string>& words,
            Need need) {
  std::string text;
  if (!section.text(key, text, need)) return -1;
  const auto found = std::find(words.begin(), words.end(), text);
  if (found != words.end()) return static_cast<int>(found - words.begin());
  section.bad(key, describe(*section.find(key)), one_of(words), nearest(text, words));
  return -1;
}

void read_wheel_table(Section& root, WheelConfig& config) {
  auto section = root.table("wheel");
  if (!section) {
    root.find("wheel", Need::required, "a table [wheel]");
    return;
  }
  read_strikes(*section, "put", config.put);
  read_strikes(*section, "call", config.call);
  read_values(*section, "implied_volatility", 0.01, 5, config.implied_volatility);
  section->real("cycle_days", config.cycle_days, 1, 3650);
  whole_number(*section, "cycles", config.cycles, 1, 100'000);
  section->real("rate", config.rate, -0.5, 1);
  section->real("dividend", config.dividend, 0, 1);
  section->finish();
}

void read_history(Section& section, WheelConfig& config) {
  section.path("history", config.history, Need::required);
  if (const TomlNode* column = section.find("column");
      column != nullptr && column->kind == TomlKind::integer)
    config.column = column->text;
  else
    section.text("column", config.column);
  section.real("block_days", config.block, 1, 10'000);
  section.real("largest_move", config.largest_move, 0.01, 10);
  if (config.cycle_days != std::floor(config.cycle_days))
    section.bad("history", fmt::format("a cycle of {} days", config.cycle_days),
                "a whole number of trading days in wheel.cycle_days");
}

void read_model(Section& root, WheelConfig& config) {
  auto section = root.table("model");
  if (!section) {
    root.find("model", Need::required, "a table [model]");
    return;
  }
  static const std::vector<std::string> kinds{"gbm", "heston", "bates", "bootstrap"};
  const int kind = word_of(*section, "kind", kinds, Need::required);
  if (kind < 0) return;
  config.model = static_cast<WorldModel>(kind);
  if (config.model == WorldModel::bootstrap) {
    read_history(*section, config);
    section->finish();
    return;
  }
  section->real("drift", config.drift, -2, 2, Need::required);
  if (config.model == WorldModel::gbm) {
    section->real("volatility", config.volatility, 0.001, 5, Need::required);
  } else {
    section->real("v0", config.heston.v0, 0, 25, Need::required);
    section->real("kappa", config.heston.kappa, 1e-6, 1000, Need::required);
    section->real("theta", config.heston.theta, 1e-8, 25, Need::required);
    section->real("sigma", config.heston.sigma, 1e-6, 100, Need::required);
    section->real("rho", config.heston.rho, -0.999, 0.999, Need::required);
    whole_number(*section, "steps_per_cycle", config.steps, 1, 10'000);
  }
  if (config.model == WorldModel::bates) {
    section->real("jumps_per_year", config.jumps.intensity, 0, 100, Need::required);
    section->real("jump_mean", config.jumps.mean, -5, 5, Need::required);
    section->real("jump_deviation", config.jumps.deviation, 0, 5, Need::required);
  }
  section->finish();
}

void read_simulation(Section& root, WheelConfig& config) {
  auto section = root.table("simulation");
  if (!section) {
    root.find("simulation", Need::required, "a table [simulation] with at least \"output\"");
    return;
  }
  whole_number(*section, "paths", config.paths, 2, 100'000'000);
  section->integer("seed", config.seed);
  whole_number(*section, "max_sets", config.max_sets, 1, 100'000'000);
  const int objective = word_of(*section, "objective", wheel_objectives(), Need::optional);
  if (objective >= 0) config.objective = wheel_objectives()[static_cast<std::size_t>(objective)];
  section->path("output", config.output, Need::required);
  const double sets = static_cast<double>(config.put.values.size()) *
                      static_cast<double>(config.call.values.size()) *
                      static_cast<double>(config.implied_volatility.size());
  if (sets > static_cast<double>(config.max_sets))
    section->bad("output",
                 fmt::format("{} x {} x {} = {:.0f} sets of parameters", config.put.values.size(),
                             config.call.values.size(), config.implied_volatility.size(), sets),
                 fmt::format("at most max_sets, {}", config.max_sets));
  if (config.paths * config.cycles > most_path_cycles)
    section->bad("paths", fmt::format("{} paths of {} cycles", config.paths, config.cycles),
                 fmt::format("at most {} together", most_path_cycles));
  section->finish();
}

void read_all(Section& root, WheelConfig& config) {
  read_wheel_table(root, config);
  read_model(root, config);
  read_simulation(root, config);
}

}  // namespace

std::string_view to_text(WorldModel model) {
  switch (model) {
    case WorldModel::gbm:
      return "geometric Brownian motion";
    case WorldModel::heston:
      return "Heston's stochastic volatility";
    case WorldModel::bates:
      return "Bates' stochastic volatility with jumps";
    case WorldModel::bootstrap:
      return "bootstrap of a history";
  }
  return "";
}

const std::vector<std::string>& wheel_objectives() {
  static const std::vector<std::string> names{"growth",          "mean",     "median", "sharpe",
                                              "worst_5_percent", "penalised"};
  return names;
}

WheelConfigResult parse_wheel(std::string_view text, const std::string& name,
                              const std::string& folder) {
  WheelConfigResult result;
  read_single_text(text, name, folder, result.errors,
                   [&](Section& root) { read_all(root, result.config); });
  return result;
}

WheelConfigResult load_wheel(const std::string& path) {
  WheelConfigResult result;
  read_single_file(path, result.errors, [&](Section& root) { read_all(root, result.config); });
  return result;
}

}  // namespace zomma
