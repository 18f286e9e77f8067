// path_estimate.h: what comes before the walk of a simulation and after it, the same on every
// backend: the plan, the observer of each pay-off, and the estimate from the moments.
#pragma once

#include <zomma/kernels/monte_carlo/monte_carlo.h>

#include <zomma/kernels/monte_carlo/moments.h>
#include <zomma/kernels/monte_carlo/path_walk.h>

#include <algorithm>
#include <vector>

namespace zomma::kernels::detail {

// Samples are summed in chunks of this many, and the chunks' moments joined in their order.
inline constexpr std::size_t chunk_samples = 1024;
inline constexpr std::size_t round_samples = std::size_t{1}
                                             << 22;  // bounds the memory of the chunks' moments

template <class T>
struct Kind {
  using Type = T;
};

// visit(Kind<Observer>) with the observer of a pay-off. `slopes`: it follows the derivatives of the
// pathwise method.
template <class Real, bool slopes, class Visit>
auto visit_observer(PathPayoff payoff, const Visit& visit) {
  switch (payoff) {
    case PathPayoff::european:
      return visit(Kind<EuropeanObserver<Real>>{});
    case PathPayoff::digital:
      return visit(Kind<DigitalObserver<Real>>{});
    case PathPayoff::asian_arithmetic:
      return visit(Kind<AsianObserver<Real, true, slopes>>{});
    case PathPayoff::asian_geometric:
      return visit(Kind<AsianObserver<Real, false, slopes>>{});
    case PathPayoff::barrier:
      return visit(Kind<BarrierObserver<Real, slopes>>{});
    case PathPayoff::lookback_fixed:
      return visit(Kind<LookbackObserver<Real, false, slopes>>{});
    case PathPayoff::lookback_floating:
      break;
  }
  return visit(Kind<LookbackObserver<Real, true, slopes>>{});
}
template <class Real, class Visit>
auto with_observer(PathPayoff payoff, bool slopes, const Visit& visit) {
  return slopes ? visit_observer<Real, true>(payoff, visit)
                : visit_observer<Real, false>(payoff, visit);
}

inline PathPlan path_plan(const GbmMarket& market, const PathContract& contract) {
  PathPlan plan;
  const double v = market.volatility, carry = market.rate - market.dividend;
  plan.contract = contract;
  plan.spot = market.spot;
  plan.strike = contract.strike;
  plan.sign = contract.call ? 1.0 : -1.0;
  plan.dt = contract.expiry / contract.steps;
  plan.root_dt = kernels::sqrt(plan.dt);
  plan.volatility = v;
  plan.drift_step = (carry - 0.5 * v * v) * plan.dt;
  plan.volatility_step = v * plan.root_dt;
  plan.vega_drift = carry + 0.5 * v * v;
  if (contract.payoff == PathPayoff::barrier) {
    plan.log_barrier = lanes::log(contract.barrier_level / market.spot);
    plan.barrier_side = plan.log_barrier > 0 ? 1.0 : -1.0;
    plan.knock_in = contract.barrier == Barrier::up_in || contract.barrier == Barrier::down_in;
  }
  plan.bridge_scale = 2.0 / (v * v * plan.dt);
  return plan;
}

struct Means {
  double price, delta, vega;
};

inline Means means_of(const Moments& m, double beta, double control) {
  return {m.payoff - beta * (m.control - control), m.spot_slope, m.volatility_slope};
}

// From the spread of the samples.
inline void from_samples(const Moments& m, double beta, double control, double discount,
                         PathEstimate& out) {
  const auto [price, delta, vega] = means_of(m, beta, control);
  const double freedom = m.count * std::max(m.count - 1, 1.0);
  const auto error = [&](double m2) {
    return discount * kernels::sqrt(std::max(m2, 0.0) / freedom);
  };
  out.price = {discount * price, error(m.payoff_m2 - 2 * beta * m.co + beta * beta * m.control_m2)};
  out.delta = {discount * delta, error(m.spot_slope_m2)};
  out.vega = {discount * vega, error(m.volatility_slope_m2)};
}

// From the spread of the replicates' means.
inline void from_replicates(const std::vector<Moments>& all, double beta, double control,
                            double discount, PathEstimate& out) {
  const auto n = static_cast<double>(all.size());
  const auto estimate = [&](auto&& member) {
    double mean = 0, m2 = 0;
    for (const Moments& m : all) mean += member(means_of(m, beta, control)) / n;
    for (const Moments& m : all) {
      const double gap = member(means_of(m, beta, control)) - mean;
      m2 += gap * gap;
    }
    return Estimate{discount * mean, discount * kernels::sqrt(m2 / (n * (n - 1)))};
  };
  out.price = estimate([](const Means& m) { return m.price; });
  out.delta = estimate([](const Means& m) { return m.delta; });
  out.vega = estimate([](const Means& m) { return m.vega; });
}

// `all`: the moments of the replicates, one for Philox; `total` of all samples.
inline PathEstimate path_estimate(const std::vector<Moments>& all, const Moments& total,
                                  const GbmMarket& market, const PathContract& contract,
                                  const PathSettings& settings, std::uint64_t walked) {
  const bool controlled = settings.control && total.control_m2 > 0;
  const double beta = controlled ? total.co / total.control_m2 : 0.0;
  const double control = controlled ? control_mean(market, contract) : 0.0;
  const double discount = kernels::exp(-market.rate * contract.expiry);
  PathEstimate out;
  if (settings.sampler == Sampler::sobol) {
    from_replicates(all, beta, control, discount, out);
  } else {
    from_samples(total, beta, control, discount, out);
  }
  if (settings.greeks == PathGreeks::none) out.delta = out.vega = {};
  out.control_coefficient = beta;
  out.path_steps = walked * contract.steps * (settings.antithetic ? 2 : 1);
  return out;
}

}  // namespace zomma::kernels::detail
