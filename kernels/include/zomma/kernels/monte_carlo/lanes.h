// lanes.h: the small vocabulary in which a path is written once and run on one lane (double: GPU,
// any CPU) or on four (Pack: AVX2). Every operation is exact or rounds once, so both give the same
// bits. No libm.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <zomma/kernels/elementary_short.h>

#if defined(__AVX2__) && defined(__FMA__) && !defined(__CUDACC__)
#define ZM_HAS_PACK 1
#include <zomma/kernels/pack.h>
#endif

namespace zomma::kernels::lanes {

template <class Real>
struct Traits;

template <>
struct Traits<double> {
  using Bits = std::uint64_t;
  static constexpr std::size_t width = 1;
};

ZM_HOST_DEVICE inline std::uint64_t to_bits(double x) {
  return __builtin_bit_cast(std::uint64_t, x);
}
ZM_HOST_DEVICE inline double from_bits(std::uint64_t x) { return __builtin_bit_cast(double, x); }
ZM_HOST_DEVICE inline double fused(double a, double b, double c) { return kernels::fma(a, b, c); }
ZM_HOST_DEVICE inline double root(double x) { return kernels::sqrt(x); }
ZM_HOST_DEVICE inline double pick(bool condition, double yes, double no) {
  return condition ? yes : no;
}
// Product of the low 32 bits of each lane.
ZM_HOST_DEVICE inline std::uint64_t multiply_low(std::uint64_t a, std::uint32_t b) {
  return (a & 0xffffffffu) * b;
}

#ifdef ZM_HAS_PACK
using Pack = double __attribute__((vector_size(32)));
using PackBits = std::uint64_t __attribute__((vector_size(32)));

template <>
struct Traits<Pack> {
  using Bits = PackBits;
  static constexpr std::size_t width = 4;
};

inline PackBits to_bits(Pack x) { return (PackBits)x; }
inline Pack from_bits(PackBits x) { return (Pack)x; }
inline Pack fused(Pack a, Pack b, Pack c) {
  return (Pack)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
}
inline Pack root(Pack x) { return (Pack)_mm256_sqrt_pd((__m256d)x); }
template <class Mask>
inline Pack pick(Mask condition, Pack yes, Pack no) {
  return (Pack)_mm256_blendv_pd((__m256d)no, (__m256d)yes, (__m256d)condition);
}
inline PackBits multiply_low(PackBits a, std::uint32_t b) {
  return (PackBits)_mm256_mul_epu32((__m256i)a, _mm256_set1_epi64x(b));
}
#else
using Pack = double;
#endif

template <class Real>
using Bits = typename Traits<Real>::Bits;

// The same value in every lane.
template <class Real>
ZM_HOST_DEVICE inline Real all(double x) {
  return Real{} + x;
}
template <class Real>
ZM_HOST_DEVICE inline Real fused(Real a, Real b, double c) requires(!std::is_same_v<Real, double>) {
  return fused(a, b, all<Real>(c));
}

template <class Real>
ZM_HOST_DEVICE inline double lane(const Real& x, std::size_t i) {
  if constexpr (Traits<Real>::width == 1) {
    return x;
  } else {
    return x[i];
  }
}

// The numbers at p, p + 1, ... one a lane.
template <class Real>
ZM_HOST_DEVICE inline Real load(const double* p) {
  if constexpr (Traits<Real>::width == 1) {
    return *p;
  } else {
    return Real{p[0], p[1], p[2], p[3]};
  }
}

// Adds the lanes to the numbers at p, p + 1, ...
template <class Real>
ZM_HOST_DEVICE inline void add_to(double* p, Real x) {
  for (std::size_t i = 0; i < Traits<Real>::width; ++i) p[i] += lane(x, i);
}

template <class Real>
ZM_HOST_DEVICE inline Bits<Real> load_bits(const std::uint64_t* p) {
  if constexpr (Traits<Real>::width == 1) {
    return *p;
  } else {
    return Bits<Real>{p[0], p[1], p[2], p[3]};
  }
}

template <class Real>
ZM_HOST_DEVICE inline Real larger(Real a, Real b) {
  return pick(a < b, b, a);
}
template <class Real>
ZM_HOST_DEVICE inline Real smaller(Real a, Real b) {
  return pick(b < a, b, a);
}

// Whole numbers below 2^52 as Real.
template <class Real>
ZM_HOST_DEVICE inline Real to_real(Bits<Real> whole) {
  constexpr std::uint64_t two_52 = 0x4330000000000000u;
  return from_bits(whole | two_52) - 0x1p52;
}

namespace detail {
// formula(x) of elementary_short.h, which knows packs as kernels::Lanes.
template <class Formula>
ZM_HOST_DEVICE inline double by(Formula&& formula, double x) {
  return formula(x);
}
#ifdef ZM_HAS_PACK
template <class Formula>
inline Pack by(Formula&& formula, Pack x) {
  kernels::Lanes whole;
  whole.part[0] = x;
  return formula(whole).part[0];
}
#endif
}  // namespace detail

// ln x of a positive normal number and e^x for |x| <= 708: log_short and exp_short of
// elementary_short.h.
template <class Real>
ZM_HOST_DEVICE inline Real log(Real x) {
  return detail::by([](auto y) { return log_short(y); }, x);
}
template <class Real>
ZM_HOST_DEVICE inline Real exp(Real x) {
  return detail::by([](auto y) { return exp_short(y); }, x);
}

}  // namespace zomma::kernels::lanes
