// render_json.cpp: the report for programs. docs/how-to/read-the-report.md describes the fields.
#include "observe/report/format.h"
#include "observe/report/json_writer.h"
#include "observe/report/options_page.h"
#include "observe/report/report.h"
#include "observe/report/series_json.h"

namespace zomma {
namespace {

void write_pnl(JsonWriter& json, const ProfitAndLoss& pnl) {
  json.key("pnl").begin_object();
  json.field("net", pnl.net()).field("gross", pnl.gross()).field("fees", pnl.fees);
  json.field("realised", pnl.realised).field("unrealised", pnl.unrealised).end_object();
}

void write_intervals(JsonWriter& json, std::string_view name,
                     const IntervalStatistics& statistics) {
  json.key(name).begin_object();
  json.field("interval_ns", statistics.interval.value)
      .field("count", statistics.count)
      .field("mean", statistics.mean);
  json.field("deviation", statistics.deviation)
      .field("sharpe", statistics.sharpe)
      .field("t", statistics.t)
      .end_object();
}

void write_annual(JsonWriter& json, const AnnualFigures& annual) {
  json.key("annual").begin_object();
  json.field("days", annual.days).field("total", annual.total).field("growth", annual.growth);
  json.field("volatility", annual.volatility)
      .field("sharpe", annual.sharpe)
      .field("sortino", annual.sortino);
  json.field("drawdown", annual.drawdown)
      .field("calmar", annual.calmar)
      .field("skew", annual.skew)
      .field("certainty", annual.certainty)
      .end_object();
}

void write_drawdown(JsonWriter& json, const Drawdown& drawdown) {
  static constexpr const char* bases[] = {"none", "capital", "peak_exposure"};
  json.key("drawdown").begin_object();
  json.field("deepest", drawdown.deepest).field("percent", drawdown.percent);
  json.field("percent_of", bases[static_cast<std::size_t>(drawdown.basis)]);
  json.field("peak_to_trough_ns", drawdown.peak_to_trough.value)
      .field("longest_ns", drawdown.longest.value);
  json.field("recovered", drawdown.recovered).end_object();
}

void write_markout(JsonWriter& json, std::string_view name, const Markout& markout) {
  json.key(name)
      .begin_object()
      .field("fills", markout.fills)
      .field("edge_bps", markout.edge_bps)
      .field("edge", markout.edge);
  json.key("horizons").begin_array();
  for (const MarkoutHorizon& horizon : markout.horizons) {
    json.begin_object().field("horizon_ns", horizon.horizon.value).field("count", horizon.count);
    json.field("move_bps", horizon.move_bps).field("error_bps", horizon.error_bps).end_object();
  }
  json.end_array().end_object();
}

void write_slippage(JsonWriter& json, std::string_view name, const Slippage& slippage) {
  json.key(name).begin_object();
  json.field("fills", slippage.fills)
      .field("bps", slippage.bps)
      .field("cost", slippage.cost)
      .end_object();
}

void write_codes(JsonWriter& json, std::string_view name, const std::vector<CodeCount>& codes) {
  json.key(name).begin_array();
  for (const CodeCount& code : codes) {
    json.begin_object()
        .field("code", code.code)
        .field("name", code.name)
        .field("count", code.count)
        .end_object();
  }
  json.end_array();
}

void write_latency(JsonWriter& json, std::string_view name, const LatencyFigures& latency) {
  json.key(name).begin_object().field("count", latency.count).field("mean_ns", latency.mean_ns);
  json.field("least_ns", latency.least_ns)
      .field("p50_ns", latency.p50_ns)
      .field("p90_ns", latency.p90_ns);
  json.field("p99_ns", latency.p99_ns)
      .field("p999_ns", latency.p999_ns)
      .field("greatest_ns", latency.greatest_ns);
  json.key("bins").begin_array();
  for (const HistogramBin& bin : latency.bins) {
    if (bin.count != 0)
      json.begin_array().value(bin.from).value(bin.to).value(bin.count).end_array();
  }
  json.end_array().end_object();
}

void write_orders(JsonWriter& json, const OrderCounts& orders) {
  json.key("orders").begin_object();
  json.field("new", orders.news).field("replace", orders.replaces).field("cancel", orders.cancels);
  json.field("refused", orders.refused)
      .field("accepted", orders.accepted)
      .field("rejected", orders.rejected);
  json.field("canceled", orders.canceled)
      .field("expired", orders.expired)
      .field("replaced", orders.replaced);
  json.field("cancel_rejected", orders.cancel_rejected)
      .field("replace_rejected", orders.replace_rejected);
  json.field("filled_orders", orders.filled_orders)
      .field("fills", orders.fills)
      .field("maker_fills", orders.maker_fills);
  json.field("fill_ratio", orders.fill_ratio)
      .field("order_to_trade", orders.order_to_trade)
      .end_object();
}

void write_instrument(JsonWriter& json, const RunResult& run, const InstrumentResult& dealt) {
  const Instrument& instrument = run.instruments[dealt.instrument];
  json.begin_object().field("instrument", instrument.symbol);
  write_pnl(json, dealt.pnl);
  json.field("turnover", dealt.turnover)
      .field("fills", dealt.fills)
      .field("maker_fills", dealt.maker_fills);
  json.field("share_of_volume", dealt.share_of_volume);
  const Inventory& inventory = dealt.inventory;
  json.key("inventory").begin_object();
  json.field("last", to_double(instrument, inventory.last))
      .field("most_long", to_double(instrument, inventory.most_long));
  json.field("most_short", to_double(instrument, inventory.most_short))
      .field("mean", inventory.mean);
  json.field("mean_absolute", inventory.mean_absolute)
      .field("time_in_position", inventory.time_in_position);
  json.field("holding_seconds", inventory.holding_seconds).end_object();
  write_series(json, "position", dealt.position, run.first);
  write_marks(json, "fill_marks", dealt.marks, run.first);
  json.end_object();
}

void write_strategy(JsonWriter& json, const RunResult& run, const StrategyResult& strategy) {
  json.begin_object().field("name", strategy.name);
  write_pnl(json, strategy.pnl);
  json.field("turnover", strategy.turnover).field("maker_turnover", strategy.maker_turnover);
  write_drawdown(json, strategy.drawdown);
  write_intervals(json, "per_second", strategy.per_second);
  write_intervals(json, "per_minute", strategy.per_minute);
  write_annual(json, strategy.annual);
  write_orders(json, strategy.orders);
  write_codes(json, "refusals", strategy.refusals);
  write_codes(json, "breaches", strategy.breaches);
  write_codes(json, "rejections", strategy.rejections);
  write_markout(json, "maker", strategy.maker);
  write_markout(json, "taker", strategy.taker);
  write_slippage(json, "maker_slippage", strategy.maker_slippage);
  write_slippage(json, "taker_slippage", strategy.taker_slippage);
  write_latency(json, "acknowledge_latency", strategy.acknowledge);
  write_latency(json, "cancel_latency", strategy.cancel);
  json.key("instruments").begin_array();
  for (const InstrumentResult& dealt : strategy.instruments) write_instrument(json, run, dealt);
  json.end_array();
  write_series(json, "equity", strategy.equity, run.first);
  write_series(json, "drawdown_curve", strategy.drawdown_curve, run.first);
  json.end_object();
}

void write_signal(JsonWriter& json, const RunResult& run, const SignalResult& signal) {
  json.begin_object().field("strategy", signal.strategy).field("name", signal.name);
  json.field("instrument", run.instruments[signal.instrument].symbol);
  json.field("published", signal.published)
      .field("observed", signal.observed)
      .field("interval_ns", signal.interval.value);
  json.key("horizons").begin_array();
  for (const SignalHorizon& horizon : signal.horizons) {
    json.begin_object().field("horizon_ns", horizon.horizon.value).field("count", horizon.count);
    json.field("independent", horizon.independent).field("lags", horizon.lags);
    json.field("pearson", horizon.pearson).field("pearson_error", horizon.pearson_error);
    json.field("spearman", horizon.spearman).field("spearman_error", horizon.spearman_error);
    json.field("hit_rate", horizon.hit_rate).field("hit_base", horizon.hit_base);
    json.key("quintile_bps").begin_array();
    for (const double mean : horizon.quintile_bps) json.value(mean);
    json.end_array().end_object();
  }
  json.end_array().end_object();
}

void write_market(JsonWriter& json, const RunResult& run, const MarketResult& market) {
  const Instrument& instrument = run.instruments[market.instrument];
  json.begin_object().field("instrument", instrument.symbol).field("venue", instrument.venue);
  json.field("currency", instrument.currency)
      .field("bbo_changes", market.bbo_changes)
      .field("trades", market.trades);
  json.field("volume", to_double(instrument, market.volume))
      .field("mean_spread_bps", market.mean_spread_bps);
  json.field("first_mid", market.first_mid).field("last_mid", market.last_mid);
  write_series(json, "mid", market.mid, run.first);
  json.end_object();
}

void write_quality(JsonWriter& json, const DataQuality& quality) {
  json.key("data_quality").begin_object();
  json.field("inputs", quality.inputs)
      .field("market_data", quality.market_data)
      .field("trades", quality.trades);
  json.field("gaps", quality.gaps)
      .field("lost_messages", quality.lost_messages)
      .field("suspect", quality.suspect);
  json.field("clears", quality.clears)
      .field("clock_back", quality.clock_back)
      .field("crossed_bbo", quality.crossed_bbo);
  json.field("ignored_records", quality.ignored_records)
      .field("not_finite_signals", quality.not_finite_signals);
  json.field("dropped_signals", quality.dropped_signals)
      .field("dropped_markouts", quality.dropped_markouts);
  json.field("pauses", quality.pauses).end_object();
}

void write_run(JsonWriter& json, const RunResult& run) {
  json.field("currency", run.currency).field("capital", run.capital);
  json.key("period")
      .begin_object()
      .field("first_ns", run.first.value)
      .field("last_ns", run.last.value);
  json.field("first_utc", show::time(run.first)).field("last_utc", show::time(run.last));
  json.field("seconds", static_cast<double>(run.duration().value) * 1e-9)
      .field("warm_up_ns", run.warm_up.value)
      .end_object();
  json.key("total");
  write_strategy(json, run, run.total);
  json.key("strategies").begin_array();
  for (const StrategyResult& strategy : run.strategies) write_strategy(json, run, strategy);
  json.end_array();
}

void write_feeds(JsonWriter& json, const std::vector<ReportFeed>& feeds) {
  json.key("feeds").begin_array();
  for (const ReportFeed& feed : feeds) {
    json.begin_object().field("name", feed.feed).key("counters").begin_object();
    for (const auto& counter : feed.counters) json.field(counter.name, counter.value);
    json.end_object().end_object();
  }
  json.end_array();
}

}  // namespace

std::string render_json(const Report& report) {
  JsonWriter json;
  json.begin_object().field("schema_version", report_schema_version).field("title", report.title);
  json.key("verdict").begin_array();
  for (const std::string& sentence : verdict(report)) json.value(sentence);
  json.end_array().key("notes").begin_array();
  for (const std::string& note : report.notes) json.value(note);
  json.end_array().key("facts").begin_array();
  for (const ReportFact& fact : report.facts)
    json.begin_object().field("name", fact.name).field("value", fact.value).end_object();
  json.end_array().field("digest", report.digest).field("config", report.config);
  write_run(json, report.run);
  json.key("baselines").begin_array();
  for (const Baseline& baseline : report.baselines) {
    json.begin_object().field("name", baseline.name);
    write_run(json, baseline.run);
    json.end_object();
  }
  json.end_array().key("markets").begin_array();
  for (const MarketResult& market : report.run.markets) write_market(json, report.run, market);
  json.end_array().key("signals").begin_array();
  for (const SignalResult& signal : report.run.signals) write_signal(json, report.run, signal);
  json.end_array();
  write_latency(json, "decision_latency", report.run.decision);
  write_options(json, report.run);
  write_feeds(json, report.feeds);
  write_quality(json, report.run.quality);
  return json.end_object().take() + "\n";
}

}  // namespace zomma
