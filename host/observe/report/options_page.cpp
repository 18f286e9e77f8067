#include "observe/report/options_page.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "observe/report/html_text.h"
#include "observe/report/option_tables.h"
#include "observe/report/series_json.h"
#include "observe/report/svg_chart.h"

namespace zomma {
namespace {

constexpr std::size_t max_marks = 2'000;  // on one price
constexpr std::size_t max_prices = 24;
constexpr std::size_t events_on_page = 400;

struct Line {
  std::string name, colour;  // a variable of the style sheet
  const Series* points;
};
// What stands on a price: one kind of event.
struct Marks {
  std::string name, colour;
  bool up;
  std::vector<FillMark> points;
};
struct Chart {
  std::string title;
  int height, digits;
  bool steps;
  std::vector<Line> lines;
  std::vector<Marks> marks;
};

Chart one_line(std::string title, const Series& points, int digits) {
  return {title, 150, digits, true, {{std::move(title), "own", &points}}, {}};
}

std::vector<Chart> greek_charts(const OptionsResult& r) {
  return {one_line("Delta", r.delta_curve, 0), one_line("Gamma, per 1 %", r.gamma_curve, 0),
          one_line("Vega, per vol point", r.vega_curve, 2),
          one_line("Theta, per day", r.theta_curve, 2)};
}

Chart capital_chart(const OptionsResult& r) {
  return {"Capital at work and margin required",
          200,
          0,
          true,
          {{"capital at work", "own", &r.capital_curve},
           {"margin required", "other-1", &r.margin_curve}},
          {}};
}

Chart attribution_chart(const OptionsResult& r) {
  return {"P&L by cause, summed over time",
          260,
          2,
          false,
          {{"direction", "own", &r.direction_curve},
           {"vol", "other-2", &r.vol_curve},
           {"theta", "good", &r.theta_pnl_curve},
           {"dividends, interest", "other-3", &r.income_curve},
           {"costs", "bad", &r.costs_curve},
           {"residual", "other-0", &r.residual_curve}},
          {}};
}

std::uint32_t underlying_of(const RunResult& run, std::uint32_t instrument) {
  if (instrument >= run.instruments.size() || !run.instruments[instrument].option)
    return instrument;
  for (const Instrument& one : run.instruments)
    if (!one.option && one.symbol == run.instruments[instrument].option->underlying)
      return one.id.value;
  return instrument;
}

bool is_put(const RunResult& run, std::uint32_t instrument) {
  return instrument < run.instruments.size() && run.instruments[instrument].option &&
         run.instruments[instrument].option->put;
}

Chart price_chart(const RunResult& run, const OptionsResult& r, const MarketResult& market) {
  Chart chart{"Price of " + run.instruments[market.instrument].symbol,
              300,
              2,
              true,
              {{"price", "mid", &market.mid}},
              {{"put sold", "other-1", false, {}},
               {"call sold", "other-2", false, {}},
               {"assigned", "good", true, {}},
               {"called away", "bad", true, {}},
               {"rolled", "own", true, {}}}};
  for (const OptionEvent& event : r.events) {
    std::size_t which = 0;
    switch (event.kind) {
      case OptionEventKind::sold_to_open:
        which = is_put(run, event.instrument) ? 0 : 1;
        break;
      case OptionEventKind::assigned:
        which = 2;
        break;
      case OptionEventKind::called_away:
        which = 3;
        break;
      case OptionEventKind::rolled:
        which = 4;
        break;
      default:
        continue;
    }
    auto& points = chart.marks[which].points;
    if (!has_value(event.spot) || points.size() >= max_marks ||
        underlying_of(run, event.instrument) != market.instrument)
      continue;
    points.push_back({event.ts_ns, event.spot, std::fabs(event.quantity), 1,
                      chart.marks[which].up ? Side::buy : Side::sell});
  }
  std::erase_if(chart.marks, [](const Marks& marks) { return marks.points.empty(); });
  return chart;
}

std::vector<Chart> price_charts(const RunResult& run, const OptionsResult& r) {
  std::vector<Chart> charts;
  for (const OptionsResult::Part& part : r.parts)
    for (const MarketResult& market : run.markets)
      if (market.instrument == part.underlying && charts.size() < max_prices)
        charts.push_back(price_chart(run, r, market));
  return charts;
}

// In the order in which the sections show them: the page's boxes and the data count alike.
std::vector<Chart> charts_of(const RunResult& run, const OptionsResult& r) {
  std::vector<Chart> charts = greek_charts(r);
  for (Chart& chart : price_charts(run, r)) charts.push_back(std::move(chart));
  charts.push_back(capital_chart(r));
  charts.push_back(attribution_chart(r));
  return charts;
}

// Drawn marks have two shapes, each with a colour of its own; interactive ones a colour each.
std::string legend(const Chart& chart, bool interactive) {
  std::string out = "<div class=\"legend\">";
  for (const Line& line : chart.lines)
    out += fmt::format("<span><i style=\"border-top-color:var(--{})\"></i>{}</span>", line.colour,
                       escape(line.name));
  for (const Marks& marks : chart.marks) {
    const std::string style = interactive ? fmt::format(" style=\"border-{}-color:var(--{})\"",
                                                        marks.up ? "bottom" : "top", marks.colour)
                                          : "";
    out += fmt::format("<span><i class=\"{}\"{}></i>{}</span>", marks.up ? "up" : "down", style,
                       escape(marks.name));
  }
  return out + "</div>\n";
}

// The class of a drawn line.
std::string line_class(const std::string& colour) {
  return colour == "good" || colour == "bad" ? colour + "-line" : colour;
}

std::string drawn(const RunResult& run, const Chart& chart, std::size_t index, bool interactive) {
  std::string out = "<h3>" + escape(chart.title) + "</h3>\n";
  if (chart.lines.size() + chart.marks.size() > 1) out += legend(chart, interactive);
  if (interactive)
    return out + fmt::format("<div class=\"plot\" data-plot=\"lines:{}\"></div>\n", index);
  TimeChart plain{chart.title, run.first, run.last, chart.height, {}, {}};
  for (const Line& line : chart.lines)
    plain.curves.push_back({*line.points, line_class(line.colour), chart.steps, false});
  for (const Marks& marks : chart.marks)
    plain.marks.insert(plain.marks.end(), marks.points.begin(), marks.points.end());
  std::stable_sort(plain.marks.begin(), plain.marks.end(),
                   [](const FillMark& a, const FillMark& b) { return a.ts_ns < b.ts_ns; });
  const std::string svg = svg_time_chart(plain);
  return svg.empty() ? out : out + "<div class=\"plot scroll\">" + svg + "</div>\n";
}

class Pages {
 public:
  Pages(std::string& out, const Report& report, bool interactive)
      : out_(out), report_(report), interactive_(interactive) {}

