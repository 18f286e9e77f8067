// run_commands.cpp: zomma run, backtest, replay, report, config check.
#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/config_watch.h"
#include "cli/run_observation.h"
#include "cli/terminal/terminal.h"
#include "runtime/assembly.h"
#include "runtime/config/config.h"
#include "runtime/discover.h"
#include "runtime/replay.h"
#include "runtime/report_builder.h"
#include "runtime/run_directory.h"
#include "runtime/session.h"
#include "runtime/session_control.h"
#include "runtime/worker_supervisor.h"
#include "serve/admin_server.h"
#include "serve/http_server.h"

namespace zomma::cli {
namespace {

StopRequest stop_request;
volatile pid_t supervised = 0;

std::atomic<bool> reload_request{false};
void on_hangup(int) { reload_request.store(true, std::memory_order_relaxed); }

// The first signal asks for an orderly end; the second one ends at once (the journal is whole
// either way).
void on_signal(int signal) {
  if (stop_request.signal.exchange(signal) != 0) {
    restore_terminal();
    std::_Exit(128 + signal);
  }
}

void catch_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  struct sigaction hangup {};
  hangup.sa_handler = on_hangup;
  hangup.sa_flags = SA_RESTART;
  sigaction(SIGHUP, &hangup, nullptr);
}

int complain(const Error& error) {
  fmt::print(stderr, "zomma: {}\n", error.message);
  return 1;
}

std::optional<Config> read_config(const std::string& path,
                                  std::vector<std::string>* files = nullptr) {
  ConfigResult result = load_config(path);
  if (!result) {
    fmt::print(stderr, "{}", format(result.errors));
    fmt::print(stderr, "zomma: {} error{} in {}; nothing was started\n", result.errors.size(),
               result.errors.size() == 1 ? "" : "s", path);
    return std::nullopt;
  }
  if (files != nullptr) *files = result.files;
  return std::move(result.config);
}

constexpr std::chrono::milliseconds look_every{100};

// Everything that is not the engine's: status pages, the admin API, the watchdog; and, on a thread
// of their own because a reload may take its time, edited files and replaced plugins.
class ControlThread {
 public:
  struct Duties {
    std::function<void()> guard;  // quick
    std::function<void()> look;   // may wait for the engine
    OperatorControl* control{nullptr};
    AdminOptions admin;
  };
  static Result<std::unique_ptr<ControlThread>> start(const Config& config,
                                                      const RunObservation& observation,
                                                      Duties duties) {
    auto control = std::make_unique<ControlThread>();
    if (config.metrics.enabled) {
      HttpOptions options;
      options.address = config.metrics.listen.address;
      options.port = config.metrics.listen.port;
      options.allow_remote = config.metrics.allow_remote;
      auto server = HttpServer::listen(control->context_, options,
                                       status_routes({[&] { return observation.metrics_text(); },
                                                      [&] { return observation.health(); },
                                                      [&] { return observation.status_json(); }}));
      if (!server) return server.error();
      control->server_ = std::move(*server);
    }
    if (config.admin.enabled && duties.control != nullptr) {
      auto admin = AdminServer::listen(control->context_, std::move(duties.admin), *duties.control);
      if (!admin) return admin.error();
      control->admin_ = std::move(*admin);
    }
    control->guard_ = std::move(duties.guard);
    control->look_ = std::move(duties.look);
    control->guard_again();
    control->thread_ = std::thread([&context = control->context_] { context.run(); });
    control->looker_ = std::thread([&one = *control] { one.look_around(); });
    return control;
  }
  ~ControlThread() {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    wake_.notify_all();
    context_.stop();
    if (thread_.joinable()) thread_.join();
    if (looker_.joinable()) looker_.join();
    admin_.reset();
  }

 private:
  void guard_again() {
    timer_.expires_after(look_every);
    timer_.async_wait([this](boost::system::error_code error) {
      if (error) return;
      guard_();
      guard_again();
    });
  }
  void look_around() {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, look_every, [this] { return over_; })) {
      lock.unlock();
      look_();
      lock.lock();
    }
  }

  boost::asio::io_context context_;
  boost::asio::steady_timer timer_{context_};
  std::function<void()> guard_, look_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<AdminServer> admin_;
  std::thread thread_, looker_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool over_ = false;
};

