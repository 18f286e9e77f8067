// elementary_short.h: exp, log and erfcx with short chains of dependent operations, for formulas
// that work on one pack at a time, where a chain is what they wait for; elementary.h's need fewer
// operations and suit two packs side by side. Written once over double and packs of them, without
// libm, so both and a GPU thread agree to the last bit.
#pragma once

#include <zomma/kernels/elementary.h>

namespace zomma::kernels {

// c[0] + c[1] x + ... + c[n-1] x^(n-1), n even: Horner's rule on even and odd powers side by side.
template <int n, class Real>
ZM_INLINE Real polynomial(const double (&c)[n], Real x) {
  static_assert(n % 2 == 0);
  const Real x2 = x * x;
  Real even(c[n - 2]), odd(c[n - 1]);
  for (int i = n - 4; i >= 0; i -= 2) {
    even = fma(even, x2, Real(c[i]));
    odd = fma(odd, x2, Real(c[i + 1]));
  }
  return fma(odd, x, even);
}

// ln(x) to 4e-16 relative, x a positive normal number (what is less counts as the least of them). x
// = 2^n m with m in [sqrt(1/2), sqrt(2)) and ln m = 2 artanh((m - 1) / (m + 1)), an interpolant in
// the square with error 2e-18.
template <class Real>
ZM_INLINE Real log_short(Real x) {
  using Bits = BitsOf<Real>;
  constexpr double c[8] = {2.0,
                           0.666666666666676457,
                           0.399999999993023381,
                           0.285714287606416799,
                           0.222221970567260466,
                           0.181836316802293288,
                           0.15312528148364191,
                           0.148097103606552767};
  constexpr std::uint64_t one = 0x3ff0000000000000u, root_half = 0x3fe6a09e667f3bcdu;
  constexpr std::uint64_t two_52 = 0x4330000000000000u;
  const Bits bits = bits_of(maximum(x, Real(detail::Format<double>::normal_lowest)));
  // Adding the distance from sqrt(1/2) to 1 carries into the exponent exactly where m would reach
  // sqrt(2).
  const Bits biased = (bits + Bits(one - root_half)) >> 52;
  const Real m = from_bits<Real>(bits - (biased << 52) + Bits(one));
  const Real n = from_bits<Real>(biased | Bits(two_52)) - Real(0x1p52 + 1023);
  const Real t = (m - Real(1)) / (m + Real(1)), w = t * t;
  return fma(n, Real(0.693147180369123816490),
             fma(n, Real(1.90821492927058770002e-10), t * polynomial(c, w)));
}

// exp(x) to 1e-15 relative on [-708, 709]; outside, the nearer end's value. x = n ln 2 + r, |r| <=
// ln 2 / 2, and e^r by its Taylor polynomial of degree 13, whose remainder is below 5e-18.
template <class Real>
ZM_INLINE Real exp_short(Real x) {
  constexpr double ln2_high = 0.693147180369123816490, ln2_low = 1.90821492927058770002e-10;
  constexpr double shifter = detail::Format<double>::round_shift;
  x = minimum(maximum(x, Real(-708.0)), Real(709.0));
  const Real shifted = fma(x, Real(1.4426950408889634074), Real(shifter));
  const Real n = shifted - Real(shifter);
  const Real r = fma(n, Real(-ln2_low), fma(n, Real(-ln2_high), x));
  const Real r2 = r * r, r4 = r2 * r2;
  const Real p01 = fma(r, Real(1.0 / 6.0), Real(0.5));
  const Real p23 = fma(r, Real(1.0 / 120.0), Real(1.0 / 24.0));
  const Real p45 = fma(r, Real(1.0 / 5040.0), Real(1.0 / 720.0));
  const Real p67 = fma(r, Real(1.0 / 362880.0), Real(1.0 / 40320.0));
  const Real p89 = fma(r, Real(1.0 / 39916800.0), Real(1.0 / 3628800.0));
  const Real pab = fma(r, Real(1.0 / 6227020800.0), Real(1.0 / 479001600.0));
  const Real low = fma(p23, r2, p01), middle = fma(p67, r2, p45), high = fma(pab, r2, p89);
  const Real tail = fma(fma(high, r4, middle), r4, low);
  const Real e = fma(tail, r2, r + Real(1.0));
  return from_bits<Real>(bits_of(e) + (bits_of(shifted) << 52));
}

// erfcx(z) = exp(z^2) erfc(z) for z >= 0 to 4e-16 relative: (1 + 2z) erfcx(z) is one smooth
// function of t = (z - 3) / (z + 3) in [-1, 1], here its Chebyshev interpolant of degree 22.
template <class Real>
ZM_INLINE Real erfcx_positive(Real z) {
  constexpr double c[23] = {
      1.25300805826972965,      -0.135621106124575719,     -0.0475622943534457558,
      0.129645158702280986,     -0.119273663415753346,     0.0683080273564405086,
      -0.0237705149071248625,   0.00252939166662116245,    0.00188869022176033427,
      -0.000779831276440303026, -0.000105158888745707998,  0.000125095299696928638,
      4.94579178887878282e-6,   -0.0000200899746019375624, -7.21891091390969346e-7,
      3.45426408154490138e-6,   3.40408112033440084e-7,    -5.96373575707221267e-7,
      -1.232972365581405e-7,    8.76476342994291469e-8,    2.90009603345580676e-8,
      -7.63980570666018464e-9,  -3.39119751496419926e-9};
  const Real a = z + Real(3.0), b = z + z + Real(1.0);
  const Real inverse = Real(1.0) / (a * b);
  const Real t = (z - Real(3.0)) * (b * inverse);
  const Real t2 = t * t;
  const Real t4 = t2 * t2;
  // Four chains, so that they overlap: one alone would be the longest wait of every caller.
  Real p0 = Real(c[20]), p1 = Real(c[21]), p2 = Real(c[22]), p3 = Real(c[19]);
  for (int i = 16; i >= 0; i -= 4) {
    p0 = fma(p0, t4, Real(c[i]));
    p1 = fma(p1, t4, Real(c[i + 1]));
    p2 = fma(p2, t4, Real(c[i + 2]));
    if (i > 0) p3 = fma(p3, t4, Real(c[i - 1]));
  }
  const Real even = fma(p2, t2, p0), odd = fma(p3, t2, p1);
  return fma(odd, t, even) * (a * inverse);
}

}  // namespace zomma::kernels
