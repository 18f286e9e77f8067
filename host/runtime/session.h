// session.h: the composition root: from a configuration to a run. Builds the floors, recovers what
// a dead run left behind, turns the feeds into inputs, ends in order.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "journal/writer.h"
#include "market/bus/shared_bus.h"
#include "runtime/command_queue.h"
#include "runtime/config/config.h"
#include "runtime/engine.h"
#include "runtime/journal_log.h"
#include "runtime/merger.h"
#include "runtime/meta.h"

namespace zomma {

// Set from a signal handler; looked at between packets.
struct StopRequest {
  std::atomic<int> signal{0};
};

struct SessionOptions {
  bool journal{true};  // false: a backtest, whose recording is its journal
  bool resume{true};   // go on with a run that did not end in order
  bool guard{false};   // mark whose code runs, so that a death in it is known to the next process
  std::string plugins_dir;  // looked into for plugins that the configuration names without a
                            // folder; may be empty
  EngineObserver* observer{nullptr};
  StopRequest* stop{nullptr};
  // A recording read before, by its place in the configuration; not set: the files are read.
  std::function<Result<std::unique_ptr<FeedSource>>(std::size_t feed)> open_recording;
  // Recorded runs: until then nobody may trade, while books and strategies hear everything; 0 =
  // from the first event on.
  Nanoseconds hold_until{};
  // Lines for the operator.
  std::function<void(std::uint32_t level, const std::string& text)> log;
  // Called about every `config.terminal.refresh`, on the engine's thread.
  std::function<void(const class Session&)> on_progress;
};

struct SessionOutcome {
  std::uint32_t reason{ended_recording};
  std::uint64_t inputs{};     // of this process; recovered ones not counted
  std::uint64_t recovered{};  // inputs taken from the journal of the run before
  double seconds{};           // wall time of the loop
  std::string journal;        // its folder; empty without one
};

class Session {
 public:
  // Opens feeds, plugins, journal and bus, and recovers if there is something to recover. Every
  // error is for the operator.
  static Result<std::unique_ptr<Session>> open(const Config& config, SessionOptions options);
  ~Session();

  // Until the feeds end, an operator asks to stop, or the journal fails. Orders are cancelled and
  // the journal is closed.
  Result<SessionOutcome> run();

  // The run's: that of the journal when an earlier run goes on.
  const Config& config() const { return config_; }
  // Whose code runs; null without `guard`, and before run().
  RunningMark* running_mark() { return mark_ ? &mark_->mark() : nullptr; }
  // What other threads want done between two packets.
  CommandQueue& commands() { return commands_; }
  // Generations that have ended, to be destroyed by the caller. [any thread]
  std::vector<Engine::Retired> take_retired();
  const Engine& engine() const { return *engine_; }
  const FeedMerger& feeds() const { return merger_; }
  const RunMeta& meta() const { return meta_; }
  const std::vector<std::string>& feed_names() const { return feed_names_; }
  JournalStats journal_stats() const { return writer_ ? writer_->stats() : JournalStats{}; }
  std::int64_t lag_ns() const { return lag_ns_; }
  std::uint64_t inputs() const { return inputs_; }
  const std::string& journal_path() const { return journal_path_; }

 private:
  friend class SessionControl;
  // Hears the engine: log lines go to the operator, everything else to the caller's observer.
  struct Watch final : EngineObserver {
    Session* session{nullptr};
    void on_bbo(Nanoseconds ts, InstrumentId id, const Bbo& bbo) override {
      if (next()) next()->on_bbo(ts, id, bbo);
    }
    void on_input(const zm_event& event) override {
      if (next()) next()->on_input(event);
    }
    void on_intent(const IntentRecord& record) override {
      if (next()) next()->on_intent(record);
    }
    void on_order(const OrderRecord& record) override {
      if (next()) next()->on_order(record);
    }
    void on_signal(const SignalRecord& record) override {
      if (next()) next()->on_signal(record);
    }
    void on_metric(InstanceId id, std::uint32_t handle, std::string_view name,
                   std::uint32_t kind) override {
      if (next()) next()->on_metric(id, handle, name, kind);
    }
    bool wants_books() const override { return next() && next()->wants_books(); }
    void on_book(const options::BookSample& sample) override {
      if (next()) next()->on_book(sample);
    }
    void on_log(InstanceId id, std::uint32_t level, std::string_view text) override;
    EngineObserver* next() const { return session->options_.observer; }
  };

  // The engine's log: what the journal has taken goes out on the bus.
  struct Tee final : EngineLog {
    Session* session{nullptr};
    bool inputs(std::span<const zm_event> events) override {
      if (!session->log_.inputs(events)) return false;
      if (session->bus_) (void)session->bus_->publish(events);
      return true;
    }
    bool intent(const IntentRecord& record) override { return session->log_.intent(record); }
    bool order(const OrderRecord& record) override { return session->log_.order(record); }
    bool signal(const SignalRecord& record) override { return session->log_.signal(record); }
    bool given_state(std::span<const std::byte> record) override {
      return session->log_.given_state(record);
    }
  };

  Session(const Config& config, SessionOptions options);
  Result<void> open_feeds();
  Result<void> find_unfinished();
  Result<void> open_plugins();
  Result<void> open_journal();
  Result<void> recover(const std::string& journal);
  void collect_retired();
  Result<void> begin();
  Result<void> loop_recorded(SessionOutcome& outcome);
  Result<void> loop_live(SessionOutcome& outcome);
  Result<void> sequence(std::span<zm_event> inputs);
  Result<void> take(std::span<zm_event> inputs);
  Result<void> end(std::uint32_t reason);
  Result<void> snapshot_if_due();
  bool stop_asked() const {
    return options_.stop != nullptr && options_.stop->signal.load(std::memory_order_relaxed) != 0;
  }
  Result<void> progress();
  void say(std::uint32_t level, const std::string& text) const {
    if (options_.log) options_.log(level, text);
  }

  Config config_;
  SessionOptions options_;
  RunMeta meta_;
  std::optional<RunningMarkFile> mark_;
  std::optional<RunMeta> unfinished_;  // of the run that goes on
  CommandQueue commands_;
  std::mutex retired_mutex_;
  std::vector<Engine::Retired> retired_;
  std::string journal_path_;
  std::unique_ptr<JournalWriter> writer_;
  std::unique_ptr<JournalLog> journal_log_;
  NoLog no_log_;
  SwitchLog log_{no_log_};
  Tee tee_;  // what the engine writes to; outlives the engine
  Watch watch_;
  std::unique_ptr<Engine> engine_;
  std::optional<BusWriter> bus_;
  FeedMerger merger_;
  std::vector<std::unique_ptr<LiveSource>> live_;
  std::vector<std::string> feed_names_;
  std::uint64_t inputs_ = 0, recovered_ = 0, next_snapshot_ = 0;
  std::int64_t lag_ns_ = -1, next_progress_ns_ = 0;
};

}  // namespace zomma
