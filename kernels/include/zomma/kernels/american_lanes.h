// american_lanes.h: four doubles at once, for formulas whose cost is thousands of exponentials an
// option. A formula written over Real runs on double (one option) or on Lanes (four) with the same
// operations.
#pragma once

#include <zomma/kernels/elementary.h>
#include <zomma/kernels/real.h>

#include <cstdint>
#if defined(__AVX__)
#include <immintrin.h>
#endif

namespace zomma::kernels {

struct Lanes {
  static constexpr int width = 4;
  typedef double Vector __attribute__((vector_size(32)));
  typedef std::int64_t Bits __attribute__((vector_size(32)));
  // All bits of a lane are set where a comparison holds.
  struct Mask {
    Bits bits;
    friend Mask operator&(Mask a, Mask b) { return {a.bits & b.bits}; }
    friend Mask operator|(Mask a, Mask b) { return {a.bits | b.bits}; }
  };

  Vector v;

  Lanes() = default;
  Lanes(double x) : v{x, x, x, x} {}
  Lanes(Vector x) : v(x) {}
  double operator[](int lane) const { return v[lane]; }
  void set(int lane, double x) { v[lane] = x; }

  friend Lanes operator+(Lanes a, Lanes b) { return a.v + b.v; }
  friend Lanes operator-(Lanes a, Lanes b) { return a.v - b.v; }
  friend Lanes operator*(Lanes a, Lanes b) { return a.v * b.v; }
  friend Lanes operator/(Lanes a, Lanes b) { return a.v / b.v; }
  friend Lanes operator-(Lanes a) { return -a.v; }
  Lanes& operator+=(Lanes b) { return *this = *this + b; }
  Lanes& operator*=(Lanes b) { return *this = *this * b; }
  friend Mask operator<(Lanes a, Lanes b) { return {a.v < b.v}; }
  friend Mask operator>(Lanes a, Lanes b) { return {a.v > b.v}; }
};

inline Lanes select(Lanes::Mask condition, Lanes yes, Lanes no) {
  return condition.bits ? yes.v : no.v;
}
#if defined(__AVX__)
// The instructions answer their second operand where one is NaN, as the comparisons below do.
inline Lanes minimum(Lanes a, Lanes b) { return Lanes(Lanes::Vector(_mm256_min_pd(b.v, a.v))); }
inline Lanes maximum(Lanes a, Lanes b) { return Lanes(Lanes::Vector(_mm256_max_pd(b.v, a.v))); }
inline Lanes absolute(Lanes a) {
  return Lanes(Lanes::Vector(_mm256_andnot_pd(_mm256_set1_pd(-0.0), a.v)));
}
#else
inline Lanes minimum(Lanes a, Lanes b) { return select(b < a, b, a); }
inline Lanes maximum(Lanes a, Lanes b) { return select(a < b, b, a); }
inline Lanes absolute(Lanes a) { return maximum(a, -a); }
#endif
ZM_HOST_DEVICE inline double absolute(double a) { return ::fabs(a); }

// Named instructions where there are some: lane by lane, the compiler guards each square root for
// errno.
inline Lanes fma(Lanes a, Lanes b, Lanes c) {
#if defined(__AVX__) && defined(__FMA__)
  return Lanes(Lanes::Vector(_mm256_fmadd_pd(a.v, b.v, c.v)));
#else
  Lanes out;
  for (int i = 0; i < Lanes::width; ++i) out.v[i] = __builtin_fma(a.v[i], b.v[i], c.v[i]);
  return out;
#endif
}
inline Lanes sqrt(Lanes a) {
#if defined(__AVX__)
  return Lanes(Lanes::Vector(_mm256_sqrt_pd(a.v)));
#else
  Lanes out;
  for (int i = 0; i < Lanes::width; ++i) out.v[i] = __builtin_sqrt(a.v[i]);
  return out;
#endif
}

// c[0] + c[1] x + ... + c[n-1] x^(n-1), n even: Horner's rule on even and odd powers side by side.
template <int n>
inline Lanes polynomial(const double (&c)[n], Lanes x) {
  static_assert(n % 2 == 0);
  const Lanes x2 = x * x;
  Lanes even(c[n - 2]), odd(c[n - 1]);
  for (int i = n - 4; i >= 0; i -= 2) {
    even = fma(even, x2, c[i]);
    odd = fma(odd, x2, c[i + 1]);
  }
  return fma(odd, x, even);
}

// ln(x) to 4e-16 relative, x > 0 (below 1e-300 as 1e-300). x = 2^n m with m in [sqrt(1/2), sqrt(2))
// and ln m = 2 artanh((m - 1) / (m + 1)), an interpolant in the square with error 2e-18.
inline Lanes log(Lanes x) {
  constexpr double c[8] = {2.0,
                           0.666666666666676457,
                           0.399999999993023381,
                           0.285714287606416799,
                           0.222221970567260466,
                           0.181836316802293288,
                           0.15312528148364191,
                           0.148097103606552767};
  x = maximum(x, Lanes(1e-300));
  const auto bits = reinterpret_cast<Lanes::Bits>(x.v);
  // Adding the distance from sqrt(1/2) to 1 carries into the exponent exactly where m would reach
  // sqrt(2).
  const auto n_bits = (bits + (0x3ff0000000000000 - 0x3fe6a09e667f3bcd)) >> 52;
  const Lanes m = reinterpret_cast<Lanes::Vector>(bits - ((n_bits - 1023) << 52));
  const Lanes n = Lanes(__builtin_convertvector(n_bits - 1023, Lanes::Vector));
  const Lanes t = (m - Lanes(1.0)) / (m + Lanes(1.0)), w = t * t;
  return fma(n, 0.693147180369123816490, fma(n, 1.90821492927058770002e-10, t * polynomial(c, w)));
}

// exp(x) to 1e-15 relative on [-708, 709]; outside, the nearer end's value. x = n ln 2 + r, |r| <=
// ln 2 / 2, and e^r by its Taylor polynomial of degree 13, whose remainder is below 5e-18.
[[gnu::always_inline]] inline Lanes exp(Lanes x) {
  constexpr double log2_e = 1.4426950408889634074;
  constexpr double ln2_high = 0.693147180369123816490, ln2_low = 1.90821492927058770002e-10;
  constexpr double shifter =
      6755399441055744.0;  // 1.5 * 2^52: adding it rounds to an integer in the low bits
  x = minimum(maximum(x, Lanes(-708.0)), Lanes(709.0));
  const Lanes shifted = fma(x, log2_e, shifter);
  const Lanes n = shifted - Lanes(shifter);
  const Lanes r = fma(n, -ln2_low, fma(n, -ln2_high, x));
  const Lanes r2 = r * r, r4 = r2 * r2;
  const Lanes p01 = fma(r, 1.0 / 6.0, 0.5), p23 = fma(r, 1.0 / 120.0, 1.0 / 24.0);
  const Lanes p45 = fma(r, 1.0 / 5040.0, 1.0 / 720.0);
  const Lanes p67 = fma(r, 1.0 / 362880.0, 1.0 / 40320.0);
  const Lanes p89 = fma(r, 1.0 / 39916800.0, 1.0 / 3628800.0);
  const Lanes pab = fma(r, 1.0 / 6227020800.0, 1.0 / 479001600.0);
  const Lanes low = fma(p23, r2, p01), middle = fma(p67, r2, p45), high = fma(pab, r2, p89);
  const Lanes tail = fma(fma(high, r4, middle), r4, low);
  const Lanes e = fma(tail, r2, r + Lanes(1.0));
  const auto exponent = reinterpret_cast<Lanes::Bits>(shifted.v) << 52;
  const auto scaled = reinterpret_cast<Lanes::Bits>(e.v) + exponent;
  return reinterpret_cast<Lanes::Vector>(scaled);
}

// erfcx(z) = exp(z^2) erfc(z) for z >= 0 to 4e-16 relative: (1 + 2z) erfcx(z) is one smooth
// function of t = (z - 3) / (z + 3) in [-1, 1], here its Chebyshev interpolant of degree 22. For
// double and Lanes alike.
template <class Real>
[[gnu::always_inline]] ZM_HOST_DEVICE inline Real erfcx_positive(Real z) {
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
