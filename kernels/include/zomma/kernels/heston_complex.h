// heston_complex.h: complex numbers over a Real, with the few functions that characteristic
// functions need.
#pragma once

#include <zomma/kernels/american_lanes.h>

namespace zomma::kernels {

template <class Real>
struct Complex {
  Real re, im;

  friend ZM_HOST_DEVICE Complex operator+(Complex a, Complex b) {
    return {a.re + b.re, a.im + b.im};
  }
  friend ZM_HOST_DEVICE Complex operator-(Complex a, Complex b) {
    return {a.re - b.re, a.im - b.im};
  }
  friend ZM_HOST_DEVICE Complex operator*(Complex a, Complex b) {
    return {fma(a.re, b.re, -(a.im * b.im)), fma(a.re, b.im, a.im * b.re)};
  }
  friend ZM_HOST_DEVICE Complex operator*(Real a, Complex b) { return {a * b.re, a * b.im}; }
  friend ZM_HOST_DEVICE Complex operator+(Complex a, Real b) { return {a.re + b, a.im}; }
  friend ZM_HOST_DEVICE Complex operator/(Complex a, Complex b) {
    const Real scale = Real(1.0) / fma(b.re, b.re, b.im * b.im);
    return {fma(a.re, b.re, a.im * b.im) * scale, fma(a.im, b.re, -(a.re * b.im)) * scale};
  }
};

ZM_HOST_DEVICE inline void sine_cosine(double x, double& sine, double& cosine) {
  sine = ::sin(x);
  cosine = ::cos(x);
}
ZM_HOST_DEVICE inline double arc_tangent(double y, double x) { return ::atan2(y, x); }

// Both to 3e-16 absolute for |x| < 1e6: less a multiple of pi/2 in two pieces, then Taylor
// polynomials on
// [-pi/4, pi/4] with remainders below 5e-17.
[[gnu::always_inline]] inline void sine_cosine(Lanes x, Lanes& sine, Lanes& cosine) {
  constexpr double shifter = 6755399441055744.0;  // adding it rounds to an integer in the low bits
  constexpr double s[8] = {1.0,          -1.0 / 6,        1.0 / 120,        -1.0 / 5040,
                           1.0 / 362880, -1.0 / 39916800, 1.0 / 6227020800, -1.0 / 1307674368000};
  constexpr double c[8] = {
      0.5,           -1.0 / 24,        1.0 / 720,         -1.0 / 40320,
      1.0 / 3628800, -1.0 / 479001600, 1.0 / 87178291200, -1.0 / 20922789888000};
  const Lanes shifted = fma(x, 0.63661977236758134308, shifter), n = shifted - Lanes(shifter);
  const Lanes r = fma(n, -6.123233995736766036e-17, fma(n, -1.5707963267948965580, x)), r2 = r * r;
  const Lanes plain_sine = r * polynomial(s, r2), plain_cosine = fma(-r2, polynomial(c, r2), 1.0);
  const auto quarter = reinterpret_cast<Lanes::Bits>(shifted.v);
  const Lanes::Mask odd{-(quarter & 1)};
  const Lanes::Bits sine_sign = (quarter & 2) << 62, cosine_sign = ((quarter + 1) & 2) << 62;
  const Lanes first = select(odd, plain_cosine, plain_sine),
              second = select(odd, plain_sine, plain_cosine);
  sine = reinterpret_cast<Lanes::Vector>(reinterpret_cast<Lanes::Bits>(first.v) ^ sine_sign);
  cosine = reinterpret_cast<Lanes::Vector>(reinterpret_cast<Lanes::Bits>(second.v) ^ cosine_sign);
}

// The angle of (x, y) in [-pi, pi] to 4e-16: folded to a slope in [0, 1], then to [-tan(pi/8),
// tan(pi/8)], where atan(t)/t is an interpolant in t^2 with error 2e-18.
inline Lanes arc_tangent(Lanes y, Lanes x) {
  constexpr double c[12] = {1.0,
                            -0.333333333333331212,
                            0.199999999999408915,
                            -0.142857142792502449,
                            0.111111107449196582,
                            -0.0909089680906402708,
                            0.0769204533090222495,
                            -0.0666295181362919009,
                            0.0584687829733087252,
                            -0.0503510245660155184,
                            0.0379652574538659362,
                            -0.0178053972054194452};
  constexpr double pi = 3.14159265358979323846;
  const Lanes ax = absolute(x), ay = absolute(y), high = maximum(ax, ay), low = minimum(ax, ay);
  const auto steep = low > high * Lanes(0.41421356237309504880);
  const Lanes t =
      select(steep, low - high, low) / maximum(select(steep, low + high, high), Lanes(1e-300));
  Lanes angle = fma(t, polynomial(c, t * t), select(steep, Lanes(pi / 4), Lanes(0.0)));
  angle = select(ax < ay, Lanes(pi / 2) - angle, angle);
  angle = select(x < Lanes(0.0), Lanes(pi) - angle, angle);
  return select(y < Lanes(0.0), -angle, angle);
}

// The square root with a real part that is not negative.
template <class Real>
ZM_HOST_DEVICE inline Complex<Real> complex_sqrt(Complex<Real> z) {
  const Real size = sqrt(fma(z.re, z.re, z.im * z.im));
  const Real big = sqrt(Real(0.5) * (size + absolute(z.re)));
  const Real small = Real(0.5) * z.im / maximum(big, Real(1e-300));
  const auto right = z.re < Real(0.0);
  const Real im = select(z.im < Real(0.0), -big, big);
  return {select(right, absolute(small), big), select(right, im, small)};
}

template <class Real>
ZM_HOST_DEVICE inline Complex<Real> complex_exp(Complex<Real> z) {
  Real sine, cosine;
  sine_cosine(z.im, sine, cosine);
  const Real size = exp(z.re);
  return {size * cosine, size * sine};
}

// ln(1 + z) on the principal branch: by the series of 2 artanh(z / (2 + z)) where |z| < 0.02, else
// by modulus and angle.
template <class Real>
ZM_HOST_DEVICE inline Complex<Real> complex_log1p(Complex<Real> z) {
  const Complex<Real> t = z / (z + Real(2.0)), t2 = t * t;
  Complex<Real> sum{Real(1.0 / 11), Real(0.0)};
  for (int odd = 9; odd >= 1; odd -= 2) sum = sum * t2 + Real(1.0 / odd);
  const Complex<Real> near = Real(2.0) * (t * sum);
  const Real re = z.re + Real(1.0), norm = fma(re, re, z.im * z.im);
  const Complex<Real> far{Real(0.5) * log(norm), arc_tangent(z.im, re)};
  const auto small = fma(z.re, z.re, z.im * z.im) < Real(4e-4);
  return {select(small, near.re, far.re), select(small, near.im, far.im)};
}

}  // namespace zomma::kernels
