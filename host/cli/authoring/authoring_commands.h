// authoring_commands.h: the commands of those who write plugins: zomma plugin new, zomma plugin
// run.
#pragma once

namespace CLI {
class App;
}

namespace zomma::cli {

// Adds them below `plugin`; a command that ran leaves its exit status in `status`.
void add_authoring_commands(CLI::App& plugin, int& status);

}  // namespace zomma::cli
