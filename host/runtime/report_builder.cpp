#include "runtime/report_builder.h"

#include <fmt/core.h>

#include <algorithm>

#include "runtime/baseline.h"
#include "runtime/release.h"
#include "runtime/replay.h"
#include "runtime/session.h"

namespace zomma {
namespace {

AnalysisOptions analysis_options(const Config& config) {
  AnalysisOptions options;
  options.instruments = config.instruments;
  for (const PluginConfig& plugin : config.plugins) {
    options.instances.push_back(plugin.name);
    options.capitals.push_back(plugin.cash);
  }
  options.horizons = config.report.signal_horizons;
  return options;
}

Result<std::vector<Baseline>> baselines(const Config& config, const RunResult& run,
                                        const std::string& plugins_dir,
                                        const std::function<Result<InputSource>()>& inputs,
                                        std::vector<std::string>& notes) {
  std::vector<Baseline> results;
  for (const std::string& name : config.report.baselines) {
    if (name == "do_nothing") {
      results.push_back({name, do_nothing_baseline(run)});
      continue;
    }
    auto source = inputs();
    if (!source) return source.error();
    auto result = run_baseline(config, name, plugins_dir, std::move(*source));
    if (result)
      results.push_back({name, std::move(*result)});
    else
      notes.push_back(
          fmt::format("the baseline {} could not be run: {}", name, result.error().message));
  }
  return results;
}

Result<WrittenReport> write(const Config& config, Report report, const std::string& directory) {
  ReportFormats formats{false, false, false};
  for (const ReportFormat format : config.report.formats) {
    formats.text |= format == ReportFormat::text;
    formats.json |= format == ReportFormat::json;
    formats.html |= format == ReportFormat::html;
  }
  const std::string where = directory.empty() ? config.report.directory : directory;
  if (const auto written = write_report(where, report, formats); !written) return written.error();
  return WrittenReport{render_text(report), where, std::move(report.baselines)};
}

// What option quotes of the run were never a market's; empty where all were.
std::string modelled_note(const Config& config) {
  std::string names;
  for (const FeedConfig& feed : config.feeds) {
    if (!modelled_quotes(feed)) continue;
    for (const std::string& symbol : feed.chains.underlyings)
      names += (names.empty() ? "" : ", ") + symbol;
  }
  return names.empty() ? ""
                       : "MODELLED: the option quotes of " + names +
                             " come from a model, not from a market. What selling or buying "
                             "options earned here follows from its assumptions.";
}

// Without the contracts that its chain feeds find by themselves: they come last, by the thousand.
std::string shown_config(Config config) {
  const bool finds = std::any_of(config.feeds.begin(), config.feeds.end(),
                                 [](const FeedConfig& feed) { return feed.chains.given(); });
  while (finds && !config.instruments.empty() && config.instruments.back().option)
    config.instruments.pop_back();
  return dump_config(config);
}

Report begin_report(const Config& config, const RunFacts& facts) {
  Report report;
  report.title = config.run.name;
  report.feeds = facts.feeds;
  report.facts = {{"zomma", release},
                  {"mode", std::string(to_text(config.run.mode))},
                  {"seed", std::to_string(config.sim.seed)}};
  report.facts.insert(report.facts.end(), facts.facts.begin(), facts.facts.end());
  report.notes = facts.notes;
  if (std::string note = modelled_note(config); !note.empty())
    report.notes.insert(report.notes.begin(), std::move(note));
  report.notes.push_back(
      "Fills are simulated against a recording: our orders did not move this market, and other "
      "participants did not answer them.");
  report.config = shown_config(config);
  return report;
}

}  // namespace

AnalysisObserver::AnalysisObserver(const Config& config) : analysis_(analysis_options(config)) {}

void AnalysisObserver::on_metric(InstanceId, std::uint32_t handle, std::string_view name,
                                 std::uint32_t kind) {
  if (kind == ZM_METRIC_SIGNAL) analysis_.name_signal(handle, std::string(name));
}

RunFacts facts_of(const Session& session, const SessionOutcome* outcome) {
  RunFacts facts;
  for (std::size_t i = 0; i < session.feed_names().size() && i < session.feeds().size(); ++i) {
    const FeedCounters& counted = session.feeds().source(i).counters();
    ReportFeed feed{session.feed_names()[i], {}};
    const auto add = [&](const char* name, std::uint64_t value, bool fault) {
      feed.counters.push_back({name, value, fault});
    };
    add("messages", counted.messages, false);
    add("events", counted.events, false);
    add("ignored", counted.ignored, false);
    add("unknown type", counted.unknown_type, true);
    add("unknown symbol", counted.unknown_symbol, false);
    add("truncated", counted.truncated, true);
    add("malformed", counted.malformed, true);
    add("inexact", counted.inexact, true);
    add("clock back", counted.clock_back, true);
    add("gaps", counted.gaps, true);
    add("lost", counted.lost, true);
    add("duplicates", counted.duplicates, false);
    add("out of order", counted.out_of_order, false);
    facts.feeds.push_back(std::move(feed));
    if (const auto& problem = session.feeds().source(i).first_problem())
      facts.notes.push_back(fmt::format("Feed \"{}\" holds data that were refused, the first in {}",
                                        session.feed_names()[i], problem->message));
  }
  for (const PluginIdentity& plugin : session.meta().plugins)
    facts.facts.push_back({plugin.instance, fmt::format("{} {} ({})", plugin.id, plugin.version,
                                                        plugin.sha256.substr(0, 12))});
  if (outcome != nullptr) {
    facts.facts.push_back({"inputs", fmt::format("{}", outcome->inputs + outcome->recovered)});
    if (outcome->seconds > 0)
      facts.facts.push_back(
          {"speed", fmt::format("{:.2f} M inputs/s",
                                static_cast<double>(outcome->inputs) / outcome->seconds * 1e-6)});
    if (outcome->recovered != 0)
      facts.notes.push_back(
          fmt::format("The run was interrupted and recovered after input {}.", outcome->recovered));
    if (outcome->reason == ended_operator)
      facts.notes.push_back("The run was stopped by the operator before its recording ended.");
  } else {
    facts.notes.push_back("The run ended with an error; this report covers what was journaled.");
  }
  const EngineStats& stats = session.engine().stats();
  if (stats.faults != 0)
    facts.notes.push_back(fmt::format("{} strategies faulted and were stopped.", stats.faults));
  return facts;
}

Result<WrittenReport> report_from_journal(const std::string& journal, const std::string& directory,
                                          const std::string& plugins_dir, const RunFacts& facts) {
  const auto meta = read_meta(journal);
  if (!meta) return meta.error();
  const auto config = journal_config(*meta);
  if (!config) return config.error();
  AnalysisObserver observer(*config);
  const auto replayed = replay_journal(journal, plugins_dir, &observer);
  if (!replayed) return replayed.error();
  Report report = begin_report(*config, facts);
  report.run = observer.result();
  report.digest = replayed->journal_digest;
  report.facts.push_back({"journal", journal});
  report.notes.insert(report.notes.end(), replayed->notes.begin(), replayed->notes.end());
  if (!replayed->same())
    report.notes.push_back("The replay differs from the journal; the figures are the replay's. " +
                           replayed->difference);
  auto others = baselines(
      *config, report.run, plugins_dir, [&] { return inputs_of_journal(journal); }, report.notes);
  if (!others) return others.error();
  report.baselines = std::move(*others);
  return write(*config, std::move(report), directory);
}

Result<WrittenReport> report_from_backtest(const Config& config, const AnalysisObserver& observer,
                                           const std::string& plugins_dir, const RunFacts& facts) {
  Report report = begin_report(config, facts);
  report.run = observer.result();
  auto others = baselines(
      config, report.run, plugins_dir, [&] { return inputs_of_feeds(config); }, report.notes);
  if (!others) return others.error();
  report.baselines = std::move(*others);
  return write(config, std::move(report), "");
}

}  // namespace zomma
