// sweep_config.h: what a sweep file says: which values are tried, what is wanted, on which part of the recording. The schema is
// in docs/reference/sweep.md.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/types.h"
#include "runtime/config/config.h"

namespace zomma {

enum class SweepMethod : std::uint8_t { grid, random };
enum class SweepScale : std::uint8_t { linear, logarithmic };
enum class PathAggregate : std::uint8_t { mean, worst, median };

// A value as it is put into the configuration, and its number for plots (NaN if it is none).
struct SweepValue {
  std::string toml;
  double number{std::numeric_limits<double>::quiet_NaN()};
};

struct SweepParameter {
  std::string name;               // in tables; the last step of the key unless given
  std::vector<std::string> keys;  // all take the same value
  std::vector<SweepValue> values; // grid: all tried; random: one of them; empty: the range below
  double from{}, to{};
  std::uint32_t steps{};          // of a range in a grid
  SweepScale scale{SweepScale::linear};
  bool whole{false};              // values are rounded to whole numbers
  Location at;
};

// The recording in windows: parameters are chosen on `train` and run on the `test` that follows; then all moves on by `test`.
struct WalkForward {
  Nanoseconds train{}, test{};
  bool anchored{false};  // every training begins with the recording
};

// The same parameters over several simulated worlds.
struct SimulatedPaths {
  std::uint32_t count{1};
  std::vector<std::string> seeds;    // keys that get another seed on each path
  struct Pattern { std::string key, text; };  // text with "{path}", which becomes 1, 2, ...
  std::vector<Pattern> patterns;
  PathAggregate aggregate{PathAggregate::mean};
};

struct SweepConfig {
  SweepMethod method{SweepMethod::grid};
  std::uint32_t trials{100};            // random
  std::uint64_t seed{1};
  std::uint64_t max_runs{10'000};
  std::string objective{"sharpe"};      // a figure of the trial, or a dotted path into the report's JSON
  bool minimise{false};
  double penalty{1};                    // of the drawdown, in the objective "penalised"
  std::vector<std::string> figures;     // further paths into the report's JSON
  std::uint32_t samples{256};           // intervals of equal length that P&L is measured in
  std::uint32_t blocks{16};             // of the cross-validation
  Nanoseconds longest_run{};            // wall clock; 0 = no limit
  std::uint64_t memory{std::uint64_t{2} << 30};  // for decoded recordings; more are read again by each run
  bool journal{false};
  bool report_best{true};
  std::string output;                   // absolute
  std::vector<SweepParameter> parameters;
  std::optional<WalkForward> walk_forward;
  SimulatedPaths paths;
};

struct SweepConfigResult {
  SweepConfig config;
  std::vector<ConfigError> errors;
  explicit operator bool() const { return errors.empty(); }
};

// Figures that every trial has, by name.
const std::vector<std::string>& trial_figure_names();

SweepConfigResult load_sweep(const std::string& path);
SweepConfigResult parse_sweep(std::string_view text, const std::string& name, const std::string& folder);

}  // namespace zomma
