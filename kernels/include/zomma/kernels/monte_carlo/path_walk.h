// path_walk.h: one path (or a pack of them) of geometric Brownian motion, walked in blocks of four
// steps. The same function on host and device.
#pragma once

#include <zomma/kernels/monte_carlo/normal.h>
#include <zomma/kernels/monte_carlo/path_observers.h>

namespace zomma::kernels {

inline constexpr std::uint32_t normal_stream = 0, uniform_stream = 1;

// Normals as they come from the counters.
template <class Real>
struct PhiloxSource {
  std::uint64_t seed;
  lanes::Bits<Real> path;

  ZM_HOST_DEVICE FourNormals<Real> normals(std::uint32_t block) const {
    return four_normals<Real>(seed, path, block, normal_stream);
  }
};

// Normals made before, one a step; padded to whole blocks.
template <class Real>
struct StoredSource {
  std::uint64_t seed;
  lanes::Bits<Real> path;
  const Real* steps;

  ZM_HOST_DEVICE FourNormals<Real> normals(std::uint32_t block) const {
    const Real* z = steps + std::size_t{block} * 4;
    return {{z[0], z[1], z[2], z[3]}};
  }
};

// The derivative of the log of the path's density: likelihood-ratio method (Broadie and Glasserman
// 1996).
template <class Real>
struct Score {
  Real first{}, volatility{};

  ZM_HOST_DEVICE void hear(const PathPlan& plan, Real z, bool first_step) {
    if (first_step) first = z;
    volatility += (z * z - 1.0) * (1.0 / plan.volatility) - z * plan.root_dt;
  }
  ZM_HOST_DEVICE void weigh(const PathPlan& plan, PathValue<Real>& value) const {
    value.spot_slope = value.payoff * first * (1.0 / (plan.spot * plan.volatility_step));
    value.volatility_slope = value.payoff * volatility;
  }
};

// Walks the path and, when antithetic, its mirror image; gives the mean of the two.
template <class Real, class Observer, bool scored, bool antithetic, class Source>
ZM_HOST_DEVICE inline PathValue<Real> walk(const PathPlan& plan, const Source& source) {
  constexpr int count = antithetic ? 2 : 1;
  Observer observers[count];
  Score<Real> scores[count];
  Real x[count] = {};
  const std::uint32_t steps = plan.contract.steps;
  for (std::uint32_t block = 0; block * 4 < steps; ++block) {
    const FourNormals<Real> normals = source.normals(block);
    PhiloxBlock<lanes::Bits<Real>> words{};
    if constexpr (Observer::needs_uniform) {
      words = philox_words<Real>(source.seed, source.path, block, uniform_stream);
    }
    const std::uint32_t here = steps - block * 4 < 4 ? steps - block * 4 : 4;
    for (std::uint32_t i = 0; i < here; ++i) {
      const std::uint32_t step = block * 4 + i;
      for (int k = 0; k < count; ++k) {
        const Real z = k == 0 ? normals.z[i] : -normals.z[i];
        PathStep<Real> heard{x[k], {}, plan.dt * (step + 1.0), {}};
        x[k] = lanes::fused(z, lanes::all<Real>(plan.volatility_step), x[k] + plan.drift_step);
        heard.after = x[k];
        if constexpr (Observer::needs_uniform) heard.uniform = uniform<Real>(words.word[i]);
        observers[k].hear(plan, heard);
        if constexpr (scored) scores[k].hear(plan, z, step == 0);
      }
    }
  }
  PathValue<Real> out = observers[0].pay(plan);
  if constexpr (scored) scores[0].weigh(plan, out);
  if constexpr (antithetic) {
    PathValue<Real> mirror = observers[1].pay(plan);
    if constexpr (scored) scores[1].weigh(plan, mirror);
    out.payoff = 0.5 * (out.payoff + mirror.payoff);
    out.spot_slope = 0.5 * (out.spot_slope + mirror.spot_slope);
    out.volatility_slope = 0.5 * (out.volatility_slope + mirror.volatility_slope);
    out.control = 0.5 * (out.control + mirror.control);
  }
  return out;
}

}  // namespace zomma::kernels
