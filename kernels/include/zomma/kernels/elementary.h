// elementary.h: exp, log and the normal distribution as every kernel uses them: written once over
// any Real, from fixed polynomials and explicit fma, without libm, so a pack, a scalar and a GPU
// thread agree to the last bit. Errors are bounds on the relative error in units of the last place
// of the Real's own precision.
#pragma once

#include <zomma/kernels/real.h>

namespace zomma::kernels {

namespace detail {

// Where a Real keeps its exponent, and the number whose addition rounds a small Real to an integer
// in its low bits.
template <class T>
struct Format;
template <>
struct Format<double> {
  static constexpr int mantissa_bits = 52;
  static constexpr int bias = 1023;
  static constexpr double round_shift = 6755399441055744.0;  // 1.5 * 2^52
  static constexpr double ln2_high = 0.6931471805598903,
                          ln2_low = 5.497923018708371e-14;  // 42 bits, and the rest
  static constexpr double exp_lowest = -708.0, exp_highest = 709.0, exp_zero = -746.0,
                          exp_infinite = 709.782712893384;
  static constexpr double normal_lowest = 2.2250738585072014e-308,
                          lift = 18014398509481984.0;  // lift = 2^54
  static constexpr int lift_bits = 54;
  static constexpr double tail_start = -350.0, tail_lowest = -1060.0, lift_steps = 512.0,
                          lift_unit = 0x1p-512;
  static constexpr double highest = 1.7976931348623157e308;
};
template <>
struct Format<float> {
  static constexpr int mantissa_bits = 23;
  static constexpr int bias = 127;
  static constexpr float round_shift = 12582912.0f;  // 1.5 * 2^23
  static constexpr float ln2_high = 0.693145751953125f, ln2_low = 1.4286068203094173e-06f;
  static constexpr float exp_lowest = -87.0f, exp_highest = 88.0f, exp_zero = -104.0f,
                         exp_infinite = 88.7228394f;
  static constexpr float normal_lowest = 1.17549435e-38f, lift = 33554432.0f;  // lift = 2^25
  static constexpr int lift_bits = 25;
  static constexpr float tail_start = -60.0f, tail_lowest = -155.0f, lift_steps = 100.0f,
                         lift_unit = 0x1p-100f;
  static constexpr float highest = 3.40282347e38f;
};
template <class Real>
using FormatOf = Format<ScalarOf<Real>>;

// (e^r - 1 - r) / r^2 on |r| <= ln 2 / 2; e^r from it is right to 3e-18 (double), 2e-8 (float).
template <class Real>
ZM_INLINE Real exp_remainder(Real r) {
  if constexpr (is_single<Real>)
    return horner(r, 0.5f, 0.16666576666119928f, 0.04166655421298415f, 0.008363232883682618f,
                  0.0013926250831497611f);
  else
    return horner(r, 0.5, 0.16666666666666669, 0.041666666666623824, 0.008333333333330039,
                  0.0013888888917367081, 0.00019841269863171557, 2.4801521057868204e-05,
                  2.7557268276905696e-06, 2.7620201591031547e-07, 2.5100472505694996e-08);
}

// 2 (artanh(z) / z - 1) / z^2 as a function of u = z^2 <= 0.04, to 6e-17, or 6e-9 where rough or
// float.
template <bool rough, class Real>
ZM_INLINE Real artanh_remainder(Real u) {
  if constexpr (rough || is_single<Real>)
    return horner(u, 0.6666666627321278, 0.4000031364468307, 0.28532545003481563,
                  0.23751341765880343);
  else
    return horner(u, 0.6666666666666666, 0.4000000000000794, 0.28571428567275936,
                  0.2222222304835159, 0.18181737626302938, 0.15388867805613718, 0.13209708242059462,
                  0.13609030262858499);
}

// (d + 4) M(d) as a function of t = (d - 4) / (d + 4), -1 <= t <= 1, M being Mills' ratio
// (1 - Phi) / phi. To 1e-16, or 4e-9 where rough or float.
template <bool rough, class Real>
ZM_INLINE Real mills_numerator(Real t) {
  if constexpr (rough || is_single<Real>)
    return horner(t, 1.8932190635312804, -1.5237709064105511, 0.9704095390179237,
                  -0.46754128126014594, 0.1513919355386495, -0.018896690449470618,
                  -0.008722923582576076, 0.004071385052562722, 0.00033498687103175465,
                  -0.0005458711105576162, -4.326421081647871e-06, 5.509329167240786e-05);
  else
    return horner(t, 1.8932190633084853, -1.5237709108199855, 0.9704095548675924,
                  -0.4675409629981585, 0.15139176231205376, -0.018900450866100364,
                  -0.008722295263838522, 0.004087855732516909, 0.0003342444896278021,
                  -0.0005792696390945318, -4.7824148557878045e-06, 8.8097066448958e-05,
                  1.7929254081847195e-06, -1.4846708706118606e-05, -1.5696678628944616e-06,
                  2.5745450687200353e-06, 6.673466387680481e-07, -4.068738380935788e-07,
                  -2.0027585806454338e-07, 4.915081730923273e-08, 4.144971738484859e-08,
                  -3.2199692790143122e-09, -4.446108100174536e-09);
}

// e^x = value 2^n with value in [0.7, 1.5], n as the low bits of `shifted`.
template <class Real>
struct ExpParts {
  Real value, shifted;
};
template <class Real>
ZM_INLINE ExpParts<Real> exp_parts(Real x) {
  using F = FormatOf<Real>;
  const Real shifted = fma(x, Real(1.4426950408889634), Real(F::round_shift));
  const Real n = shifted - Real(F::round_shift);
  const Real r = fma(n, Real(-F::ln2_low), fma(n, Real(-F::ln2_high), x));
  return {fma(r * r, exp_remainder(r), r) + Real(1), shifted};
}

// e^x for exp_lowest <= x <= exp_highest, 1 ulp; below it zero, above it e^exp_highest. What the
// pricing kernels use.
template <class Real>
ZM_INLINE Real exp_normal(Real x) {
  using F = FormatOf<Real>;
  const Real lowest(F::exp_lowest);
  const auto e = exp_parts(minimum(maximum(x, lowest), Real(F::exp_highest)));
  const Real scaled = from_bits<Real>(bits_of(e.value) + (bits_of(e.shifted) << F::mantissa_bits));
  return select(x < lowest, Real(0), scaled);
}

// e^x for x <= 0 as value * unit, where unit is 1, or 2^-lift_steps far in the tail: so products
// with large factors are right where e^x alone would underflow. Zero below tail_lowest.
template <class Real>
struct LiftedExp {
  Real value, unit;
};
template <class Real>
ZM_INLINE LiftedExp<Real> exp_lifted(Real x) {
  using F = FormatOf<Real>;
  const Real lowest(F::tail_lowest);
  const MaskOf<Real> far = x < Real(F::tail_start);
  const auto e = exp_parts(maximum(x, lowest));
  const Real shifted = e.shifted + select(far, Real(F::lift_steps), Real(0));
  const Real scaled = from_bits<Real>(bits_of(e.value) + (bits_of(shifted) << F::mantissa_bits));
  return {select(x < lowest, Real(0), scaled), select(far, Real(F::lift_unit), Real(1))};
}

// ln(a / b) for normal positive a and b, 2 ulp, also where a is next to b: the power of two nearest
// a / b is taken into b, after which a - b is exact (Sterbenz) and ln(a / b) = k ln 2 + 2 artanh((a
// - b) / (a + b)).
template <bool rough = false, class Real>
ZM_INLINE Real log_ratio(Real a, Real b) {
  using F = FormatOf<Real>;
  using Bits = BitsOf<Real>;
  using Word = decltype(bits_of(ScalarOf<Real>{}));
  constexpr int m = F::mantissa_bits;
  constexpr Word half = Word{1} << (m - 1), whole = ~((Word{1} << m) - 1),
                 offset = Word{2} * (F::bias + 1);
  const Bits steps = (bits_of(a) - bits_of(b) + Bits(half)) & Bits(whole);
  const Bits counted = (steps + Bits(offset << m)) >> m;
  // Read as a number, counted | bits(2^m) is 2^m + counted.
  const Real k = from_bits<Real>(counted | Bits(Word(F::bias + m) << m)) -
                 Real(ScalarOf<Real>(Word{1} << m) + ScalarOf<Real>(offset));
  const Real near = from_bits<Real>(bits_of(b) + steps);
  const Real z = (a - near) / (a + near), u = z * z;
  const Real twice = z + z;
  return fma(k, Real(F::ln2_high),
             fma(k, Real(F::ln2_low), fma(z * u, artanh_remainder<rough>(u), twice)));
}

// Mills' ratio (1 - Phi(d)) / phi(d) for d >= 0, 3 ulp.
template <bool rough = false, class Real>
ZM_INLINE Real mills_positive(Real d) {
  const Real inverse = Real(1) / (d + Real(4));
  return mills_numerator<rough>(fma(Real(-8), inverse, Real(1))) * inverse;
}

}  // namespace detail

// e^x, 1 ulp, gradual underflow included; infinity above, NaN of NaN.
template <AnyReal Real>
ZM_INLINE Real exp(Real x) {
  using F = detail::FormatOf<Real>;
  using Bits = BitsOf<Real>;
  constexpr int m = F::mantissa_bits;
  const Real inside = minimum(maximum(x, Real(F::exp_zero)), Real(F::exp_infinite));
  const auto e = detail::exp_parts(inside);
  // 2^n in two factors, for neither 2^1024 nor 2^-1074 can be written as one normal number.
  const Bits count = bits_of(e.shifted), first = count >> 1, bias(F::bias);
  const Real scaled =
      e.value * from_bits<Real>((first + bias) << m) * from_bits<Real>((count - first + bias) << m);
  return select(x > Real(F::exp_infinite), Real(F::highest) * Real(2), scaled);
}

// ln(x), 1 ulp; minus infinity at zero, NaN below it and of NaN.
template <AnyReal Real>
ZM_INLINE Real log(Real x) {
  using F = detail::FormatOf<Real>;
  const MaskOf<Real> subnormal = x < Real(F::normal_lowest);
  const Real lifted = select(subnormal, x * Real(F::lift), x);
  const Real infinity = Real(F::highest) * Real(2);
  Real value = detail::log_ratio(lifted, Real(1));
  value = value - select(subnormal, Real(F::lift_bits * 0.6931471805599453), Real(0));
  value = select(x > Real(0), value, select(x == Real(0), -infinity, infinity - infinity));
  return select(x > Real(F::highest), x, value);
}

// phi(x), the standard normal density, 3 ulp.
template <AnyReal Real>
ZM_INLINE Real norm_pdf(Real x) {
  const Real d = minimum(magnitude(x), Real(40));
  const Real square = d * d, rounded_off = fma(d, d, -square);
  const Real at_square = exp(Real(-0.5) * square) * Real(0.3989422804014326779399461);
  return fma(at_square * Real(-0.5), rounded_off, at_square);
}

// Mills' ratio (1 - Phi(x)) / phi(x), 3 ulp for x >= 0 and 5 + x^2 below, where it grows as sqrt(2
// pi) exp(x^2 / 2).
template <AnyReal Real>
ZM_INLINE Real mills(Real x) {
  const Real d = magnitude(x), tail = detail::mills_positive(d);
  const Real square = d * d, rounded_off = fma(d, d, -square);
  const Real at_square = exp(Real(0.5) * square) * Real(2.5066282746310005024);
  const Real whole =
      select(square < Real(2000), fma(at_square * Real(0.5), rounded_off, at_square), at_square);
  return select(x < Real(0), whole - tail, tail);
}

// erfcx(x) = exp(x^2) erfc(x), 4 ulp for x >= 0.
template <AnyReal Real>
ZM_INLINE Real erfcx(Real x) {
  return Real(0.79788456080286535588) * mills(x * Real(1.41421356237309504880));
}

// Phi(x), the standard normal distribution, 4 ulp, in the lower tail too.
template <AnyReal Real>
ZM_INLINE Real norm_cdf(Real x) {
  const Real d = magnitude(x), tail = norm_pdf(d) * detail::mills_positive(d);
  return select(x < Real(0), tail, Real(1) - tail);
}

// Phi^-1(p), to the accuracy that p allows; -infinity at 0, +infinity at 1, NaN outside. A rational
// guess (Abramowitz and Stegun 26.2.23) is improved by Halley steps on ln Phi, which is concave and
// nearly quadratic in the tail.
template <AnyReal Real>
ZM_INLINE Real norm_inverse(Real p) {
  const MaskOf<Real> upper = p > Real(0.5);
  const Real tail = select(upper, Real(1) - p, p), target = log(tail);
  const Real t = sqrt(maximum(target * Real(-2), Real(0)));
  Real d =
      t - horner(t, 2.515517, 0.802853, 0.010328) / horner(t, 1.0, 1.432788, 0.189269, 0.001308);
  for (int step = 0; step < 2; ++step) {
    // With f(d) = ln(1 - Phi(d)) - ln p: f' = -1 / M, f'' = f' (1 / M - d).
    const Real positive = detail::mills_positive(magnitude(d));
    const Real ratio = select(d < Real(0), mills(d), positive);
    const Real log_density = fma(Real(-0.5) * d, d, Real(-0.91893853320467274178));
    const Real newton = (log_density - target + log(ratio)) * ratio;
    d = d + newton / fma(Real(0.5) * newton, Real(1) / ratio - d, Real(1));
  }
  const Real infinity = Real(detail::FormatOf<Real>::highest) * Real(2);
  d = select(tail > Real(0), d, select(tail == Real(0), infinity, infinity - infinity));
  return select(upper, d, -d);
}

// Whole numbers are read as double.
ZM_INLINE double exp(double x) { return exp<double>(x); }
ZM_INLINE double log(double x) { return log<double>(x); }
ZM_INLINE double norm_pdf(double x) { return norm_pdf<double>(x); }
ZM_INLINE double norm_cdf(double x) { return norm_cdf<double>(x); }

}  // namespace zomma::kernels
