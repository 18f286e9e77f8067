// sweep_commands.h: zomma sweep.
//   0 every run succeeded   1 the sweep could not go on, or was stopped   2 the command line or a file is wrong
//   3 done, but some runs failed (they are in the results, with their reasons)   4 this shard is done, others are missing
#pragma once

namespace CLI {
class App;
}

namespace zomma::cli {

void add_sweep_command(CLI::App& app, int& status);
// zomma simulate wheel: 0 done, 1 failed, 2 the command line or a file is wrong.
void add_simulate_commands(CLI::App& app, int& status);

}  // namespace zomma::cli
