#include "cli/authoring/run_plugin.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "cli/authoring/plugin_folder.h"
#include "cli/authoring/process.h"
#include "cli/authoring/source_watch.h"

namespace zomma::cli {
namespace {
namespace fs = std::filesystem;

constexpr const char* this_program = "/proc/self/exe";

int complain(const Error& error, int status) {
  fmt::print(stderr, "zomma: {}\n", error.message);
  return status;
}

void say(const std::string& text) {
  fmt::print("{}\n", text);
  std::fflush(stdout);
}

// Builds and tells. False leaves whatever runs as it is.
bool build_and_tell(const PluginFolder& folder, const std::string& sdk, bool running) {
  const auto report = folder.build(sdk);
  if (!report) {
    complain(report.error(), 1);
    return false;
  }
  if (report->built) {
    say(fmt::format("{}: built in {:.1f} s", folder.name(), report->seconds));
    return true;
  }
  fmt::print(stderr, "{}", report->errors);
  fmt::print(stderr, "{}: not built{}\n", folder.name(),
             running ? "; what runs goes on as it was" : "");
  return false;
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return exit_status(status);
}

// A host beside this process that runs the plugin, and how a new build comes into force in it.
class RunningHost {
 public:
  RunningHost(const PluginFolder& folder, fs::path config, const RunPlugin& command)
      : folder_(folder), config_(std::move(config)), command_(command) {}
  ~RunningHost() { stop(); }

  bool runs() const { return child_ > 0; }
  Result<void> start() {
    std::error_code code;
    fs::remove_all(folder_.state_path() / "journal",
                   code);  // of the pass before; nobody replays it
    std::vector<std::string> arguments{this_program, command_.rerun ? "backtest" : "run",
                                       config_.string()};
    if (!command_.rerun)
      arguments.insert(arguments.end(),
                       {"--fresh", "--no-report", "--speed", fmt::format("{}", command_.speed)});
    const auto child = start_program(arguments);
    if (!child) return child.error();
    child_ = *child;
    return {};
  }
  // The one place where a new build meets a running host.
  Result<void> renew() {
    if (!command_.rerun && runs()) {
      if (kill(child_, SIGHUP) == 0) return {};  // it reloads what differs from its file
      return Error{Errc::io, "the running host cannot be told of the new build"};
    }
    stop();
    return start();
  }
  // After SIGCHLD: its exit status if it ended by itself, else -1.
  int ended() {
    int status = 0;
    if (!runs() || waitpid(child_, &status, WNOHANG) != child_) return -1;
    child_ = 0;
    return exit_status(status);
  }
  void stop() {
    if (!runs()) return;
    kill(child_, SIGTERM);
    wait_for(std::exchange(child_, 0));
  }

 private:
  const PluginFolder& folder_;
  fs::path config_;
  const RunPlugin& command_;
  pid_t child_ = 0;
};

// SIGINT, SIGTERM and SIGCHLD as something to poll.
int signals_as_descriptor() {
  sigset_t mask;
  sigemptyset(&mask);
  for (const int signal : {SIGINT, SIGTERM, SIGCHLD}) sigaddset(&mask, signal);
  sigprocmask(SIG_BLOCK, &mask, nullptr);
  return signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

bool asked_to_stop(int signals) {
  bool stop = false;
  signalfd_siginfo info;
  while (read(signals, &info, sizeof info) == sizeof info) stop |= info.ssi_signo != SIGCHLD;
  return stop;
}

// A run that ended: recordings end, and then it begins again; after a failure it waits for a better
// build.
void follow_end(RunningHost& host, const RunPlugin& command, int status) {
  if (status == 0 && command.rerun) return;
  if (status != 0) {
    say(fmt::format("the run ended with status {}; it starts again with the next build", status));
    return;
  }
  say("the recording is over; it begins again");
  if (const auto started = host.start(); !started) complain(started.error(), 1);
}

int watch(const PluginFolder& folder, const fs::path& config, const RunPlugin& command) {
  const int signals = signals_as_descriptor();
  auto sources = SourceWatch::open(folder.path());
  if (!sources) return complain(sources.error(), 1);
  RunningHost host(folder, config, command);
  if (const auto started = host.start(); !started) return complain(started.error(), 1);
  say(fmt::format("watching {}; save a source and the new code takes over, Ctrl-C ends it",
                  folder.path().string()));
  for (;;) {
    pollfd ready[] = {{signals, POLLIN, 0}, {sources->descriptor(), POLLIN, 0}};
    if (poll(ready, 2, -1) < 0 && errno != EINTR)
      return complain({Errc::io, "cannot wait for changes"}, 1);
    if (ready[0].revents != 0 && asked_to_stop(signals)) break;
    if (const int status = host.ended(); status >= 0) follow_end(host, command, status);
    if (ready[1].revents == 0) continue;
    auto changed = sources->take();
    if (host.runs() && !command.rerun)
      std::erase(changed, "plugin.toml");  // the running host reads it itself
    if (changed.empty()) continue;
    say(fmt::format("{} changed", fmt::join(changed, ", ")));
    if (!build_and_tell(folder, command.sdk, host.runs())) continue;
    if (const auto renewed = host.renew(); !renewed) complain(renewed.error(), 1);
  }
  host.stop();
  close(signals);
  return 0;
}

}  // namespace

int run_plugin(const RunPlugin& command) {
  const auto folder = PluginFolder::open(command.folder);
  if (!folder) return complain(folder.error(), 2);
  if (!build_and_tell(*folder, command.sdk, false)) return 1;
  const auto config = folder->configuration(command.on);
  if (!config) return complain(config.error(), 2);
  if (command.watch) return watch(*folder, *config, command);
  return complain(become_program({this_program, "backtest", config->string()}), 1);
}

}  // namespace zomma::cli
