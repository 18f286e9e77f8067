// commands.h: what the `zomma` program can do, one function a command. Each returns the exit
// status.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace zomma::cli {

struct RunCommand {
  std::string config;
  std::optional<double> speed;
  bool fresh{false};
  bool no_report{false};
  bool supervise{false};
  std::string plugins_dir;
};
int run_command(const RunCommand& command, bool with_journal);

struct ReplayCommand {
  std::string journal;
  std::string plugins_dir;
  int times{1};
};
int replay_command(const ReplayCommand& command);

struct ReportCommand {
  std::string journal, directory, plugins_dir;
};
int report_command(const ReportCommand& command);

int config_check_command(const std::string& path);
int plugin_list_command(const std::vector<std::string>& paths);

}  // namespace zomma::cli
