// run_plugin.h: zomma plugin run: build a plugin's folder and run it on recorded ticks; with
// --watch, keep it running and bring every good build into force.
#pragma once

#include <string>

namespace zomma::cli {

struct RunPlugin {
  std::string folder;
  std::string on;     // a configuration whose strategies are replaced by this plugin; empty = the
                      // SDK's recorded ticks
  std::string sdk;    // where Zomma is installed; empty = where this program is
  double speed{1.0};  // of a watched run, above 0; 1 = as time passed
  bool watch{false};
  bool rerun{
      false};  // watched: a new backtest after each build instead of a reload in a running host
};

// The exit status: 0 done, 1 the build or the run failed, 2 the folder or the configuration is
// wrong.
int run_plugin(const RunPlugin& command);

}  // namespace zomma::cli
