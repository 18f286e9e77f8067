// real.h: what every formula is written in: a Real (float, double or a pack of them), on the host
// or on the device. A formula branches with select(), never with `if` on a Real, and multiplies and
// adds with fma() where it means to fuse. Every operation here is exact or rounds once, so a pack,
// a scalar and a GPU thread give the same bits.
#pragma once

#include <cmath>
#include <cstdint>
#include <type_traits>

#if defined(__CUDACC__)
#define ZM_HOST_DEVICE __host__ __device__
#else
#define ZM_HOST_DEVICE
#endif

// For the parts of a formula: calls between packs in vector registers would spill all of them.
#define ZM_INLINE ZM_HOST_DEVICE __attribute__((always_inline)) inline

namespace zomma::kernels {

// What a Real is made of: its scalar, an unsigned integer of the same shape, and the answer of a
// comparison.
template <class Real>
struct RealTraits {
  static constexpr bool is_real = false;
};
template <>
struct RealTraits<double> {
  static constexpr bool is_real = true;
  static constexpr int width = 1;
  using Scalar = double;
  using Bits = std::uint64_t;
  using Mask = bool;
};
template <>
struct RealTraits<float> {
  static constexpr bool is_real = true;
  static constexpr int width = 1;
  using Scalar = float;
  using Bits = std::uint32_t;
  using Mask = bool;
};

template <class Real>
concept AnyReal = RealTraits<Real>::is_real;
template <class Real>
using ScalarOf = typename RealTraits<Real>::Scalar;
template <class Real>
using BitsOf = typename RealTraits<Real>::Bits;
template <class Real>
using MaskOf = typename RealTraits<Real>::Mask;
template <class Real>
inline constexpr bool is_single = std::is_same_v<ScalarOf<Real>, float>;

// `yes` where the condition holds, else `no`. Both are evaluated.
template <class Real>
ZM_HOST_DEVICE constexpr Real select(bool condition, Real yes, Real no) {
  return condition ? yes : no;
}
ZM_HOST_DEVICE constexpr bool any(bool condition) { return condition; }

// a * b + c, rounded once.
ZM_INLINE double fma(double a, double b, double c) { return ::fma(a, b, c); }
ZM_INLINE float fma(float a, float b, float c) { return ::fmaf(a, b, c); }

ZM_INLINE double sqrt(double x) { return ::sqrt(x); }
ZM_INLINE float sqrt(float x) { return ::sqrtf(x); }

template <class Real>
ZM_HOST_DEVICE constexpr Real minimum(Real a, Real b) {
  return select(b < a, b, a);
}
template <class Real>
ZM_HOST_DEVICE constexpr Real maximum(Real a, Real b) {
  return select(a < b, b, a);
}

// The bit pattern of a Real and back.
ZM_INLINE std::uint64_t bits_of(double x) { return __builtin_bit_cast(std::uint64_t, x); }
ZM_INLINE std::uint32_t bits_of(float x) { return __builtin_bit_cast(std::uint32_t, x); }
template <class Real>
requires(RealTraits<Real>::width == 1) ZM_INLINE Real from_bits(BitsOf<Real> bits) {
  return __builtin_bit_cast(Real, bits);
}

// |x|, by clearing the sign bit.
ZM_INLINE double magnitude(double x) { return from_bits<double>(bits_of(x) & 0x7fffffffffffffffu); }
ZM_INLINE float magnitude(float x) { return from_bits<float>(bits_of(x) & 0x7fffffffu); }

// c[0] + c[1] x + c[2] x^2 + ..., by Horner's rule.
template <class Real>
ZM_INLINE Real horner(Real, ScalarOf<Real> c0) {
  return Real(c0);
}
template <class Real, class... Rest>
ZM_INLINE Real horner(Real x, ScalarOf<Real> c0, Rest... rest) {
  return fma(x, horner(x, static_cast<ScalarOf<Real>>(rest)...), Real(c0));
}

}  // namespace zomma::kernels
