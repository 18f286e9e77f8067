#include "runtime/sweep/trial.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

#include "observe/statistics/performance.h"
#include "runtime/config/section.h"
#include "runtime/discover.h"
#include "runtime/report_builder.h"
#include "runtime/session.h"

namespace zomma {
namespace {

namespace json = boost::json;

// The report's figures, and the account's P&L at equal distances in time.
class TrialObserver final : public EngineObserver {
 public:
  // `signals`: study them and the books of options, which takes as long as everything else of a
  // report.
  TrialObserver(const Config& config, Nanoseconds from, Nanoseconds to, std::uint32_t samples,
                bool signals)
      : analysis(config),
        signals_(signals),
        from_(from.value),
        span_(std::max<std::int64_t>(to.value - from.value, 1)),
        samples_(samples) {
    equity.reserve(samples);
  }
  void on_bbo(Nanoseconds ts, InstrumentId id, const Bbo& bbo) override {
    analysis.on_bbo(ts, id, bbo);
  }
  // Inputs are heard before they act: the account is still that of everything before them.
  void on_input(const zm_event& event) override {
    while (equity.size() < samples_ && event.ts_ns > due()) equity.push_back(profit());
    analysis.on_input(event);
  }
  void on_intent(const IntentRecord& record) override { analysis.on_intent(record); }
  void on_order(const OrderRecord& record) override { analysis.on_order(record); }
  void on_signal(const SignalRecord& record) override {
    if (signals_) analysis.on_signal(record);
  }
  bool wants_books() const override { return signals_ && analysis.wants_books(); }
  void on_book(const options::BookSample& sample) override { analysis.on_book(sample); }
  void on_metric(InstanceId instance, std::uint32_t handle, std::string_view name,
                 std::uint32_t kind) override {
    analysis.on_metric(instance, handle, name, kind);
  }
  void finish() {
    while (equity.size() >= samples_) equity.pop_back();  // the last one is that of the end
    equity.resize(samples_, profit());
  }

  AnalysisObserver analysis;
  const Engine* engine{nullptr};
  std::vector<double> equity;

 private:
  std::int64_t due() const {
    return from_ + static_cast<std::int64_t>(static_cast<double>(span_) *
                                             static_cast<double>(equity.size() + 1) / samples_);
  }
  double profit() const {
    std::int64_t sum = 0;
    for (const auto& instance : engine->instances()) {
      const zm_account account = engine->account_of(instance->id());
      sum += account.realised + account.unrealised - account.fees;
    }
    return to_double(Money{sum});
  }

