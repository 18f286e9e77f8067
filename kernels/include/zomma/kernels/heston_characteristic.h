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

// `beta` = kappa - rho sigma p and `xi` = p - p^2, `q` = sigma^2; with tangents (beta_dot, q_dot)
// the derivative of the exponent along them is written to `dot` when it is wanted. Source: Heston
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

  ZM_HOST_DEVICE HestonExponent<Real> tangent(Complex<Real> beta_dot, Real q_dot) const {
    const Complex<Real> d_dot = (beta * beta_dot + (Real(0.5) * q_dot) * xi) / d;
    const Complex<Real> relative = (beta_dot + d_dot) / sum;
    const Complex<Real> r_dot = Real(-1.0) * (r * relative);
    const Complex<Real> e_dot = -expiry * (e * d_dot);
    const Complex<Real> g_dot = (q_dot * r + q * r_dot) / sum - g * relative;
    const Complex<Real> b_dot =
        (r_dot * one_e - r * e_dot + (r * one_e) * (g_dot * e + g * e_dot) / one_ge) / one_ge;
    const Complex<Real> y_dot = (g_dot * one_e - g * e_dot + y * g_dot) / one_g;
    const Complex<Real> one{Real(1.0), Real(0.0)};
    const Complex<Real> a_dot = expiry * r_dot - (Real(2.0) / q) * (y_dot / (one + y)) +
                                (Real(2.0) * q_dot / (q * q)) * log_y;
    return {a_dot, b_dot};
  }
};

template <class Real>
ZM_INLINE HestonSolver<Real> heston_solver(const HestonParameters& m, Real T,
                                                       Complex<Real> p) {
  const Complex<Real> beta{Real(m.kappa) - Real(m.rho * m.sigma) * p.re,
                           -Real(m.rho * m.sigma) * p.im};
  return {T, Real(m.sigma * m.sigma), p - p * p, beta};
}

// ln E[(S_T / F)^p] of the jumps alone: lambda T (E[J^p] - 1 - p (E[J] - 1)), J lognormal (Merton
// 1976).
template <class Real>
ZM_INLINE Complex<Real> jump_exponent(const JumpParameters& jumps, Real T,
                                                  Complex<Real> p) {
  const Complex<Real> p2 = p * p;
  const Real mean = Real(jumps.mean), half = Real(0.5 * jumps.deviation * jumps.deviation);
  const Complex<Real> power =
      complex_exp(Complex<Real>{mean * p.re + half * p2.re, mean * p.im + half * p2.im});
  const Real drift = exp_short(mean + half) - Real(1.0), rate = Real(jumps.intensity) * T;
  return {rate * (power.re - Real(1.0) - drift * p.re), rate * (power.im - drift * p.im)};
}

}  // namespace zomma::kernels
