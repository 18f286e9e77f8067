// inverse_normal.h: the quantile of the normal law, for numbers that must keep their order (Sobol
// points).
#pragma once

#include <zomma/kernels/monte_carlo/lanes.h>

namespace zomma::kernels {
namespace detail {

template <class Real>
ZM_HOST_DEVICE inline Real ratio_of_septics(Real x, const double (&p)[8], const double (&q)[8]) {
  Real above = lanes::all<Real>(p[7]), below = lanes::all<Real>(q[7]);
  for (int i = 6; i >= 0; --i) {
    above = lanes::fused(above, x, p[i]);
    below = lanes::fused(below, x, q[i]);
  }
  return above / below;
}

}  // namespace detail

// Phi^-1(p) for p in (0, 1), down to the smallest normal number; relative error about 1e-15.
// Outside: no meaning. All regions are evaluated; `far` = false leaves out the one below p =
// 1.4e-11 and above 1 - p, which 32-bit uniforms never reach. Source: Wichura (1988), AS 241,
// PPND16.
template <class Real, bool far = true>
ZM_HOST_DEVICE inline Real inverse_normal(Real p) {
  constexpr double central_p[8] = {3.3871328727963666080e0,  1.3314166789178437745e+2,
                                   1.9715909503065514427e+3, 1.3731693765509461125e+4,
                                   4.5921953931549871457e+4, 6.7265770927008700853e+4,
                                   3.3430575583588128105e+4, 2.5090809287301226727e+3};
  constexpr double central_q[8] = {1.0,
                                   4.2313330701600911252e+1,
                                   6.8718700749205790830e+2,
                                   5.3941960214247511077e+3,
                                   2.1213794301586595867e+4,
                                   3.9307895800092710610e+4,
                                   2.8729085735721942674e+4,
                                   5.2264952788528545610e+3};
  constexpr double middle_p[8] = {1.42343711074968357734e0,  4.63033784615654529590e0,
                                  5.76949722146069140550e0,  3.64784832476320460504e0,
                                  1.27045825245236838258e0,  2.41780725177450611770e-1,
                                  2.27238449892691845833e-2, 7.74545014278341407640e-4};
  constexpr double middle_q[8] = {1.0,
                                  2.05319162663775882187e0,
                                  1.67638483018380384940e0,
                                  6.89767334985100004550e-1,
                                  1.48103976427480074590e-1,
                                  1.51986665636164571966e-2,
                                  5.47593808499534494600e-4,
                                  1.05075007164441684324e-9};
  constexpr double tail_p[8] = {6.65790464350110377720e0,  5.46378491116411436990e0,
                                1.78482653991729133580e0,  2.96560571828504891230e-1,
                                2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                2.71155556874348757815e-5, 2.01033439929228813265e-7};
  constexpr double tail_q[8] = {1.0,
                                5.99832206555887937690e-1,
                                1.36929880922735805310e-1,
                                1.48753612908506148525e-2,
                                7.86869131145613259100e-4,
                                1.84631831751005468180e-5,
                                1.42151175831644588870e-7,
                                2.04426310338993978564e-15};
  const Real q = p - 0.5;
  const Real centre = q * detail::ratio_of_septics<Real>(0.180625 - q * q, central_p, central_q);
  const Real upper = 1.0 - p;
  const Real r = lanes::root(-lanes::log(lanes::smaller(p, upper)));
  Real magnitude = detail::ratio_of_septics<Real>(r - 1.6, middle_p, middle_q);
  if constexpr (far) {
    magnitude = lanes::pick(r <= lanes::all<Real>(5.0), magnitude,
                            detail::ratio_of_septics<Real>(r - 5.0, tail_p, tail_q));
  }
  const Real tail = lanes::pick(q < Real{}, -magnitude, magnitude);
  return lanes::pick(q * q <= lanes::all<Real>(0.180625), centre, tail);
}

}  // namespace zomma::kernels
