#include "cli/authoring/plugin_folder.h"

#include <fmt/format.h>

#include <fstream>
#include <sstream>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "cli/authoring/process.h"
#include "runtime/config/config.h"

namespace zomma::cli {
namespace {
namespace fs = std::filesystem;

// Where this program is installed, if the SDK is there, too.
std::string own_sdk() {
  std::error_code code;
  const fs::path root = fs::read_symlink("/proc/self/exe", code).parent_path().parent_path();
  for (const char* library : {"lib", "lib64", "lib/x86_64-linux-gnu"})
    if (fs::exists(root / library / "cmake/Zomma/ZommaConfig.cmake", code)) return root.string();
  return {};
}

bool begins(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}

bool is_noise(std::string_view line) {
  for (const std::string_view tool : {"FAILED: ", "ninja: ", "gmake", "make[", "make: ", "-- ",
                                      "Consolidate compiler", "Scanning dependencies"})
    if (begins(line, tool)) return true;
  if (begins(line, "[")) return true;  // [1/2] Building ..., [ 50%] Building ...
  // The command itself, which ninja repeats below FAILED.
  return (begins(line, "/") || begins(line, ": &&") || begins(line, "ccache ")) &&
         line.find(" -o ") != std::string_view::npos;
}

std::string toml_text(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace

std::string compiler_lines(const std::string& output) {
  std::istringstream lines(output);
  std::string kept;
  for (std::string line; std::getline(lines, line);)
    if (!is_noise(line)) kept += line + '\n';
  return kept.empty() ? output : kept;
}

Result<PluginFolder> PluginFolder::open(const std::string& named) {
  std::error_code code;
  if (!fs::is_directory(named, code))
    return Error{Errc::not_found,
                 fmt::format("there is no folder {}; `zomma plugin new NAME` makes one", named)};
  const fs::path path = fs::canonical(named, code);
  for (const char* file : {"CMakeLists.txt", "plugin.toml"})
    if (!fs::is_regular_file(path / file, code))
      return Error{
          Errc::not_found,
          fmt::format(
              "{} holds no {}, so it is no plugin's folder; `zomma plugin new NAME` makes one",
              path.string(), file)};
  return PluginFolder(path);
}

Result<BuildReport> PluginFolder::build(const std::string& sdk) const {
  const Nanoseconds started = monotonic_now();
  BuildReport report;
  std::error_code code;
  const bool configured = fs::exists(build_path() / "CMakeCache.txt", code) &&
                          (fs::exists(build_path() / "build.ninja", code) ||
                           fs::exists(build_path() / "Makefile", code));
  if (!configured) {
    std::vector<std::string> configure{"cmake", "-S", path_.string(), "-B", build_path().string()};
    const auto ninja = run_program({"ninja", "--version"});
    if (ninja && ninja->status == 0) configure.insert(configure.end(), {"-G", "Ninja"});
    if (const std::string prefix = sdk.empty() ? own_sdk() : sdk; !prefix.empty())
      configure.push_back("-DCMAKE_PREFIX_PATH=" + prefix);
    const auto done = run_program(configure);
    if (!done) return done.error();
    if (done->status != 0) report.errors = done->output;
  }
  if (report.errors.empty()) {
    const auto done = run_program({"cmake", "--build", build_path().string()});
    if (!done) return done.error();
    report.built = done->status == 0;
    if (!report.built) report.errors = compiler_lines(done->output);
  }
  report.seconds = static_cast<double>((monotonic_now() - started).value) * 1e-9;
  return report;
}

Result<fs::path> PluginFolder::configuration(const std::string& on) const {
  std::error_code code;
  if (on.empty()) {
    const fs::path ticks = build_path() / "ticks.toml";
    if (fs::exists(ticks, code)) return ticks;
    return Error{Errc::not_found, fmt::format("{} is missing: either the plugin's CMakeLists.txt "
                                              "says zomma_ticks_config(ticks.toml), or --on "
                                              "names a configuration to run on",
                                              ticks.string())};
  }
  ConfigResult read = load_config(on);
  if (!read) return Error{Errc::invalid_argument, format(read.errors) + "nothing was started"};
  Config& config = read.config;
  config.plugins.clear();
  config.risk.instances.clear();
  config.run.state_dir = state_path().string();
  config.journal.directory = (state_path() / "journal").string();
  config.report.directory = (state_path() / "report").string();
  config.metrics.enabled = config.bus.enabled = false;  // another run may have them
  config.terminal.mode = TerminalMode::plain;
  config.terminal.refresh = Nanoseconds{5'000'000'000};
  const fs::path file = build_path() / "on.toml";
  std::ofstream out(file);
  out << "# Made from " << on
      << " by zomma plugin run.\nplugins_dir = " << toml_text(path_.string()) << "\n\n"
      << dump_config(config);
  out.close();
  if (!out) return Error{Errc::io, file.string() + " cannot be written"};
  return file;
}

}  // namespace zomma::cli
