// revalue.h: the Black-Scholes-Merton value under moved spot, volatility, time and rate, split so
// that a grid does each part no more often than it must. One source for packs, one lane and
// devices.
#pragma once

#include <zomma/kernels/monte_carlo/lanes.h>

namespace zomma::kernels {

// Positions as they stand, one a lane. sign: +1 call, -1 put.
template <class Real>
struct OptionLanes {
  Real spot, strike, log_moneyness, expiry, volatility, rate, dividend, sign;
};

// What time and rate decide: present values of spot and strike and the log of their ratio.
template <class Real>
struct MaturityLanes {
  Real spot_value, strike_value, log_ratio, years;
};

// What volatility decides: s = sigma sqrt(T).
template <class Real>
struct WidthLanes {
  Real half, inverse;
};

// Phi(-a) e^(a^2 / 2) for a >= 0 as one rational function (Hart 1968, 5666), which tends to Mills'
// ratio's 1 / a. Phi from it is right to 2.3e-16 absolutely; relatively to 2e-14 for a <= 3, 3e-9
// at 7 and 4e-6 at worst, far out.
template <class Real>
ZM_HOST_DEVICE inline Real scaled_tail(Real a) {
  using lanes::all, lanes::fused;
  Real p = all<Real>(3.52624965998911e-02);
  p = fused(p, a, 0.700383064443688);
  p = fused(p, a, 6.37396220353165);
  p = fused(p, a, 33.912866078383);
  p = fused(p, a, 112.079291497871);
  p = fused(p, a, 221.213596169931);
  p = fused(p, a, 220.206867912376);
  Real q = all<Real>(8.83883476483184e-02);
  q = fused(q, a, 1.75566716318264);
  q = fused(q, a, 16.064177579207);
  q = fused(q, a, 86.7807322029461);
  q = fused(q, a, 296.564248779674);
  q = fused(q, a, 637.333633378831);
  q = fused(q, a, 793.826512519948);
  q = fused(q, a, 440.413735824752);
  return p / q;
}

// Phi(x), given e^(-x^2 / 2).
template <class Real>
ZM_HOST_DEVICE inline Real normal_given_bell(Real x, Real bell) {
  const Real tail = bell * scaled_tail<Real>(lanes::larger(x, -x));
  return lanes::pick(x > Real{}, 1.0 - tail, tail);
}

// After `time` years, with the rate moved. An expired option has 0 years left.
template <class Real>
ZM_HOST_DEVICE inline MaturityLanes<Real> maturity_after(const OptionLanes<Real>& o, double time,
                                                         double rate_move) {
  MaturityLanes<Real> out;
  out.years = lanes::larger(o.expiry - time, Real{});
  const Real rate = o.rate + rate_move;
  out.spot_value = o.spot * lanes::exp(-o.dividend * out.years);
  out.strike_value = o.strike * lanes::exp(-rate * out.years);
  out.log_ratio = o.log_moneyness + (rate - o.dividend) * out.years;
  return out;
}

template <class Real>
ZM_HOST_DEVICE inline WidthLanes<Real> width_after(const OptionLanes<Real>& o,
                                                   const MaturityLanes<Real>& m,
                                                   double volatility_move) {
  constexpr double least =
      1e-10;  // no time or volatility left: the value is the intrinsic one to 1e-10 of the spot
  const Real volatility = lanes::larger(o.volatility + volatility_move, Real{});
  const Real s = lanes::larger(volatility * lanes::root(m.years), lanes::all<Real>(least));
  return {0.5 * s, 1.0 / s};
}

// The value with the spot multiplied by `factor`; log_factor = ln factor.
template <class Real>
ZM_HOST_DEVICE inline Real revalue(Real sign, const MaturityLanes<Real>& m,
                                   const WidthLanes<Real>& w, double factor, double log_factor) {
  const Real spot = m.spot_value * factor;
  const Real middle = (m.log_ratio + log_factor) * w.inverse;
  const Real d1 = middle + w.half, d2 = middle - w.half;
  const Real bell1 = lanes::exp(-0.5 * (d1 * d1)), bell2 = lanes::exp(-0.5 * (d2 * d2));
  return sign * (spot * normal_given_bell<Real>(sign * d1, bell1) -
                 m.strike_value * normal_given_bell<Real>(sign * d2, bell2));
}

}  // namespace zomma::kernels
