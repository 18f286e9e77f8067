// wheel.cpp: the wheel over many rows of settings; paths cut into chunks whose moments are joined
// in order.
#include <zomma/kernels/monte_carlo/wheel.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include <zomma/kernels/monte_carlo/closed_forms.h>

namespace zomma::kernels {
namespace {

using lanes::Pack;
constexpr std::size_t chunk_paths = 1024;
constexpr std::size_t width = lanes::Traits<Pack>::width;

// Raw central sums to the fourth, for the error of the deviation; wealth starts at 1, so deviations
// from 1 are small.
struct WealthSums {
  double count = 0, in_stock = 0;
  double power[5] = {};  // sums of (wealth - 1)^k

  void add(const WealthSums& other) {
    count += other.count;
    in_stock += other.in_stock;
    for (int k = 1; k <= 4; ++k) power[k] += other.power[k];
  }
};

bool usable(const WheelSettings& s) {
  const auto positive = [](double x) { return std::isfinite(x) && x > 0; };
  return positive(s.put_moneyness) && positive(s.call_moneyness) && positive(s.cycle) &&
         positive(s.real_volatility) && positive(s.implied_volatility) && std::isfinite(s.rate) &&
         std::isfinite(s.dividend) && std::isfinite(s.drift) && s.cycles > 0 &&
         std::abs(s.rate) * s.cycle < 50 && std::abs(s.dividend) * s.cycle < 50 &&
         std::abs(s.drift) * s.cycle < 50 && s.real_volatility * s.real_volatility * s.cycle < 50 &&
         s.implied_volatility * s.implied_volatility * s.cycle < 50;
}

WealthSums walk_chunk(const WheelPolicy& policy, const CycleLaw& law, std::uint32_t cycles,
                      std::uint64_t seed, std::uint64_t first, std::size_t count) {
  WealthSums out;
  out.count = static_cast<double>(count);
  for (std::size_t i = 0; i < count; i += width) {
    const auto end = walk_policy<Pack>(policy, law, cycles, seed, path_lanes<Pack>(first + i));
    for (std::size_t k = 0; k < width && i + k < count; ++k) {
      const double gain = lanes::lane(end.wealth, k) - 1.0;
      out.in_stock += lanes::lane(end.in_stock, k);
      out.power[1] += gain;
      out.power[2] += gain * gain;
      out.power[3] += gain * gain * gain;
      out.power[4] += gain * gain * gain * gain;
    }
  }
  return out;
}

WheelOutcome outcome_of(const WealthSums& sums) {
  const double n = sums.count, m = sums.power[1] / n;
  const double second = sums.power[2] / n, third = sums.power[3] / n, fourth = sums.power[4] / n;
  const double variance = std::max(second - m * m, 0.0);
  const double kurtosis = fourth - 4 * m * third + 6 * m * m * second - 3 * m * m * m * m;
  WheelOutcome out;
  out.in_stock = sums.in_stock / n;
  out.in_stock_error = std::sqrt(out.in_stock * (1 - out.in_stock) / n);
  out.mean = 1.0 + m;
  out.mean_error = std::sqrt(variance / n);
  out.deviation = std::sqrt(variance * n / std::max(n - 1, 1.0));
  // Delta method on the variance, whose own variance is (mu4 - sigma^4) / n.
  out.deviation_error =
      variance > 0
          ? std::sqrt(std::max(kurtosis - variance * variance, 0.0) / n) / (2 * std::sqrt(variance))
          : 0.0;
  return out;
}

}  // namespace

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
  if (out.size() != settings.size() || (!status.empty() && status.size() != settings.size())) {
    return Status::length_mismatch;
  }
  if (paths < 2) return Status::invalid_setting;
  std::vector<WealthSums> chunks;
  for (std::size_t row = 0; row < settings.size(); ++row) {
    const WheelSettings& s = settings[row];
    const bool good = usable(s);
    if (!status.empty()) status[row] = good ? ElementStatus::ok : ElementStatus::domain;
    out[row] = {};
    if (!good) continue;
    const WheelPolicy policy = make_wheel_policy(s);
    const CycleLaw law = wheel_law(s);
    const auto count = static_cast<std::size_t>(paths);
    chunks.assign((count + chunk_paths - 1) / chunk_paths, {});
    backend.for_chunks(count, chunk_paths, [&](std::size_t begin, std::size_t end) {
      for (; begin < end; begin += chunk_paths) {
        chunks[begin / chunk_paths] =
            walk_chunk(policy, law, s.cycles, seed, begin, std::min(chunk_paths, end - begin));
      }
    });
    WealthSums total;
    for (const WealthSums& chunk : chunks) total.add(chunk);
    out[row] = outcome_of(total);
    out[row].put_premium = european_value({1.0, s.rate, s.dividend, s.implied_volatility},
                                          s.put_moneyness, s.cycle, false) /
                           s.put_moneyness;
    out[row].call_premium = european_value({1.0, s.rate, s.dividend, s.implied_volatility},
                                           s.call_moneyness, s.cycle, true);
  }
  return Status::ok;
}

}  // namespace zomma::kernels
