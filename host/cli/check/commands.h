// commands.h: the `zomma` commands that judge plugins: `plugin check`, and the hidden ones that run
// in a child process.
#pragma once

#include <optional>

namespace CLI {
class App;
}

namespace zomma::cli {

// Runs a hidden command (plugin-probe FILE, plugin-check-child ...) and returns its exit status;
// nothing if the command line names none. Called before anything else: a child that is to judge a
// plugin starts with as little as possible.
std::optional<int> run_hidden_command(int argc, char** argv);

// Adds `check` to `zomma plugin`. `status` receives its exit status: 0 passed, 1 refused, 2 could
// not be judged.
void register_plugin_check(CLI::App& plugin_app, int& status);

}  // namespace zomma::cli
