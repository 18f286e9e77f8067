// sweep_page.cpp: the sweep's HTML page.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "observe/report/data_page.h"
#include "observe/report/format.h"
#include "observe/report/json_writer.h"
#include "runtime/sweep/write_sweep.h"

namespace zomma {
namespace {

constexpr std::size_t table_rows = 200, drawn_lines = 2000, most_cells = 40;

std::string plain(const SweepValue& value) {
  return value.toml.size() >= 2 && value.toml[0] == '"'
             ? value.toml.substr(1, value.toml.size() - 2)
             : value.toml;
}

// The different values of one parameter among the points, in rising order (words: as they come).
std::vector<SweepValue> values_of(const SweepVerdict& verdict, std::size_t parameter) {
  std::vector<SweepValue> out;
  for (const PointResult& point : verdict.ranking) {
    const SweepValue& value = point.values[parameter];
    if (std::none_of(out.begin(), out.end(),
                     [&](const SweepValue& known) { return known.toml == value.toml; }))
      out.push_back(value);
    if (out.size() > most_cells) break;
  }
  std::sort(out.begin(), out.end(), [](const SweepValue& a, const SweepValue& b) {
    if (has_value(a.number) && has_value(b.number)) return a.number < b.number;
    return a.toml < b.toml;
  });
  return out;
}

// Each cell is the mean objective of its points: of all other parameters' values.
std::string heat_chart(const Search& search, const SweepVerdict& verdict, std::size_t x,
                       std::size_t y) {
  const SweepConfig& sweep = search.sweep();
  const auto xs = values_of(verdict, x), ys = values_of(verdict, y);
  std::map<std::string, std::size_t> column, row;
  for (std::size_t i = 0; i < xs.size(); ++i) column[xs[i].toml] = i;
  for (std::size_t i = 0; i < ys.size(); ++i) row[ys[i].toml] = i;
  std::vector<double> sums(xs.size() * ys.size()), counts(sums.size());
  for (const PointResult& point : verdict.ranking) {
    if (point.failed || !has_value(point.objective)) continue;
    const std::size_t cell = row[point.values[y].toml] * xs.size() + column[point.values[x].toml];
    sums[cell] += point.objective;
    counts[cell] += 1;
  }
  JsonWriter json;
  json.begin_object()
      .field("kind", "heat")
      .field("x_name", sweep.parameters[x].name)
      .field("y_name", sweep.parameters[y].name);
  json.field("value_name", sweep.objective).key("x").begin_array();
  for (const SweepValue& value : xs) json.value(plain(value));
  json.end_array().key("y").begin_array();
  for (const SweepValue& value : ys) json.value(plain(value));
  json.end_array().key("values").begin_array();
  for (std::size_t j = 0; j < ys.size(); ++j) {
    json.begin_array();
    for (std::size_t i = 0; i < xs.size(); ++i)
      json.value(counts[j * xs.size() + i] > 0 ? sums[j * xs.size() + i] / counts[j * xs.size() + i]
                                               : no_value);
    json.end_array();
  }
  return json.end_array().end_object().take();
}

std::string parallel_chart(const Search& search, const SweepVerdict& verdict) {
  const SweepConfig& sweep = search.sweep();
  JsonWriter json;
  json.begin_object()
      .field("kind", "parallel")
      .field("value_name", sweep.objective)
      .key("axes")
      .begin_array();
  std::vector<std::map<std::string, std::size_t>> words(sweep.parameters.size());
  for (std::size_t i = 0; i < sweep.parameters.size(); ++i) {
    json.begin_object().field("name", sweep.parameters[i].name);
    const auto values = values_of(verdict, i);
    if (std::any_of(values.begin(), values.end(),
                    [](const SweepValue& value) { return !has_value(value.number); })) {
      json.key("words").begin_array();
      for (const SweepValue& value : values) {
        words[i].emplace(value.toml, words[i].size());
        json.value(plain(value));
      }
      json.end_array();
    }
    json.end_object();
  }
  json.end_array().key("rows").begin_array();
  std::size_t drawn = 0;
  for (const PointResult& point : verdict.ranking) {
    if (point.failed || !has_value(point.objective) || drawn++ >= drawn_lines) continue;
    json.begin_array();
    for (std::size_t i = 0; i < point.values.size(); ++i) {
      const auto word = words[i].find(point.values[i].toml);
      json.value(word != words[i].end() ? static_cast<double>(word->second)
                                        : point.values[i].number);
    }
    json.value(point.objective).end_array();
  }
  return json.end_array().end_object().take();
}

void write_curve(JsonWriter& json, const std::string& name, const std::vector<double>& equity,
                 Nanoseconds from, Nanoseconds to, bool own) {
  json.begin_object()
      .field("name", name)
      .field("own", own)
      .key("x")
      .begin_array()
      .value(from.value);
  const double span = static_cast<double>((to - from).value);
  for (std::size_t i = 1; i <= equity.size(); ++i)
    json.value(from.value + static_cast<std::int64_t>(span * static_cast<double>(i) /
                                                      static_cast<double>(equity.size())));
  json.end_array().key("y").begin_array().value(0);
  for (const double value : equity) json.value(value);
  json.end_array().end_object();
}

std::string equity_chart(const Search& search, const SweepVerdict& verdict) {
  JsonWriter json;
  json.begin_object()
      .field("kind", "lines")
      .field("time", true)
      .field("x_name", "UTC")
      .field("y_name", "P&L after fees, " + search.currency());
  json.key("series").begin_array();
  std::vector<const PointResult*> good;
  for (const PointResult& point : verdict.ranking)
    if (!point.failed) good.push_back(&point);
  const TrialWindow whole = search.whole();
  write_curve(json, "best point", good.front()->equity, whole.from, whole.to, true);
  if (good.size() > 2)
    write_curve(json, "median point", good[good.size() / 2]->equity, whole.from, whole.to, false);
  if (good.size() > 1)
    write_curve(json, "worst point", good.back()->equity, whole.from, whole.to, false);
  if (!verdict.walked_equity.empty())
    write_curve(json, "walking forward (out of sample)", verdict.walked_equity,
                verdict.windows.front().test.from, verdict.windows.back().test.to, false);
  return json.end_array().end_object().take();
}

Table ranking_table(const Search& search, const SweepVerdict& verdict) {
  const SweepConfig& sweep = search.sweep();
  Table table;
  table.title = "Points";
  table.caption = verdict.ranking.size() > table_rows
                      ? fmt::format("The first {} of {}; all are in sweep.csv.", table_rows,
                                    verdict.ranking.size())
                      : "";
  table.header = {"#"};
  for (const SweepParameter& parameter : sweep.parameters) table.header.push_back(parameter.name);
  const std::vector<std::string> figures{"pnl",      "sharpe",   "sortino",
                                         "drawdown", "turnover", "fills"};
  table.header.push_back(sweep.objective);
  for (const std::string& figure : figures)
    if (figure != sweep.objective) table.header.push_back(figure);
  for (const PointResult& point : verdict.ranking) {
    if (table.rows.size() == table_rows) break;
    Table::Row row{
        {std::to_string(table.rows.size() + 1)}, table.rows.empty(), point.failed, false};
    for (const SweepValue& value : point.values) row.cells.push_back(plain(value));
    row.cells.push_back(point.failed ? "failed: " + point.reason
                                     : show::number(point.objective, 4));
    for (const std::string& name : figures) {
      if (name == sweep.objective) continue;
      double value = no_value;
      for (const auto& figure : point.figures)
        if (figure.first == name) value = figure.second;
      row.cells.push_back(point.failed
                              ? ""
                              : show::number(value, name == "fills"                         ? 0
                                                    : name == "sharpe" || name == "sortino" ? 4
                                                                                            : 2));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table window_table(const Search& search, const SweepVerdict& verdict) {
  Table table;
  table.title = "Windows";
  table.caption =
      "The best point of each training window, run on the test that follows it; before its window "
      "nobody trades.";
  table.header = {"test"};
  for (const SweepParameter& parameter : search.sweep().parameters)
    table.header.push_back(parameter.name);
  for (const char* name : {"in sample", "out of sample", "P&L of the test"})
    table.header.emplace_back(name);
  for (const WindowResult& window : verdict.windows) {
    Table::Row row{{show::time(window.test.from) + " to " + show::time(window.test.to)},
                   false,
                   window.failed,
                   false};
    for (const SweepValue& value : window.values) row.cells.push_back(plain(value));
    for (const double value : {window.in_sample, window.out_of_sample, window.pnl})
      row.cells.push_back(show::number(value, 4));
    table.rows.push_back(std::move(row));
  }
  return table;
}

void add_luck(DataPage& page, const Luck& luck, const std::string& of) {
  page.cards.push_back({"Deflated Sharpe ratio, " + of, show::number(luck.deflated, 3), "",
                        fmt::format("{} trials worth {:.1f} independent ones, {} intervals",
                                    luck.trials, luck.independent, luck.intervals),
                        luck.deflated >= 0.95 ? 1
                        : luck.deflated < 0.5 ? -1
                                              : 0,
                        false});
  page.cards.push_back({"Sharpe ratio, " + of, show::number(luck.sharpe, 4), "per interval",
                        "worthless trials' best: " + show::number(luck.threshold, 4),
                        luck.sharpe > 0 ? 1 : -1, false});
}

}  // namespace

std::string sweep_html(const Search& search, const SweepVerdict& verdict) {
  const SweepConfig& sweep = search.sweep();
  DataPage page;
  page.brand = "Zomma sweep";
  page.title = search.name();
  page.subtitle = fmt::format(
      "{} to {} UTC, {} points{}, objective {}{}", show::time(search.whole().from),
      show::time(search.whole().to), search.points(),
      sweep.paths.count > 1 ? fmt::format(" on {} simulated paths each", sweep.paths.count) : "",
      sweep.objective, sweep.minimise ? " (least)" : "");
  const bool any = !verdict.ranking.empty() && !verdict.ranking[0].failed;
  if (!any) page.verdict.push_back("Every run failed.");
  if (any && verdict.luck)
    page.verdict.push_back(
        verdict.luck->deflated >= 0.95
            ? fmt::format("The best point is better than the luck of {} tries, with {} confidence.",
                          verdict.luck->trials, show::percent(verdict.luck->deflated))
            : fmt::format("The best of {} tries may well be luck: the deflated Sharpe ratio is {}, "
                          "and 0.95 is asked for.",
                          verdict.luck->trials, show::number(verdict.luck->deflated, 3)));
  if (any && !verdict.luck)
    page.verdict.push_back("The best point has no Sharpe ratio: its P&L does not vary.");
  if (any)
    page.verdict.push_back(
        "P&L, Sharpe ratios and drawdowns of one recording, of fills simulated against it; the "
        "best point was chosen with hindsight.");
  if (verdict.failed != 0)
    page.notes.push_back(fmt::format("{} of {} points failed; their reasons are in the table.",
                                     verdict.failed, search.points()));
  if (any) {
    const PointResult& best = verdict.ranking[0];
    std::string values;
    for (std::size_t i = 0; i < best.values.size(); ++i)
      values.append(i == 0 ? "" : ", ")
          .append(sweep.parameters[i].name)
          .append(" ")
          .append(plain(best.values[i]));
    page.cards.push_back(
        {"Best " + sweep.objective, show::number(best.objective, 4), "", values, 0, true});
    if (verdict.luck) add_luck(page, *verdict.luck, "best point");
    if (verdict.walked_luck) add_luck(page, *verdict.walked_luck, "walking forward");
    page.cards.push_back(
        {"Probability of overfitting",
         verdict.overfitting ? show::percent(verdict.overfitting->probability) : "-", "",
         verdict.overfitting
             ? fmt::format("{} choices of {} blocks", verdict.overfitting->logits.size(),
                           verdict.overfitting->blocks)
             : verdict.overfitting_missing,
         verdict.overfitting && verdict.overfitting->probability > 0.5 ? -1 : 0, false});
    page.sections.push_back({"P&L after fees",
                             "Of the points ranked first, in the middle and last.",
                             {{"", equity_chart(search, verdict)}},
                             {}});
    PageSection space{
        "Parameters",
        "Each line is a point; each cell the mean of the objective over all other parameters.",
        {},
        {}};
    space.charts.push_back({"", parallel_chart(search, verdict)});
    for (std::size_t x = 0; x < sweep.parameters.size() && space.charts.size() < 7; ++x)
      for (std::size_t y = x + 1; y < sweep.parameters.size() && space.charts.size() < 7; ++y)
        if (values_of(verdict, x).size() <= most_cells &&
            values_of(verdict, y).size() <= most_cells)
          space.charts.push_back({sweep.parameters[x].name + " and " + sweep.parameters[y].name,
                                  heat_chart(search, verdict, x, y)});
    page.sections.push_back(std::move(space));
  }
  if (!verdict.windows.empty())
    page.sections.push_back({"Walk-forward", "", {}, {window_table(search, verdict)}});
  page.sections.push_back({"Results", "", {}, {ranking_table(search, verdict)}});
  return render_page(page);
}

}  // namespace zomma
