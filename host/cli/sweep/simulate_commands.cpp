// simulate_commands.cpp: zomma simulate wheel.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/clock.h"
#include "cli/sweep/sweep_commands.h"
#include "runtime/simulate/wheel_study.h"

namespace zomma::cli {
namespace {

struct WheelCommand {
  std::string file, output;
  unsigned threads{0};
};

int wheel_command(const WheelCommand& command) {
  WheelConfigResult read = load_wheel(command.file);
  if (!read) {
    fmt::print(stderr, "{}zomma: {} error{} in {}; nothing was simulated\n", format(read.errors),
               read.errors.size(), read.errors.size() == 1 ? "" : "s", command.file);
    return 2;
  }
  if (!command.output.empty()) read.config.output = command.output;
  const auto backend = kernels::make_cpu_backend(command.threads);
  const Nanoseconds started = monotonic_now();
  const auto study = study_wheel(read.config, *backend);
  if (!study) {
    fmt::print(stderr, "zomma: {}\n", study.error().message);
    return study.error().code == Errc::invalid_argument || study.error().code == Errc::not_found
               ? 2
               : 1;
  }
  const double seconds = static_cast<double>((monotonic_now() - started).value) * 1e-9;
  if (const auto written = write_study(*study); !written) {
    fmt::print(stderr, "zomma: {}\n", written.error().message);
    return 1;
  }
  fmt::print("{}\nresults: {}/wheel.html, wheel.csv, wheel.json\n", study_text(*study),
             read.config.output);
  fmt::print(stderr, "{:.2f} s on {} threads\n", seconds, backend->width());
  return 0;
}

}  // namespace

void add_simulate_commands(CLI::App& app, int& status) {
  auto* simulate =
      app.add_subcommand("simulate", "strategies over simulated worlds; everything is modelled");
  simulate->require_subcommand(1);
  auto command = std::make_shared<WheelCommand>();
  auto* wheel = simulate->add_subcommand(
      "wheel",
      "sell puts until assigned, then calls until called away: many parameters on the same paths");
  wheel->add_option("file", command->file, "what is simulated: docs/reference/sweep.md")
      ->required();
  wheel->add_option("-o,--output", command->output, "folder of the results (overrides the file)");
  wheel->add_option("--threads", command->threads, "threads (default: one a core)");
  wheel->callback([command, &status] { status = wheel_command(*command); });
}

}  // namespace zomma::cli
