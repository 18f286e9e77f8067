// trial.h: one run of a sweep, from its values to its figures. Nothing is written unless a journal
// or a report is asked for.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "runtime/sweep/config_tree.h"
#include "runtime/sweep/space.h"
#include "runtime/sweep/tape.h"

namespace zomma {

// The part of the recording that is measured. `hold`: nobody trades before `from`, though everybody
// hears what comes before; `cut`: the run ends at `to`.
struct TrialWindow {
  Nanoseconds from{}, to{};
  bool hold{false}, cut{false};
  bool operator==(const TrialWindow&) const = default;
};

struct TrialRequest {
  Assignments assignments;
  TrialWindow window;
  std::uint32_t samples{256};
  double penalty{1};
  std::vector<std::string> paths;  // into the report's JSON
  std::string scratch;             // folder for private copies of plugins
  std::string plugins_dir;
  std::string journal;                // folder; empty: none is written
  std::string report;                 // folder; empty: none is written
  const Tape* tape{nullptr};          // null: the files are read
  const Config* discovered{nullptr};  // the tape's: its contracts are the run's; null: found anew
};

struct TrialFigures {
  std::vector<std::pair<std::string, double>> figures;  // trial_figure_names() and the asked paths
  std::vector<double>
      equity;  // P&L after fees at the ends of `samples` equal intervals of the window
};

// Errors: what the configuration, a plugin or a recording had against it; a strategy that faulted;
// a path that the report does not have.
Result<TrialFigures> run_trial(const ConfigTree& base, const TrialRequest& request);

// A number of a report by a dotted path; an array's element by its "name", "instrument" or
// "strategy", or by its place. no_value for null. Errors say what was found beside the missing
// step.
Result<double> report_figure(const std::string& report_json, const std::string& path);

}  // namespace zomma
