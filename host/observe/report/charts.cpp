#include "observe/report/charts.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "observe/report/format.h"
#include "observe/report/html_text.h"
#include "observe/report/json_writer.h"
#include "observe/report/options_page.h"
#include "observe/report/series_json.h"
#include "observe/report/svg_chart.h"
#include "observe/report/utf8.h"

namespace zomma {
namespace {

struct EquityCurveOnPage {
  std::string name;
  const Series* points;
  std::string colour;  // of the style sheet: "own", "other-0"
  bool dashed;
};

std::vector<EquityCurveOnPage> equity_curves(const Report& report) {
  std::vector<EquityCurveOnPage> curves;
  const RunResult& run = report.run;
  std::size_t next = 0;
  for (const Baseline& baseline : report.baselines) {
    curves.push_back(
        {baseline.name, &baseline.run.total.equity, fmt::format("other-{}", next++ % 4), true});
  }
  if (run.strategies.size() == 1) {
    curves.push_back({run.strategies[0].name, &run.strategies[0].equity, "own", false});
  } else if (!run.strategies.empty()) {
    for (const StrategyResult& strategy : run.strategies) {
      curves.push_back(
          {strategy.name, &strategy.equity, fmt::format("other-{}", next++ % 4), false});
    }
    curves.push_back({"all strategies", &run.total.equity, "own", false});
  }
  return curves;
}

std::string legend(const std::vector<EquityCurveOnPage>& curves) {
  std::string out = "<div class=\"legend\">";
  for (auto curve = curves.rbegin(); curve != curves.rend(); ++curve) {
    out += fmt::format("<span><i{} style=\"border-top-color:var(--{})\"></i>{}</span>",
                       curve->dashed ? " class=\"dash\"" : "", curve->colour, escape(curve->name));
  }
  return out + "</div>\n";
}

std::string boxed(const std::string& svg) {
  return svg.empty() ? "" : "<div class=\"plot scroll\">" + svg + "</div>\n";
}

std::string short_name(const std::string& name) {
  constexpr std::size_t longest = 20;
  std::string text;  // whole UTF-8 sequences only
  for (std::string_view rest = name; !rest.empty() && text.size() < longest;) {
    const std::size_t length = std::max<std::size_t>(utf8_length(rest), 1);
    text += rest.substr(0, length);
    rest.remove_prefix(length);
  }
  return text.size() < name.size() ? text + "…" : text;
}

// The charts of one strategy's signals for one instrument.
std::string signal_group(const Report& report, const std::vector<const SignalResult*>& group,
                         double greatest) {
  std::string out = "<div class=\"grid-3\">\n";
  for (std::size_t h = 0; h < report.run.horizons.size(); ++h) {
    std::vector<SvgBar> bars;
    for (const SignalResult* signal : group) {
      const SignalHorizon& horizon = signal->horizons[h];
      const bool strong = has_value(horizon.spearman_error) &&
                          std::fabs(horizon.spearman) > 2 * horizon.spearman_error;
      bars.push_back({short_name(signal->name), horizon.spearman, horizon.spearman_error, strong});
    }
    const std::string title = "Rank IC, " + show::duration(report.run.horizons[h]) + " ahead";
    out += "<div class=\"bars\"><h4>" + escape(title) + "</h4>" + svg_bars(title, bars, greatest) +
           "</div>\n";
  }
  return out + "</div>\n";
}

}  // namespace

std::vector<MarketPanel> market_panels(const Report& report) {
  std::vector<MarketPanel> panels;
  const RunResult& run = report.run;
  const bool several = run.strategies.size() > 1;
  const auto add = [&](const MarketResult& market, const StrategyResult& strategy, bool traded) {
    const InstrumentResult* dealt = nullptr;
    for (const InstrumentResult& candidate : strategy.instruments) {
      if (candidate.instrument == market.instrument) dealt = &candidate;
    }
    if ((dealt != nullptr) != traded || (market.mid.empty() && dealt == nullptr)) return;
    std::string name = run.instruments[market.instrument].symbol;
    if (several && traded)
      name += &strategy == &run.total ? ", all strategies" : ", " + strategy.name;
    panels.push_back({&market, &strategy, dealt, std::move(name)});
  };
  for (const MarketResult& market : run.markets) {
    add(market, run.total, true);
    if (!several) continue;
    for (const StrategyResult& strategy : run.strategies) add(market, strategy, true);
  }
  std::stable_sort(panels.begin(), panels.end(), [](const MarketPanel& a, const MarketPanel& b) {
    return a.dealt->turnover > b.dealt->turnover;
  });
  for (const MarketResult& market : run.markets) add(market, run.total, false);
  if (panels.size() > max_panels) panels.resize(max_panels);
  return panels;
}

std::string equity_charts(const Report& report, bool interactive) {
  const RunResult& run = report.run;
  const auto curves = equity_curves(report);
  if (run.last.value == 0 || curves.empty())
    return "<p class=\"caption\">Nothing happened in this run.</p>\n";
  if (interactive) {
    return "<div class=\"plot\" data-plot=\"equity\"></div>\n<h3>Drawdown</h3>\n<div "
           "class=\"plot\" data-plot=\"drawdown\"></div>\n";
  }
  TimeChart equity{"P&L after fees over time", run.first, run.last, 300, {}, {}};
  for (const auto& curve : curves)
    equity.curves.push_back(
        {*curve.points, curve.colour + (curve.dashed ? " dash" : ""), false, false});
  const TimeChart drawdown{"Drawdown over time",
                           run.first,
                           run.last,
                           150,
                           {{run.total.drawdown_curve, "bad-line", false, true}},
                           {}};
  return legend(curves) + boxed(svg_time_chart(equity)) + "<h3>Drawdown</h3>\n" +
         boxed(svg_time_chart(drawdown));
}

std::string panel_charts(const Report& report, const MarketPanel& panel, std::size_t index,
                         bool interactive) {
  const RunResult& run = report.run;
  const bool traded = panel.dealt != nullptr;
  std::string out;
  if (traded) {
    out +=
        "<div class=\"legend\"><span><i "
        "style=\"border-top-color:var(--mid)\"></i>mid</span><span><i "
        "class=\"up\"></i>bought</span>"
        "<span><i class=\"down\"></i>sold</span></div>\n";
  }
  const std::string position_heading = "<h3>Inventory</h3>\n";
  if (interactive) {
    out += fmt::format("<div class=\"plot\" data-plot=\"price:{}\"></div>\n", index);
    if (traded)
      out += position_heading +
             fmt::format("<div class=\"plot\" data-plot=\"inventory:{}\"></div>\n", index);
    return out;
  }
  TimeChart price{"Mid price and fills of " + panel.name,    run.first, run.last, 320,
                  {{panel.market->mid, "mid", true, false}}, {}};
  if (traded) price.marks = panel.dealt->marks;
  out += boxed(svg_time_chart(price));
  if (traded) {
    const TimeChart inventory{"Position in " + panel.name,
                              run.first,
                              run.last,
                              170,
                              {{panel.dealt->position, "own", true, false}},
                              {}};
    out += position_heading + boxed(svg_time_chart(inventory));
  }
  return out;
}

std::string plots_json(const Report& report) {
  const RunResult& run = report.run;
  JsonWriter json;
  json.begin_object().key("origin").rounded(static_cast<double>(run.first.value) * 1e-9, 6);
  json.key("length").rounded(static_cast<double>(run.duration().value) * 1e-9, 3);
  json.field("money_digits", show::money_digits_of(report)).key("equity").begin_array();
  for (const auto& curve : equity_curves(report)) {
    json.begin_object()
        .field("name", curve.name)
        .field("colour", "--" + curve.colour)
        .field("dash", curve.dashed);
    json.key("t").begin_array();
    for (const Point& point : *curve.points)
      json.rounded(static_cast<double>(point.ts_ns - run.first.value) * 1e-9, 3);
    json.end_array().key("v").begin_array();
    for (const Point& point : *curve.points) json.rounded(point.value, 8);
    json.end_array().end_object();
  }
  json.end_array();
  write_series(json, "drawdown", run.total.drawdown_curve, run.first);
  json.key("markets").begin_array();
  for (const MarketPanel& panel : market_panels(report)) {
    const Instrument& instrument = run.instruments[panel.market->instrument];
    json.begin_object()
        .field("digits", instrument.price_digits + 1)
        .field("quantity_digits", instrument.quantity_digits);
    write_series(json, "mid", panel.market->mid, run.first);
    write_series(json, "position", panel.dealt != nullptr ? panel.dealt->position : Series{},
                 run.first);
    write_marks(json, "fills",
                panel.dealt != nullptr ? panel.dealt->marks : std::vector<FillMark>{}, run.first);
    json.end_object();
  }
  json.end_array();
  write_option_plots(json, report);
  return json.end_object().take();
}

std::string signal_charts(const Report& report) {
  double greatest = 0;
  for (const SignalResult& signal : report.run.signals) {
    for (const SignalHorizon& horizon : signal.horizons) {
      if (!has_value(horizon.spearman)) continue;
      const double error = has_value(horizon.spearman_error) ? horizon.spearman_error : 0;
      greatest = std::max(greatest, std::fabs(horizon.spearman) + error);
    }
  }
  std::string out;
  std::vector<const SignalResult*> group;  // results come sorted by strategy and instrument
  const bool several = report.run.strategies.size() > 1;
  for (const SignalResult& signal : report.run.signals) {
    group.push_back(&signal);
    const SignalResult* next = &signal == &report.run.signals.back() ? nullptr : &signal + 1;
    if (next != nullptr && next->instance == signal.instance &&
        next->instrument == signal.instrument)
      continue;
    const std::string& symbol = report.run.instruments[signal.instrument].symbol;
    out += "<h3>" + escape(several ? symbol + ", " + signal.strategy : symbol) + "</h3>\n" +
           signal_group(report, group, greatest * 1.05);
    group.clear();
  }
  return out;
}

std::string latency_charts(const Report& report) {
  std::string out;
  const auto add = [&](const std::string& title, const LatencyFigures& latency) {
    if (latency.count == 0) return;
    out += "<div class=\"bars\"><h3>" + escape(title) + "</h3>" + svg_histogram(title, latency) +
           "</div>\n";
  };
  add("Decision, wall clock", report.run.decision);
  add("Order to first answer, engine time", report.run.total.acknowledge);
  add("Cancel to cancelled, engine time", report.run.total.cancel);
  return out.empty() ? "" : "<div class=\"grid-2\">\n" + out + "</div>\n";
}

}  // namespace zomma
