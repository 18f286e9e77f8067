// scenario_element.h: how positions are loaded, which may count, and in which order their gains are
// added: what scenario.h runs on every backend, so that all give the same bits.
#pragma once

#include <zomma/kernels/portfolio/revalue.h>
#include <zomma/kernels/portfolio/scenario.h>

namespace zomma::kernels::detail {

// Sums are kept of at most this many positions of one group, and within them the gain of position k
// goes to sum k % interleaved_sums, whatever the vector unit.
inline constexpr std::uint32_t positions_in_chunk = 2048;
inline constexpr std::size_t interleaved_sums = 4;

ZM_HOST_DEVICE inline bool usable_position(const OptionBook& b, std::size_t i) {
  constexpr double most = 1e30, least = 1e-30;
  const auto priced = [](double x) { return x >= least && x <= most; };
  const double years = b.expiry[i] > 0 ? b.expiry[i] : 0.0;
  return priced(b.spot[i]) && priced(b.strike[i]) && b.volatility[i] >= 0 &&
         b.volatility[i] < most && magnitude(b.expiry[i]) < most &&
         magnitude(b.rate[i]) * years < 100 && magnitude(b.dividend[i]) * years < 100 &&
         magnitude(b.rate[i]) < most && magnitude(b.dividend[i]) < most &&
         magnitude(b.weight[i]) < most && b.call[i] <= 1;
}

// One number of a position; what an unusable one is replaced by weighs nothing.
struct PositionRow {
  double spot = 1, strike = 1, expiry = 0, volatility = 0, rate = 0, dividend = 0, sign = 1,
         weight = 0;
};

ZM_HOST_DEVICE inline PositionRow position_row(const OptionBook& b, std::size_t i) {
  if (!usable_position(b, i)) return {};
  return {b.spot[i],
          b.strike[i],
          b.expiry[i],
          b.volatility[i],
          b.rate[i],
          b.dividend[i],
          b.call[i] ? 1.0 : -1.0,
          b.weight[i]};
}

template <class Real>
ZM_HOST_DEVICE inline OptionLanes<Real> option_lanes(Real spot, Real strike, Real expiry,
                                                     Real volatility, Real rate, Real dividend,
                                                     Real sign) {
  return {spot, strike, lanes::log(spot / strike), expiry, volatility, rate, dividend, sign};
}

template <class Real>
ZM_HOST_DEVICE inline Real value_today(const OptionLanes<Real>& o) {
  const auto maturity = maturity_after<Real>(o, 0, 0);
  return revalue<Real>(o.sign, maturity, width_after<Real>(o, maturity, 0), 1.0, 0.0);
}

ZM_HOST_DEVICE inline double joined(const double* four) {
  return (four[0] + four[1]) + (four[2] + four[3]);
}

}  // namespace zomma::kernels::detail
