#include "cli/authoring/authoring_commands.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/authoring/new_plugin.h"
#include "cli/authoring/run_plugin.h"

namespace zomma::cli {
namespace {

int new_plugin_command(const NewPlugin& wanted) {
  const auto folder = create_plugin(wanted);
  if (!folder) {
    fmt::print(stderr, "zomma: {}\n", folder.error().message);
    return folder.error().code == Errc::io ? 1 : 2;
  }
  fmt::print("{} is written. Next:\n  zomma plugin run {} --watch\n", folder->string(),
             folder->lexically_normal().string());
  return 0;
}

}  // namespace

void add_authoring_commands(CLI::App& plugin, int& status) {
  auto wanted = std::make_shared<NewPlugin>();
  auto* make = plugin.add_subcommand(
      "new", "write a plugin's folder: source, CMake file, plugin.toml, a test on recorded ticks");
  make->add_option("name", wanted->name, "lower-case letters, digits and '_'")->required();
  make->add_option("--kind", wanted->kind, "strategy")->capture_default_str();
  make->add_option("--lang", wanted->language, "c (C11) or cpp (C++20)")->capture_default_str();
  make->add_option("--into", wanted->into, "folder to make it in")->capture_default_str();
  make->callback([wanted, &status] { status = new_plugin_command(*wanted); });

  auto command = std::make_shared<RunPlugin>();
  auto* run = plugin.add_subcommand(
      "run", "build a plugin's folder and run it on recorded ticks; ends in a report");
  run->add_option("folder", command->folder, "the folder, or the name it was made under")
      ->required();
  run->add_option("--on", command->on,
                  "a configuration to run it on instead, in place of the strategies there");
  run->add_option("--sdk", command->sdk,
                  "where Zomma is installed (default: where this program is)");
  auto* watch = run->add_flag("--watch", command->watch,
                              "keep it running; rebuild on save and bring the new code into force");
  run->add_option("--speed", command->speed, "of a watched run: 1 = as time passed")
      ->needs(watch)
      ->check(CLI::Range(0.001, 1000.0))
      ->capture_default_str();
  run->add_flag("--rerun", command->rerun,
                "watched: run the whole backtest again after each build instead of reloading")
      ->needs(watch);
  run->callback([command, &status] { status = run_plugin(*command); });
}

}  // namespace zomma::cli
