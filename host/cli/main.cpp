// main.cpp: the `zomma` program: reads the command line, calls one command, turns its answer into
// an exit status.
//   0 done   1 the run or the comparison failed   2 the command line or the configuration is wrong
// The commands on tables (price, greeks, iv, surface, bench) say otherwise:
// docs/reference/kernel-commands.md.
#include <CLI/CLI.hpp>

#include "cli/admin/admin_commands.h"
#include "cli/authoring/authoring_commands.h"
#include "cli/check/commands.h"
#include "cli/commands.h"
#include "cli/gpu_command.h"
#include "cli/kernels/price_command.h"
#include "cli/sweep/sweep_commands.h"
#include "plugin/worker/worker_main.h"
#include "runtime/release.h"

int main(int argc, char** argv) {
  using namespace zomma::cli;
  if (const auto child = run_hidden_command(argc, argv)) return *child;
  CLI::App app{"Zomma: a runtime for trading strategies"};
  app.set_version_flag("--version", std::string("zomma ") + zomma::release);
  app.require_subcommand(1);
  int status = 0;

  RunCommand run;
  auto* run_app = app.add_subcommand(
      "run", "run a configuration: feeds, strategies, simulated exchange; ends in a report");
  run_app->add_option("config", run.config, "configuration file")->required();
  run_app->add_option("--speed", run.speed,
                      "0 = as fast as possible, 1 = as time passed (overrides the file)");
  run_app->add_flag("--fresh", run.fresh,
                    "begin a new run even if the last one did not end in order");
  run_app->add_flag("--no-report", run.no_report, "write no report at the end");
  run_app->add_flag("--supervise", run.supervise,
                    "when a strategy ends the process, start again without it");
  run_app->add_option("--plugins", run.plugins_dir,
                      "folder of plugins that the configuration names without a folder");
  run_app->callback([&] { status = run_command(run, true); });

  RunCommand backtest;
  auto* backtest_app =
      app.add_subcommand("backtest", "as run, without a journal: only the report is kept");
  backtest_app->add_option("config", backtest.config, "configuration file")->required();
  backtest_app->add_flag("--no-report", backtest.no_report, "write no report at the end");
  backtest_app->add_option("--plugins", backtest.plugins_dir,
                           "folder of plugins that the configuration names without a folder");
  backtest_app->callback([&] { status = run_command(backtest, false); });

  ReplayCommand replay;
  auto* replay_app = app.add_subcommand(
      "replay", "feed a journal to fresh strategies; every order and fill must come out again");
  replay_app
      ->add_option("journal", replay.journal,
                   "folder of a run's journal, or its parent for the newest run")
      ->required();
  replay_app->add_option("--plugins", replay.plugins_dir,
                         "take the plugins from this folder instead of where the run found them");
  replay_app->add_option("--times", replay.times, "how often")->check(CLI::PositiveNumber);
  replay_app->callback([&] { status = replay_command(replay); });

  ReportCommand report;
  auto* report_app = app.add_subcommand("report", "compute the report of a journal again");
  report_app
      ->add_option("journal", report.journal,
                   "folder of a run's journal, or its parent for the newest run")
      ->required();
  report_app->add_option("-o,--output", report.directory,
                         "where to write report.txt, report.json, report.html");
  report_app->add_option("--plugins", report.plugins_dir, "folder of plugins");
  report_app->callback([&] { status = report_command(report); });

  auto* config_app = app.add_subcommand("config", "configuration files");
  config_app->require_subcommand(1);
  std::string checked;
  auto* check_app = config_app->add_subcommand(
      "check", "read a configuration and its plugins; say every error with its place");
  check_app->add_option("config", checked, "configuration file")->required();
  check_app->callback([&] { status = config_check_command(checked); });

  auto* plugin_app = app.add_subcommand("plugin", "strategies as shared libraries");
  plugin_app->require_subcommand(1);
  std::vector<std::string> listed;
  auto* list_app =
      plugin_app->add_subcommand("list", "what plugins say of themselves, without running them");
  list_app->add_option("path", listed, "plugin files or folders (default: the shipped ones)");
  list_app->callback([&] { status = plugin_list_command(listed); });
  add_authoring_commands(*plugin_app, status);

  register_plugin_check(*plugin_app, status);
  // Begun by the host itself, for a strategy with isolation = "process".
  int worker_fd = -1;
  auto* worker_app = app.add_subcommand("worker", "")->group("");
  worker_app->add_option("--fd", worker_fd)->required();
  worker_app->callback([&] { status = zomma::worker_main(worker_fd); });
  add_gpu_command(app, status);
  add_admin_commands(app, *plugin_app, status);
  add_kernel_commands(app, status);
  add_sweep_command(app, status);
  add_simulate_commands(app, status);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : is_kernel_command(app) ? kernel_usage : 2;
  }
  return status;
}
