// render_html.cpp: the report as one page. Tables, cards, bars and histograms are plain HTML and
// SVG; only the curves over time are drawn in the browser, and only where uPlot is inside. A policy
// in the page forbids it to load anything.
#include "observe/report/render_html.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>

#include "observe/report/assets.h"
#include "observe/report/charts.h"
#include "observe/report/format.h"
#include "observe/report/html_text.h"
#include "observe/report/options_page.h"
#include "observe/report/tables.h"

namespace zomma {
namespace {

void open_section(std::string& out, std::string_view title, std::string_view caption = "") {
  out += "<section>\n<h2>" + escape(title) + "</h2>\n" + caption_html(caption);
}
void close_section(std::string& out) { out += "</section>\n"; }

std::string tone(double value) {
  return !has_value(value) || value == 0 ? "" : value > 0 ? " good" : " bad";
}

std::string with_minus(std::string number) {
  if (number == "-") return "–";
  if (number.starts_with('-')) number.replace(0, 1, "−");
  return number;
}

void add_card(std::string& out, std::string_view label, const std::string& figure,
              std::string_view unit, std::string_view detail, std::string_view css = "",
              bool lead = false) {
  out += fmt::format(
      "<div class=\"card{}\"><div class=\"label\">{}</div><div class=\"figure{}\">{}{}</div><div "
      "class=\"detail\">{}</div></div>\n",
      lead ? " lead" : "", escape(label), css, escape(with_minus(figure)),
      unit.empty() ? "" : " <small>" + escape(unit) + "</small>", escape(detail));
}

std::string cards(const Report& report) {
  const StrategyResult& total = report.run.total;
  const std::string& currency = report.run.currency;
  const int digits = show::money_digits_of(report);
  const double net = to_double(total.pnl.net());
  std::string out = "<div class=\"cards\">\n";
  const std::string who =
      report.run.strategies.size() == 1 ? report.run.strategies[0].name : "all strategies";
  add_card(out, "P&L after fees, " + who, show::money(total.pnl.net(), digits), currency,
           fmt::format("{} before, {} fees", with_minus(show::money(total.pnl.gross(), digits)),
                       with_minus(show::money(total.pnl.fees, digits))),
           tone(net), true);
  for (const Baseline& baseline : report.baselines) {
    const Money theirs = baseline.run.total.pnl.net();
    const Money ahead = total.pnl.net() - theirs;
    add_card(out, "Baseline " + baseline.name, show::money(theirs, digits), currency,
             ahead.value == 0
                 ? "the same"
                 : fmt::format("{} {} than {}", show::money({std::llabs(ahead.value)}, digits),
                               ahead.value > 0 ? "worse" : "better", who),
             tone(to_double(theirs)));
  }
  add_card(out, "Deepest drawdown", show::money(total.drawdown.deepest, digits), currency,
           "longest " + show::duration(total.drawdown.longest));
  const bool minutes = total.per_minute.count >= 30;
  const IntervalStatistics& best = minutes ? total.per_minute : total.per_second;
  add_card(
      out, "t of the mean P&L", show::number(best.t, 2), "",
      fmt::format("{} intervals of {}", show::count(best.count), show::duration(best.interval)));
  add_card(out, "Turnover", show::money(total.turnover, 0), currency,
           show::count(total.orders.fills) + " fills");
  const double maker = total.turnover.value == 0
                           ? no_value
                           : to_double(total.maker_turnover) / to_double(total.turnover);
  add_card(out, "Maker share", show::percent(maker, 0), "",
           fmt::format("{} of orders filled", show::percent(total.orders.fill_ratio, 0)));
  const Table quality = quality_table(report);
  const auto faults = std::count_if(quality.rows.begin(), quality.rows.end(),
                                    [](const Table::Row& row) { return row.fault; });
  add_card(out, "Inputs", show::count(report.run.quality.inputs), "",
           faults == 0 ? "no fault in the data"
                       : fmt::format("{} of fault in the data",
                                     faults == 1 ? "1 kind" : fmt::format("{} kinds", faults)));
  return out + "</div>\n";
}

void add_head(std::string& out, const Report& report, bool interactive) {
  out +=
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'; script-src 'unsafe-inline'\">\n";
  out += "<title>" + escape(report.title) + " - Zomma report</title>\n";
  if (interactive) out += "<style>\n" + std::string(assets::uplot_style()) + "</style>\n";
  out += "<style>\n" + std::string(assets::page_style()) + "</style>\n</head>\n<body>\n";
}

void add_header(std::string& out, const Report& report) {
  out += "<header class=\"page\">\n<div class=\"brand\">Zomma run report</div>\n<h1>" +
         escape(report.title) + "</h1>\n";
  out += "<p class=\"when\">" +
         escape(fmt::format("{} to {} UTC, {}", show::time(report.run.first),
                            show::time(report.run.last), show::duration(report.run.duration()))) +
         "</p>\n";
  out += "<ul class=\"verdict\">\n";
  for (const std::string& sentence : verdict(report)) out += "<li>" + escape(sentence) + "</li>\n";
  out += "</ul>\n";
  for (const std::string& note : report.notes)
    out += "<div class=\"note\">" + escape(note) + "</div>\n";
  out += cards(report) + "</header>\n<main>\n";
}

void add_equity(std::string& out, const Report& report, bool interactive) {
  open_section(
      out, "P&L after fees",
      interactive
          ? "Marked to the mid every second. Drag to zoom in, double-click to see everything again."
          : "Marked to the mid every second.");
  out += equity_charts(report, interactive) + titled_table_html(performance_table(report)) +
         titled_table_html(annual_table(report));
  close_section(out);
}

void add_markets(std::string& out, const Report& report, bool interactive) {
  const auto panels = market_panels(report);
  if (panels.empty()) return;
  open_section(out, "Price, fills and inventory",
               "Fills close to each other are drawn as one mark at their average price.");
  if (panels.size() > 1) {
    out +=
        "<div class=\"pick\"><label for=\"market\">Show</label><select id=\"market\" "
        "data-picks=\"market\">";
    for (std::size_t i = 0; i < panels.size(); ++i)
      out += fmt::format("<option value=\"{}\">{}</option>", i, escape(panels[i].name));
    out += "</select></div>\n";
  }
  for (std::size_t i = 0; i < panels.size(); ++i) {
    out += fmt::format("<div data-group=\"market\" data-key=\"{}\">\n", i);
    if (panels.size() > 1) out += "<h3>" + escape(panels[i].name) + "</h3>\n";
    out += panel_charts(report, panels[i], i, interactive) + "</div>\n";
  }
  out += titled_table_html(instrument_table(report)) + titled_table_html(markout_table(report)) +
         titled_table_html(market_table(report));
  close_section(out);
}

// One at a time: what a reader picks from the list.
void add_signal_tables(std::string& out, const Report& report) {
  const auto& horizons = report.run.horizons;
  out +=
      "<div class=\"pick\"><label for=\"horizon\">Figures for the next</label><select "
      "id=\"horizon\" data-picks=\"horizon\">";
  for (std::size_t h = 0; h < horizons.size(); ++h)
    out += fmt::format("<option value=\"{}\">{}</option>", h, show::duration(horizons[h]));
  out += "</select></div>\n";
  for (std::size_t h = 0; h < horizons.size(); ++h) {
    out += fmt::format("<div data-group=\"horizon\" data-key=\"{}\">\n", h) +
           titled_table_html(signal_table(report, h)) + "</div>\n";
  }
}

void add_signals(std::string& out, const Report& report) {
  open_section(
      out, "Signal quality",
      report.run.signals.empty() ? "No strategy published a signal." : signal_statement(report));
  if (!report.run.signals.empty()) {
    out += signal_charts(report);
    out +=
        "<p class=\"hint\">Whiskers: one standard error. Pale bars: within two standard errors of "
        "zero.</p>\n";
    add_signal_tables(out, report);
  }
  close_section(out);
}

void add_rest(std::string& out, const Report& report) {
  open_section(out, "Latency",
               "Decision: wall clock from an event to the orders it caused, if it was measured. "
               "The others run on the "
               "engine's clock: with a simulated exchange they are what its latency model drew. "
               "Areas are shares.");
  const std::string latencies = latency_charts(report);
  out += latencies.empty() ? "<p class=\"caption\">No order was sent.</p>\n"
                           : latencies + table_html(latency_table(report));
  close_section(out);
  open_section(out, "Orders and risk");
  out += table_html(order_table(report)) + titled_table_html(reason_table(report));
  close_section(out);
  open_section(out, "Data quality",
               "What was wrong is marked; a number in red deserves a look before the P&L does.");
  out += table_html(quality_table(report));
  close_section(out);
  open_section(out, "Run");
  out += table_html(fact_table(report));
  if (!report.config.empty())
    out += "<details><summary>Configuration in force</summary><pre>" + escape(report.config) +
           "</pre></details>\n";
  close_section(out);
}

}  // namespace

std::string render_html(const Report& report, ChartStyle style) {
  const bool interactive =
      style == ChartStyle::interactive && assets::has_uplot() && report.run.last.value != 0;
  std::string out;
  add_head(out, report, interactive);
  add_header(out, report);
  add_equity(out, report, interactive);
  add_markets(out, report, interactive);
  add_option_sections(out, report, interactive);
  add_signals(out, report);
  add_rest(out, report);
  out +=
      "</main>\n<footer>Written by Zomma. The same figures are in report.json and "
      "report.txt.</footer>\n";
  if (interactive) {
    out += "<script type=\"application/json\" id=\"plots\">" + plots_json(report) + "</script>\n";
    out += "<script>\n/*\nuPlot\n" + std::string(assets::uplot_license()) + "*/\n" +
           std::string(assets::uplot_script()) + "</script>\n";
  }
  out += "<script>\n" + std::string(assets::page_script()) + "</script>\n</body>\n</html>\n";
  return out;
}

std::string render_html(const Report& report) {
  return render_html(report, ChartStyle::interactive);
}

}  // namespace zomma