  void add_all() {
    section("Options: Greeks",
            "At every look at the book: once a minute at most, before every fill "
            "and in the evening.");
    each([&](const OptionsResult&, std::span<const Chart> charts, std::size_t first) {
      // Drawn charts shrink with their box, text and all: these keep the page's width.
      out_ += interactive_ ? "<div class=\"grid-2\">\n" : "<div>\n";
      for (std::size_t i = 0; i < 4; ++i)
        out_ += "<div>" + drawn(report_.run, charts[i], first + i, interactive_) + "</div>\n";
      out_ += "</div>\n";
    });
    out_ += titled_table_html(option_greeks_table(report_)) + "</section>\n";
    section("Options: premium, assignment, yield", "");
    each([&](const OptionsResult& options, std::span<const Chart> charts, std::size_t first) {
      prices(charts.subspan(4, charts.size() - 6), first + 4);
      const std::size_t capital = charts.size() - 2;
      out_ += drawn(report_.run, charts[capital], first + capital, interactive_);
      out_ += "<details><summary>Option events</summary>\n" +
              titled_table_html(option_events_table(report_, options, events_on_page)) +
              "</details>\n";
    });
    out_ += titled_table_html(option_income_table(report_)) + "</section>\n";
    section("Attribution", "");
    each([&](const OptionsResult& options, std::span<const Chart> charts, std::size_t first) {
      const std::size_t last = charts.size() - 1;
      out_ += drawn(report_.run, charts[last], first + last, interactive_);
      out_ += titled_table_html(attribution_table(report_, options));
    });
    out_ += "</section>\n";
  }

 private:
  void section(std::string_view title, std::string_view caption) {
    out_ += "<section>\n<h2>" + escape(title) + "</h2>\n" + caption_html(caption);
  }

  template <class Do>
  void each(Do action) {
    std::size_t first = 0;
    for (const OptionsResult& options : report_.run.options) {
      const std::vector<Chart> charts = charts_of(report_.run, options);
      if (report_.run.options.size() > 1) out_ += "<h3>" + escape(options.strategy) + "</h3>\n";
      action(options, std::span<const Chart>(charts), first);
      first += charts.size();
    }
  }

  // One at a time, chosen from a list where there are several.
  void prices(std::span<const Chart> charts, std::size_t first) {
    const std::string group = fmt::format("underlying-{}", first);
    if (charts.size() > 1) {
      out_ += fmt::format(
          "<div class=\"pick\"><label for=\"{0}\">Show</label><select id=\"{0}\" "
          "data-picks=\"{0}\">",
          group);
      for (std::size_t i = 0; i < charts.size(); ++i)
        out_ += fmt::format("<option value=\"{}\">{}</option>", i, escape(charts[i].title));
      out_ += "</select></div>\n";
    }
    for (std::size_t i = 0; i < charts.size(); ++i)
      out_ += fmt::format("<div data-group=\"{}\" data-key=\"{}\">\n", group, i) +
              drawn(report_.run, charts[i], first + i, interactive_) + "</div>\n";
  }

  std::string& out_;
  const Report& report_;
  bool interactive_;
};

void write_marks_of(JsonWriter& json, const Marks& marks, Nanoseconds origin) {
  json.begin_object().field("name", marks.name).field("colour", "--" + marks.colour);
  json.field("up", marks.up);
  write_marks(json, "at", marks.points, origin);
  json.end_object();
}

}  // namespace

void add_option_sections(std::string& out, const Report& report, bool interactive) {
  if (!report.run.options.empty()) Pages(out, report, interactive).add_all();
}

void write_option_plots(JsonWriter& json, const Report& report) {
  json.key("lines").begin_array();
  for (const OptionsResult& options : report.run.options)
    for (const Chart& chart : charts_of(report.run, options)) {
      json.begin_object().field("height", chart.height).field("digits", chart.digits);
      json.field("steps", chart.steps).key("series").begin_array();
      for (const Line& line : chart.lines) {
        json.begin_object().field("name", line.name).field("colour", "--" + line.colour);
        write_series(json, "at", *line.points, report.run.first);
        json.end_object();
      }
      json.end_array().key("marks").begin_array();
      for (const Marks& marks : chart.marks) write_marks_of(json, marks, report.run.first);
      json.end_array().end_object();
    }
  json.end_array();
}

}  // namespace zomma
