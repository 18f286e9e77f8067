#include "cli/sweep/sweep_commands.h"

#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <csignal>
#include <memory>
#include <thread>

#include "base/clock.h"
#include "runtime/sweep/walk.h"
#include "runtime/sweep/write_sweep.h"

namespace zomma::cli {
namespace {

struct SweepCommand {
  std::string config, sweep, plugins_dir, shard, output;
  unsigned jobs{0};
  bool resume{false};
};

volatile std::sig_atomic_t stopped = 0;
void on_signal(int) { stopped = 1; }

constexpr int done_with_failures = 3, shards_missing = 4;

int complain(const Error& error, int status) {
  fmt::print(stderr, "zomma: {}\n", error.message);
  return status;
}

bool read_shard(const std::string& text, SearchOptions& options) {
  if (text.empty()) return true;
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return false;
  const char *begin = text.data(), *end = begin + text.size();
  const auto first = std::from_chars(begin, begin + slash, options.shard);
  const auto second = std::from_chars(begin + slash + 1, end, options.shards);
  return first.ec == std::errc{} && second.ec == std::errc{} && first.ptr == begin + slash && second.ptr == end && options.shard >= 1 &&
         options.shard <= options.shards;
}

// One line that is drawn again on a terminal, and a line now and then elsewhere.
class ProgressLine {
 public:
  void show(const SearchProgress& progress) {
    const Nanoseconds now = monotonic_now();
    const bool last = progress.done == progress.total;
    if (!last && now.value < next_.value) return;
    next_ = {now.value + (terminal_ ? 200'000'000 : 5'000'000'000)};
    const double rate = progress.seconds > 0 ? static_cast<double>(progress.done) / progress.seconds : 0;
    const double left = rate > 0 ? static_cast<double>(progress.total - progress.done) / rate : 0;
    fmt::print(stderr, "{}{} of {} runs, {:.1f} runs/s, {} failed{}{}", terminal_ ? "\r\x1b[K" : "", progress.done, progress.total, rate, progress.failed,
               last ? std::string() : fmt::format(", {:.0f} s left", left), terminal_ && !last ? "" : "\n");
    std::fflush(stderr);
  }

 private:
  bool terminal_ = isatty(STDERR_FILENO) != 0;
  Nanoseconds next_{};
};

int sweep_command(const SweepCommand& command) {
  ConfigResult config = load_config(command.config);
  if (!config) {
    fmt::print(stderr, "{}", format(config.errors));
    return 2;
  }
  SweepConfigResult sweep = load_sweep(command.sweep);
  if (!sweep) {
    fmt::print(stderr, "{}zomma: {} error{} in {}; nothing was started\n", format(sweep.errors), sweep.errors.size(), sweep.errors.size() == 1 ? "" : "s", command.sweep);
    return 2;
  }
  if (!command.output.empty()) sweep.config.output = command.output;
  SearchOptions options;
  if (!read_shard(command.shard, options)) return complain({Errc::invalid_argument, "--shard " + command.shard + ": expected i/n, 1 <= i <= n"}, 2);
  options.plugins_dir = command.plugins_dir;
  options.jobs = command.jobs != 0 ? command.jobs : std::max(std::thread::hardware_concurrency(), 1u);
  options.resume = command.resume;
  ProgressLine line;
  options.progress = [&](const SearchProgress& progress) { line.show(progress); };
  options.stop = [] { return stopped != 0; };
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  std::signal(SIGPIPE, SIG_IGN);
  auto search = Search::open(config.config, sweep.config, std::move(options));
  if (!search) return complain(search.error(), search.error().code == Errc::invalid_argument || search.error().code == Errc::exhausted ? 2 : 1);
  const auto verdict = run_sweep(**search);
  if (!verdict) return complain(verdict.error(), verdict.error().code == Errc::invalid_argument ? 2 : 1);
  if ((*search)->reused() != 0) fmt::print(stderr, "{} runs were there already\n", (*search)->reused());
  if (!*verdict) {
    if (stopped != 0) return complain({Errc::refused, "stopped; --resume goes on from here"}, 1);
    fmt::print("this shard is done: {}; run the others, then the sweep once with --resume and without --shard\n", sweep.config.output);
    return shards_missing;
  }
  if (const auto written = write_sweep(**search, **verdict); !written) return complain(written.error(), 1);
  fmt::print("{}\nresults: {}/sweep.html, sweep.csv, sweep.json\n", sweep_text(**search, **verdict), sweep.config.output);
  if (sweep.config.report_best && !(*verdict)->ranking.empty() && !(*verdict)->ranking[0].failed) {
    const auto reported = (*search)->report((*verdict)->ranking[0].point, (*search)->whole(), sweep.config.output + "/best");
    if (!reported) fmt::print(stderr, "zomma: no report of the best point: {}\n", reported.error().message);
    else fmt::print("report of the best point: {}/best\n", sweep.config.output);
  }
  bool failed = (*verdict)->failed != 0;
  for (const WindowResult& window : (*verdict)->windows) failed |= window.failed;
  return failed ? done_with_failures : 0;
}

}  // namespace

void add_sweep_command(CLI::App& app, int& status) {
  auto command = std::make_shared<SweepCommand>();
  auto* sweep = app.add_subcommand("sweep", "search a strategy's parameters: grid, random, walk-forward, simulated paths");
  sweep->add_option("config", command->config, "configuration file")->required();
  sweep->add_option("sweep", command->sweep, "what is searched: docs/reference/sweep.md")->required();
  sweep->add_option("--jobs", command->jobs, "runs at once (default: one a core)")->check(CLI::Range(1u, 4096u));
  sweep->add_flag("--resume", command->resume, "go on with the runs that are done");
  sweep->add_option("--shard", command->shard, "i/n: only every n-th run, from the i-th; for several machines");
  sweep->add_option("-o,--output", command->output, "folder of the results (overrides the file)");
  sweep->add_option("--plugins", command->plugins_dir, "folder of plugins that the configuration names without a folder");
  sweep->callback([command, &status] { status = sweep_command(*command); });
}

}  // namespace zomma::cli
