// process.h: other programs, run from the command line's one thread: compilers, and a host beside
// this one.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"

namespace zomma::cli {

struct Finished {
  int status{};        // exit status, or 128 + the signal that ended it
  std::string output;  // stdout and stderr as they came
};

// Runs to its end with everything it prints kept. Errc::not_found when there is no such program.
Result<Finished> run_program(const std::vector<std::string>& arguments);

// Starts it with the terminal of this one; it is asked to end when this one dies. A Ctrl-C reaches
// this process alone. Signals that this process has blocked are not blocked there.
Result<pid_t> start_program(const std::vector<std::string>& arguments);

// This process becomes that program. Comes back only if it could not.
Error become_program(const std::vector<std::string>& arguments);

// Status as in Finished from what waitpid() gave.
int exit_status(int wait_status);

}  // namespace zomma::cli
