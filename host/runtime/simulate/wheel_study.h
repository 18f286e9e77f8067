// wheel_study.h: the wheel over simulated worlds: many sets of parameters on the same paths, beside
// holding the stock, covered calls and put-writing. Everything here is modelled: no price, premium
// or fill of it ever stood in a market.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/simulate/wheel_config.h"

#include <zomma/kernels/backend.h>

namespace zomma {

// Daily log-returns of a CSV's closes, oldest first. Errors name the row: no such column, not a
// positive number, a move beyond `largest`, fewer than 30 days.
Result<std::vector<double>> read_history(const std::string& path, const std::string& column,
                                         double largest);

// Of one strategy over all paths. Returns are of the whole horizon: 0.1 is 10 %.
struct PathFigures {
  double mean{}, mean_error{};  // return, and its standard error
  double deviation{};
  double growth{};  // mean of ln(wealth) a year
  double sharpe{};  // (mean - riskless) / deviation, over the horizon
  double q05{}, q25{}, median{}, q75{}, q95{};
  double worst_5_percent{};   // mean of the worst twentieth
  double loss_probability{};  // of ending below the start
  double behind_hold{};       // probability of ending behind the stock on the same path
  double drawdown_mean{}, drawdown_q95{};
  double entered_mean{}, left_mean{};  // cycles that ended in assignment, in being called away
  double in_stock{};                   // probability at the end
  double penalised{};                  // mean - mean drawdown
};

struct WheelSet {
  double put_moneyness{}, call_moneyness{}, implied_volatility{};
  double put_asked{}, call_asked{};      // as in the file: a delta or the moneyness
  double put_premium{}, call_premium{};  // of the strike, of the spot
  PathFigures figures;
  double objective{};
};

struct Comparison {
  std::string name;
  PathFigures figures;
  std::vector<double> returns, drawdowns;  // a number a path
  std::vector<double> low, middle, high;   // wealth after each cycle: 5 %, median, 95 %
};

struct WheelStudy {
  WheelConfig config;
  std::vector<WheelSet> sets;           // the best first; equal ones as they were made
  std::vector<Comparison> comparisons;  // the best wheel, hold, covered call, put-write
  std::vector<double> assignments;      // of the best wheel, a number a path
  double years{};
  double realised_volatility{};  // of the simulated spot from cycle to cycle, a year
  std::size_t history_days{};
};

// The same bits for any number of threads of the backend.
Result<WheelStudy> study_wheel(const WheelConfig& config, kernels::Backend& backend);

// wheel.csv, wheel.json, wheel.html into config.output (made if missing).
Result<void> write_study(const WheelStudy& study);
std::string study_text(const WheelStudy& study);

}  // namespace zomma
