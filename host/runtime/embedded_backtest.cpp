// embedded_backtest.cpp: a configured backtest behind zomma/backtest.hpp.
#include <algorithm>

#include <zomma/backtest.hpp>
#include "journal/records.h"
#include "market/options/open_interest.h"
#include "runtime/discover.h"
#include "runtime/report_builder.h"
#include "runtime/session.h"

namespace zomma {
namespace {

const char* name_of(std::uint16_t kind) {
  switch (kind) {
    case ZM_EVENT_FILL:
      return "fill";
    case ZM_EVENT_ASSIGNED:
      return "assigned";
    case ZM_EVENT_EXERCISED:
      return "exercised";
    case ZM_EVENT_LAPSED:
      return "lapsed";
    case ZM_EVENT_ADJUSTED:
      return "adjusted";
    case ZM_EVENT_CASH:
      return "cash";
    case event_delivery:
      return "delivered";
    default:
      return nullptr;
  }
}

// The report's figures, and the caller's callbacks.
class Listener final : public EngineObserver {
 public:
  Listener(const Config& config, const BacktestOptions& options)
      : analysis(config), config_(config), options_(options) {}
  void on_bbo(Nanoseconds ts, InstrumentId id, const Bbo& bbo) override {
    analysis.on_bbo(ts, id, bbo);
  }
  void on_input(const zm_event& event) override { analysis.on_input(event); }
  void on_intent(const IntentRecord& record) override { analysis.on_intent(record); }
  void on_order(const OrderRecord& record) override {
    analysis.on_order(record);
    const char* what = name_of(record.event.kind);
    if (what != nullptr && options_.on_trade &&
        record.event.instrument < config_.instruments.size())
      options_.on_trade(trade_of(record, what));
  }
  void on_signal(const SignalRecord& record) override { analysis.on_signal(record); }
  void on_metric(InstanceId instance, std::uint32_t handle, std::string_view name,
                 std::uint32_t kind) override {
    analysis.on_metric(instance, handle, name, kind);
  }
  bool wants_books() const override { return options_.report && analysis.wants_books(); }
  void on_book(const options::BookSample& sample) override { analysis.on_book(sample); }

  AnalysisObserver analysis;

 private:
  BacktestTrade trade_of(const OrderRecord& record, const char* what) const {
    const Instrument& instrument = config_.instruments[record.event.instrument];
    const bool fill = record.event.kind == ZM_EVENT_FILL;
    const Quantity quantity{fill ? (record.side == ZM_SIDE_BUY ? record.event.u.fill.quantity
                                                               : -record.event.u.fill.quantity)
                                 : record.event.u.settlement.quantity};
    const Price price{fill ? record.event.u.fill.price : record.event.u.settlement.price};
    return {config_.plugins[record.instance].name,
            instrument.symbol,
            record.event.ts_ns,
            to_double(instrument, quantity),
            to_double(instrument, price),
            !fill,
            what};
  }

  const Config& config_;
  const BacktestOptions& options_;
};

BacktestFigures figures_of(const std::string& name, const StrategyResult& from) {
  return {name,
          from.pnl.net().value,
          from.pnl.fees.value,
          from.orders.fills,
          from.annual.total,
          from.annual.growth,
          from.annual.volatility,
          from.annual.sharpe,
          from.annual.drawdown};
}

}  // namespace

Trouble backtest(const BacktestOptions& options, BacktestResult& result) {
  result = {};
  const auto say = [&](const std::string& line) {
    if (options.on_log) options.on_log(line);
  };
  ConfigResult read = load_config(options.config);
  if (!read) return format(read.errors);
  Config& config = read.config;
  if (const auto found = discover_contracts(config, say); !found) return found.error().message;
  result.modelled = std::any_of(config.feeds.begin(), config.feeds.end(), modelled_quotes);
  Listener listener(config, options);
  SessionOptions session_options;
  session_options.journal = false;
  session_options.plugins_dir = options.plugins_dir;
  session_options.observer = &listener;
  session_options.log = [&](std::uint32_t, const std::string& line) { say(line); };
  auto session = Session::open(config, std::move(session_options));
  if (!session) return session.error().message;
  const auto outcome = (*session)->run();
  const RunResult run = listener.analysis.result();
  for (const StrategyResult& one : run.strategies)
    result.strategies.push_back(figures_of(one.name, one));
  if (!outcome) return outcome.error().message;
  if (!options.report) return {};
  const auto written = report_from_backtest(config, listener.analysis, options.plugins_dir,
                                            facts_of(**session, &*outcome));
  if (!written) return written.error().message;
  result.report_dir = written->directory;
  for (const Baseline& one : written->baselines)
    result.baselines.push_back(figures_of(one.name, one.run.total));
  return {};
}

}  // namespace zomma
