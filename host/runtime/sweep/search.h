// search.h: a whole sweep: prepares, runs what is not done yet, and gives back every run of every
// point. Judging the runs is verdict.h's business.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/sweep/config_tree.h"
#include "runtime/sweep/result_file.h"
#include "runtime/sweep/space.h"
#include "runtime/sweep/sweep_config.h"
#include "runtime/sweep/tape.h"
#include "runtime/sweep/trial.h"

namespace zomma {

struct SearchProgress {
  std::uint64_t done{}, total{},
      failed{};  // of this process; `total` without runs that were there before
  double seconds{};
};

struct SearchOptions {
  std::string plugins_dir;
  unsigned jobs{1};
  bool resume{false};  // go on with the runs that `output` holds; false: refuse if it holds any
  std::uint32_t shard{1}, shards{1};  // run every shards-th run, beginning with the shard-th
  std::function<void(const SearchProgress&)> progress;
  std::function<bool()> stop;
  std::function<void(const std::string&)> say;
};

// The runs of one point in one window.
struct PointRuns {
  std::uint64_t point{};
  std::vector<const TrialRow*> rows;  // by path
};

class Search {
 public:
  // Reads the recordings, loads the plugins once (in a child), checks every value against the
  // plugins' own tables and the configuration. Errors: every mistake, a line each.
  static Result<std::unique_ptr<Search>> open(const Config& config, const SweepConfig& sweep,
                                              SearchOptions options);

  // Runs every point in these windows that is not in the results yet. False: stopped, or runs of
  // other shards are missing.
  Result<bool> run(const std::vector<std::uint64_t>& points,
                   const std::vector<TrialWindow>& windows);
  // After run(): by point, in order.
  std::vector<PointRuns> runs_of(const std::vector<std::uint64_t>& points,
                                 const TrialWindow& window) const;

  // One more run with a report for people in `folder`; it is not part of the results.
  Result<void> report(std::uint64_t point, const TrialWindow& window, const std::string& folder);

  std::uint64_t points() const { return points_; }
  SweepPoint point(std::uint64_t index) const { return point_at(sweep_, index); }
  const SweepConfig& sweep() const { return sweep_; }
  const std::string& name() const { return name_; }
  const std::string& currency() const { return currency_; }
  const Tape& tape() const { return *tape_; }
  TrialWindow whole() const { return {tape_->first(), tape_->last(), false, false}; }
  // Training windows, each with the test that follows it.
  Result<std::vector<std::pair<TrialWindow, TrialWindow>>> windows() const;
  const std::vector<std::string>& plugins() const {
    return plugins_;
  }  // "hft_btc dev.zomma.hft_alpha 1.0.0 (d9fb...)"
  std::uint64_t reused() const { return reused_; }
  const SearchProgress& progress() const { return progress_; }

 private:
  Search(const Config& config, const SweepConfig& sweep, SearchOptions options);
  struct ParameterRow {
    std::string instance, name, unit;
    std::uint32_t type;
    double minimum, maximum;
  };
  Result<void> probe(const Config& config);
  Result<void> check_values() const;
  void check_parameter(const SweepParameter& parameter, const std::string& key,
                       std::string& errors) const;
  Result<void> open_results();
  std::string key_of(std::uint64_t point, std::uint32_t path, const TrialWindow& window) const;
  TrialRequest request_of(std::uint64_t point, std::uint32_t path, const TrialWindow& window) const;
  const TrialRow* find(const std::string& key) const;

  SweepConfig sweep_;
  SearchOptions options_;
  ConfigTree base_;
  std::string base_text_, name_, currency_, scratch_;
  Config discovered_;  // with the contracts that its chain feeds found
  std::unique_ptr<Tape> tape_;
  bool tape_serves_{true};
  std::vector<ParameterRow> table_;
  std::vector<std::string> instances_, plugins_;
  std::uint64_t points_{}, reused_{};
  std::unique_ptr<ResultFile> file_;
  std::map<std::string, TrialRow> others_;  // of other shards
  mutable std::map<std::string, std::string> file_hashes_;
  SearchProgress progress_;
};

}  // namespace zomma
