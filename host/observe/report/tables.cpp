#include "observe/report/tables.h"

#include <fmt/core.h>

#include <algorithm>
#include <functional>

#include "observe/report/format.h"

namespace zomma {
namespace {

// What is compared side by side: the strategies, their total if they are several, the baselines.
struct Column {
  std::string name;
  const RunResult* run;
  const StrategyResult* strategy;
};

std::vector<Column> own_columns(const Report& report) {
  std::vector<Column> columns;
  for (const StrategyResult& strategy : report.run.strategies)
    columns.push_back({strategy.name, &report.run, &strategy});
  if (columns.size() != 1) columns.push_back({"total", &report.run, &report.run.total});
  return columns;
}

std::vector<Column> all_columns(const Report& report) {
  std::vector<Column> columns = own_columns(report);
  for (const Baseline& baseline : report.baselines)
    columns.push_back({baseline.name, &baseline.run, &baseline.run.total});
  return columns;
}

using Cell = std::function<std::string(const StrategyResult&)>;

void add_row(Table& table, const std::vector<Column>& columns, std::string name, const Cell& cell,
             bool emphasised = false) {
  Table::Row row;
  row.cells.push_back(std::move(name));
  for (const Column& column : columns) row.cells.push_back(cell(*column.strategy));
  row.emphasised = emphasised;
  table.rows.push_back(std::move(row));
}

Table comparison(std::string title, const std::vector<Column>& columns) {
  Table table;
  table.title = std::move(title);
  table.header.push_back("");
  for (const Column& column : columns) table.header.push_back(column.name);
  return table;
}

double ratio(Money part, Money whole) {
  return whole.value == 0 ? no_value : to_double(part) / to_double(whole);
}

const char* basis_name(const std::vector<Column>& columns) {
  for (const Column& column : columns) {
    if (column.strategy->drawdown.basis == Drawdown::Basis::capital)
      return "Deepest drawdown, of capital";
  }
  return "Deepest drawdown, of the largest position";
}

// What the fills earned at the mid, before it moved; the rest of the gross P&L is the mid's moves
// while we held.
Money edge_of(const StrategyResult& strategy) { return strategy.maker.edge + strategy.taker.edge; }

std::string holding_of(const StrategyResult& strategy) {
  double weighted = 0, weight = 0;
  for (const InstrumentResult& dealt : strategy.instruments) {
    if (!has_value(dealt.inventory.holding_seconds)) continue;
    weighted += dealt.inventory.holding_seconds * to_double(dealt.turnover);
    weight += to_double(dealt.turnover);
  }
  return weight > 0 ? show::duration({static_cast<std::int64_t>(weighted / weight * 1e9)}) : "-";
}

void add_risk_rows(Table& table, const std::vector<Column>& columns, int digits) {
  using S = StrategyResult;
  add_row(table, columns, "Deepest drawdown",
          [=](const S& s) { return show::money(s.drawdown.deepest, digits); });
  add_row(table, columns, basis_name(columns),
          [](const S& s) { return show::percent(s.drawdown.percent / 100.0, 2); });
  add_row(table, columns, "Longest time below a peak",
          [](const S& s) { return show::duration(s.drawdown.longest); });
  add_row(table, columns, "Sharpe ratio per 1 s, not annualised",
          [](const S& s) { return show::number(s.per_second.sharpe, 4); });
  add_row(table, columns, "  t of the mean P&L per 1 s",
          [](const S& s) { return show::number(s.per_second.t, 2); });
  add_row(table, columns, "  1 s intervals",
          [](const S& s) { return show::count(s.per_second.count); });
  add_row(table, columns, "Sharpe ratio per 1 min, not annualised",
          [](const S& s) { return show::number(s.per_minute.sharpe, 4); });
  add_row(table, columns, "  t of the mean P&L per 1 min",
          [](const S& s) { return show::number(s.per_minute.t, 2); });
  add_row(table, columns, "  1 min intervals",
          [](const S& s) { return show::count(s.per_minute.count); });
}

}  // namespace

Table annual_table(const Report& report) {
  using S = StrategyResult;
  const auto columns = all_columns(report);
  Table table = comparison("By the year", columns);
  if (std::none_of(columns.begin(), columns.end(),
                   [](const Column& column) { return has_value(column.strategy->annual.total); }))
    return table;
  const auto share = [&](const char* name, double AnnualFigures::*member, bool emphasised = false) {
    add_row(
        table, columns, name, [=](const S& s) { return show::percent(s.annual.*member, 2); },
        emphasised);
  };
  const auto number = [&](const char* name, double AnnualFigures::*member) {
    add_row(table, columns, name, [=](const S& s) { return show::number(s.annual.*member, 2); });
  };
  share("Return over the run", &AnnualFigures::total, true);
  share("Growth a year", &AnnualFigures::growth);
  share("Volatility a year", &AnnualFigures::volatility);
  number("Sharpe ratio", &AnnualFigures::sharpe);
  number("Sortino ratio", &AnnualFigures::sortino);
  share("Deepest drawdown, of the peak", &AnnualFigures::drawdown);
  number("Growth over deepest drawdown", &AnnualFigures::calmar);
  number("Skew of daily returns", &AnnualFigures::skew);
  share("Probability of a Sharpe ratio above 0", &AnnualFigures::certainty);
  add_row(table, columns, "Days", [](const S& s) { return show::count(s.annual.days); });
  table.caption =
      "Returns are those of capital and P&L after fees at the end of each day (UTC) with data. The "
      "ratios are a year's and compare with earning nothing; the probability is Bailey and Lopez "
      "de Prado's (2012).";
  return table;
}

Table performance_table(const Report& report) {
  using S = StrategyResult;
  const auto columns = all_columns(report);
  const int digits = show::money_digits_of(report);
  Table table =
      comparison(fmt::format("Profit and loss ({})",
                             report.run.currency.empty() ? "no currency" : report.run.currency),
                 columns);
  add_row(
      table, columns, "P&L after fees",
      [=](const S& s) { return show::money(s.pnl.net(), digits); }, true);
  add_row(table, columns, "  before fees",
          [=](const S& s) { return show::money(s.pnl.gross(), digits); });
  add_row(table, columns, "    edge: mid against the fill price",
          [=](const S& s) { return show::money(edge_of(s), digits); });
  add_row(table, columns, "    moves of the mid while held",
          [=](const S& s) { return show::money(s.pnl.gross() - edge_of(s), digits); });
  add_row(table, columns, "  fees paid",
          [=](const S& s) { return show::money(s.pnl.fees, digits); });
  add_row(table, columns, "  realised, before fees",
          [=](const S& s) { return show::money(s.pnl.realised, digits); });
  add_row(table, columns, "  unrealised, at the last mid",
          [=](const S& s) { return show::money(s.pnl.unrealised, digits); });
  add_row(table, columns, "Turnover", [](const S& s) { return show::money(s.turnover, 0); });
  add_row(table, columns, "P&L after fees, bps of turnover",
          [](const S& s) { return show::number(1e4 * ratio(s.pnl.net(), s.turnover), 3); });
  add_row(table, columns, "Fills", [](const S& s) { return show::count(s.orders.fills); });
  add_row(table, columns, "Maker share of turnover",
          [](const S& s) { return show::percent(ratio(s.maker_turnover, s.turnover)); });
  add_row(table, columns, "Average time a unit was held", holding_of);
  add_risk_rows(table, columns, digits);
  table.caption =
      "P&L is marked to the mid every second of engine time. t = mean / (deviation / sqrt(n)): "
      "beyond 2 in size "
      "is hard to explain by luck. Nothing is annualised.";
  return table;
}

Table instrument_table(const Report& report) {
  const int digits = show::money_digits_of(report);
  Table table;
  table.title = "By instrument";
  table.header = {"strategy", "instrument", "after fees", "fees",     "turnover",
                  "fills",    "position",   "longest",    "shortest", "in pos."};
  table.text_columns = 2;
  for (const Column& column : own_columns(report)) {
    for (const InstrumentResult& dealt : column.strategy->instruments) {
      const Instrument& instrument = report.run.instruments[dealt.instrument];
      const Inventory& inventory = dealt.inventory;
      table.rows.push_back({{column.name, instrument.symbol, show::money(dealt.pnl.net(), digits),
                             show::money(dealt.pnl.fees, digits), show::money(dealt.turnover, 0),
                             show::count(dealt.fills), show::quantity(instrument, inventory.last),
                             show::quantity(instrument, inventory.most_long),
                             show::quantity(instrument, inventory.most_short),
                             show::percent(inventory.time_in_position, 0)},
                            column.name == "total",
                            false});
    }
  }
  return table;
}

Table markout_table(const Report& report) {
  Table table;
  table.title = "Fills and what the market did next (bps of the mid)";
  table.caption =
      "Edge: mid against the fill price, positive if we bought below or sold above it. Then the "
      "mid's move in our "
      "favour after the fill: below zero is adverse selection. Slippage: fill price against the "
      "mid when the order "
      "was sent or last repriced, positive is a cost. Weighted by notional; +- one standard error.";
  table.header = {"strategy", "", "fills", "edge"};
  for (const Nanoseconds horizon : report.run.horizons)
    table.header.push_back(fmt::format("+{}", show::duration(horizon)));
  table.header.push_back("slippage");
  table.text_columns = 2;
  for (const Column& column : all_columns(report)) {
    const StrategyResult& s = *column.strategy;
    for (const bool maker : {true, false}) {
      const Markout& markout = maker ? s.maker : s.taker;
      if (markout.fills == 0) continue;
      Table::Row row{{column.name, maker ? "maker" : "taker", show::count(markout.fills),
                      show::signed_number(markout.edge_bps, 3)},
                     false,
                     false};
      for (const MarkoutHorizon& horizon : markout.horizons) {
        std::string cell = show::signed_number(horizon.move_bps, 3);
        if (has_value(horizon.error_bps))
          cell += fmt::format(" +-{}", show::number(horizon.error_bps, 3));
        row.cells.push_back(std::move(cell));
      }
      row.cells.push_back(
          show::signed_number((maker ? s.maker_slippage : s.taker_slippage).bps, 3));
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

std::string signal_statement(const Report& report) {
  std::string text =
      "Out of sample: every value was published before the return it is compared with existed, and "
      "the host never shows a "
      "strategy the future; weights inside a strategy are fitted by itself, on the past only. ";
  if (report.run.warm_up.value > 0)
    text += fmt::format("The first {} are left out. ", show::duration(report.run.warm_up));
  text +=
      "IC: Pearson correlation with the mid's log-return over the horizon; rank IC: Spearman. "
      "Errors allow for "
      "overlapping horizons (Newey and West 1987). Hit: share of returns with the signal's sign. "
      "Q5-Q1: mean return "
      "after the highest fifth of values less that after the lowest, in bps; compare it with "
      "spread and fees.";
  return text;
}

Table signal_table(const Report& report, std::size_t h) {
  Table table;
  table.title =
      "Signals against the return over the next " + show::duration(report.run.horizons[h]);
  table.header = {"strategy", "signal",  "instrument", "n",   "IC",
                  "+-",       "rank IC", "+-",         "hit", "Q5-Q1"};
  table.text_columns = 3;
  for (const SignalResult& signal : report.run.signals) {
    const SignalHorizon& horizon = signal.horizons[h];
    const bool clear = has_value(horizon.spearman_error) &&
                       std::fabs(horizon.spearman) > 2 * horizon.spearman_error;
    table.rows.push_back(
        {{signal.strategy, signal.name, report.run.instruments[signal.instrument].symbol,
          show::count(horizon.count), show::signed_number(horizon.pearson, 4),
          show::number(horizon.pearson_error, 4), show::signed_number(horizon.spearman, 4),
          show::number(horizon.spearman_error, 4), show::percent(horizon.hit_rate),
          show::signed_number(horizon.quintile_bps[4] - horizon.quintile_bps[0], 3)},
         false,
         false,
         !clear});
  }
  return table;
}

Table order_table(const Report& report) {
  using S = StrategyResult;
  const auto columns = all_columns(report);
  Table table = comparison("Orders and risk", columns);
  const auto counts = [&](const char* name, std::uint64_t OrderCounts::*member) {
    add_row(table, columns, name, [=](const S& s) { return show::count(s.orders.*member); });
  };
  counts("New orders sent", &OrderCounts::news);
  counts("Replaces sent", &OrderCounts::replaces);
  counts("Cancels sent", &OrderCounts::cancels);
  counts("Refused by pre-trade checks", &OrderCounts::refused);
  counts("Rejected by the venue", &OrderCounts::rejected);
  counts("Cancelled", &OrderCounts::canceled);
  counts("Expired", &OrderCounts::expired);
  counts("Cancels that came too late", &OrderCounts::cancel_rejected);
  counts("Replaces that came too late", &OrderCounts::replace_rejected);
  counts("Fills", &OrderCounts::fills);
  counts("  as maker", &OrderCounts::maker_fills);
  add_row(table, columns, "Orders with a fill",
          [](const S& s) { return show::percent(s.orders.fill_ratio); });
  add_row(table, columns, "Order messages per fill",
          [](const S& s) { return show::number(s.orders.order_to_trade, 1); });
  return table;
}

Table reason_table(const Report& report) {
  Table table;
  table.title = "Why orders were refused or ended by others";
  table.caption =
      "A check counts as first when its code was returned; as any when it would have refused too.";
  table.header = {"strategy", "by", "reason", "code", "first", "any"};
  table.text_columns = 3;
  for (const Column& column : own_columns(report)) {
    if (column.name == "total" && report.run.strategies.size() > 1) continue;
    const StrategyResult& s = *column.strategy;
    for (const CodeCount& refusal : s.refusals) {
      std::uint64_t any = refusal.count;
      for (const CodeCount& breach : s.breaches) {
        if (breach.code == refusal.code) any = std::max(any, breach.count);
      }
      table.rows.push_back({{column.name, "check", refusal.name, std::to_string(refusal.code),
                             show::count(refusal.count), show::count(any)},
                            false,
                            false});
    }
    for (const CodeCount& breach : s.breaches) {  // never the first to refuse
      if (std::any_of(s.refusals.begin(), s.refusals.end(),
                      [&](const CodeCount& refusal) { return refusal.code == breach.code; }))
        continue;
      table.rows.push_back({{column.name, "check", breach.name, std::to_string(breach.code), "0",
                             show::count(breach.count)},
                            false,
                            false});
    }
    for (const CodeCount& end : s.rejections) {
      table.rows.push_back({{column.name, "venue", end.name, std::to_string(end.code),
                             show::count(end.count), show::count(end.count)},
                            false,
                            false});
    }
  }
  return table;
}

Table latency_table(const Report& report) {
  Table table;
  table.title = "Latency";
  table.header = {"", "n", "mean", "p50", "p90", "p99", "p99.9", "max"};
  const auto add = [&](const std::string& name, const LatencyFigures& latency) {
    if (latency.count == 0) return;
    table.rows.push_back({{name, show::count(latency.count),
                           show::duration({static_cast<std::int64_t>(latency.mean_ns)}),
                           show::duration({latency.p50_ns}), show::duration({latency.p90_ns}),
                           show::duration({latency.p99_ns}), show::duration({latency.p999_ns}),
                           show::duration({latency.greatest_ns})},
                          false,
                          false});
  };
  add("Decision (wall clock)", report.run.decision);
  add("Order to first answer (engine time)", report.run.total.acknowledge);
  add("Cancel to cancelled (engine time)", report.run.total.cancel);
  return table;
}

Table market_table(const Report& report) {
  Table table;
  table.title = "Markets";
  table.header = {"instrument",  "best changes", "trades",   "volume",
                  "spread, bps", "first mid",    "last mid", "our share"};
  for (const MarketResult& market : report.run.markets) {
    const Instrument& instrument = report.run.instruments[market.instrument];
    double share = no_value;
    for (const InstrumentResult& dealt : report.run.total.instruments) {
      if (dealt.instrument == market.instrument) share = dealt.share_of_volume;
    }
    table.rows.push_back(
        {{instrument.symbol, show::count(market.bbo_changes), show::count(market.trades),
          show::quantity(instrument, market.volume), show::number(market.mean_spread_bps, 3),
          show::number(market.first_mid, instrument.price_digits),
          show::number(market.last_mid, instrument.price_digits), show::percent(share, 2)},
         false,
         false});
  }
  return table;
}

Table quality_table(const Report& report) {
  Table table;
  table.title = "Data quality";
  table.header = {"source", "counter", "value"};
  table.text_columns = 2;
  const DataQuality& quality = report.run.quality;
  const auto add = [&](const std::string& source, const std::string& name, std::uint64_t value,
                       bool fault) {
    table.rows.push_back({{source, name, show::count(value)}, false, fault && value != 0});
  };
  add("engine", "inputs", quality.inputs, false);
  add("engine", "market data events", quality.market_data, false);
  add("engine", "trades printed", quality.trades, false);
  add("engine", "gaps announced", quality.gaps, true);
  add("engine", "messages lost in gaps", quality.lost_messages, true);
  add("engine", "suspect events", quality.suspect, true);
  add("engine", "books cleared", quality.clears, false);
  add("engine", "clock steps back", quality.clock_back, true);
  add("engine", "pauses above 10 min", quality.pauses, false);
  add("report", "crossed best prices, left out", quality.crossed_bbo, true);
  add("report", "records of unknown orders or names", quality.ignored_records, true);
  add("report", "signal values not finite", quality.not_finite_signals, true);
  add("report", "signal values dropped", quality.dropped_signals, true);
  add("report", "markouts dropped", quality.dropped_markouts, true);
  for (const ReportFeed& feed : report.feeds) {
    for (const auto& counter : feed.counters)
      add(feed.feed, counter.name, counter.value, counter.fault);
  }
  return table;
}

Table fact_table(const Report& report) {
  Table table;
  table.title = "Run";
  table.header = {"fact", "value"};
  table.text_columns = 2;
  table.rows.push_back(
      {{"sample", fmt::format("{} to {} UTC, {}", show::time(report.run.first),
                              show::time(report.run.last), show::duration(report.run.duration()))},
       false,
       false});
  for (const ReportFact& fact : report.facts)
    table.rows.push_back({{fact.name, fact.value}, false, false});
  if (!report.digest.empty())
    table.rows.push_back({{"digest of orders and fills", report.digest}, false, false});
  return table;
}

}  // namespace zomma