  bool signals_;
  std::int64_t from_, span_;
  std::uint32_t samples_;
};

// What a trial keeps off: everything that others could see or that costs time without changing an
// order.
void quieten(Config& config, const TrialRequest& request) {
  config.bus.enabled = config.metrics.enabled = config.admin.enabled = false;
  config.terminal.mode = TerminalMode::off;
  config.run.speed = 0;
  config.run.state_dir = request.scratch;
  if (!request.journal.empty()) config.journal.directory = request.journal;
  if (!request.report.empty()) config.report.directory = request.report;
}

void add_figures(TrialFigures& out, const StrategyResult& total, double penalty) {
  std::vector<double> curve{0};
  curve.insert(curve.end(), out.equity.begin(), out.equity.end());
  const std::vector<double> returns = differences(curve);
  const ReturnMoments moments = return_moments(returns);
  const double net = to_double(total.pnl.net()), deepest = to_double(total.drawdown.deepest);
  out.figures = {{"pnl", net},
                 {"sharpe", sharpe_ratio(returns)},
                 {"sortino", sortino_ratio(returns)},
                 {"penalised", net - penalty * deepest},
                 {"recovery", deepest > 0 ? net / deepest : no_value},
                 {"drawdown", deepest},
                 {"gross", to_double(total.pnl.gross())},
                 {"fees", to_double(total.pnl.fees)},
                 {"skew", moments.skew},
                 {"kurtosis", moments.kurtosis},
                 {"turnover", to_double(total.turnover)},
                 {"orders", static_cast<double>(total.orders.news)},
                 {"fills", static_cast<double>(total.orders.fills)},
                 {"refused", static_cast<double>(total.orders.refused)}};
}

// The contracts of chain feeds: those of the tape, under the same ids, or what the run's own values
// find.
Result<void> add_contracts(Config& config, const Config* discovered) {
  if (discovered == nullptr) return discover_contracts(config, [](const std::string&) {});
  const auto known = static_cast<std::ptrdiff_t>(config.instruments.size());
  config.instruments.insert(config.instruments.end(), discovered->instruments.begin() + known,
                            discovered->instruments.end());
  for (std::size_t i = 0; i < config.feeds.size(); ++i) {
    if (!config.feeds[i].chains.given()) continue;
    config.feeds[i].symbols = discovered->feeds[i].symbols;
    config.feeds[i].chains.discovered = discovered->feeds[i].chains.discovered;
  }
  config.chains.rates = discovered->chains.rates;
  return {};
}

Result<void> faults_of(const Engine& engine) {
  for (const auto& instance : engine.instances())
    if (instance->phase() == InstancePhase::faulted)
      return Error{Errc::refused,
                   fmt::format("strategy {} faulted: {}", instance->name(), instance->error())};
  return {};
}

const json::value* step_into(const json::value& from, std::string_view step,
                             std::vector<std::string>& beside) {
  if (const json::object* object = from.if_object()) {
    for (const auto& member : *object) beside.emplace_back(member.key());
    return object->if_contains(step);
  }
  const json::array* array = from.if_array();
  if (array == nullptr) return nullptr;
  for (const json::value& item : *array)
    if (const json::object* object = item.if_object())
      for (const char* key : {"name", "instrument", "strategy"}) {
        const json::value* name = object->if_contains(key);
        if (name == nullptr || !name->is_string()) continue;
        beside.emplace_back(name->as_string());
        if (name->as_string() == step) return &item;
        break;
      }
  std::size_t index = 0;
  for (const char c : step) {
    if (c < '0' || c > '9') return nullptr;
    index = std::min<std::size_t>(index * 10 + static_cast<std::size_t>(c - '0'), array->size());
  }
  return !step.empty() && index < array->size() ? &(*array)[index] : nullptr;
}

Result<double> figure_in(const json::value& report, const std::string& path) {
  const auto steps = parse_path(path);
  if (!steps) return steps.error();
  const json::value* at = &report;
  for (const PathStep& step : *steps) {
    std::vector<std::string> beside;
    const std::string name = step.index >= 0 ? std::to_string(step.index) : step.key;
    const json::value* next = step_into(*at, name, beside);
    if (next == nullptr) {
      const std::string near = nearest(name, beside);
      return Error{Errc::not_found,
                   fmt::format("the report has no \"{}\" (at {}){}", path, name,
                               near.empty() ? "" : "; did you mean \"" + near + "\"?")};
    }
    at = next;
  }
  if (at->is_null()) return no_value;
  if (at->is_bool()) return at->as_bool() ? 1.0 : 0.0;
  if (!at->is_number())
    return Error{Errc::invalid_argument, fmt::format("\"{}\" is no number of the report", path)};
  return at->to_number<double>();
}

}  // namespace

const std::vector<std::string>& trial_figure_names() {
  static const std::vector<std::string> names = [] {
    TrialFigures figures;
    add_figures(figures, StrategyResult{}, 1);
    std::vector<std::string> out;
    for (const auto& figure : figures.figures) out.push_back(figure.first);
    return out;
  }();
  return names;
}

Result<double> report_figure(const std::string& report_json, const std::string& path) {
  boost::system::error_code code;
  const json::value report = json::parse(report_json, code);
  if (code) return Error{Errc::corrupt, "the report is no JSON: " + code.message()};
  return figure_in(report, path);
}

Result<TrialFigures> run_trial(const ConfigTree& base, const TrialRequest& request) {
  ConfigTree tree = base;
  for (const auto& [key, value] : request.assignments)
    if (const auto set = tree.set(key, value); !set) return set.error();
  ConfigResult read = tree.config();
  if (!read) {
    ConfigError error = read.errors.front();
    error.line = error.column = 0;
    return Error{Errc::invalid_argument, format(error)};
  }
  Config& config = read.config;
  quieten(config, request);
  if (const auto added = add_contracts(config, request.discovered); !added) return added.error();
  const TrialWindow& window = request.window;
  const Nanoseconds until = window.cut ? window.to : Nanoseconds{};
  TrialObserver observer(config, window.from, window.to, request.samples,
                         !request.paths.empty() || !request.report.empty());
  SessionOptions options;
  options.journal = !request.journal.empty();
  options.resume = false;
  options.plugins_dir = request.plugins_dir;
  options.observer = &observer;
  if (window.hold) options.hold_until = window.from;
  options.open_recording = [&](std::size_t feed) {
    return request.tape != nullptr ? request.tape->open(config, feed, until)
                                   : open_until(config, feed, until);
  };
  auto session = Session::open(config, std::move(options));
  if (!session) return session.error();
  observer.engine = &(*session)->engine();
  const auto outcome = (*session)->run();
  if (!outcome) return outcome.error();
  if (const auto faults = faults_of((*session)->engine()); !faults) return faults.error();
  observer.finish();
  TrialFigures out;
  out.equity = std::move(observer.equity);
  const RunResult result = observer.analysis.result();
  add_figures(out, result.total, request.penalty);
  if (!request.paths.empty()) {
    Report report;
    report.run = result;
    boost::system::error_code code;
    const json::value parsed = json::parse(render_json(report), code);
    if (code) return Error{Errc::internal, "the report is no JSON: " + code.message()};
    for (const std::string& path : request.paths) {
      const auto figure = figure_in(parsed, path);
      if (!figure) return figure.error();
      out.figures.emplace_back(path, *figure);
    }
  }
  if (!request.report.empty()) {
    const auto written = report_from_backtest(config, observer.analysis, request.plugins_dir,
                                              facts_of(**session, &*outcome));
    if (!written) return written.error();
  }
  return out;
}

}  // namespace zomma
