// attribution.h: why a position's value changed between two looks: direction (delta, gamma), vol
// (vega), time (theta), costs, and what these leave unexplained. The parts sum to the change.
#pragma once

namespace zomma::options {

// A position's Greeks at the first look, for the whole position in currency.
struct PositionGreeks {
  double delta{}, gamma{};  // per 1.00 of the underlying
  double vega{};            // per 1.00 of vol
  double theta{};           // per year
};
struct Move {
  double spot{}, vol{}, years{};  // changes
  double pnl{};                   // what was made in all, after costs
  double costs{};                 // paid, positive
};
struct Attribution {
  double delta{}, gamma{}, vega{}, theta{}, costs{}, residual{};

  double direction() const { return delta + gamma; }
  double total() const { return delta + gamma + vega + theta + costs + residual; }
  Attribution& operator+=(const Attribution& other);
};

// Second-order Taylor expansion around the first look.
inline Attribution attribute(const PositionGreeks& greeks, const Move& move) {
  Attribution out;
  out.delta = greeks.delta * move.spot;
  out.gamma = 0.5 * greeks.gamma * move.spot * move.spot;
  out.vega = greeks.vega * move.vol;
  out.theta = greeks.theta * move.years;
  out.costs = -move.costs;
  out.residual = move.pnl - (out.delta + out.gamma + out.vega + out.theta + out.costs);
  return out;
}

inline Attribution& Attribution::operator+=(const Attribution& other) {
  delta += other.delta;
  gamma += other.gamma;
  vega += other.vega;
  theta += other.theta;
  costs += other.costs;
  residual += other.residual;
  return *this;
}

}  // namespace zomma::options
