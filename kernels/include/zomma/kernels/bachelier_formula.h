// bachelier_formula.h: Bachelier's normal model, value and every partial derivative through third
// order, over any Real. The forward and the strike may have any sign; volatility is absolute, in
// units of the forward per square root of a year.
#pragma once

#include <zomma/kernels/european_formula.h>

namespace zomma::kernels {

// As european() with S the forward F: with h = sigma sqrt(T), d = (F - K) / h and M Mills' ratio
// the out-of-the-money value is e^-rT h phi(d) (1 - |d| M(|d|)), the other side adds the intrinsic
// value. Nothing depends on q; phi is zero.
template <EuropeanLevel level, class Real>
ZM_INLINE EuropeanTable<Real> bachelier(const EuropeanInput<Real>& in) {
  const Real root_t = sqrt(in.maturity), deviation = in.volatility * root_t,
             inverse_deviation = Real(1) / deviation;
  const Real distance = in.spot - in.strike, d = distance * inverse_deviation, far = magnitude(d);
  const Real discount = detail::exp_normal(-(in.rate * in.maturity));
  const auto exponential = detail::exp_lifted(Real(-0.5) * d * d);
  const Real unit = exponential.unit,
             density = discount * (exponential.value * Real(0.39894228040143267794));
  const Real mills = detail::mills_positive(far);
  const Real time_value = density * fma(-far, mills, Real(1)) * deviation * unit;
  const Real rate = in.rate, maturity = in.maturity;
  EuropeanTable<Real> out;
  out.value = fma(discount, maximum(in.sign * distance, Real(0)), time_value);
  if constexpr (level == EuropeanLevel::value) return out;

  const Real inverse_root_t = in.volatility * inverse_deviation;
  const Real half_rate = Real(0.5) * in.volatility * inverse_root_t;
  const Real tail = density * mills * unit;
  const Real gamma = density * inverse_deviation, vega = density * root_t;
  out.delta = in.sign * select(in.sign * d < Real(0), tail, discount - tail);
  out.gamma = gamma * unit;
  out.vega = vega * unit;
  out.theta = fma(rate, out.value, -(density * half_rate * unit));
  out.rho = -(maturity * out.value);
  if constexpr (level == EuropeanLevel::first) return out;

  const Real half_inverse_t = Real(0.5) * inverse_root_t * inverse_root_t;
  const Real inverse_volatility = root_t * inverse_deviation;
  const Real square = d * d;
  const Real growth = fma(square, half_inverse_t, -rate);  // of ln(density) by T
  out.phi = Real(0);
  out.vanna = -(density * d * inverse_volatility * unit);
  out.charm = fma(rate, out.delta, density * d * half_inverse_t * unit);
  out.veta = -(vega * (growth + half_inverse_t) * unit);
  out.vomma = vega * square * inverse_volatility * unit;
  out.speed = -(gamma * d * inverse_deviation * unit);
  out.zomma = gamma * (square - Real(1)) * inverse_volatility * unit;
  out.color = gamma * (half_inverse_t - growth) * unit;
  out.ultima = vega * inverse_volatility * inverse_volatility * square * (square - Real(3)) * unit;
  out.dual_delta = -out.delta;
  out.dual_gamma = out.gamma;
  if constexpr (level == EuropeanLevel::standard) return out;

  const Real twice_square = Real(2) * half_inverse_t * half_inverse_t;  // 1 / (2 T^2)
  const Real growth_t = Real(-2) * square * twice_square;
  const Real slower = growth - half_inverse_t, faster = growth + half_inverse_t;
  const Real slope = density * half_rate;  // V_T = slope - r V
  out.v_tt = fma(slope * slower, unit, rate * out.theta);
  out.v_ttt = fma(slope * (fma(slower, slower, growth_t) + twice_square), unit, -(rate * out.v_tt));
  out.v_sr = -(maturity * out.delta);
  out.v_vr = -(maturity * out.vega);
  out.v_svv = -(density * d * inverse_volatility * inverse_volatility * (square - Real(2)) * unit);
  out.v_svt = -(density * d * inverse_volatility * slower * unit);
  out.v_stt = fma(rate, out.charm,
                  -(density * d * half_inverse_t * fma(Real(-3), half_inverse_t, growth) * unit));
  out.v_vvt = vega * square * inverse_volatility * slower * unit;
  out.v_vtt = vega * (fma(faster, faster, growth_t) - twice_square) * unit;
  return out;
}

}  // namespace zomma::kernels
