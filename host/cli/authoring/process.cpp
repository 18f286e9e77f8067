#include "cli/authoring/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace zomma::cli {
namespace {

constexpr int no_such_program = 127;  // as a shell says it

void execute(const std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  execvp(argv[0], argv.data());
}

// In a child just forked.
[[noreturn]] void become_child(const std::vector<std::string>& arguments) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  execute(arguments);
  _exit(no_such_program);
}

Error cannot(const char* what) {
  return {Errc::io, std::string("cannot ") + what + ": " + std::strerror(errno)};
}

}  // namespace

int exit_status(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

Result<Finished> run_program(const std::vector<std::string>& arguments) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return cannot("make a pipe");
  const pid_t child = fork();
  if (child < 0) return cannot("start a process");
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    dup2(ends[1], STDERR_FILENO);
    become_child(arguments);
  }
  close(ends[1]);
  Finished finished;
  char block[4096];
  for (ssize_t count = 0; (count = read(ends[0], block, sizeof block)) != 0;) {
    if (count > 0)
      finished.output.append(block, static_cast<std::size_t>(count));
    else if (errno != EINTR)
      break;
  }
  close(ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  finished.status = exit_status(status);
  if (finished.status == no_such_program && finished.output.empty())
    return Error{Errc::not_found,
                 "there is no program " + arguments[0] + " on this machine; install it"};
  return finished;
}

Result<pid_t> start_program(const std::vector<std::string>& arguments) {
  const pid_t child = fork();
  if (child < 0) return cannot("start a process");
  if (child == 0) {
    setpgid(0, 0);
    become_child(arguments);
  }
  return child;
}

Error become_program(const std::vector<std::string>& arguments) {
  execute(arguments);
  return cannot(("run " + arguments[0]).c_str());
}

}  // namespace zomma::cli
