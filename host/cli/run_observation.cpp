#include "cli/run_observation.h"

#include <fmt/core.h>
#include <algorithm>

#include <boost/json.hpp>

#include "base/clock.h"
#include "gpu/lending/pricing_service.h"
#include "observe/gpu/gpu_metrics.h"
#include "observe/gpu/heap_metrics.h"

namespace zomma {
namespace json = boost::json;

namespace {

json::value describe(const gpu::PricingCounts& counts) {
  return {{"gpu", counts.device},
          {"cpu", counts.small},
          {"cpu_fallback", counts.fallbacks},
          {"splits", counts.splits},
          {"last_fallback", counts.reason}};
}

}  // namespace

RunObservation::RunObservation() : started_ns_(monotonic_now().value) { watch_gpus(); }
RunObservation::~RunObservation() = default;

void RunObservation::watch_gpus() {
  auto monitor = gpu::HealthMonitor::open();
  if (!monitor) return;  // no NVIDIA driver: nothing to watch
  gpus_ = std::make_unique<gpu::HealthSampler>(
      std::move(*monitor),
      [this, health = std::make_shared<GpuMetrics>(metrics_),
       memory = std::make_shared<HeapMetrics>(metrics_)](const gpu::HealthSnapshot& snapshot) {
        health->update(snapshot);
        const auto lending = lender();
        if (!lending) return;
        memory->update(lending->heaps());
        if (lending->pricing() != nullptr) memory->update(lending->pricing()->counts());
      });
}

std::shared_ptr<gpu::LenderSource> RunObservation::lender() const {
  const std::lock_guard lock(mutex_);
  return lender_;
}

void RunObservation::update(const Session& session) {
  gpu::LenderSource* lender = session.engine().gpu();
  if (gpus_ && lender != nullptr) lender->follow(*gpus_->latest());
  update_view(session);
  update_metrics(session);
  update_health(session);
  const std::lock_guard lock(mutex_);
  shared_view_ = view_;
  if (!lender_ && lender != nullptr) lender_ = lender->shared_from_this();
}

void RunObservation::update_view(const Session& session) {
  const Engine& engine = session.engine();
  const std::int64_t now = monotonic_now().value;
  view_.name = session.config().run.name;
  view_.mode = std::string(to_text(session.config().run.mode));
  view_.engine_time_ns = engine.now().value;
  view_.elapsed_ns = now - started_ns_;
  view_.events = engine.last_seq();
  if (last_ns_ != 0 && now > last_ns_)
    view_.events_per_second = static_cast<double>(session.inputs() - last_inputs_) * 1e9 /
                              static_cast<double>(now - last_ns_);
  last_ns_ = now;
  last_inputs_ = session.inputs();
  view_.lag_ns = session.lag_ns();
  const EngineStats& stats = engine.stats();
  view_.intents = stats.intents;
  view_.risk_rejects = stats.refused;
  view_.fills = stats.fills;
  view_.currency = engine.instruments().empty() ? "" : engine.instruments().front().currency;
  view_.strategies.clear();
  view_.pnl = view_.fees = 0;
  view_.open_orders = 0;
  for (const auto& instance : engine.instances()) {
    const zm_account account = engine.account_of(instance->id());
    const InstanceStats& own = engine.instance_stats(instance->id());
    const double pnl = to_double(Money{account.realised + account.unrealised - account.fees});
    const char* state = instance->phase() == InstancePhase::faulted ? "faulted"
                        : account.killed != 0                       ? "held"
                                                                    : "running";
    view_.strategies.push_back({instance->name(), state, pnl, to_double(Money{account.fees}),
                                own.sent, own.fills, own.refused});
    view_.pnl += pnl;
    view_.fees += to_double(Money{account.fees});
    view_.open_orders += account.open_orders;
  }
  const auto& feeds = session.config().feeds;
  if (std::any_of(feeds.begin(), feeds.end(), modelled_quotes))
    view_.note = "option quotes are MODELLED";
  view_.positions.clear();
  for (const Instrument& instrument : engine.instruments()) {
    Quantity held{};
    double pnl = 0;
    for (const auto& instance : engine.instances()) {
      const zm_position position = engine.position_of(instance->id(), instrument.id);
      held += Quantity{position.quantity};
      pnl += to_double(Money{position.realised + position.unrealised - position.fees});
    }
    const std::uint32_t open = engine.open_orders_on(instrument.id);
    // Of options there are tens of thousands; those that are held or worked are worth a line.
    if (instrument.option && held.value == 0 && open == 0) continue;
    const Bbo bbo = engine.best_of(instrument.id);
    PositionRow row{instrument.symbol,
                    format_quantity(instrument, held),
                    format_price(instrument, bbo.bid),
                    format_price(instrument, bbo.ask),
                    pnl,
                    open};
    view_.positions.push_back(std::move(row));
  }
  view_.feeds.clear();
  for (std::size_t i = 0; i < session.feed_names().size() && i < session.feeds().size(); ++i) {
    const FeedCounters& counters = session.feeds().source(i).counters();
    view_.feeds.push_back(
        {session.feed_names()[i], counters.events,
         counters.malformed + counters.truncated + counters.unknown_type + counters.inexact,
         counters.gaps, -1});
  }
}

void RunObservation::update_metrics(const Session& session) {
  const auto total = [&](const char* name, const char* help, std::uint64_t value,
                         const MetricLabels& labels = {}) {
    if (auto counter = metrics_.counter(name, help, labels)) counter->set_total(value);
  };
  const auto gauge = [&](const char* name, const char* help, double value,
                         const MetricLabels& labels = {}) {
    if (auto cell = metrics_.gauge(name, help, labels)) cell->set(value);
  };
  const EngineStats& stats = session.engine().stats();
  total("zomma_inputs_total", "Events sequenced", session.engine().last_seq());
  total("zomma_batches_total", "Calls of strategies", stats.batches);
  total("zomma_intents_total", "Intents of strategies", stats.intents);
  total("zomma_intents_refused_total", "Intents refused by a pre-trade check", stats.refused);
  total("zomma_fills_total", "Fills", stats.fills);
  total("zomma_book_anomalies_total", "Events that contradicted their book", stats.book_anomalies);
  total("zomma_report_anomalies_total", "Venue reports that contradicted the order they name",
        stats.report_anomalies);
  total("zomma_clock_back_total", "Events whose receive time fell behind the one before",
        stats.clock_back);
  total("zomma_unknown_instrument_total", "Events of instruments that are not configured",
        stats.unknown_instrument);
  total("zomma_strategy_faults_total", "Strategies stopped after an error", stats.faults);
  const JournalStats journal = session.journal_stats();
  total("zomma_journal_bytes_total", "Bytes appended to the journal", journal.bytes);
  total("zomma_journal_stalls_total", "Appends that waited for a segment", journal.stalls);
  gauge("zomma_events_per_second", "Sequenced events a second, over the last refresh",
        view_.events_per_second);
  if (session.lag_ns() >= 0)
    gauge("zomma_lag_seconds", "Behind the feed or the asked pace",
          static_cast<double>(session.lag_ns()) * 1e-9);
  for (std::size_t i = 0; i < session.feed_names().size() && i < session.feeds().size(); ++i) {
    const FeedCounters& feed = session.feeds().source(i).counters();
    const MetricLabels labels{{"feed", session.feed_names()[i]}};
    total("zomma_feed_messages_total", "Messages of a feed", feed.messages, labels);
    total("zomma_feed_malformed_total", "Messages with a field that may not be",
          feed.malformed + feed.truncated, labels);
    total("zomma_feed_unknown_total", "Messages of unknown type or symbol",
          feed.unknown_type + feed.unknown_symbol, labels);
    total("zomma_feed_lost_total", "Messages lost in gaps", feed.lost, labels);
    total("zomma_feed_duplicates_total", "Messages delivered before", feed.duplicates, labels);
  }
  for (const StrategyRow& row : view_.strategies) {
    const MetricLabels labels{{"strategy", row.name}};
    gauge("zomma_pnl", "Profit and loss after fees, in the account's currency", row.pnl, labels);
    total("zomma_orders_total", "Orders sent", row.orders, labels);
    total("zomma_strategy_fills_total", "Fills of a strategy", row.fills, labels);
    total("zomma_rejects_total", "Orders refused by a pre-trade check", row.rejects, labels);
  }
  for (const Engine::Metric& metric : session.engine().metrics()) {
    const MetricLabels labels{
        {"strategy", session.engine().instances()[metric.instance.value]->name()},
        {"unit", metric.unit}};
    if (metric.kind == ZM_METRIC_COUNTER)
      total(("zomma_plugin_" + metric.name + "_total").c_str(), "Declared by a plugin",
            static_cast<std::uint64_t>(metric.value), labels);
    else
      gauge(("zomma_plugin_" + metric.name).c_str(), "Declared by a plugin", metric.value, labels);
  }
}

void RunObservation::update_health(const Session& session) {
  std::vector<std::string> reasons;
  const Engine& engine = session.engine();
  if (engine.halted()) reasons.push_back("the journal failed: trading has stopped");
  for (const auto& instance : engine.instances())
    if (instance->phase() == InstancePhase::faulted)
      reasons.push_back("strategy " + instance->name() + " faulted: " + instance->error());
  for (const Engine::HealthReport& report : engine.health_reports())
    if (report.level == ZM_HEALTH_FAILING)
      reasons.push_back("strategy " + engine.instances()[report.instance.value]->name() + ": " +
                        report.text);
  const std::lock_guard lock(mutex_);
  reasons_ = std::move(reasons);
}

std::vector<std::string> RunObservation::health() const {
  const std::lock_guard lock(mutex_);
  return reasons_;
}

std::string RunObservation::status_json() const {
  json::value gpu_memory = json::array(), gpu_pricing;
  if (const auto lending = lender()) {
    gpu_memory = json::parse(gpu::heaps_json(lending->heaps()));
    if (lending->pricing() != nullptr) gpu_pricing = describe(lending->pricing()->counts());
  }
  const std::lock_guard lock(mutex_);
  const RunView& view = shared_view_;
  json::array strategies;
  for (const StrategyRow& row : view.strategies)
    strategies.push_back({{"name", row.name},
                          {"state", row.state},
                          {"pnl", row.pnl},
                          {"fees", row.fees},
                          {"orders", row.orders},
                          {"fills", row.fills},
                          {"rejects", row.rejects}});
  json::array positions;
  for (const PositionRow& row : view.positions)
    positions.push_back({{"symbol", row.symbol},
                         {"position", row.position},
                         {"bid", row.bid},
                         {"ask", row.ask},
                         {"pnl", row.pnl},
                         {"open_orders", row.open_orders}});
  return json::serialize(
      json::object{{"name", view.name},
                   {"mode", view.mode},
                   {"engine_time_ns", view.engine_time_ns},
                   {"events", view.events},
                   {"events_per_second", view.events_per_second},
                   {"lag_ns", view.lag_ns},
                   {"pnl", view.pnl},
                   {"fees", view.fees},
                   {"open_orders", view.open_orders},
                   {"strategies", std::move(strategies)},
                   {"positions", std::move(positions)},
                   {"gpu", gpus_ ? json::parse(gpu::health_json(*gpus_->latest())) : json::value()},
                   {"gpu_memory", std::move(gpu_memory)},
                   {"gpu_pricing", std::move(gpu_pricing)}});
}

}  // namespace zomma