TerminalStyle style_of(TerminalMode mode) {
  switch (mode) {
    case TerminalMode::plain:
      return TerminalStyle::plain;
    case TerminalMode::off:
      return TerminalStyle::off;
    default:
      return TerminalStyle::automatic;
  }
}

// A run's folder, or the newest run in a journal folder.
Result<std::string> find_journal(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code code;
  if (!fs::is_directory(path, code))
    return Error{Errc::not_found, path + " is not a folder; name a run's journal"};
  std::string newest;
  for (const auto& entry : fs::directory_iterator(path, code)) {
    const std::string extension = entry.path().extension().string();
    if (extension == ".zj" || extension == ".zst") return path;
    if (entry.is_directory(code)) newest = std::max(newest, entry.path().string());
  }
  if (newest.empty()) return Error{Errc::not_found, path + " holds no journal"};
  return newest;
}

}  // namespace

namespace {

int run_once(const RunCommand& command, bool with_journal) {
  std::vector<std::string> files;
  auto config = read_config(command.config, &files);
  if (!config) return 2;
  if (command.speed) config->run.speed = *command.speed;
  if (const auto found = discover_contracts(
          *config, [](const std::string& text) { fmt::print(stderr, "info: {}\n", text); });
      !found)
    return complain(found.error());
  catch_signals();

  RunObservation observation;
  Terminal terminal(style_of(config->terminal.mode), 1);
  std::optional<AnalysisObserver>
      analysis;  // a backtest keeps no journal to compute the report from
  SessionOptions options;
  options.journal = options.guard = with_journal;
  options.resume = !command.fresh;
  options.plugins_dir = command.plugins_dir;
  options.stop = &stop_request;
  const auto say = [&](std::uint32_t level, const std::string& text) {
    static constexpr const char* words[] = {"debug", "info", "warning", "error"};
    const std::string line = fmt::format("{}: {}\n", words[std::min(level, 3u)], text);
    if (terminal.interactive())
      terminal.print_above(line);
    else
      fmt::print(stderr, "{}", line);
  };
  options.log = say;
  if (!with_journal && !command.no_report) options.observer = &analysis.emplace(*config);
  options.on_progress = [&](const Session& session) {
    observation.update(session);
    terminal.show(observation.view());
  };
  auto session = Session::open(*config, std::move(options));
  if (!session) return complain(session.error());
  std::optional<SessionControl> operator_control;
  std::optional<ConfigWatch> watch;
  std::unique_ptr<WorkerSupervisor> supervisor;
  std::optional<Watchdog> watchdog;
  ControlThread::Duties duties{[] {}, [] {}, nullptr, {}};
  if (with_journal) {
    operator_control.emplace(**session, command.plugins_dir, say);
    const bool any_worker = std::any_of(
        config->plugins.begin(), config->plugins.end(),
        [](const PluginConfig& plugin) { return plugin.isolation == Isolation::process; });
    if (any_worker) {
      auto started = WorkerSupervisor::start(*operator_control);
      if (!started) return complain(started.error());
      supervisor = std::move(*started);
    }
    operator_control->set_status([&] { return observation.status_json(); });
    watch.emplace(command.config, files, *config, command.plugins_dir, *operator_control, say);
    duties.guard = [&] {
      RunningMark* mark = (*session)->running_mark();
      if (mark == nullptr || config->run.longest_call.value == 0) return;
      if (!watchdog) watchdog.emplace(*mark, config->run.longest_call);
      if (!watchdog->stuck(monotonic_now())) return;
      restore_terminal();
      end_stuck(*mark);
    };
    duties.look = [&] {
      if (reload_request.exchange(false, std::memory_order_relaxed)) watch->reload_changed();
      watch->poll();
    };
    duties.control = &*operator_control;
    duties.admin.config = config->admin;
    duties.admin.state_dir = config->run.state_dir;
    duties.admin.log = [&](const std::string& line) { say(ZM_LOG_INFO, line); };
    duties.admin.file_of = [&](std::string_view name) -> Result<std::string> {
      for (const PluginConfig& plugin : config->plugins)
        if (plugin.name == name) return plugin.at.file;
      return Error{Errc::not_found, fmt::format("no file defines the strategy \"{}\"", name)};
    };
  }
  // Backtests run beside each other and beside a live host; they are not worth a port.
  if (!with_journal) config->metrics.enabled = false;
  auto control = ControlThread::start(*config, observation, std::move(duties));
  if (!control) return complain(control.error());
  const auto outcome = (*session)->run();
  observation.update(**session);
  terminal.finish(observation.view());
  if (!outcome) complain(outcome.error());
  RunFacts facts = facts_of(**session, outcome ? &*outcome : nullptr);
  const std::string journal = (*session)->journal_path();
  control->reset();  // nobody asks the session any more
  watch.reset();
  supervisor.reset();
  operator_control.reset();
  session->reset();  // closes the journal before it is read

  int status = outcome ? 0 : 1;
  if (command.no_report) return status;
  const auto written =
      with_journal
          ? report_from_journal(journal, config->report.directory, command.plugins_dir, facts)
          : report_from_backtest(*config, *analysis, command.plugins_dir, facts);
  if (!written) return complain(written.error());
  fmt::print("{}\nreport: {}\n", written->text, written->directory);
  if (!journal.empty()) fmt::print("journal: {}\n", journal);
  return status;
}

// Runs in a child; a child that a strategy ended is followed by another, which goes on without that
// strategy. Ends with the status of the last one.
int run_supervised(const RunCommand& command) {
  const auto config = read_config(command.config);
  if (!config) return 2;
  RunCommand next = command;
  for (;;) {
    const pid_t child = fork();
    if (child < 0) return complain({Errc::io, "cannot start a process for the run"});
    if (child == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      return run_once(next, true);
    }
    supervised = child;
    for (const int signal : {SIGINT, SIGTERM, SIGHUP})
      std::signal(signal, [](int which) { kill(supervised, which); });
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) != exit_stuck) return WEXITSTATUS(status);
    if (!RunningMarkFile::read(config->run.state_dir))
      return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : 1;
    fmt::print(stderr, "zomma: a strategy ended the run; starting again without it\n");
    next.fresh = false;
  }
}

}  // namespace

