#include "runtime/sweep/write_sweep.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "observe/report/figures.h"
#include "observe/report/format.h"
#include "observe/report/json_writer.h"
#include "observe/report/report.h"

namespace zomma {
namespace {

constexpr std::size_t shown_points = 10;  // in the terminal
constexpr std::size_t shown_failures = 5;

// A value for people: without the quotes of a TOML text.
std::string plain(const SweepValue& value) {
  return value.toml.size() >= 2 && value.toml[0] == '"'
             ? value.toml.substr(1, value.toml.size() - 2)
             : value.toml;
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\n\r") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out += '"';
}

std::string csv_number(double value) {
  return has_value(value) ? fmt::format("{}", value) : std::string();
}

std::string shown(double value) {
  return has_value(value) ? fmt::format("{:.4g}", value) : std::string("-");
}

std::string values_text(const SweepConfig& sweep, const SweepPoint& values) {
  std::string out;
  for (std::size_t i = 0; i < values.size(); ++i)
    out.append(i == 0 ? "" : ", ")
        .append(sweep.parameters[i].name)
        .append(" = ")
        .append(plain(values[i]));
  return out;
}

void write_values(JsonWriter& json, const SweepConfig& sweep, const SweepPoint& values) {
  json.key("values").begin_object();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (has_value(values[i].number))
      json.field(sweep.parameters[i].name, values[i].number);
    else
      json.field(sweep.parameters[i].name, plain(values[i]));
  }
  json.end_object();
}

void write_luck(JsonWriter& json, std::string_view name, const std::optional<Luck>& luck) {
  if (!luck) return;
  json.key(name).begin_object();
  json.field("sharpe_per_interval", luck->sharpe)
      .field("intervals", luck->intervals)
      .field("trials", luck->trials)
      .field("independent_trials", luck->independent);
  json.field("variance_of_trials", luck->variance)
      .field("expected_best_of_worthless", luck->threshold)
      .field("skew", luck->skew);
  json.field("kurtosis", luck->kurtosis)
      .field("probabilistic_sharpe", luck->probabilistic)
      .field("deflated_sharpe", luck->deflated);
  json.end_object();
}

void write_window(JsonWriter& json, std::string_view name, const TrialWindow& window) {
  json.key(name).begin_object().field("from_ns", window.from.value).field("to_ns", window.to.value);
  json.field("from_utc", show::time(window.from))
      .field("to_utc", show::time(window.to))
      .end_object();
}

void write_windows(JsonWriter& json, const SweepConfig& sweep, const SweepVerdict& verdict) {
  json.key("walk_forward").begin_array();
  for (const WindowResult& window : verdict.windows) {
    json.begin_object();
    write_window(json, "train", window.train);
    write_window(json, "test", window.test);
    json.field("point", window.point);
    write_values(json, sweep, window.values);
    json.field("in_sample", window.in_sample)
        .field("out_of_sample", window.out_of_sample)
        .field("pnl", window.pnl);
    if (window.failed) json.field("failed", window.reason);
    json.end_object();
  }
  json.end_array().key("walk_forward_equity").begin_array();
  for (const double value : verdict.walked_equity) json.value(value);
  json.end_array();
}

std::string luck_text(const Luck& luck, std::string_view of) {
  return fmt::format(
      "{}: Sharpe {} per interval over {} intervals; the best of {:.1f} worthless trials "
      "would show {} ({} trials, correlated as they are, count for so many).\n"
      "  deflated Sharpe ratio {:.3f}: {}\n",
      of, shown(luck.sharpe), luck.intervals, luck.independent, shown(luck.threshold), luck.trials,
      luck.deflated,
      luck.deflated >= 0.95 ? "better than luck, with the usual confidence"
                            : "luck cannot be ruled out");
}

}  // namespace

std::string sweep_csv(const Search& search, const SweepVerdict& verdict) {
  const SweepConfig& sweep = search.sweep();
  std::string out = "rank,point";
  for (const SweepParameter& parameter : sweep.parameters)
    out.append(",").append(csv_field(parameter.name));
  out += ",objective,objective_least,objective_greatest";
  std::vector<std::string> figures;
  for (const PointResult& point : verdict.ranking)
    if (figures.empty())
      for (const auto& figure : point.figures) figures.push_back(figure.first);
  for (const std::string& figure : figures) out.append(",").append(csv_field(figure));
  out += ",failed\n";
  std::size_t rank = 0;
  for (const PointResult& point : verdict.ranking) {
    out += fmt::format("{},{}", ++rank, point.point);
    for (const SweepValue& value : point.values) out.append(",").append(csv_field(plain(value)));
    for (const double value : {point.objective, point.least, point.greatest})
      out.append(",").append(csv_number(value));
    for (std::size_t i = 0; i < figures.size(); ++i)
      out.append(",").append(i < point.figures.size() ? csv_number(point.figures[i].second) : "");
    out.append(",").append(csv_field(point.reason)).append("\n");
  }
  return out;
}

