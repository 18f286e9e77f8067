// report.h: the report of a run for people (text, HTML) and programs (JSON). All three are written
// from the same figures.
//
// The renderers are pure functions: no clock, no file, no environment. What they are given as text
// (names, facts, notes) is shown as text: nothing in it can become markup or script.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "observe/report/figures.h"

namespace zomma {

struct ReportFact {
  std::string name, value;
};

struct ReportFeed {  // not FeedCounters: that is what a decoder counts (market/feeds/decoder.h)
  std::string feed;
  struct Counter {
    std::string name;
    std::uint64_t value{};
    bool fault{false};  // shown as a warning when not zero
  };
  std::vector<Counter> counters;
};

struct Baseline {
  std::string name;  // "do_nothing", "naive_maker"
  RunResult run;
};

struct Report {
  std::string title;  // the run's name
  RunResult run;
  std::vector<Baseline> baselines;
  std::vector<ReportFeed> feeds;
  std::vector<ReportFact> facts;  // versions, seed, journal, plugins: in the order given
  std::vector<std::string>
      notes;  // what a reader must know to judge the run: "fills are simulated against a recording"
  std::string digest;  // SHA-256 over the run's orders and fills, hexadecimal
  std::string config;  // the effective configuration as TOML; may be empty
};

struct ReportFormats {
  bool text{true}, json{true}, html{true};
};

// In JSON: "schema_version". It changes when a field changes its meaning or goes; new fields may
// come without a change.
constexpr int report_schema_version = 1;

// For a terminal: at most 100 columns, no colours, ends with a newline.
std::string render_text(const Report& report);
std::string render_json(const Report& report);
// One file that needs nothing else: styles, scripts and data are inside.
std::string render_html(const Report& report);

// What the run amounts to, in a few plain sentences; the first says whether it made or lost money
// after fees.
std::vector<std::string> verdict(const Report& report);

// Writes report.txt, report.json and report.html into `directory` (made if missing), each under a
// temporary name first and renamed when whole. If options were held, options_events.csv besides.
// Errors: io, no_space, refused, with the path.
Result<void> write_report(const std::string& directory, const Report& report,
                          ReportFormats formats = {});

// One file of a report, as write_report() writes each: a reader finds the old one or the new one
// whole.
Result<void> write_file(const std::string& directory, const std::string& name,
                        const std::string& content);

}  // namespace zomma