int run_command(const RunCommand& command, bool with_journal) {
  return command.supervise && with_journal ? run_supervised(command)
                                           : run_once(command, with_journal);
}

int replay_command(const ReplayCommand& command) {
  const auto journal = find_journal(command.journal);
  if (!journal) return complain(journal.error());
  int failures = 0;
  for (int round = 1; round <= command.times; ++round) {
    const Nanoseconds started = monotonic_now();
    const auto result = replay_journal(*journal, command.plugins_dir, nullptr);
    if (!result) return complain(result.error());
    const double seconds = static_cast<double>((monotonic_now() - started).value) * 1e-9;
    const bool same = result->same();
    failures += !same;
    fmt::print(
        "{} {} inputs, {} outputs compared, {:.2f} s ({:.1f} M inputs/s)\n  journal {}\n  replay  "
        "{}\n",
        same ? "same" : "DIFFERENT", result->inputs, result->compared, seconds,
        static_cast<double>(result->inputs) / seconds * 1e-6, result->journal_digest,
        result->replay_digest);
    if (!same) fmt::print("first difference: {}\n", result->difference);
    for (const std::string& note : result->notes) fmt::print("note: {}\n", note);
  }
  return failures == 0 ? 0 : 1;
}

int report_command(const ReportCommand& command) {
  const auto journal = find_journal(command.journal);
  if (!journal) return complain(journal.error());
  const auto written = report_from_journal(*journal, command.directory, command.plugins_dir, {});
  if (!written) return complain(written.error());
  fmt::print("{}\nreport: {}\n", written->text, written->directory);
  return 0;
}

int config_check_command(const std::string& path) {
  auto config = read_config(path);
  if (!config) return 2;
  const auto missing = missing_files(*config);
  fmt::print("{}", format(missing));
  if (missing.empty())
    if (const auto found =
            discover_contracts(*config, [](const std::string& text) { fmt::print("{}\n", text); });
        !found)
      return complain(found.error());
  NoLog log;
  Engine engine(engine_settings(*config), log);
  const ImageStore store(config->run.state_dir);
  PluginSource source;
  source.store = &store;
  source.probe = true;
  source.say = [](const std::string& text) { fmt::print("{}\n", text); };
  const auto plugins = add_plugins(engine, *config, source);
  if (!plugins) return complain(plugins.error());
  fmt::print("{}: {} instruments, {} feeds, {} strategies: {}\n", path, config->instruments.size(),
             config->feeds.size(), plugins->size(),
             missing.empty() ? "ready to run" : "files are missing");
  return missing.empty() ? 0 : 1;
}

}  // namespace zomma::cli
