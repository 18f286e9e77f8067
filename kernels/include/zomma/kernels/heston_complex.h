// heston_complex.h: complex numbers over a Real, with the few functions that characteristic
// functions need.
#pragma once

#include <zomma/kernels/elementary_more.h>

namespace zomma::kernels {

template <class Real>
struct Complex {
  Real re, im;

  ZM_INLINE friend Complex operator+(Complex a, Complex b) { return {a.re + b.re, a.im + b.im}; }
  ZM_INLINE friend Complex operator-(Complex a, Complex b) { return {a.re - b.re, a.im - b.im}; }
  ZM_INLINE friend Complex operator*(Complex a, Complex b) {
    return {fma(a.re, b.re, -(a.im * b.im)), fma(a.re, b.im, a.im * b.re)};
  }
  ZM_INLINE friend Complex operator*(Real a, Complex b) { return {a * b.re, a * b.im}; }
  ZM_INLINE friend Complex operator+(Complex a, Real b) { return {a.re + b, a.im}; }
  ZM_INLINE friend Complex operator/(Complex a, Complex b) {
    const Real scale = Real(1.0) / fma(b.re, b.re, b.im * b.im);
    return {fma(a.re, b.re, a.im * b.im) * scale, fma(a.im, b.re, -(a.re * b.im)) * scale};
  }
};

// The square root with a real part that is not negative.
template <class Real>
ZM_INLINE Complex<Real> complex_sqrt(Complex<Real> z) {
  const Real size = sqrt(fma(z.re, z.re, z.im * z.im));
  const Real big = sqrt(Real(0.5) * (size + magnitude(z.re)));
  const Real small = Real(0.5) * z.im / maximum(big, Real(1e-300));
  const auto right = z.re < Real(0.0);
  const Real im = select(z.im < Real(0.0), -big, big);
  return {select(right, magnitude(small), big), select(right, im, small)};
}

template <class Real>
ZM_INLINE Complex<Real> complex_exp(Complex<Real> z) {
  Real sine, cosine;
  sine_cosine(z.im, sine, cosine);
  const Real size = exp_short(z.re);
  return {size * cosine, size * sine};
}

// ln(1 + z) on the principal branch: by the series of 2 artanh(z / (2 + z)) where |z| < 0.02, else
// by modulus and angle.
template <class Real>
ZM_INLINE Complex<Real> complex_log1p(Complex<Real> z) {
  const Complex<Real> t = z / (z + Real(2.0)), t2 = t * t;
  Complex<Real> sum{Real(1.0 / 11), Real(0.0)};
  for (int odd = 9; odd >= 1; odd -= 2) sum = sum * t2 + Real(1.0 / odd);
  const Complex<Real> near = Real(2.0) * (t * sum);
  const Real re = z.re + Real(1.0), norm = fma(re, re, z.im * z.im);
  const Complex<Real> far{Real(0.5) * log_short(norm), arc_tangent(z.im, re)};
  const auto small = fma(z.re, z.re, z.im * z.im) < Real(4e-4);
  return {select(small, near.re, far.re), select(small, near.im, far.im)};
}

}  // namespace zomma::kernels
