// write_study.cpp: a study of the wheel for people and programs. Every page and table says that it
// is modelled.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "observe/report/data_page.h"
#include "observe/report/format.h"
#include "observe/report/json_writer.h"
#include "runtime/simulate/wheel_study.h"

namespace zomma {
namespace {

constexpr std::size_t table_rows = 100, bins = 60, most_cells = 60, fan_points = 400;
constexpr const char* modelled_note =
    "MODELLED: simulated prices and premiums by formula at a given implied volatility; no costs, "
    "no spreads, no early exercise, no taxes, "
    "every option filled. A statement about the model, not about a market.";

struct Column {
  const char* name;
  double (*value)(const PathFigures&);
};
constexpr Column columns[] = {
    {"growth", [](const PathFigures& f) { return f.growth; }},
    {"mean", [](const PathFigures& f) { return f.mean; }},
    {"mean_error", [](const PathFigures& f) { return f.mean_error; }},
    {"deviation", [](const PathFigures& f) { return f.deviation; }},
    {"sharpe", [](const PathFigures& f) { return f.sharpe; }},
    {"q05", [](const PathFigures& f) { return f.q05; }},
    {"q25", [](const PathFigures& f) { return f.q25; }},
    {"median", [](const PathFigures& f) { return f.median; }},
    {"q75", [](const PathFigures& f) { return f.q75; }},
    {"q95", [](const PathFigures& f) { return f.q95; }},
    {"worst_5_percent", [](const PathFigures& f) { return f.worst_5_percent; }},
    {"loss_probability", [](const PathFigures& f) { return f.loss_probability; }},
    {"behind_hold", [](const PathFigures& f) { return f.behind_hold; }},
    {"drawdown_mean", [](const PathFigures& f) { return f.drawdown_mean; }},
    {"drawdown_q95", [](const PathFigures& f) { return f.drawdown_q95; }},
    {"assignments_mean", [](const PathFigures& f) { return f.entered_mean; }},
    {"called_away_mean", [](const PathFigures& f) { return f.left_mean; }},
    {"in_stock", [](const PathFigures& f) { return f.in_stock; }},
    {"penalised", [](const PathFigures& f) { return f.penalised; }},
};

// Most of what such a study earns is assumed, not found: the reader must see it.
std::string premium_note(const WheelStudy& study) {
  return fmt::format(
      "Premiums of the best set are received at an implied volatility of {}; the simulated spot "
      "varies by {} a year. "
      "What the first is above the second is earned by assumption.",
      show::percent(study.sets.front().implied_volatility),
      show::percent(study.realised_volatility));
}

std::string study_csv(const WheelStudy& study) {
  std::string out =
      "modelled,put_moneyness,call_moneyness,implied_volatility,put_premium_of_strike,call_premium_"
      "of_spot,objective";
  for (const Column& column : columns) out.append(",").append(column.name);
  out += "\n";
  for (const WheelSet& set : study.sets) {
    out += fmt::format("yes,{},{},{},{},{},{}", set.put_moneyness, set.call_moneyness,
                       set.implied_volatility, set.put_premium, set.call_premium, set.objective);
    for (const Column& column : columns) out += fmt::format(",{}", column.value(set.figures));
    out += "\n";
  }
  return out;
}

void write_figures(JsonWriter& json, const PathFigures& figures) {
  json.key("figures").begin_object();
  for (const Column& column : columns) json.field(column.name, column.value(figures));
  json.end_object();
}

std::string study_json(const WheelStudy& study) {
  const WheelConfig& config = study.config;
  JsonWriter json;
  json.begin_object()
      .field("schema_version", 1)
      .field("modelled", true)
      .field("note", modelled_note);
  json.field("model", to_text(config.model))
      .field("paths", config.paths)
      .field("seed", config.seed)
      .field("cycles", config.cycles);
  json.field("cycle_years", config.cycle_years())
      .field("years", study.years)
      .field("rate", config.rate)
      .field("dividend", config.dividend);
  json.field("realised_volatility", study.realised_volatility);
  json.field("history_days", static_cast<std::uint64_t>(study.history_days))
      .field("objective", config.objective);
  json.key("comparisons").begin_array();
  for (const Comparison& one : study.comparisons) {
    json.begin_object().field("name", one.name);
    write_figures(json, one.figures);
    for (const auto& [name, curve] :
         {std::pair("wealth_q05", &one.low), std::pair("wealth_median", &one.middle),
          std::pair("wealth_q95", &one.high)}) {
      json.key(name).begin_array();
      for (const double value : *curve) json.value(value);
      json.end_array();
    }
    json.end_object();
  }
  json.end_array().key("sets").begin_array();
  for (const WheelSet& set : study.sets) {
    json.begin_object()
        .field("put_moneyness", set.put_moneyness)
        .field("call_moneyness", set.call_moneyness);
    json.field("implied_volatility", set.implied_volatility)
        .field("put_premium_of_strike", set.put_premium);
    json.field("call_premium_of_spot", set.call_premium).field("objective", set.objective);
    write_figures(json, set.figures);
    json.end_object();
  }
  return json.end_array().end_object().take() + "\n";
}

// Shares of equal bins over the middle 99 % of all series together; what lies beyond is in the
// outer bins.
std::string histogram(const std::vector<std::pair<std::string, const std::vector<double>*>>& series,
                      const char* x_name, bool whole) {
  std::vector<double> all;
  for (const auto& one : series) all.insert(all.end(), one.second->begin(), one.second->end());
  std::sort(all.begin(), all.end());
  double low = all[all.size() / 200], high = all[all.size() - 1 - all.size() / 200];
  std::size_t count = bins;
  if (whole) {
    low = std::floor(low) - 0.5;
    high = std::ceil(high) + 0.5;
    count = static_cast<std::size_t>(std::min(high - low, 200.0));
  }
  if (!(high > low)) high = low + 1;
  JsonWriter json;
  json.begin_object().field("kind", "histogram").field("x_name", x_name).key("edges").begin_array();
  for (std::size_t i = 0; i <= count; ++i)
    json.value(low + (high - low) * static_cast<double>(i) / static_cast<double>(count));
  json.end_array().key("series").begin_array();
  for (const auto& [name, values] : series) {
    std::vector<double> shares(count);
    for (const double value : *values) {
      const double place = (value - low) / (high - low) * static_cast<double>(count);
      shares[static_cast<std::size_t>(std::clamp(place, 0.0, static_cast<double>(count) - 1))] +=
          1.0 / static_cast<double>(values->size());
    }
    json.begin_object()
        .field("name", name)
        .field("own", &name == &series.front().first)
        .key("shares")
        .begin_array();
    for (const double share : shares) json.rounded(share, 6);
    json.end_array().end_object();
  }
  return json.end_array().end_object().take();
}

std::string fan(const WheelStudy& study) {
  JsonWriter json;
  json.begin_object()
      .field("kind", "lines")
      .field("x_name", "years")
      .field("y_name", "wealth, modelled; 1 at the start")
      .key("series")
      .begin_array();
  const std::size_t cycles = study.comparisons[0].middle.size(),
                    stride = std::max<std::size_t>(1, cycles / fan_points);
  const auto add = [&](const std::string& name, const std::vector<double>& curve, bool own) {
    json.begin_object().field("name", name).field("own", own).key("x").begin_array().value(0.0);
    for (std::size_t i = 0; i < cycles; i += stride)
      json.rounded(study.years * static_cast<double>(i + 1) / static_cast<double>(cycles), 6);
    json.end_array().key("y").begin_array().value(1.0);
    for (std::size_t i = 0; i < cycles; i += stride) json.rounded(curve[i], 6);
    json.end_array().end_object();
  };
  for (const Comparison& one : study.comparisons)
    add(one.name + ", median", one.middle, &one == &study.comparisons[0]);
  return json.end_array().end_object().take();
}

std::string band(const WheelStudy& study) {
  JsonWriter json;
  json.begin_object()
      .field("kind", "lines")
      .field("x_name", "years")
      .field("y_name", "wealth, modelled")
      .key("series")
      .begin_array();
  const Comparison& best = study.comparisons[0];
  const Comparison& hold = study.comparisons[1];
  const auto add = [&](const std::string& name, const std::vector<double>& curve, bool own) {
    const std::size_t cycles = curve.size(), stride = std::max<std::size_t>(1, cycles / fan_points);
    json.begin_object().field("name", name).field("own", own).key("x").begin_array().value(0.0);
    for (std::size_t i = 0; i < cycles; i += stride)
      json.rounded(study.years * static_cast<double>(i + 1) / static_cast<double>(cycles), 6);
    json.end_array().key("y").begin_array().value(1.0);
    for (std::size_t i = 0; i < cycles; i += stride) json.rounded(curve[i], 6);
    json.end_array().end_object();
  };
  add("wheel, 5 %", best.low, true);
  add("wheel, 95 %", best.high, true);
  add("hold, 5 %", hold.low, false);
  add("hold, 95 %", hold.high, false);
  return json.end_array().end_object().take();
}

// Every `most_cells`-th value of an axis is enough for a picture.
std::vector<double> thinned(std::vector<double> values) {
  const std::size_t stride = (values.size() + most_cells - 1) / most_cells;
  std::vector<double> out;
  for (std::size_t i = 0; i < values.size(); i += std::max<std::size_t>(stride, 1))
    out.push_back(values[i]);
  return out;
}

std::string heat(const WheelStudy& study, double volatility) {
  const auto xs = thinned(study.config.put.values), ys = thinned(study.config.call.values);
  JsonWriter json;
  json.begin_object()
      .field("kind", "heat")
      .field("x_name", study.config.put.delta ? "put delta" : "put strike / spot");
  json.field("y_name", study.config.call.delta ? "call delta" : "call strike / spot")
      .field("value_name", study.config.objective);
  json.key("x").begin_array();
  for (const double x : xs) json.value(fmt::format("{:.4g}", x));
  json.end_array().key("y").begin_array();
  for (const double y : ys) json.value(fmt::format("{:.4g}", y));
  json.end_array().key("values").begin_array();
  std::vector<double> cells(xs.size() * ys.size(), no_value);
  for (const WheelSet& set : study.sets) {
    if (set.implied_volatility != volatility) continue;
    const auto x = std::lower_bound(xs.begin(), xs.end(), set.put_asked),
               y = std::lower_bound(ys.begin(), ys.end(), set.call_asked);
    if (x == xs.end() || *x != set.put_asked || y == ys.end() || *y != set.call_asked) continue;
    cells[static_cast<std::size_t>(y - ys.begin()) * xs.size() +
          static_cast<std::size_t>(x - xs.begin())] = set.objective;
  }
  for (std::size_t j = 0; j < ys.size(); ++j) {
    json.begin_array();
    for (std::size_t i = 0; i < xs.size(); ++i) json.value(cells[j * xs.size() + i]);
    json.end_array();
  }
  return json.end_array().end_object().take();
}

std::vector<std::string> cells_of(const PathFigures& f) {
  return {show::percent(f.mean),
          show::percent(f.median),
          show::percent(f.q05),
          show::percent(f.q95),
          show::number(f.sharpe, 3),
          show::percent(f.growth, 2),
          show::percent(f.loss_probability),
          show::percent(f.drawdown_mean),
          show::percent(f.drawdown_q95),
          show::number(f.entered_mean, 2),
          show::percent(f.in_stock)};
}
const std::vector<std::string> figure_heads{
    "mean",    "median",        "5 %",           "95 %",        "Sharpe",       "growth a year",
    "P(loss)", "mean drawdown", "95 % drawdown", "assignments", "ends in stock"};

std::string study_html(const WheelStudy& study) {
  const WheelConfig& config = study.config;
  const WheelSet& best = study.sets.front();
  const PathFigures& hold = study.comparisons[1].figures;
  DataPage page;
  page.brand = "Zomma simulation, modelled";
  page.title = "The wheel over simulated paths";
  page.subtitle =
      fmt::format("{}: {} paths of {} cycles ({} years), {} sets of parameters, ranked by {}",
                  to_text(config.model), show::count(config.paths), config.cycles,
                  show::number(study.years, 2), show::count(study.sets.size()), config.objective);
  page.verdict.push_back(
      fmt::format("In this model the best wheel returns {} on average and {} at the median; "
                  "holding the stock {} and {}.",
                  show::percent(best.figures.mean), show::percent(best.figures.median),
                  show::percent(hold.mean), show::percent(hold.median)));
  page.verdict.push_back(fmt::format(
      "It ends behind the stock on {} of the paths, and its mean drawdown is {} against {}.",
      show::percent(best.figures.behind_hold), show::percent(best.figures.drawdown_mean),
      show::percent(hold.drawdown_mean)));
  page.notes.push_back(modelled_note);
  page.notes.push_back(premium_note(study));
  if (config.model == WorldModel::bootstrap)
    page.notes.push_back(
        fmt::format("The history has {} days; what it does not hold, the bootstrap cannot show.",
                    study.history_days));
  page.cards = {
      {"Best set, put strike / spot", show::number(best.put_moneyness, 4), "",
       fmt::format("premium {} of the strike", show::percent(best.put_premium, 2)), 0, true},
      {"Call strike / spot", show::number(best.call_moneyness, 4), "",
       fmt::format("premium {} of the spot", show::percent(best.call_premium, 2)), 0, false},
      {"Mean return", show::percent(best.figures.mean), "",
       fmt::format("standard error {}", show::percent(best.figures.mean_error, 2)),
       best.figures.mean > 0 ? 1 : -1, false},
      {"Worst twentieth", show::percent(best.figures.worst_5_percent), "",
       "mean return of those paths", best.figures.worst_5_percent < 0 ? -1 : 1, false},
      {"95 % drawdown", show::percent(best.figures.drawdown_q95), "", "at the ends of cycles", 0,
       false},
      {"Assignments", show::number(best.figures.entered_mean, 2), "a path",
       fmt::format("{} called away", show::number(best.figures.left_mean, 2)), 0, false}};
  page.sections.push_back({"Wealth",
                           "Modelled. Medians of the four on the same paths, and the middle 90 % "
                           "of the wheel and of the stock.",
                           {{"Medians", fan(study)}, {"The middle 90 %", band(study)}},
                           {}});
  std::vector<std::pair<std::string, const std::vector<double>*>> returns, drawdowns;
  for (const Comparison& one : study.comparisons) {
    returns.emplace_back(one.name, &one.returns);
    drawdowns.emplace_back(one.name, &one.drawdowns);
  }
  PageSection spread{
      "Distributions", "Modelled. What lies beyond the middle 99 % is in the outer bins.", {}, {}};
  spread.charts = {{"Return at the end", histogram(returns, "return", false)},
                   {"Deepest drawdown", histogram(drawdowns, "drawdown", false)},
                   {"Assignments a path, best wheel",
                    histogram({{"wheel, best set", &study.assignments}}, "assignments", true)}};
  page.sections.push_back(std::move(spread));
  Table table;
  table.title = "On the same paths";
  table.header = {"modelled"};
  table.header.insert(table.header.end(), figure_heads.begin(), figure_heads.end());
  for (const Comparison& one : study.comparisons) {
    Table::Row row{{one.name}, &one == &study.comparisons[0], false, false};
    for (std::string& cell : cells_of(one.figures)) row.cells.push_back(std::move(cell));
    const bool is_wheel = &one == &study.comparisons[0];
    if (!is_wheel) row.cells[10] = row.cells[11] = "-";
    table.rows.push_back(std::move(row));
  }
  page.sections.push_back(
      {"Comparison",
       "The covered call and the put-write take the best wheel's strikes and premiums.",
       {},
       {table}});
  PageSection space{"Parameters", fmt::format("Modelled; ranked by {}.", config.objective), {}, {}};
  if (config.put.values.size() > 1 || config.call.values.size() > 1)
    for (std::size_t i = 0; i < std::min<std::size_t>(config.implied_volatility.size(), 4); ++i)
      space.charts.push_back(
          {fmt::format("implied volatility {:.4g}", config.implied_volatility[i]),
           heat(study, config.implied_volatility[i])});
  Table sets;
  sets.title = "Sets of parameters";
  sets.caption = study.sets.size() > table_rows
                     ? fmt::format("The first {} of {}; all are in wheel.csv.", table_rows,
                                   show::count(study.sets.size()))
                     : "";
  sets.header = {"#", "put", "call", "implied vol"};
  sets.header.insert(sets.header.end(), figure_heads.begin(), figure_heads.end());
  for (std::size_t i = 0; i < std::min(study.sets.size(), table_rows); ++i) {
    const WheelSet& set = study.sets[i];
    Table::Row row{{std::to_string(i + 1), show::number(set.put_moneyness, 4),
                    show::number(set.call_moneyness, 4), show::percent(set.implied_volatility)},
                   i == 0,
                   false,
                   false};
    for (std::string& cell : cells_of(set.figures)) row.cells.push_back(std::move(cell));
    sets.rows.push_back(std::move(row));
  }
  space.tables.push_back(std::move(sets));
  page.sections.push_back(std::move(space));
  return render_page(page);
}

}  // namespace

std::string study_text(const WheelStudy& study) {
  std::string out = fmt::format(
      "MODELLED: {}, {} paths of {} cycles, {:.2f} years; {} sets of parameters by "
      "{}\n\n{:<18}{:>9}{:>9}{:>9}{:>9}{:>9}{:>10}{:>12}\n",
      to_text(study.config.model), study.config.paths, study.config.cycles, study.years,
      study.sets.size(), study.config.objective, "", "mean", "median", "5 %", "95 %", "Sharpe",
      "drawdown", "assignments");
  for (const Comparison& one : study.comparisons)
    out += fmt::format(
        "{:<18}{:>9}{:>9}{:>9}{:>9}{:>9.3f}{:>10}{:>12}\n", one.name,
        show::percent(one.figures.mean), show::percent(one.figures.median),
        show::percent(one.figures.q05), show::percent(one.figures.q95), one.figures.sharpe,
        show::percent(one.figures.drawdown_mean),
        &one == &study.comparisons[0] ? show::number(one.figures.entered_mean, 2) : "-");
  const WheelSet& best = study.sets.front();
  out += fmt::format(
      "\nbest set: put at {:.4f} of the spot, call at {:.4f}, implied volatility {:.1f} %; "
      "premiums {:.2f} % of the strike, {:.2f} % of the spot\n",
      best.put_moneyness, best.call_moneyness, best.implied_volatility * 100,
      best.put_premium * 100, best.call_premium * 100);
  for (const std::string& line : show::wrap(premium_note(study), 100)) out += line + "\n";
  return out;
}

Result<void> write_study(const WheelStudy& study) {
  std::error_code code;
  std::filesystem::create_directories(study.config.output, code);
  if (code)
    return Error{Errc::io, fmt::format("cannot make {}: {}", study.config.output, code.message())};
  if (const auto written = write_file(study.config.output, "wheel.csv", study_csv(study)); !written)
    return written;
  if (const auto written = write_file(study.config.output, "wheel.json", study_json(study));
      !written)
    return written;
  return write_file(study.config.output, "wheel.html", study_html(study));
}

}  // namespace zomma
