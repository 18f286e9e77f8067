#include "plugin/check/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/clock.h"
#include "base/file_descriptor.h"

extern char** environ;

namespace zomma {
namespace {

constexpr std::size_t longest_report = 1u << 20;

// Takes what the pipe holds now. False at its end.
bool drain(int pipe_end, std::string& report) {
  char buffer[4096];
  for (;;) {
    const ssize_t got = ::read(pipe_end, buffer, sizeof buffer);
    if (got == 0) return false;
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    const auto room = longest_report - std::min(longest_report, report.size());
    report.append(buffer, std::min(room, static_cast<std::size_t>(got)));
  }
}

Result<pid_t> spawn(const std::string& executable, const std::vector<std::string>& arguments,
                    int report_to) {
  std::vector<char*> argv{const_cast<char*>(executable.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, report_to, child_report_fd);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  pid_t child = -1;
  const int failed =
      posix_spawn(&child, executable.c_str(), &actions, &attributes, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (failed != 0) return system_error("start", executable, failed);
  return child;
}

// Follows the child until it ends or its time is up. A grandchild may hold the pipe open, so its
// end alone proves nothing.
bool follow(int child_fd, int pipe_end, Nanoseconds deadline, std::string& report) {
  bool open = true;
  for (;;) {
    const auto left = deadline - monotonic_now();
    if (left.value <= 0) return false;
    pollfd watched[2] = {{child_fd, POLLIN, 0}, {open ? pipe_end : -1, POLLIN, 0}};
    ::poll(watched, 2, static_cast<int>(left.value / 1'000'000 + 1));
    if (watched[1].revents != 0) open = drain(pipe_end, report);
    if (watched[0].revents == 0) continue;
    if (open) drain(pipe_end, report);
    return true;
  }
}

}  // namespace

Result<ChildEnd> run_child(const std::string& executable, const std::vector<std::string>& arguments,
                           Nanoseconds timeout) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return system_error("make a pipe for", executable, errno);
  const FileDescriptor reading(ends[0]);
  FileDescriptor writing(ends[1]);
  ::fcntl(reading.get(), F_SETFL, O_NONBLOCK);
  const Nanoseconds begin = monotonic_now();
  const auto child = spawn(executable, arguments, writing.get());
  writing.close();
  if (!child) return child.error();
  const FileDescriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, *child, 0)));

  ChildEnd end;
  const bool ended = follow(handle.get(), reading.get(), begin + timeout, end.report);
  if (!ended) ::kill(*child, SIGKILL);
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(*child), &info, WEXITED | WNOWAIT);
  // The child is not reaped yet, so its group still exists and nobody else can have its number.
  ::kill(-*child, SIGKILL);
  int status = 0;
  while (::waitpid(*child, &status, 0) < 0 && errno == EINTR) {
  }
  end.left_children = ::kill(-*child, 0) == 0;
  if (!ended) drain(reading.get(), end.report);
  end.took = monotonic_now() - begin;
  end.how = !ended                ? ChildEnd::How::timed_out
            : WIFSIGNALED(status) ? ChildEnd::How::signalled
                                  : ChildEnd::How::exited;
  end.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
  return end;
}

std::string signal_name(int number) {
  const char* name = sigabbrev_np(number);
  return name != nullptr ? std::string("SIG") + name : "signal " + std::to_string(number);
}

std::string own_executable() {
  char path[4096];
  const ssize_t length = ::readlink("/proc/self/exe", path, sizeof path);
  return length > 0 ? std::string(path, static_cast<std::size_t>(length))
                    : std::string("/proc/self/exe");
}

void become_child() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

}  // namespace zomma
