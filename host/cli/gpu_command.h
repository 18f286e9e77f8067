// gpu_command.h: `zomma gpu`: which GPUs there are, how they are, and what a running host lends of
// their memory.
#pragma once

#include <optional>
#include <ostream>

#include <boost/json/value.hpp>

#include "gpu/health.h"
#include "gpu/inventory.h"

namespace CLI {
class App;
}

namespace zomma::cli {

struct GpuCommand {
  bool json = false;
  unsigned require = 0;  // so many devices that are not unhealthy
  gpu::DiscoveryPlaces places{};
  // `gpu_memory` of a running host's status; null: there is none to ask.
  boost::json::value lent{};
};

// Prints to `out`. 0: every device that was found may be used, and there are as many as required
// (so a machine without a GPU is 0 too). 1: a device is unhealthy, or there are too few.
int gpu_command(const GpuCommand& command, std::ostream& out);

void add_gpu_command(CLI::App& app, int& status);

}  // namespace zomma::cli