std::string sweep_json(const Search& search, const SweepVerdict& verdict) {
  const SweepConfig& sweep = search.sweep();
  JsonWriter json;
  json.begin_object()
      .field("schema_version", 1)
      .field("run", search.name())
      .field("currency", search.currency());
  json.field("method", sweep.method == SweepMethod::grid ? "grid" : "random")
      .field("objective", sweep.objective)
      .field("minimise", sweep.minimise);
  json.field("points", search.points())
      .field("paths", sweep.paths.count)
      .field("failed", verdict.failed);
  json.field("recording_sha256", search.tape().digest()).field("events", search.tape().events());
  write_window(json, "recording", search.whole());
  json.key("plugins").begin_array();
  for (const std::string& plugin : search.plugins()) json.value(plugin);
  json.end_array();
  write_luck(json, "luck", verdict.luck);
  write_luck(json, "walk_forward_luck", verdict.walked_luck);
  json.key("overfitting").begin_object();
  if (verdict.overfitting) {
    json.field("probability", verdict.overfitting->probability)
        .field("probability_of_loss", verdict.overfitting->loss_probability);
    json.field("slope", verdict.overfitting->slope).field("blocks", verdict.overfitting->blocks);
    json.field("choices", static_cast<std::uint64_t>(verdict.overfitting->logits.size()));
  } else {
    json.field("missing", verdict.overfitting_missing);
  }
  json.end_object();
  write_windows(json, sweep, verdict);
  json.key("ranking").begin_array();
  for (const PointResult& point : verdict.ranking) {
    json.begin_object().field("point", point.point);
    write_values(json, sweep, point.values);
    if (point.failed) json.field("failed", point.reason);
    json.field("objective", point.objective)
        .field("least", point.least)
        .field("greatest", point.greatest);
    json.key("figures").begin_object();
    for (const auto& [name, value] : point.figures) json.field(name, value);
    json.end_object().end_object();
  }
  return json.end_array().end_object().take() + "\n";
}

std::string sweep_text(const Search& search, const SweepVerdict& verdict) {
  const SweepConfig& sweep = search.sweep();
  std::string out =
      fmt::format("{} points{}, objective {} ({})\n\n", search.points(),
                  sweep.paths.count > 1 ? fmt::format(" x {} paths", sweep.paths.count) : "",
                  sweep.objective, sweep.minimise ? "least first" : "greatest first");
  std::size_t rank = 0;
  for (const PointResult& point : verdict.ranking) {
    if (point.failed || ++rank > shown_points) break;
    out += fmt::format("{:>3}. {:>10}   {}\n", rank, shown(point.objective),
                       values_text(sweep, point.values));
  }
  out += "\n";
  if (verdict.luck) out += luck_text(*verdict.luck, "the best point");
  if (verdict.overfitting)
    out += fmt::format(
        "probability of back-test overfitting {:.3f} (cross-validation, {} choices of {} blocks)\n",
        verdict.overfitting->probability, verdict.overfitting->logits.size(),
        verdict.overfitting->blocks);
  else
    out += "probability of back-test overfitting: none, " + verdict.overfitting_missing + "\n";
  for (const WindowResult& window : verdict.windows)
    out += fmt::format(
        "window {} to {}: {}: in sample {}, out of sample {}{}\n", show::time(window.test.from),
        show::time(window.test.to), values_text(sweep, window.values), shown(window.in_sample),
        shown(window.out_of_sample), window.failed ? "  FAILED: " + window.reason : "");
  if (verdict.walked_luck) out += luck_text(*verdict.walked_luck, "walking forward");
  if (verdict.failed != 0)
    out += fmt::format("\n{} of {} points failed:\n", verdict.failed, search.points());
  std::size_t failures = 0;
  for (const PointResult& point : verdict.ranking)
    if (point.failed && failures++ < shown_failures)
      out += fmt::format("  point {} ({}): {}\n", point.point, values_text(sweep, point.values),
                         point.reason);
  return out;
}

Result<void> write_sweep(const Search& search, const SweepVerdict& verdict) {
  const std::string& folder = search.sweep().output;
  if (const auto written = write_file(folder, "sweep.csv", sweep_csv(search, verdict)); !written)
    return written;
  if (const auto written = write_file(folder, "sweep.json", sweep_json(search, verdict)); !written)
    return written;
  return write_file(folder, "sweep.html", sweep_html(search, verdict));
}

}  // namespace zomma
