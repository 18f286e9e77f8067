#include "runtime/sweep/child_pool.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <vector>

#include "base/clock.h"

namespace zomma {
namespace {

constexpr int look_every_ms = 100;
constexpr std::size_t kept_words = 512;  // of what a child said last
// The last byte of an answer: without it the child died while writing.
constexpr char answered = '\4';

struct Child {
  pid_t pid{-1};
  int answer{-1}, words{-1};
  std::uint64_t job{};
  unsigned slot{};
  Nanoseconds started;
  std::string text, said;
  bool late{false};
};

[[noreturn]] void be_child(const ChildJobs& jobs, std::uint64_t job, unsigned slot, int answer, int words) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(signal, signal == SIGINT ? SIG_IGN : SIG_DFL);
  const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  dup2(nowhere, STDIN_FILENO);
  dup2(nowhere, STDOUT_FILENO);
  dup2(words, STDERR_FILENO);
  std::string text;
  try {
    text = jobs.work(job, slot);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    std::_Exit(1);
  }
  text += answered;
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t count = write(answer, text.data() + at, text.size() - at);
    if (count < 0 && errno != EINTR) std::_Exit(1);
    at += count > 0 ? static_cast<std::size_t>(count) : 0;
  }
  std::_Exit(0);  // a plugin's own farewells have no business here
}

// Reads what is there; closes at the end. False when it has ended.
bool drain(int& descriptor, std::string& into) {
  char block[65536];
  const ssize_t count = read(descriptor, block, sizeof block);
  if (count > 0) {
    into.append(block, static_cast<std::size_t>(count));
    return true;
  }
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return true;
  close(descriptor);
  descriptor = -1;
  return false;
}

std::string last_words(const std::string& said) {
  std::string text = said.substr(said.size() > kept_words ? said.size() - kept_words : 0);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const std::size_t line = text.find_last_of('\n');
  if (line != std::string::npos) text.erase(0, line + 1);
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = '?';
  return text.empty() ? text : ": " + text;
}

Result<std::string> answer_of(Child& child, int status, Nanoseconds longest) {
  if (child.late) return Error{Errc::timeout, fmt::format("ran longer than {} s and was ended", static_cast<double>(longest.value) * 1e-9)};
  if (WIFSIGNALED(status)) return Error{Errc::internal, fmt::format("died of signal {} ({}){}", WTERMSIG(status), strsignal(WTERMSIG(status)), last_words(child.said))};
  if (WEXITSTATUS(status) != 0 || child.text.empty() || child.text.back() != answered)
    return Error{Errc::internal, fmt::format("ended the process with status {}{}", WEXITSTATUS(status), last_words(child.said))};
  child.text.pop_back();
  return std::move(child.text);
}

class Pool {
 public:
  explicit Pool(const ChildJobs& jobs) : jobs_(jobs) {}
  ~Pool() {
    for (Child& child : children_) kill(child.pid, SIGKILL);
    for (Child& child : children_) {
      while (waitpid(child.pid, nullptr, 0) < 0 && errno == EINTR) {}
      for (const int descriptor : {child.answer, child.words})
        if (descriptor >= 0) close(descriptor);
    }
  }

  Result<bool> run() {
    std::uint64_t next = 0;
    while (next < jobs_.count || !children_.empty()) {
      while (next < jobs_.count && children_.size() < std::max(jobs_.at_once, 1u))
        if (const auto started = start(next++); !started) return started.error();
      wait();
      for (std::size_t i = 0; i < children_.size();) {
        if (children_[i].answer >= 0 || children_[i].words >= 0) {
          ++i;
          continue;
        }
        Child child = std::move(children_[i]);
        children_.erase(children_.begin() + static_cast<std::ptrdiff_t>(i));
        int status = 0;
        while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {}
        if (!jobs_.done(child.job, answer_of(child, status, jobs_.longest))) return false;
      }
      if (jobs_.stop && jobs_.stop()) return false;
    }
    return true;
  }

 private:
  Result<void> start(std::uint64_t job) {
    int answer[2], words[2];
    if (pipe2(answer, O_CLOEXEC) != 0) return cannot();
    if (pipe2(words, O_CLOEXEC) != 0) {
      close(answer[0]);
      close(answer[1]);
      return cannot();
    }
    unsigned slot = 0;
    while (std::any_of(children_.begin(), children_.end(), [&](const Child& other) { return other.slot == slot; })) ++slot;
    std::fflush(nullptr);
    const pid_t pid = fork();
    if (pid == 0) be_child(jobs_, job, slot, answer[1], words[1]);
    const Error error = cannot();
    close(answer[1]);
    close(words[1]);
    if (pid < 0) {
      close(answer[0]);
      close(words[0]);
      return error;
    }
    children_.push_back({pid, answer[0], words[0], job, slot, monotonic_now(), {}, {}, false});
    return {};
  }

  void wait() {
    std::vector<pollfd> waited;
    for (const Child& child : children_)
      for (const int descriptor : {child.answer, child.words})
        if (descriptor >= 0) waited.push_back({descriptor, POLLIN, 0});
    poll(waited.data(), waited.size(), look_every_ms);
    const Nanoseconds now = monotonic_now();
    for (Child& child : children_) {
      for (const pollfd& one : waited) {
        if ((one.revents & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
        if (one.fd == child.answer) drain(child.answer, child.text);
        else if (one.fd == child.words) drain(child.words, child.said);
      }
      if (child.said.size() > 64 * kept_words) child.said.erase(0, child.said.size() - kept_words);
      if (jobs_.longest.value > 0 && !child.late && now.value - child.started.value > jobs_.longest.value) {
        child.late = true;
        kill(child.pid, SIGKILL);
      }
    }
  }

  static Error cannot() { return {Errc::io, std::string("cannot start a process for a run: ") + std::strerror(errno)}; }

  const ChildJobs& jobs_;
  std::vector<Child> children_;
};

}  // namespace

Result<bool> run_in_children(const ChildJobs& jobs) { return Pool(jobs).run(); }

}  // namespace zomma
