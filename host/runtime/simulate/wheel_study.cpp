#include "runtime/simulate/wheel_study.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "observe/report/figures.h"
#include "observe/statistics/performance.h"

#include <zomma/kernels/monte_carlo/closed_forms.h>
#include <zomma/kernels/monte_carlo/growth_paths.h>
#include <zomma/kernels/monte_carlo/income_policies.h>
#include <zomma/kernels/monte_carlo/policy_paths.h>

namespace zomma {
namespace {

using namespace kernels;

double mean_of(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

// The value at a share of the sorted numbers, rounding down; reorders them.
double quantile(std::vector<double>& x, double share) {
  const auto place =
      x.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(x.size() - 1));
  std::nth_element(x.begin(), place, x.end());
  return *place;
}

struct Setting {
  double years;                     // of the horizon
  double riskless;                  // wealth of cash at the end
  const std::vector<double>* hold;  // wealth of the stock, by path
};

PathFigures figures_of(const PathsOutcome& out, const Setting& setting,
                       std::vector<double>& scratch) {
  const double n = static_cast<double>(out.wealth.size());
  PathFigures f;
  double logs = 0, squares = 0, losses = 0, behind = 0;
  const double mean = mean_of(out.wealth);
  for (std::size_t i = 0; i < out.wealth.size(); ++i) {
    const double wealth = out.wealth[i], off = wealth - mean;
    logs += lanes::log(std::max(wealth, 1e-300));
    squares += off * off;
    losses += wealth < 1 ? 1 : 0;
    behind += wealth < (*setting.hold)[i] ? 1 : 0;
  }
  f.mean = mean - 1;
  f.deviation = std::sqrt(squares / (n - 1));
  f.mean_error = f.deviation / std::sqrt(n);
  f.growth = logs / n / setting.years;
  f.sharpe = f.deviation > 0 ? (mean - setting.riskless) / f.deviation : no_value;
  f.loss_probability = losses / n;
  f.behind_hold = behind / n;
  scratch = out.wealth;
  f.q05 = quantile(scratch, 0.05) - 1;
  const std::size_t tail = std::max<std::size_t>(
      1, scratch.size() / 20);  // nth_element has put the least of them in front
  std::nth_element(scratch.begin(), scratch.begin() + static_cast<std::ptrdiff_t>(tail - 1),
                   scratch.end());
  std::sort(scratch.begin(),
            scratch.begin() + static_cast<std::ptrdiff_t>(tail));  // so that the sum has one order
  f.worst_5_percent =
      std::accumulate(scratch.begin(), scratch.begin() + static_cast<std::ptrdiff_t>(tail), 0.0) /
          static_cast<double>(tail) -
      1;
  f.q25 = quantile(scratch, 0.25) - 1;
  f.median = quantile(scratch, 0.5) - 1;
  f.q75 = quantile(scratch, 0.75) - 1;
  f.q95 = quantile(scratch, 0.95) - 1;
  f.drawdown_mean = mean_of(out.drawdown);
  scratch = out.drawdown;
  f.drawdown_q95 = quantile(scratch, 0.95);
  f.entered_mean = mean_of(out.entered);
  f.left_mean = mean_of(out.left);
  f.in_stock = mean_of(out.in_stock);
  f.penalised = f.mean - f.drawdown_mean;
  return f;
}

double objective_of(const PathFigures& f, const std::string& name) {
  if (name == "mean") return f.mean;
  if (name == "median") return f.median;
  if (name == "sharpe") return f.sharpe;
  if (name == "worst_5_percent") return f.worst_5_percent;
  if (name == "penalised") return f.penalised;
  return f.growth;
}

// Strike / spot of the option with this absolute delta, e^(-q t) N(+-d1), at this volatility.
double strike_of(double delta, bool call, double volatility, double rate, double dividend,
                 double years) {
  const double held = std::min(delta * std::exp(dividend * years), 1 - 1e-12);
  const double d1 = call ? normal_quantile(held) : -normal_quantile(held);
  return std::exp((rate - dividend + 0.5 * volatility * volatility) * years -
                  d1 * volatility * std::sqrt(years));
}

WheelPolicy policy_of(const WheelConfig& config, const WheelSet& set) {
  return make_wheel_policy({set.put_moneyness, set.call_moneyness, config.cycle_years(),
                            config.rate, config.dividend, 0, 0, set.implied_volatility,
                            config.cycles});
}

std::vector<WheelSet> sets_of(const WheelConfig& config) {
  std::vector<WheelSet> sets;
  const double years = config.cycle_years();
  for (const double volatility : config.implied_volatility)
    for (const double put : config.put.values)
      for (const double call : config.call.values) {
        WheelSet set;
        set.put_asked = put;
        set.call_asked = call;
        set.put_moneyness = config.put.delta ? strike_of(put, false, volatility, config.rate,
                                                         config.dividend, years)
                                             : put;
        set.call_moneyness = config.call.delta ? strike_of(call, true, volatility, config.rate,
                                                           config.dividend, years)
                                               : call;
        set.implied_volatility = volatility;
        const GbmMarket unit{1.0, config.rate, config.dividend, volatility};
        set.put_premium = european_value(unit, set.put_moneyness, years, false) / set.put_moneyness;
        set.call_premium = european_value(unit, set.call_moneyness, years, true);
        sets.push_back(set);
      }
  return sets;
}

Result<std::vector<double>> worlds(const WheelConfig& config, Backend& backend, std::size_t& days) {
  std::vector<double> growth(config.paths * config.cycles);
  const double cycle = config.cycle_years(), drift = config.drift - config.dividend;
  Status status = Status::ok;
  if (config.model == WorldModel::gbm) {
    const double v = config.volatility;
    status = gbm_growth(backend, {(drift - 0.5 * v * v) * cycle, v * std::sqrt(cycle)},
                        config.cycles, config.paths, config.seed, growth);
  } else if (config.model == WorldModel::bootstrap) {
    const auto history = read_history(config.history, config.column, config.largest_move);
    if (!history) return history.error();
    days = history->size();
    status = bootstrap_growth(backend, *history, config.block,
                              static_cast<std::uint32_t>(config.cycle_days), config.cycles,
                              config.paths, config.seed, growth);
  } else {
    const HestonWorld world{
        config.heston, config.model == WorldModel::bates ? config.jumps : JumpParameters{}, drift};
    status = heston_growth(backend, world, cycle, config.steps, config.cycles, config.paths,
                           config.seed, growth);
  }
  if (status != Status::ok)
    return Error{Errc::invalid_argument, "[model]: these settings cannot be simulated"};
  for (const double g : growth)
    if (!std::isfinite(g) || !(g > 0))
      return Error{Errc::invalid_argument,
                   "[model]: a path leaves the range of numbers; are the settings a year's?"};
  return growth;
}

// Standard deviation of the log-growth of a cycle, scaled to a year.
double volatility_of(const std::vector<double>& growth, double cycle_years) {
  std::vector<double> logs;
  logs.reserve(growth.size());
  for (const double g : growth) logs.push_back(lanes::log(g));
  return return_moments(logs).deviation / std::sqrt(cycle_years);
}

// Wealth after each cycle, its 5 %, 50 % and 95 % quantiles.
template <class Policy>
void add_fan(const Policy& policy, const std::vector<double>& growth, const WheelConfig& config,
             Comparison& out) {
  using Book = decltype(policy.template start<double>());
  std::vector<Book> books(config.paths, policy.template start<double>());
  std::vector<double> wealth(config.paths);
  for (std::uint32_t cycle = 0; cycle < config.cycles; ++cycle) {
    for (std::size_t path = 0; path < books.size(); ++path) {
      policy.act_on(books[path], growth[cycle * config.paths + path]);
      wealth[path] = policy.wealth(books[path]);
    }
    out.low.push_back(quantile(wealth, 0.05));
    out.middle.push_back(quantile(wealth, 0.5));
    out.high.push_back(quantile(wealth, 0.95));
  }
}

template <class Policy>
Comparison compare(const char* name, const Policy& policy, const std::vector<double>& growth,
                   const WheelConfig& config, const Setting& setting,
                   std::vector<double>* assignments = nullptr) {
  Comparison out;
  out.name = name;
  PathsOutcome paths;
  std::vector<double> scratch;
  run_on_paths(policy, growth, config.cycles, config.paths, paths);
  out.figures = figures_of(paths, setting, scratch);
  for (const double wealth : paths.wealth) out.returns.push_back(wealth - 1);
  out.drawdowns = paths.drawdown;
  if (assignments != nullptr) *assignments = paths.entered;
  add_fan(policy, growth, config, out);
  return out;
}

}  // namespace

Result<WheelStudy> study_wheel(const WheelConfig& config, Backend& backend) {
  WheelStudy study;
  study.config = config;
  study.years = config.cycle_years() * config.cycles;
  const auto growth = worlds(config, backend, study.history_days);
  if (!growth) return growth.error();
  study.realised_volatility = volatility_of(*growth, config.cycle_years());
  const HoldPolicy holding{std::exp(config.dividend * config.cycle_years())};
  PathsOutcome hold;
  run_on_paths(holding, *growth, config.cycles, config.paths, hold);
  const Setting setting{study.years, std::exp(config.rate * study.years), &hold.wealth};
  study.sets = sets_of(config);
  backend.for_chunks(study.sets.size(), 8, [&](std::size_t begin, std::size_t end) {
    PathsOutcome out;
    std::vector<double> scratch;
    for (; begin < end; ++begin) {
      WheelSet& set = study.sets[begin];
      run_on_paths(policy_of(config, set), *growth, config.cycles, config.paths, out);
      set.figures = figures_of(out, setting, scratch);
      set.objective = objective_of(set.figures, config.objective);
    }
  });
  std::stable_sort(study.sets.begin(), study.sets.end(), [](const WheelSet& a, const WheelSet& b) {
    return has_value(a.objective) != has_value(b.objective) ? has_value(a.objective)
                                                            : a.objective > b.objective;
  });
  const WheelPolicy best = policy_of(config, study.sets.front());
  study.comparisons.push_back(
      compare("wheel, best set", best, *growth, config, setting, &study.assignments));
  study.comparisons.push_back(compare("buy and hold", holding, *growth, config, setting));
  study.comparisons.push_back(
      compare("covered call", CoveredCallPolicy{best}, *growth, config, setting));
  study.comparisons.push_back(compare("put-write", PutWritePolicy{best}, *growth, config, setting));
  return study;
}

}  // namespace zomma
