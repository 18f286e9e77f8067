// commands.h: the `zomma` commands that judge plugins: `plugin check`, and the hidden ones that run in a child process.
#pragma once

#include <optional>

namespace zomma::cli {

// Runs a hidden command (plugin-probe FILE) and returns its exit status; nothing if the command line names none. Called
// before anything else: a child that is to judge a plugin starts with as little as possible.
std::optional<int> run_hidden_command(int argc, char** argv);

}  // namespace zomma::cli
