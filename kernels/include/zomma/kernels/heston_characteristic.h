// heston_characteristic.h: the characteristic function of the log-return in the models of Heston
// and Bates, in a form that neither jumps branch nor cancels, with its derivatives by the
// parameters.
#pragma once

#include <zomma/kernels/heston.h>
#include <zomma/kernels/heston_complex.h>

namespace zomma::kernels {

// ln E[(S_T / F)^p] = kappa theta a + v0 b at a complex power p, without jumps.
template <class Real>
struct HestonExponent {
  Complex<Real> a, b;
};

// `beta` = kappa - rho sigma p and `xi` = p - p^2, `q` = sigma^2. Source: Heston
// (1993) in the form of Albrecher et al. (2007); (beta - d) / sigma^2 is taken as -xi / (beta + d),
// which is exact for small sigma.
template <class Real>
struct HestonSolver {
  Real expiry, q;
  Complex<Real> xi, beta, d, sum, r, e, one_e, g, one_g, one_ge, y, log_y;

  ZM_INLINE HestonSolver(Real T, Real variance, Complex<Real> xi_, Complex<Real> beta_)
      : expiry(T), q(variance), xi(xi_), beta(beta_) {
    const Complex<Real> one{Real(1.0), Real(0.0)};
    d = complex_sqrt(beta * beta + q * xi);
    sum = beta + d;
    r = Real(-1.0) * (xi / sum);
    e = complex_exp(-expiry * d);
    one_e = one - e;
    g = q * (r / sum);
    one_g = one - g;
    one_ge = one - g * e;
    y = g * one_e / one_g;
    log_y = complex_log1p(y);
  }

  ZM_INLINE HestonExponent<Real> exponent() const {
    return {expiry * r - (Real(2.0) / q) * log_y, r * one_e / one_ge};
  }
};

// The derivatives of a solver's exponent; the quotients that all directions share are made once.
template <class Real>
struct HestonTangents {
  const HestonSolver<Real>& at;
  Complex<Real> by_d, by_sum, by_one_g, by_one_ge, by_one_y, slope;

  ZM_INLINE explicit HestonTangents(const HestonSolver<Real>& solver) : at(solver) {
    const Complex<Real> one{Real(1.0), Real(0.0)};
    by_d = one / at.d;
    by_sum = one / at.sum;
    by_one_g = one / at.one_g;
    by_one_ge = one / at.one_ge;
    by_one_y = (Real(2.0) / at.q) * (one / (one + at.y));
    slope = (at.r * at.one_e) * by_one_ge;
  }

  ZM_INLINE HestonExponent<Real> along(Complex<Real> beta_dot, Real q_dot) const {
    const Complex<Real> d_dot = (at.beta * beta_dot + (Real(0.5) * q_dot) * at.xi) * by_d;
    const Complex<Real> relative = (beta_dot + d_dot) * by_sum;
    const Complex<Real> r_dot = Real(-1.0) * (at.r * relative);
    const Complex<Real> e_dot = -at.expiry * (at.e * d_dot);
    const Complex<Real> g_dot = (q_dot * at.r + at.q * r_dot) * by_sum - at.g * relative;
    const Complex<Real> b_dot =
        (r_dot * at.one_e - at.r * e_dot + slope * (g_dot * at.e + at.g * e_dot)) * by_one_ge;
    const Complex<Real> y_dot = (g_dot * at.one_e - at.g * e_dot + at.y * g_dot) * by_one_g;
    const Complex<Real> a_dot =
        at.expiry * r_dot - y_dot * by_one_y + (Real(2.0) * q_dot / (at.q * at.q)) * at.log_y;
    return {a_dot, b_dot};
  }
};

template <class Real>
ZM_INLINE HestonSolver<Real> heston_solver(const HestonParameters& m, Real T, Complex<Real> p) {
  const Complex<Real> beta{Real(m.kappa) - Real(m.rho * m.sigma) * p.re,
                           -Real(m.rho * m.sigma) * p.im};
  return {T, Real(m.sigma * m.sigma), p - p * p, beta};
}

// ln E[(S_T / F)^p] of the jumps alone: lambda T (E[J^p] - 1 - p (E[J] - 1)), J lognormal (Merton
// 1976).
template <class Real>
ZM_INLINE Complex<Real> jump_exponent(const JumpParameters& jumps, Real T, Complex<Real> p) {
  const Complex<Real> p2 = p * p;
  const Real mean = Real(jumps.mean), half = Real(0.5 * jumps.deviation * jumps.deviation);
  const Complex<Real> power =
      complex_exp(Complex<Real>{mean * p.re + half * p2.re, mean * p.im + half * p2.im});
  const Real drift = exp_short(mean + half) - Real(1.0), rate = Real(jumps.intensity) * T;
  return {rate * (power.re - Real(1.0) - drift * p.re), rate * (power.im - drift * p.im)};
}

// Its derivatives by the jumps' intensity, mean and deviation.
template <class Real>
struct JumpTangents {
  Complex<Real> intensity, mean, deviation;
};
template <class Real>
ZM_INLINE JumpTangents<Real> jump_tangents(const JumpParameters& jumps, Real T, Complex<Real> p) {
  const Complex<Real> p2 = p * p;
  const Real mean = Real(jumps.mean), half = Real(0.5 * jumps.deviation * jumps.deviation);
  const Complex<Real> power =
      complex_exp(Complex<Real>{mean * p.re + half * p2.re, mean * p.im + half * p2.im});
  const Real factor = exp_short(mean + half), drift = factor - Real(1.0);
  const Real rate = Real(jumps.intensity) * T, wide = rate * Real(jumps.deviation);
  const Complex<Real> in_mean = p * power, compensated = factor * p;
  return {{T * (power.re - Real(1.0) - drift * p.re), T * (power.im - drift * p.im)},
          rate * (in_mean - compensated),
          wide * (p2 * power - compensated)};
}

}  // namespace zomma::kernels
