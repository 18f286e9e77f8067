// admin_commands.h: the commands that speak to a running host: status, plugin
// reload|enable|disable|set, param, kill, drain.
#pragma once

namespace CLI {
class App;
}

namespace zomma::cli {

// Adds them to `app`, those of plugins to `plugin_app`. `status` gets the exit status of the one
// that is called: 0 done, 1 refused or no host, 2 a wrong command line; it outlives `app`.
void add_admin_commands(CLI::App& app, CLI::App& plugin_app, int& status);

}  // namespace zomma::cli
