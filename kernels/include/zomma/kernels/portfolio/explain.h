// explain.h: which part of a day's gain came from what: the second-order expansion of the value in
// time, spot, volatility and rate, and what it leaves unexplained.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <zomma/kernels/backend.h>
#include <zomma/kernels/portfolio/grouping.h>
#include <zomma/kernels/real.h>
#include <zomma/kernels/status.h>

namespace zomma::kernels {

// Of one unit of a position, at the start. theta is the value's change a year as time passes
// (mostly negative); vega, vanna, vomma and rho are per unit of volatility or rate (1.00), as the
// partial derivatives are.
template <class Real>
struct GreeksAtStart {
  Real theta, delta, gamma, vega, vanna, vomma, rho;
};

// From start to end: years passed, changes of spot, volatility and rate.
template <class Real>
struct MarketMove {
  Real years, spot, volatility, rate;
};

template <class Real>
struct Explained {
  Real theta, delta, gamma, vega, vanna, vomma, rho, residual;
};

// The parts add up to `gain`; residual is what the others leave.
template <class Real>
ZM_HOST_DEVICE constexpr Explained<Real> explain(const GreeksAtStart<Real>& g,
                                                 const MarketMove<Real>& m, Real gain) {
  const Real half = Real{1} / Real{2};
  Explained<Real> out{g.theta * m.years,
                      g.delta * m.spot,
                      half * g.gamma * (m.spot * m.spot),
                      g.vega * m.volatility,
                      g.vanna * (m.spot * m.volatility),
                      half * g.vomma * (m.volatility * m.volatility),
                      g.rho * m.rate,
                      Real{0}};
  const Real first = (out.theta + out.delta) + (out.vega + out.rho);
  const Real second = (out.gamma + out.vanna) + out.vomma;
  out.residual = gain - (first + second);
  return out;
}

inline constexpr std::size_t explained_parts = 8;  // in the order of Explained

// One entry a position in every span; values and Greeks are of one unit, weight is quantity times
// multiplier.
struct ExplainInput {
  std::span<const double> theta, delta, gamma, vega, vanna, vomma, rho;
  std::span<const double> years, spot_move, volatility_move, rate_move;
  std::span<const double> value_start, value_end, weight;
};

// Totals by group, groups * explained_parts, group after group: sums are exact until their one
// rounding (see aggregate.h), so the order of the positions does not change a bit. A position with
// a number that is not finite has status domain, is left out, and is counted in `excluded` by group
// if given. `positions_out`, if given, gets every position's parts, weighted, part after part
// (explained_parts * positions). Spans that do not fit: length_mismatch, nothing written.
Status explain(Backend& backend, const ExplainInput& input, const Grouping& groups,
               std::span<double> out, std::span<double> positions_out = {},
               std::span<std::uint32_t> excluded = {}, std::span<ElementStatus> status = {});

}  // namespace zomma::kernels
