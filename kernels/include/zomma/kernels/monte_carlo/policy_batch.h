// policy_batch.h: many paths of one policy on a backend, summed in a fixed order.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <zomma/kernels/backend.h>
#include <zomma/kernels/monte_carlo/policy.h>

namespace zomma::kernels {

// Of the final wealth, which started at 1, and of ending in stock; each with its standard error.
struct PolicyOutcome {
  double in_stock = 0, in_stock_error = 0;  // probability
  double mean = 0, mean_error = 0;
  double deviation = 0, deviation_error = 0;
};

// Paths are summed in chunks of this many, and the chunks' sums joined in their order.
inline constexpr std::size_t policy_chunk = 1024;

namespace detail {

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

template <class Policy>
WealthSums walk_policies(const Policy& policy, const CycleLaw& law, std::uint32_t cycles,
                         std::uint64_t seed, std::uint64_t first, std::size_t count) {
  constexpr std::size_t width = lanes::Traits<lanes::Pack>::width;
  WealthSums out;
  out.count = static_cast<double>(count);
  for (std::size_t i = 0; i < count; i += width) {
    const auto end =
        walk_policy<lanes::Pack>(policy, law, cycles, seed, path_lanes<lanes::Pack>(first + i));
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

inline PolicyOutcome outcome_of(const WealthSums& sums) {
  const double n = sums.count, m = sums.power[1] / n;
  const double second = sums.power[2] / n, third = sums.power[3] / n, fourth = sums.power[4] / n;
  const double variance = std::max(second - m * m, 0.0);
  const double kurtosis = fourth - 4 * m * third + 6 * m * m * second - 3 * m * m * m * m;
  PolicyOutcome out;
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

}  // namespace detail

// `paths` >= 1 of the policy over `cycles` cycles. The same bits for any number of threads and any
// vector unit. A policy whose wealth overflows gives an outcome that is not finite.
template <class Policy>
PolicyOutcome simulate_policy(Backend& backend, const Policy& policy, const CycleLaw& law,
                              std::uint32_t cycles, std::uint64_t paths, std::uint64_t seed) {
  constexpr std::size_t chunk = policy_chunk;
  const auto count = static_cast<std::size_t>(paths);
  std::vector<detail::WealthSums> chunks((count + chunk - 1) / chunk);
  backend.for_chunks(count, chunk, [&](std::size_t begin, std::size_t end) {
    for (; begin < end; begin += chunk) {
      chunks[begin / chunk] =
          detail::walk_policies(policy, law, cycles, seed, begin, std::min(chunk, end - begin));
    }
  });
  detail::WealthSums total;
  for (const detail::WealthSums& one : chunks) total.add(one);
  return detail::outcome_of(total);
}

}  // namespace zomma::kernels
