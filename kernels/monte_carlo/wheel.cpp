// wheel.cpp: the wheel over many rows of settings.
#include <zomma/kernels/monte_carlo/wheel.h>

#include <zomma/kernels/monte_carlo/closed_forms.h>
#include <zomma/kernels/monte_carlo/policy_batch.h>

#include "wheel_rows.h"

namespace zomma::kernels {

CycleLaw wheel_law(const WheelSettings& s) {
  return {(s.drift - s.dividend - 0.5 * s.real_volatility * s.real_volatility) * s.cycle,
          s.real_volatility * kernels::sqrt(s.cycle)};
}

WheelPolicy make_wheel_policy(const WheelSettings& s) {
  const GbmMarket unit{1.0, s.rate, s.dividend, s.implied_volatility};
  const double grow = kernels::exp(s.rate * s.cycle);
  WheelPolicy out;
  out.put_moneyness = s.put_moneyness;
  out.call_moneyness = s.call_moneyness;
  out.cash_growth =
      (1.0 + european_value(unit, s.put_moneyness, s.cycle, false) / s.put_moneyness) * grow;
  out.dividend_growth = kernels::exp(s.dividend * s.cycle);
  out.call_income = european_value(unit, s.call_moneyness, s.cycle, true) * grow;
  return out;
}

Status simulate_wheel(Backend& backend, std::span<const WheelSettings> settings,
                      std::uint64_t paths, std::uint64_t seed, std::span<WheelOutcome> out,
                      std::span<ElementStatus> status) {
  const auto outcome = [&](const WheelSettings& s) {
    return simulate_policy(backend, make_wheel_policy(s), wheel_law(s), s.cycles, paths, seed);
  };
  return detail::wheel_rows(settings, paths, outcome, out, status);
}

}  // namespace zomma::kernels
