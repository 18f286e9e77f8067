// surface_command.h: zomma surface: from a table of quotes to a fitted volatility surface.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "cli/kernels/surface_report.h"

namespace CLI {
class App;
}

namespace zomma::cli {

struct SurfaceCommand {
  std::string input = "-", grid, plot, quotes, style = "european", use = "otm", expiry_time;
  SurfaceTask task;
  QuantityFlags flags;
  std::vector<std::string> mappings;
  double least_days = 0;
  unsigned threads = 0;
  bool json = false;
};

// Reads, fits, writes. The report goes to `report`, sentences about failures to `messages`.
int run_surface(const SurfaceCommand& command, std::ostream& report, std::ostream& messages);

void add_surface_command(CLI::App& app, int& status);

}  // namespace zomma::cli
