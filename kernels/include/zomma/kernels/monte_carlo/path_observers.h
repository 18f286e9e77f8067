// path_observers.h: what is remembered of a path while it is walked, and what it then pays. One
// observer a pay-off; each hears every step and at the end gives pay-off, its derivatives along the
// path, and the pay-off of the control variate.
#pragma once

#include <zomma/kernels/monte_carlo/lanes.h>
#include <zomma/kernels/monte_carlo/path_contract.h>

namespace zomma::kernels {

// Constants of one simulation. Logs are relative to the spot at the start: x = ln(S / S0).
struct PathPlan {
  PathContract contract;
  double spot = 0, strike = 0, sign = 1;  // sign: +1 call, -1 put
  double dt = 0, root_dt = 0, volatility = 0, drift_step = 0, volatility_step = 0;
  double vega_drift = 0;                     // d x / d volatility = (x - vega_drift t) / volatility
  double log_barrier = 0, barrier_side = 1;  // +1: barrier above the path
  double bridge_scale = 0;                   // 2 / (volatility^2 dt)
  bool knock_in = false;
};

// Not discounted. spot_slope and volatility_slope are derivatives of the pay-off along the path
// (pathwise method).
template <class Real>
struct PathValue {
  Real payoff{}, spot_slope{}, volatility_slope{}, control{};
};

// One step of the walk, as its observers hear it.
template <class Real>
struct PathStep {
  Real before, after;  // x
  double time;         // years, after the step
  Real uniform;        // for observers with needs_uniform
};

template <class Real>
ZM_HOST_DEVICE inline Real volatility_slope_of_log(const PathPlan& plan, Real x, double time) {
  return (x - plan.vega_drift * time) * (1.0 / plan.volatility);
}

// max(sign (level - strike), 0) with slopes, where the level's own slopes are given.
template <class Real>
ZM_HOST_DEVICE inline PathValue<Real> vanilla(const PathPlan& plan, Real level, Real spot_slope,
                                              Real volatility_slope) {
  const Real gain = plan.sign * (level - plan.strike);
  const auto paid = gain > Real{};
  PathValue<Real> out;
  out.payoff = lanes::pick(paid, gain, Real{});
  out.spot_slope = lanes::pick(paid, plan.sign * spot_slope, Real{});
  out.volatility_slope = lanes::pick(paid, plan.sign * volatility_slope, Real{});
  return out;
}

// The vanilla pay-off on the last spot, the control of most other pay-offs.
template <class Real>
ZM_HOST_DEVICE inline PathValue<Real> vanilla_at_end(const PathPlan& plan, Real x) {
  const Real end = plan.spot * lanes::exp(x);
  return vanilla<Real>(plan, end, end * (1.0 / plan.spot),
                       end * volatility_slope_of_log(plan, x, plan.contract.expiry));
}

template <class Real>
struct EuropeanObserver {
  static constexpr bool needs_uniform = false;
  Real last{};

  ZM_HOST_DEVICE void hear(const PathPlan&, const PathStep<Real>& step) { last = step.after; }
  ZM_HOST_DEVICE PathValue<Real> pay(const PathPlan& plan) const {
    PathValue<Real> out = vanilla_at_end(plan, last);
    out.control = plan.spot * lanes::exp(last);
    return out;
  }
};

template <class Real>
struct DigitalObserver {
  static constexpr bool needs_uniform = false;
  Real last{};

  ZM_HOST_DEVICE void hear(const PathPlan&, const PathStep<Real>& step) { last = step.after; }
  ZM_HOST_DEVICE PathValue<Real> pay(const PathPlan& plan) const {
    PathValue<Real> out;
    out.control = plan.spot * lanes::exp(last);
    out.payoff = lanes::pick(plan.sign * (out.control - plan.strike) > Real{},
                             lanes::all<Real>(1.0), Real{});
    return out;
  }
};

// Both averages: the geometric one is the control of the arithmetic one.
template <class Real, bool arithmetic, bool slopes>
struct AsianObserver {
  static constexpr bool needs_uniform = false;
  Real sum{}, log_sum{}, volatility_sum{}, log_volatility_sum{};

  ZM_HOST_DEVICE void hear(const PathPlan& plan, const PathStep<Real>& step) {
    log_sum += step.after;
    if constexpr (arithmetic) {
      const Real level = lanes::exp(step.after);
      sum += level;
      if constexpr (slopes)
        volatility_sum += level * volatility_slope_of_log(plan, step.after, step.time);
    } else if constexpr (slopes) {
      log_volatility_sum += volatility_slope_of_log(plan, step.after, step.time);
    }
  }
  ZM_HOST_DEVICE PathValue<Real> pay(const PathPlan& plan) const {
    const double each = 1.0 / plan.contract.steps;
    const Real geometric = plan.spot * lanes::exp(log_sum * each);
    if constexpr (arithmetic) {
      PathValue<Real> out = vanilla<Real>(plan, sum * (plan.spot * each), sum * each,
                                          volatility_sum * (plan.spot * each));
      out.control = vanilla<Real>(plan, geometric, Real{}, Real{}).payoff;
      return out;
    } else {
      PathValue<Real> out = vanilla<Real>(plan, geometric, geometric * (1.0 / plan.spot),
                                          geometric * (log_volatility_sum * each));
      out.control = geometric;
      return out;
    }
  }
};

// Carries the probability that the path between its points has not touched the barrier (Beaglehole,
// Dybvig, Zhou 1997) and that probability's derivatives, by the product rule so that nothing
// divides by it.
template <class Real>
struct BarrierObserver {
  static constexpr bool needs_uniform = false;
  Real last{};
  Real alive, alive_spot_slope{}, alive_volatility_slope{};

