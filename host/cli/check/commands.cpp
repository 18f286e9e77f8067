#include "cli/check/commands.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "plugin/check/check.h"
#include "plugin/check/staging.h"

namespace zomma::cli {
namespace {

// "60", "60s", "2m".
double seconds_of(const std::string& text) {
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  const std::string_view unit = end;
  if (end == text.c_str() || number < 0 || (!unit.empty() && unit != "s" && unit != "m"))
    throw CLI::ValidationError("--fuzz", "\"" + text + "\" is no duration; expected 60s or 2m");
  return unit == "m" ? number * 60 : number;
}

int check_command(const check::CheckOptions& options, bool json) {
  const auto report = check::check_plugin(options);
  if (!report) {
    fmt::print(stderr, "{}\n", report.error().message);
    return 2;
  }
  if (json)
    fmt::print("{}\n", report->json());
  else
    fmt::print("{}", report->text());
  return report->passed() ? 0 : 1;
}

}  // namespace

std::optional<int> run_hidden_command(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "plugin-probe") return probe_child(argv[2]);
  if (argc > 2 && std::string_view(argv[1]) == "plugin-check-child")
    return check::check_child({argv + 2, argv + argc});
  return std::nullopt;
}

void register_plugin_check(CLI::App& plugin_app, int& status) {
  struct Asked {
    check::CheckOptions options;
    std::string fuzz;
    bool json = false;
  };
  const auto asked = std::make_shared<Asked>();
  auto* app = plugin_app.add_subcommand("check",
                                        "judge a plugin: every test in a child process of its own");
  app->add_option("plugin", asked->options.path, "the plugin's file")->required();
  app->add_option("--level", asked->options.level, "1 = it can be loaded ... 10 = everything")
      ->check(CLI::Range(1, 10))
      ->capture_default_str();
  app->add_flag("--json", asked->json, "one JSON object instead of text");
  app->add_option("--fuzz", asked->fuzz,
                  "fuzz for this long (60s, 2m); includes the fuzz test at any level");
  auto* seed =
      app->add_option("--seed", asked->options.seed, "of every market and every random choice")
          ->capture_default_str();
  app->add_option("--reproduce", asked->options.seed, "the seed that a failure printed")
      ->excludes(seed);
  app->add_option("--only", asked->options.only, "one test by its name");
  app->add_flag("--in-process", asked->options.in_process,
                "no child processes, for a debugger: a crash ends this program");
  app->callback([asked, &status] {
    if (!asked->fuzz.empty()) asked->options.fuzz_seconds = seconds_of(asked->fuzz);
    status = check_command(asked->options, asked->json);
  });
}

}  // namespace zomma::cli
