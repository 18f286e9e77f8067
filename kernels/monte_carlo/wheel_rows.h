// wheel_rows.h: the rows of simulate_wheel: which are refused, and what is written of the others,
// the same on every backend.
#pragma once

#include <zomma/kernels/monte_carlo/closed_forms.h>
#include <zomma/kernels/monte_carlo/wheel.h>

#include <cmath>

namespace zomma::kernels::detail {

inline bool usable_wheel(const WheelSettings& s) {
  const auto positive = [](double x) { return std::isfinite(x) && x > 0; };
  return positive(s.put_moneyness) && positive(s.call_moneyness) && positive(s.cycle) &&
         positive(s.real_volatility) && positive(s.implied_volatility) && std::isfinite(s.rate) &&
         std::isfinite(s.dividend) && std::isfinite(s.drift) && s.cycles > 0 &&
         std::abs(s.rate) * s.cycle < 50 && std::abs(s.dividend) * s.cycle < 50 &&
         std::abs(s.drift) * s.cycle < 50 && s.real_volatility * s.real_volatility * s.cycle < 50 &&
         s.implied_volatility * s.implied_volatility * s.cycle < 50;
}

// `outcome(settings)` simulates one usable row.
template <class Simulate>
Status wheel_rows(std::span<const WheelSettings> settings, std::uint64_t paths,
                  const Simulate& outcome, std::span<WheelOutcome> out,
                  std::span<ElementStatus> status) {
  if (out.size() != settings.size() || (!status.empty() && status.size() != settings.size())) {
    return Status::length_mismatch;
  }
  if (paths < 2) return Status::invalid_setting;
  for (std::size_t row = 0; row < settings.size(); ++row) {
    const WheelSettings& s = settings[row];
    const bool good = usable_wheel(s);
    if (!status.empty()) status[row] = good ? ElementStatus::ok : ElementStatus::domain;
    out[row] = {};
    if (!good) continue;
    WheelOutcome made{outcome(s), 0, 0};
    if (!std::isfinite(made.mean) || !std::isfinite(made.deviation_error)) {
      if (!status.empty()) status[row] = ElementStatus::domain;
      continue;
    }
    const GbmMarket unit{1.0, s.rate, s.dividend, s.implied_volatility};
    made.put_premium = european_value(unit, s.put_moneyness, s.cycle, false) / s.put_moneyness;
    made.call_premium = european_value(unit, s.call_moneyness, s.cycle, true);
    out[row] = made;
  }
  return Status::ok;
}

}  // namespace zomma::kernels::detail
