// elementary_more.h: the elementary functions that fewer kernels need, written as those of
// elementary.h: once over double and packs of them, from fixed polynomials and explicit fma,
// without libm. Errors are bounds in units of the last place.
#pragma once

#include <zomma/kernels/elementary_short.h>

namespace zomma::kernels {

// e^x - 1, 2 ulp, small x included; infinity above 709.
template <class Real>
ZM_INLINE Real expm1(Real x) {
  constexpr int m = detail::Format<double>::mantissa_bits;
  constexpr double shift = detail::Format<double>::round_shift;
  const Real inside = minimum(maximum(x, Real(-60.0)), Real(709.0));
  const Real shifted = fma(inside, Real(1.4426950408889634), Real(shift)),
             n = shifted - Real(shift);
  const Real r = fma(n, Real(-detail::Format<double>::ln2_low),
                     fma(n, Real(-detail::Format<double>::ln2_high), inside));
  const Real grown = fma(r * r, detail::exp_remainder(r), r);
  // 2^n as 2 * 2^(n-1), for n = 1024 cannot be written.
  const Real half =
      from_bits<Real>((bits_of(shifted) << m) + BitsOf<Real>(std::uint64_t{1022} << m));
  const Real value = fma(grown, half, half - Real(0.5)) * Real(2.0);
  return select(x > Real(709.0), exp(x), select(x == x, value, x));
}

// ln(1 + x), 2 ulp; minus infinity at -1, NaN below.
template <class Real>
ZM_INLINE Real log1p(Real x) {
  const Real u = Real(1.0) + x, rounded_off = x - (u - Real(1.0));
  const auto plain = (u > Real(0.0)) & (u < Real(1e16));
  const Real value = log(u);
  return select(plain, value + rounded_off / select(plain, u, Real(1.0)), value);
}

// x^y for x > 0, within 2 + |y ln x| ulp.
template <class Real>
ZM_INLINE Real power(Real x, Real y) {
  const Real l = log(x), exponent = y * l, rounded_off = fma(y, l, -exponent);
  const Real value = exp(exponent);
  return fma(value, rounded_off, value);
}

// Both to 2 ulp for |x| <= 700.
template <class Real>
ZM_INLINE Real sinh(Real x) {
  const Real e = expm1(magnitude(x)), half = Real(0.5) * (e + e / (e + Real(1.0)));
  return select(x < Real(0.0), -half, half);
}
template <class Real>
ZM_INLINE Real tanh(Real x) {
  const Real e = expm1(Real(-2.0) * magnitude(x)), size = -e / (e + Real(2.0));
  return select(x < Real(0.0), -size, size);
}

// arsinh(x), 3 ulp for |x| < 1e150.
template <class Real>
ZM_INLINE Real arsinh(Real x) {
  const Real size = magnitude(x), square = size * size;
  const Real value = log1p(size + square / (Real(1.0) + sqrt(square + Real(1.0))));
  return select(x < Real(0.0), -value, value);
}

// Both to 3e-16 absolute for |x| < 1e6: less a multiple of pi/2 in two pieces, then Taylor
// polynomials on [-pi/4, pi/4] with remainders below 5e-17.
template <class Real>
ZM_INLINE void sine_cosine(Real x, Real& sine, Real& cosine) {
  using Bits = BitsOf<Real>;
  constexpr double shifter = detail::Format<double>::round_shift;
  constexpr double s[8] = {1.0,          -1.0 / 6,        1.0 / 120,        -1.0 / 5040,
                           1.0 / 362880, -1.0 / 39916800, 1.0 / 6227020800, -1.0 / 1307674368000};
  constexpr double c[8] = {
      0.5,           -1.0 / 24,        1.0 / 720,         -1.0 / 40320,
      1.0 / 3628800, -1.0 / 479001600, 1.0 / 87178291200, -1.0 / 20922789888000};
  const Real shifted = fma(x, Real(0.63661977236758134308), Real(shifter)),
             n = shifted - Real(shifter);
  const Real r = fma(n, Real(-6.123233995736766036e-17), fma(n, Real(-1.5707963267948965580), x));
  const Real r2 = r * r;
  const Real plain_sine = r * polynomial(s, r2);
  const Real plain_cosine = fma(-r2, polynomial(c, r2), Real(1.0));
  const Bits quarter = bits_of(shifted), one(std::uint64_t{1}), two(std::uint64_t{2});
  // The lowest bit as a number, 1 or 1.5; a bit moved to the top changes the sign when added.
  const auto odd = from_bits<Real>(((quarter & one) << 51) |
                                   Bits(std::uint64_t{0x3ff0000000000000u})) > Real(1.25);
  const Real first = select(odd, plain_cosine, plain_sine),
             second = select(odd, plain_sine, plain_cosine);
  sine = from_bits<Real>(bits_of(first) + ((quarter & two) << 62));
  cosine = from_bits<Real>(bits_of(second) + (((quarter + one) & two) << 62));
}
ZM_INLINE double sine(double x) {
  double s, c;
  sine_cosine(x, s, c);
  return s;
}
ZM_INLINE double cosine(double x) {
  double s, c;
  sine_cosine(x, s, c);
  return c;
}

// The angle of (x, y) in [-pi, pi] to 4e-16: folded to a slope in [0, 1], then to [-tan(pi/8),
// tan(pi/8)], where atan(t)/t is an interpolant in t^2 with error 2e-18.
template <class Real>
ZM_INLINE Real arc_tangent(Real y, Real x) {
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
  const Real ax = magnitude(x), ay = magnitude(y), high = maximum(ax, ay), low = minimum(ax, ay);
  const auto steep = low > high * Real(0.41421356237309504880);
  const Real t =
      select(steep, low - high, low) / maximum(select(steep, low + high, high), Real(1e-300));
  Real angle = fma(t, polynomial(c, t * t), select(steep, Real(pi / 4), Real(0.0)));
  angle = select(ax < ay, Real(pi / 2) - angle, angle);
  angle = select(x < Real(0.0), Real(pi) - angle, angle);
  return select(y < Real(0.0), -angle, angle);
}

// ln(n!) for whole n >= 0, 2 ulp of its own size or of 1: the product up to 20, then Stirling's
// series (Abramowitz and Stegun 6.1.41).
ZM_INLINE double log_factorial(double n) {
  if (n <= 20) {
    double product = 1;
    for (double k = 2; k <= n; k += 1) product *= k;  // exact: 20! has 44 significant bits
    return log(product);
  }
  const double inverse = 1 / n, square = inverse * inverse;
  const double series = horner(square, 1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188);
  return fma(n + 0.5, log(n), -n) + fma(series, inverse, 0.91893853320467274178);
}

}  // namespace zomma::kernels
