// report_builder.h: from a journal, or from a backtest that was watched, to the report of a run,
// with its baselines: other strategies run over the same inputs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "observe/report/report.h"
#include "observe/report/run_analysis.h"
#include "runtime/config/config.h"
#include "runtime/engine_log.h"

namespace zomma {

class Session;
struct SessionOutcome;

// What only the process that ran knows: its feeds' counters, its speed.
struct RunFacts {
  std::vector<ReportFeed> feeds;
  std::vector<ReportFact> facts;
  std::vector<std::string> notes;
};
RunFacts facts_of(const Session& session, const SessionOutcome* outcome);

// Watches an engine and computes the figures as it goes.
class AnalysisObserver final : public EngineObserver {
 public:
  explicit AnalysisObserver(const Config& config);
  void on_bbo(Nanoseconds ts, InstrumentId id, const Bbo& bbo) override {
    analysis_.on_bbo(ts, id, bbo.bid, bbo.ask);
  }
  void on_input(const zm_event& event) override { analysis_.add_input(event); }
  void on_intent(const IntentRecord& record) override { analysis_.add_intent(record); }
  void on_order(const OrderRecord& record) override { analysis_.add_order(record); }
  void on_signal(const SignalRecord& record) override { analysis_.add_signal(record); }
  bool wants_books() const override { return analysis_.wants_books(); }
  void on_book(const options::BookSample& sample) override { analysis_.add_book(sample); }
  void on_metric(InstanceId instance, std::uint32_t handle, std::string_view name,
                 std::uint32_t kind) override;
  RunResult result() const { return analysis_.result(); }

 private:
  RunAnalysis analysis_;
};

struct WrittenReport {
  std::string text;       // report.txt
  std::string directory;  // where it lies
  std::vector<Baseline> baselines;
};

// Replays the journal to compute everything anew. `directory` empty: where the journal's
// configuration says.
Result<WrittenReport> report_from_journal(const std::string& journal, const std::string& directory,
                                          const std::string& plugins_dir, const RunFacts& facts);
// Of a backtest: `observer` watched it; baselines read the recordings again.
Result<WrittenReport> report_from_backtest(const Config& config, const AnalysisObserver& observer,
                                           const std::string& plugins_dir, const RunFacts& facts);

}  // namespace zomma