  ZM_HOST_DEVICE BarrierObserver() : alive(lanes::all<Real>(1.0)) {}

  ZM_HOST_DEVICE void hear(const PathPlan& plan, const PathStep<Real>& step) {
    using lanes::pick;
    last = step.after;
    const Real room_before = plan.barrier_side * (plan.log_barrier - step.before);
    const Real room_after = plan.barrier_side * (plan.log_barrier - step.after);
    const auto inside = room_after > Real{};
    if (!plan.contract.continuous) {
      alive = pick(inside, alive, Real{});
      return;
    }
    const Real exponent = plan.bridge_scale * room_before * room_after;
    const Real hit = lanes::exp(-exponent);
    const Real survives = 1.0 - hit;
    const Real before_slope =
        -plan.barrier_side * volatility_slope_of_log(plan, step.before, step.time - plan.dt);
    const Real after_slope =
        -plan.barrier_side * volatility_slope_of_log(plan, step.after, step.time);
    const Real spot_slope =
        hit * ((room_before + room_after) * (-plan.barrier_side * plan.bridge_scale / plan.spot));
    const Real volatility_slope =
        hit * (plan.bridge_scale * (before_slope * room_after + room_before * after_slope) -
               exponent * (2.0 / plan.volatility));
    alive_spot_slope = pick(inside, alive_spot_slope * survives + alive * spot_slope, Real{});
    alive_volatility_slope =
        pick(inside, alive_volatility_slope * survives + alive * volatility_slope, Real{});
    alive = pick(inside, alive * survives, Real{});
  }

  ZM_HOST_DEVICE PathValue<Real> pay(const PathPlan& plan) const {
    const PathValue<Real> end = vanilla_at_end(plan, last);
    PathValue<Real> out;
    const Real weight = plan.knock_in ? 1.0 - alive : alive;
    const double turn = plan.knock_in ? -1.0 : 1.0;
    out.payoff = end.payoff * weight;
    out.spot_slope = end.spot_slope * weight + turn * end.payoff * alive_spot_slope;
    out.volatility_slope =
        end.volatility_slope * weight + turn * end.payoff * alive_volatility_slope;
    out.control = end.payoff;
    return out;
  }
};

// The path's maximum or minimum, between the points too when continuous: given its ends, the
// maximum of a bridge is (a + b + sqrt((b - a)^2 - 2 s^2 ln U)) / 2.
template <class Real, bool floating>
struct LookbackObserver {
  static constexpr bool needs_uniform = true;
  Real last{}, extreme{}, extreme_slope{};

  ZM_HOST_DEVICE void hear(const PathPlan& plan, const PathStep<Real>& step) {
    last = step.after;
    // A fixed call and a floating put watch the maximum, the others the minimum.
    const double side = floating ? -plan.sign : plan.sign;
    Real candidate = step.after;
    Real slope = volatility_slope_of_log(plan, step.after, step.time);
    if (plan.contract.continuous) {
      const Real move = step.after - step.before;
      const Real before_slope = volatility_slope_of_log(plan, step.before, step.time - plan.dt);
      const Real log_u = lanes::log(step.uniform) * (-2.0 * plan.dt * plan.volatility);
      const Real root = lanes::root(move * move + log_u * plan.volatility);
      candidate = 0.5 * (step.before + step.after + side * root);
      slope = 0.5 * (before_slope + slope + side * (move * (slope - before_slope) + log_u) / root);
    }
    const auto further = side * (candidate - extreme) > Real{};
    extreme = lanes::pick(further, candidate, extreme);
    extreme_slope = lanes::pick(further, slope, extreme_slope);
  }

  ZM_HOST_DEVICE PathValue<Real> pay(const PathPlan& plan) const {
    const Real far = plan.spot * lanes::exp(extreme);
    if constexpr (!floating) {
      PathValue<Real> out = vanilla<Real>(plan, far, far * (1.0 / plan.spot), far * extreme_slope);
      out.control = vanilla_at_end(plan, last).payoff;
      return out;
    } else {
      const Real end = plan.spot * lanes::exp(last);
      const Real end_slope = volatility_slope_of_log(plan, last, plan.contract.expiry);
      PathValue<Real> out;
      out.payoff = plan.sign * (end - far);
      out.spot_slope = out.payoff * (1.0 / plan.spot);
      out.volatility_slope = plan.sign * (end * end_slope - far * extreme_slope);
      out.control = end;
      return out;
    }
  }
};

}  // namespace zomma::kernels
