// run_analysis.h: a run's records in, its figures out. Streaming: every record is looked at once,
// in the order of the run; memory is bounded however long the run is (plots and signal samples thin
// themselves out by a fixed rule).
//
// One thread. Nothing here influences an engine; the same records give the same figures on every
// machine. On the path of the caller's market data only on_bbo and add_input matter: neither
// allocates once the plots are warm.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <zomma/event.h>

#include "base/types.h"
#include "journal/records.h"
#include "market/instrument.h"
#include "observe/report/figures.h"
#include "portfolio/options/book_sample.h"

namespace zomma {

struct AnalysisOptions {
  std::vector<Instrument> instruments;  // [i].id.value == i
  std::vector<std::string> instances;   // names by InstanceId
  std::vector<std::string>
      signals;  // names by SignalRecord::signal; "" = not a signal, or named later
  // Forward horizons of markouts and signals, rising, at most 8.
  std::vector<Nanoseconds> horizons{{100'000'000}, {1'000'000'000}, {10'000'000'000}};
  Nanoseconds signal_interval{100'000'000};  // at most one observation of a signal in this time
  Nanoseconds warm_up{};  // signals published this early in the run are not judged
  // What each instance began with, by InstanceId; drawdown is given in percent of it; none, or 0 =
  // of the greatest position held.
  std::vector<Money> capitals;
};

class RunAnalysis {
 public:
  explicit RunAnalysis(AnalysisOptions options);
  RunAnalysis(RunAnalysis&&) noexcept;
  RunAnalysis& operator=(RunAnalysis&&) noexcept;
  ~RunAnalysis();

  // A name that became known during the run. Indexes above 65,535 are ignored.
  void name_signal(std::uint32_t signal, std::string name);

  // The book's best changed. Call it before the records that the change caused. A side that is
  // missing is no_price: the last mid stays. Feeds that carry quotes need not call it: add_input
  // does.
  void on_bbo(Nanoseconds ts, InstrumentId instrument, Price bid, Price ask);

  void add_input(const zm_event& event);
  void add_intent(const IntentRecord& record);
  void add_order(const OrderRecord& record);
  void add_signal(const SignalRecord& record);
  // A look at a strategy's options; makes figures of options where any instrument is one.
  void add_book(const options::BookSample& sample);
  bool wants_books() const;
  // Wall-clock time from an event's arrival to the decision it caused. Not part of a journal:
  // measured live or not at all.
  void add_decision_latency(std::int64_t nanoseconds);

  // The figures of everything so far. More records may follow.
  RunResult result() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// The baseline that never trades, over the same sample as `like`.
RunResult do_nothing_baseline(const RunResult& like);

}  // namespace zomma
