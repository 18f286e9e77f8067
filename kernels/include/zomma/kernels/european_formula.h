// european_formula.h: Black-Scholes-Merton and Black-76, value and every partial derivative through
// third order, as one inline function over any Real. european.h runs it over spans.
//
// Accuracy: every result within 4 units of (1 + c) epsilon, c being its condition number (the sum
// over the inputs of |x df/dx / f|), so as good as inputs rounded to epsilon allow, to 37
// deviations from the money and at any T and sigma. The form (Mills' ratio M): with G = S e^-qT
// phi(d1) = K e^-rT phi(d2) the tail probabilities are G M(|d1|) and G M(|d2|), so errors of the
// exponential stay outside of the difference; all other derivatives are G times a polynomial in d1,
// d2 and their time derivatives, plus r and q times the two legs.
#pragma once

#include <zomma/kernels/elementary.h>

namespace zomma::kernels {

// What is asked for, by growing cost; each level includes the ones before it.
enum class EuropeanLevel {
  value,     // the value
  first,     // + delta, gamma, vega, theta, rho
  standard,  // + phi, vanna, charm, veta, vomma, speed, zomma, color, ultima, dual delta, dual
             // gamma
  full,      // + the other partial derivatives through third order
};

// One slot for each result. Derivatives with respect to S (spot or forward), K, T (years to
// expiry), r, q and v (volatility); theta, charm, veta and color are per year of passing time, so
// with the opposite sign of the derivative by T.
template <class Slot>
struct EuropeanTable {
  Slot value;
  Slot delta, gamma, vega, theta, rho;
  Slot phi, vanna, charm, veta, vomma, speed, zomma, color, ultima, dual_delta, dual_gamma;
  Slot v_tt, v_sr, v_vr, v_svv, v_svt, v_stt, v_vvt, v_vtt, v_ttt;
};

// Calls visit(slot of a, slot of b) for each result of the level.
template <EuropeanLevel level, class A, class B, class Visit>
ZM_INLINE void visit_tables(A& a, B& b, Visit&& visit) {
  visit(a.value, b.value);
  if constexpr (level >= EuropeanLevel::first) {
    visit(a.delta, b.delta), visit(a.gamma, b.gamma), visit(a.vega, b.vega),
        visit(a.theta, b.theta), visit(a.rho, b.rho);
  }
  if constexpr (level >= EuropeanLevel::standard) {
    visit(a.phi, b.phi), visit(a.vanna, b.vanna), visit(a.charm, b.charm), visit(a.veta, b.veta);
    visit(a.vomma, b.vomma), visit(a.speed, b.speed), visit(a.zomma, b.zomma),
        visit(a.color, b.color);
    visit(a.ultima, b.ultima), visit(a.dual_delta, b.dual_delta), visit(a.dual_gamma, b.dual_gamma);
  }
  if constexpr (level >= EuropeanLevel::full) {
    visit(a.v_tt, b.v_tt), visit(a.v_sr, b.v_sr), visit(a.v_vr, b.v_vr), visit(a.v_svv, b.v_svv);
    visit(a.v_svt, b.v_svt), visit(a.v_stt, b.v_stt), visit(a.v_vvt, b.v_vvt),
        visit(a.v_vtt, b.v_vtt);
    visit(a.v_ttt, b.v_ttt);
  }
}

template <class Real>
struct EuropeanInput {
  Real sign;  // +1 a call, -1 a put
  Real spot, strike, maturity, rate, yield,
      volatility;  // Black-76: spot is the forward; yield is not read
};

namespace detail {

// What all results are made of.
template <class Real>
struct EuropeanTerms {
  Real root_t, deviation, inverse_deviation;  // sqrt(T), s = sigma sqrt(T), 1 / s
  Real log_moneyness, carry;                  // ln(S / K), (r - q) T
  Real d1, d2, density, unit;                 // G = density * unit
  Real asset, cash;  // value = asset - cash: S e^-qT Phi(d1), K e^-rT Phi(d2), signed
};

template <bool forward, class Real>
ZM_INLINE EuropeanTerms<Real> european_terms(const EuropeanInput<Real>& in) {
  EuropeanTerms<Real> t;
  t.root_t = sqrt(in.maturity);
  t.deviation = in.volatility * t.root_t;
  t.inverse_deviation = Real(1) / t.deviation;
  t.log_moneyness = log_ratio(in.spot, in.strike);
  const Real discount = exp_normal(-(in.rate * in.maturity));
  Real asset_now, distance;
  if constexpr (forward) {
    t.carry = Real(0);
    asset_now = in.spot * discount;
    distance = t.log_moneyness * t.inverse_deviation;
  } else {
    t.carry = (in.rate - in.yield) * in.maturity;
    asset_now = in.spot * exp_normal(-(in.yield * in.maturity));
    distance = (t.log_moneyness + t.carry) * t.inverse_deviation;
  }
  const Real cash_now = in.strike * discount;
  t.d1 = fma(Real(0.5), t.deviation, distance);
  t.d2 = fma(Real(-0.5), t.deviation, distance);
  // Of the two forms of G the one with the smaller d: a rounding of d grows by d^2.
  const auto high = distance > Real(0);
  const Real nearer = select(high, t.d2, t.d1);
  const auto exponential = exp_lifted(Real(-0.5) * nearer * nearer);
  t.density =
      select(high, cash_now, asset_now) * (exponential.value * Real(0.39894228040143267794));
  t.unit = exponential.unit;
  const Real tail1 = t.density * mills_positive(magnitude(t.d1)) * t.unit;
  const Real tail2 = t.density * mills_positive(magnitude(t.d2)) * t.unit;
  t.asset = in.sign * select(in.sign * t.d1 < Real(0), tail1, asset_now - tail1);
  t.cash = in.sign * select(in.sign * t.d2 < Real(0), tail2, cash_now - tail2);
  return t;
}

}  // namespace detail

// The results of `level` for one option a lane; the others are left unset. Black-76 where
// `forward`: S is the forward, nothing depends on q, and rho is -T value. Inputs outside the domain
// give numbers without meaning, never a trap.
template <EuropeanLevel level, bool forward, class Real>
ZM_INLINE EuropeanTable<Real> european(const EuropeanInput<Real>& in) {
  const auto t = detail::european_terms<forward>(in);
  const Real d1 = t.d1, d2 = t.d2, density = t.density, unit = t.unit, asset = t.asset,
             cash = t.cash;
  const Real yield = forward ? in.rate : in.yield, rate = in.rate, maturity = in.maturity;
  EuropeanTable<Real> out;
  out.value = asset - cash;
  if constexpr (level == EuropeanLevel::value) return out;

  const Real inverse_spot = Real(1) / in.spot;
  const Real gamma = density * inverse_spot * inverse_spot * t.inverse_deviation;
  const Real inverse_root_t = in.volatility * t.inverse_deviation;
  const Real half_rate = Real(0.5) * in.volatility * inverse_root_t;  // ds/dT = sigma / (2 sqrt(T))
  const Real vega = density * t.root_t;
  out.delta = asset * inverse_spot;
  out.gamma = gamma * unit;
  out.vega = vega * unit;
  out.theta = fma(yield, asset, -fma(rate, cash, density * half_rate * unit));
  out.rho = forward ? -(maturity * out.value) : maturity * cash;
  if constexpr (level == EuropeanLevel::first) return out;

  const Real inverse_t = inverse_root_t * inverse_root_t, half_inverse_t = Real(0.5) * inverse_t;
  const Real inverse_volatility = t.root_t * t.inverse_deviation;
  const Real inverse_strike = Real(1) / in.strike;
  const Real product = d1 * d2;
  // x1 and x2 are the derivatives of d1 and d2 by T; growth is that of ln G.
  const Real half_variance = Real(0.5) * t.deviation * t.deviation,
             drop = t.carry - t.log_moneyness;
  const Real x_scale = half_inverse_t * t.inverse_deviation;
  const Real x1 = (drop + half_variance) * x_scale, x2 = (drop - half_variance) * x_scale;
  const Real growth = -fma(d1, x1, yield);
  const Real density_by_spot = density * inverse_spot;
  out.phi = forward ? Real(0) : -(maturity * asset);
  out.vanna = (-(density_by_spot * d2 * inverse_volatility)) * unit;
  out.charm = fma(yield, out.delta, -(density_by_spot * x1 * unit));
  out.veta = (-(vega * (growth + half_inverse_t))) * unit;
  out.vomma = (vega * product * inverse_volatility) * unit;
  out.speed = (-(gamma * inverse_spot * fma(d1, t.inverse_deviation, Real(1)))) * unit;
  out.zomma = (gamma * (product - Real(1)) * inverse_volatility) * unit;
  out.color = (gamma * (half_inverse_t - growth)) * unit;
  const Real inverse_variance = inverse_volatility * inverse_volatility;
  out.ultima =
      (vega * inverse_variance * (fma(product, product - Real(1), -fma(d1, d1, d2 * d2)))) * unit;
  out.dual_delta = -(cash * inverse_strike);
  out.dual_gamma = (density * inverse_strike * inverse_strike * t.inverse_deviation) * unit;
  if constexpr (level == EuropeanLevel::standard) return out;

  const Real x1_t =
      fma(Real(3), t.log_moneyness, -t.carry - half_variance) * x_scale * half_inverse_t;
  const Real x2_t =
      fma(Real(3), t.log_moneyness, half_variance - t.carry) * x_scale * half_inverse_t;
  const Real growth_t = -fma(x1, x1, d1 * x1_t);
  // V_T = density half_rate + r cash - q asset, differentiated twice more.
  const Real slope = fma(half_rate, growth - half_inverse_t, fma(rate, x2, -(yield * x1)));
  const Real slope_t = fma(half_rate,
                           growth_t + Real(2) * half_inverse_t * half_inverse_t -
                               half_inverse_t * (growth - half_inverse_t),
                           fma(rate, x2_t, -(yield * x1_t)));
  const Real asset_t = fma(density * x1, unit, -(yield * asset)),
             cash_t = fma(density * x2, unit, -(rate * cash));
  out.v_tt = fma(density * slope, unit, yield * yield * asset - rate * rate * cash);
  out.v_ttt = fma(density * fma(growth, slope, slope_t), unit,
                  yield * yield * asset_t - rate * rate * cash_t);
  out.v_sr =
      forward ? -(maturity * out.delta) : density_by_spot * t.root_t * inverse_volatility * unit;
  out.v_vr =
      forward ? -(maturity * out.vega) : -(density * d1 * maturity * inverse_volatility * unit);
  out.v_svv = (density_by_spot * inverse_variance * (d1 + d2 - d1 * d2 * d2)) * unit;
  out.v_svt = (-(density_by_spot * inverse_volatility * fma(growth, d2, x2))) * unit;
  out.v_stt = inverse_spot * fma(density * fma(x1, growth, x1_t), unit, -(yield * asset_t));
  const Real vega_growth = growth + half_inverse_t;
  out.v_vvt = (vega * inverse_volatility * fma(vega_growth, product, fma(x1, d2, x2 * d1))) * unit;
  out.v_vtt = (vega * (fma(vega_growth, vega_growth, growth_t) -
                       Real(2) * half_inverse_t * half_inverse_t)) *
              unit;
  return out;
}

}  // namespace zomma::kernels
