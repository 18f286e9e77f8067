// sizing.h: how many contracts: the least of what Kelly, cash, margin, concentration and the
// portfolio's volatility allow.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

namespace wheels {

struct Limits {
  double max_position = 0.25;    // share of equity that one underlying may tie up
  double max_allocation = 0.95;  // of all of them together
  double max_volatility = 0.30;  // of the portfolio, a year, share of equity
  double max_contracts = 100;
};

// What is there already. `exposure` is delta in currency, `volatility` annual; `correlation[i]`
// with the candidate.
struct Standing {
  double equity = 0, free_cash = 0;
  double buying_power = INFINITY;        // by the host's margin; infinite where it does not say
  double tied_up = 0, tied_up_here = 0;  // capital, all underlyings and the candidate's own
  std::span<const double> exposure, volatility, correlation;
  double variance = 0;  // of the standing portfolio, a year, in currency squared
};

enum class Bound : std::uint8_t {
  kelly,
  cash,
  margin,
  position,
  allocation,
  volatility,
  contracts
};
constexpr const char* bound_names[] = {"kelly",      "cash",       "margin",       "position",
                                       "allocation", "volatility", "max_contracts"};

struct Size {
  std::int64_t contracts = 0;
  Bound bound = Bound::kelly;
};

// The most `x >= 0` for which variance + 2 x covariance + x^2 own stays at or below `limit`.
inline double most_under_variance(double variance, double covariance, double own, double limit) {
  if (!(own > 0)) return INFINITY;
  const double root = covariance * covariance - own * (variance - limit);
  return root < 0 ? 0 : std::max((-covariance + std::sqrt(root)) / own, 0.0);
}

// `capital`, `margin` and `delta` (currency of underlying per contract, signed) are of one
// contract; `kelly` is the share of equity that may be in it; `volatility` is the underlying's.
inline Size size_of(double kelly, double capital, double margin, double delta, double volatility,
                    const Standing& now, const Limits& limits) {
  if (!(capital > 0) || !(now.equity > 0)) return {0, Bound::cash};
  double covariance = 0;
  for (std::size_t i = 0; i < now.exposure.size(); ++i) {
    covariance += delta * volatility * now.exposure[i] * now.volatility[i] * now.correlation[i];
  }
  const double own = delta * volatility * delta * volatility,
               most = limits.max_volatility * now.equity;
  const double allowed[] = {kelly * now.equity / capital,
                            now.free_cash / capital,
                            margin > 0 ? now.buying_power / margin : INFINITY,
                            (limits.max_position * now.equity - now.tied_up_here) / capital,
                            (limits.max_allocation * now.equity - now.tied_up) / capital,
                            most_under_variance(now.variance, covariance, own, most * most),
                            limits.max_contracts};
  Size size{INT64_MAX, Bound::kelly};
  for (std::size_t i = 0; i < std::size(allowed); ++i) {
    const double whole =
        std::floor(std::clamp(std::isnan(allowed[i]) ? 0.0 : allowed[i], 0.0, 1e9) + 1e-9);
    if (whole < static_cast<double>(size.contracts))
      size = {static_cast<std::int64_t>(whole), static_cast<Bound>(i)};
  }
  return size;
}

}  // namespace wheels
