// wheel_config.h: what a file for `zomma simulate wheel` says: the parameters of the wheel, the
// world it lives in, how many paths. The schema is in docs/reference/sweep.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/config/config.h"

#include <zomma/kernels/heston.h>

namespace zomma {

enum class WorldModel : std::uint8_t { gbm, heston, bates, bootstrap };
std::string_view to_text(WorldModel);

// Values of one parameter, in rising order.
struct WheelAxis {
  std::vector<double> values;
  bool delta{false};  // strikes by the absolute delta of the option instead of strike / spot
};

struct WheelConfig {
  WheelAxis put, call;
  std::vector<double> implied_volatility;  // at which all premiums are received, a year
  double cycle_days{7};                    // calendar days; bootstrap: trading days of the history
  std::uint32_t cycles{52};
  double rate{}, dividend{};  // continuous, a year

  WorldModel model{WorldModel::gbm};
  double drift{}, volatility{};  // a year; the drift includes dividends
  kernels::HestonParameters heston{};
  kernels::JumpParameters jumps;
  std::uint32_t steps{7};       // Heston, Bates: a cycle
  std::string history;          // bootstrap: a CSV of daily closes; absolute
  std::string column{"close"};  // its heading, or its number from 1
  double block{20};             // bootstrap: mean days that stay together
  double largest_move{
      0.4};  // bootstrap: a daily log-return beyond it is refused: a split, or a slip

  std::uint64_t paths{10'000};
  std::uint64_t seed{1};
  std::string objective{"growth"};
  std::uint64_t max_sets{100'000};
  std::string output;  // absolute

  double cycle_years() const {
    return cycle_days / (model == WorldModel::bootstrap ? 252.0 : 365.0);
  }
};

struct WheelConfigResult {
  WheelConfig config;
  std::vector<ConfigError> errors;
  explicit operator bool() const { return errors.empty(); }
};

// What a set of parameters may be ranked by.
const std::vector<std::string>& wheel_objectives();

WheelConfigResult load_wheel(const std::string& path);
WheelConfigResult parse_wheel(std::string_view text, const std::string& name,
                              const std::string& folder);

}  // namespace zomma
