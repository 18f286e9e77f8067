// surface_page.cpp: the page with the surface and the smiles. It holds its own style and script.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/kernels/page_assets.h"
#include "cli/kernels/smile_chart.h"
#include "cli/kernels/surface_report.h"
#include "observe/report/assets.h"
#include "observe/report/html_text.h"
#include "observe/report/json_writer.h"

namespace zomma::cli {
namespace {

constexpr int mesh_strikes = 49, mesh_expiries = 48;

// The numbers of the turning surface: rows evenly in the square root of time, so that short
// expiries have their room.
std::string surface_data(const Chain& chain, const SurfaceFit& fit) {
  const double first = std::sqrt(chain.expiries[fit.expiries.front().expiry].years),
               last = std::sqrt(chain.expiries[fit.expiries.back().expiry].years);
  std::vector<double> times;
  for (int i = 0; i < mesh_expiries; ++i)
    times.push_back(std::pow(first + (last - first) * i / (mesh_expiries - 1), 2));
  JsonWriter json;
  json.begin_object().key("rows").begin_array();
  for (const GridRow& row : rows_at(chain, fit, times)) {
    json.begin_object()
        .field("t", row.years)
        .key("low")
        .rounded(row.low, 5)
        .key("high")
        .rounded(row.high, 5);
    json.key("vol").begin_array();
    for (int j = 0; j < mesh_strikes; ++j)
      json.rounded(fit.surface->volatility(row.low + (row.high - row.low) * j / (mesh_strikes - 1),
                                           row.years),
                   5);
    json.end_array().end_object();
  }
  json.end_array().key("quotes").begin_array();
  for (const auto& one : fit.expiries) {
    const ChainExpiry& e = chain.expiries[one.expiry];
    for (std::size_t i = 0; i < e.k.size(); ++i) {
      if (kernels::judge_quote(e.k[i], e.bid_vol[i], e.ask_vol[i]) != kernels::QuoteUse::usable)
        continue;
      json.begin_array()
          .rounded(e.k[i], 5)
          .value(e.years)
          .rounded(e.bid_vol[i], 5)
          .rounded(e.ask_vol[i], 5)
          .end_array();
    }
  }
  return json.end_array().end_object().take();
}

std::string card(std::string_view label, const std::string& figure, const std::string& detail) {
  return fmt::format(R"(<div class="card"><div class="label">{}</div><div class="figure">{}</div>)"
                     R"(<div class="detail">{}</div></div>)",
                     label, figure, detail);
}

std::string cards(const SurfaceFit& fit) {
  const SurfaceTotals sum = totals(fit);
  std::string html = R"(<div class="cards">)";
  html += card("inside bid and ask",
               fmt::format("{:.1f} %", sum.used > 0 ? 100.0 * sum.inside / sum.used : 0.0),
               fmt::format("{} of {} quotes", sum.inside, sum.used));
  html += card("residual, rms", fmt::format("{:.3f} <small>vol points</small>", 100 * sum.rms_vol),
               fmt::format("worst {:.2f} vol points", 100 * sum.max_vol));
  html += card("residual, rms", fmt::format("{:.2f} <small>half spreads</small>", sum.rms_spread),
               "of each quote's bid and ask");
  html += card(
      "arbitrage, within the quotes",
      fmt::format("{} <small>points</small>", fit.after.butterfly + fit.after.calendar),
      fmt::format("before: {} butterfly, {} calendar", fit.before.butterfly, fit.before.calendar));
  return html + "</div>";
}

Table expiry_table(const Chain& chain, const SurfaceFit& fit) {
  Table table;
  table.header = {"expiry", "forward from", "verdict",  "days",      "forward",
                  "quotes", "left out",     "rms vol",  "worst vol", "half spreads",
                  "inside", "least g",      "condition"};
  table.text_columns = 3;
  for (const auto& one : fit.expiries) {
    const ChainExpiry& e = chain.expiries[one.expiry];
    const auto& r = one.report;
    Table::Row row;
    row.cells = {
        e.label,
        forward_source(e),
        name(r.verdict),
        fmt::format("{:.2f}", e.years * 365),
        fmt::format("{:.4f}", e.forward),
        fmt::format("{}", r.quotes_used),
        fmt::format("{}", r.quotes_crossed + r.quotes_one_sided + r.quotes_invalid),
        fmt::format("{:.3f} %", 100 * r.rms_vol),
        fmt::format("{:.2f} %", 100 * r.max_vol),
        fmt::format("{:.2f}", r.rms_spread),
        fmt::format("{:.1f} %", r.quotes_used > 0 ? 100.0 * one.inside / r.quotes_used : 0.0),
        fmt::format("{:.3g}", r.min_g_after),
        r.condition > 0 ? fmt::format("{:.2g}", r.condition) : "-"};
    row.fault = r.verdict != kernels::FitVerdict::trusted;
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table parameter_table(const Chain& chain, const SurfaceFit& fit) {
  Table table;
  const auto add = [&](const std::string& title, const Parameters& parameters) {
    if (parameters.empty()) return;
    if (table.header.empty()) {
      table.header = {""};
      for (const auto& [key, value] : parameters) table.header.push_back(key);
    }
    Table::Row row;
    row.cells = {title};
    for (const auto& [key, value] : parameters) row.cells.push_back(fmt::format("{:.6g}", value));
    table.rows.push_back(std::move(row));
  };
  // Of each expiry, or of the whole surface where that is what the model has.
  for (const auto& one : fit.expiries) add(chain.expiries[one.expiry].label, one.parameters);
  if (table.rows.empty()) add("surface", fit.parameters);
  return table;
}

std::string list_of(const std::vector<std::string>& sentences) {
  std::string html;
  for (const auto& sentence : sentences) html += "<li>" + escape(sentence) + "</li>\n";
  return html;
}

void add_surface(std::string& out, const SurfaceFit& fit) {
  if (fit.expiries.size() < 2) return;  // one smile is no surface
  out +=
      "<section>\n<h2>Surface</h2>\n<p class=\"caption\">Drag to turn, wheel to come nearer, arrow "
      "keys "
      "work too. Bars are bid to ask of the quotes; each expiry is drawn over its quoted "
      "strikes.</p>\n"
      "<div class=\"tools\"><label><input type=\"checkbox\" id=\"surface-quotes\" checked> "
      "quotes</label>"
      "<button type=\"button\" id=\"surface-reset\">turn back</button></div>\n"
      "<canvas id=\"surface\" tabindex=\"0\" role=\"img\" aria-label=\"implied volatility over "
      "strike and "
      "time to expiry\"></canvas>\n<noscript><p class=\"caption\">The turning surface needs "
      "scripts; the "
      "smiles below do not.</p></noscript>\n</section>\n";
}

void add_smiles(std::string& out, const Chain& chain, const SurfaceFit& fit) {
  out +=
      "<section>\n<h2>Smiles</h2>\n<div class=\"legend\"><span><i></i>fit</span><span><i "
      "class=\"bar-mark\"></i>"
      "bid to ask, fit inside</span><span><i class=\"bar-mark out\"></i>bid to ask, fit "
      "outside</span></div>\n"
      "<p class=\"caption\">Implied volatility a year over strike / forward. The dotted line is "
      "the "
      "forward.</p>\n";
  out += fmt::format("<div class=\"smiles{}\">\n", fit.expiries.size() <= 2 ? " few" : "");
  const bool few = fit.expiries.size() <= 2;
  for (const auto& one : fit.expiries) {
    const ChainExpiry& e = chain.expiries[one.expiry];
    out += fmt::format(
        "<figure><figcaption><b>{}</b> <span>{:.{}f} days, F {:.2f}, {}/{} "
        "inside</span></figcaption>"
        "<div class=\"plot\">",
        escape(e.label), e.years * 365, e.years * 365 < 10 ? 1 : 0, e.forward, one.inside,
        one.report.quotes_used);
    out += smile_chart(e, one, *fit.surface, few ? ChartSize{1060, 460} : ChartSize{});
    out += "</div></figure>\n";
  }
  out += "</div>\n</section>\n";
}

}  // namespace

std::string html_report(const SurfaceTask& task, const Chain& chain, const SurfaceFit& fit) {
  const auto slash = task.input.find_last_of('/');  // npos + 1 is 0: the whole name
  const std::string title =
      escape(task.input == "-" ? "standard input" : task.input.substr(slash + 1));
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'; "
      "script-src 'unsafe-inline'\">\n";
  out += fmt::format("<title>{} - Zomma surface</title>\n<style>\n{}{}</style>\n</head>\n<body>\n",
                     title, assets::page_style(), surface_style());
  const SurfaceTotals sum = totals(fit);
  out += fmt::format(
      "<header class=\"page\">\n<div class=\"brand\">Zomma volatility "
      "surface</div>\n<h1>{}</h1>\n<p "
      "class=\"when\">model {}, {}, {} quotes of {} options, fitted in {:.1f} "
      "ms</p>\n{}</header>\n<main>\n",
      title, escape(task.fit.model),
      fit.expiries.size() == 1 ? "one expiry" : fmt::format("{} expiries", fit.expiries.size()),
      sum.used, chain.american ? "American" : "European", fit.milliseconds, cards(fit));
  add_surface(out, fit);
  add_smiles(out, chain, fit);
  out += "<section>\n<h2>Fit of each expiry</h2>\n";
  out += table_html(expiry_table(chain, fit));
  const Table parameters = parameter_table(chain, fit);
  if (!parameters.rows.empty()) out += "<h3>Parameters</h3>\n";
  out += table_html(parameters);
  out += "</section>\n";
  const std::string left_out =
      list_of(chain.left_out) + list_of(fit.left_out) + list_of(chain.faults);
  if (!left_out.empty())
    out += fmt::format(
        "<section>\n<h2>Left out</h2>\n<ul class=\"caption\">\n{}</ul>\n</section>\n", left_out);
  out +=
      "</main>\n<footer>Written by Zomma. Nothing on this page is fetched from "
      "elsewhere.</footer>\n";
  if (fit.expiries.size() > 1)
    out += fmt::format(
        "<script type=\"application/json\" "
        "id=\"surface-data\">{}</script>\n<script>\n{}</script>\n",
        surface_data(chain, fit), surface_script());
  return out + "</body>\n</html>\n";
}

}  // namespace zomma::cli
