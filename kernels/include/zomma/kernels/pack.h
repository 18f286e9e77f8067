// pack.h: several scalars side by side, for the CPU: a Real that fills `parts` vector registers.
// It compiles for any x86-64 or other machine with GCC's vector extensions; without FMA
// instructions fma() is exact but slow.
#pragma once

#include <zomma/kernels/real.h>

#include <cstddef>
#include <cstring>

#if defined(__FMA__) && defined(__AVX2__)
#include <immintrin.h>
#endif

namespace zomma::kernels {

#if defined(__AVX2__)
inline constexpr int register_bytes = 32;
#else
inline constexpr int register_bytes = 16;
#endif

namespace detail {
template <class T>
struct RegisterOf;
template <>
struct RegisterOf<double> {
  typedef double Values __attribute__((vector_size(register_bytes)));
  typedef std::uint64_t Bits __attribute__((vector_size(register_bytes)));
  typedef std::int64_t Truth __attribute__((vector_size(register_bytes)));
};
template <>
struct RegisterOf<float> {
  typedef float Values __attribute__((vector_size(register_bytes)));
  typedef std::uint32_t Bits __attribute__((vector_size(register_bytes)));
  typedef std::int32_t Truth __attribute__((vector_size(register_bytes)));
};
}  // namespace detail

namespace detail {
template <class Register>
ZM_INLINE Register fma_register(Register a, Register b, Register c) {
  Register out;
  for (std::size_t i = 0; i < sizeof(Register) / sizeof(a[0]); ++i)
    out[i] = kernels::fma(a[i], b[i], c[i]);
  return out;
}
#if defined(__FMA__) && defined(__AVX2__)
ZM_INLINE RegisterOf<double>::Values fma_register(RegisterOf<double>::Values a,
                                                  RegisterOf<double>::Values b,
                                                  RegisterOf<double>::Values c) {
  return _mm256_fmadd_pd(a, b, c);
}
ZM_INLINE RegisterOf<float>::Values fma_register(RegisterOf<float>::Values a,
                                                 RegisterOf<float>::Values b,
                                                 RegisterOf<float>::Values c) {
  return _mm256_fmadd_ps(a, b, c);
}
ZM_INLINE RegisterOf<double>::Values sqrt_register(RegisterOf<double>::Values a) {
  return _mm256_sqrt_pd(a);
}
ZM_INLINE RegisterOf<float>::Values sqrt_register(RegisterOf<float>::Values a) {
  return _mm256_sqrt_ps(a);
}
// The instructions answer their second operand where one is NaN or both are zero, as select(b < a,
// b, a) answers a.
ZM_INLINE RegisterOf<double>::Values lesser_register(RegisterOf<double>::Values a,
                                                     RegisterOf<double>::Values b) {
  return _mm256_min_pd(b, a);
}
ZM_INLINE RegisterOf<float>::Values lesser_register(RegisterOf<float>::Values a,
                                                    RegisterOf<float>::Values b) {
  return _mm256_min_ps(b, a);
}
ZM_INLINE RegisterOf<double>::Values greater_register(RegisterOf<double>::Values a,
                                                      RegisterOf<double>::Values b) {
  return _mm256_max_pd(b, a);
}
ZM_INLINE RegisterOf<float>::Values greater_register(RegisterOf<float>::Values a,
                                                     RegisterOf<float>::Values b) {
  return _mm256_max_ps(b, a);
}
#else
template <class Register>
ZM_INLINE Register lesser_register(Register a, Register b) {
  return b < a ? b : a;
}
template <class Register>
ZM_INLINE Register greater_register(Register a, Register b) {
  return a < b ? b : a;
}
template <class Register>
ZM_INLINE Register sqrt_register(Register a) {
  Register out;
  for (std::size_t i = 0; i < sizeof(Register) / sizeof(a[0]); ++i) out[i] = kernels::sqrt(a[i]);
  return out;
}
#endif
}  // namespace detail

template <class T, int parts>
struct PackMask {
  typename detail::RegisterOf<T>::Truth part[parts];

#define ZM_PACK_EACH(Type, expression)                        \
  Type out;                                                   \
  for (int i = 0; i < parts; ++i) out.part[i] = (expression); \
  return out

  ZM_INLINE friend PackMask operator&(PackMask a, PackMask b) {
    ZM_PACK_EACH(PackMask, a.part[i] & b.part[i]);
  }
  ZM_INLINE friend PackMask operator|(PackMask a, PackMask b) {
    ZM_PACK_EACH(PackMask, a.part[i] | b.part[i]);
  }
  ZM_INLINE friend PackMask operator!(PackMask a) { ZM_PACK_EACH(PackMask, ~a.part[i]); }
  bool operator[](int lane) const {
    constexpr int width = register_bytes / sizeof(T);
    return part[lane / width][lane % width] != 0;
  }
};

template <class T, int parts>
struct PackBits {
  using Register = typename detail::RegisterOf<T>::Bits;
  using Scalar = typename RealTraits<T>::Bits;
  Register part[parts];

  PackBits() = default;
  PackBits(Scalar x) {
    for (auto& p : part) p = Register{} + x;
  }
  ZM_INLINE friend PackBits operator+(PackBits a, PackBits b) {
    ZM_PACK_EACH(PackBits, a.part[i] + b.part[i]);
  }
  ZM_INLINE friend PackBits operator-(PackBits a, PackBits b) {
    ZM_PACK_EACH(PackBits, a.part[i] - b.part[i]);
  }
  ZM_INLINE friend PackBits operator&(PackBits a, PackBits b) {
    ZM_PACK_EACH(PackBits, a.part[i] & b.part[i]);
  }
  ZM_INLINE friend PackBits operator|(PackBits a, PackBits b) {
    ZM_PACK_EACH(PackBits, a.part[i] | b.part[i]);
  }
  ZM_INLINE friend PackBits operator<<(PackBits a, int n) {
    ZM_PACK_EACH(PackBits, a.part[i] << n);
  }
  ZM_INLINE friend PackBits operator>>(PackBits a, int n) {
    ZM_PACK_EACH(PackBits, a.part[i] >> n);
  }
};

template <class T, int parts>
struct Pack {
  using Register = typename detail::RegisterOf<T>::Values;
  using Truth = typename detail::RegisterOf<T>::Truth;
  using Mask = PackMask<T, parts>;
  static constexpr int register_width = register_bytes / sizeof(T);
  static constexpr int width = register_width * parts;
  Register part[parts];

  Pack() = default;
  Pack(T x) {
    for (auto& p : part) p = Register{} + x;
  }
  // Reads or writes `width` scalars, at any alignment.
  static Pack load(const T* from) {
    Pack out;
    std::memcpy(&out, from, sizeof out);
    return out;
  }
  void store(T* to) const { std::memcpy(to, this, sizeof *this); }
  T operator[](int lane) const { return part[lane / register_width][lane % register_width]; }
  void set(int lane, T x) { part[lane / register_width][lane % register_width] = x; }

  ZM_INLINE friend Pack operator+(Pack a, Pack b) { ZM_PACK_EACH(Pack, a.part[i] + b.part[i]); }
  ZM_INLINE friend Pack operator-(Pack a, Pack b) { ZM_PACK_EACH(Pack, a.part[i] - b.part[i]); }
  ZM_INLINE friend Pack operator*(Pack a, Pack b) { ZM_PACK_EACH(Pack, a.part[i] * b.part[i]); }
  ZM_INLINE friend Pack operator/(Pack a, Pack b) { ZM_PACK_EACH(Pack, a.part[i] / b.part[i]); }
  ZM_INLINE friend Pack operator-(Pack a) { ZM_PACK_EACH(Pack, -a.part[i]); }
  ZM_INLINE friend Mask operator<(Pack a, Pack b) {
    ZM_PACK_EACH(Mask, (Truth)(a.part[i] < b.part[i]));
  }
  ZM_INLINE friend Mask operator<=(Pack a, Pack b) {
    ZM_PACK_EACH(Mask, (Truth)(a.part[i] <= b.part[i]));
  }
  ZM_INLINE friend Mask operator>(Pack a, Pack b) {
    ZM_PACK_EACH(Mask, (Truth)(a.part[i] > b.part[i]));
  }
  ZM_INLINE friend Mask operator>=(Pack a, Pack b) {
    ZM_PACK_EACH(Mask, (Truth)(a.part[i] >= b.part[i]));
  }
  ZM_INLINE friend Mask operator==(Pack a, Pack b) {
    ZM_PACK_EACH(Mask, (Truth)(a.part[i] == b.part[i]));
  }

  // Friends, so that a scalar operand becomes a pack of it.
  ZM_INLINE friend Pack select(Mask condition, Pack yes, Pack no) {
    ZM_PACK_EACH(Pack, condition.part[i] ? yes.part[i] : no.part[i]);
  }
  ZM_INLINE friend Pack fma(Pack a, Pack b, Pack c) {
    ZM_PACK_EACH(Pack, detail::fma_register(a.part[i], b.part[i], c.part[i]));
  }
  ZM_INLINE friend Pack sqrt(Pack a) { ZM_PACK_EACH(Pack, detail::sqrt_register(a.part[i])); }
  ZM_INLINE friend Pack minimum(Pack a, Pack b) {
    ZM_PACK_EACH(Pack, detail::lesser_register(a.part[i], b.part[i]));
  }
  ZM_INLINE friend Pack maximum(Pack a, Pack b) {
    ZM_PACK_EACH(Pack, detail::greater_register(a.part[i], b.part[i]));
  }
};

template <class T, int parts>
struct RealTraits<Pack<T, parts>> {
  static constexpr bool is_real = true;
  static constexpr int width = Pack<T, parts>::width;
  using Scalar = T;
  using Bits = PackBits<T, parts>;
  using Mask = PackMask<T, parts>;
};

template <class T, int parts>
ZM_INLINE bool any(PackMask<T, parts> condition) {
  auto sum = condition.part[0];
  for (int i = 1; i < parts; ++i) sum |= condition.part[i];
#if defined(__AVX2__)
  return !_mm256_testz_si256((__m256i)sum, (__m256i)sum);
#else
  std::int64_t words[register_bytes / 8];
  std::memcpy(words, &sum, sizeof words);
  return (words[0] | words[1]) != 0;
#endif
}

template <class T, int parts>
ZM_INLINE PackBits<T, parts> bits_of(Pack<T, parts> x) {
  using Register = typename PackBits<T, parts>::Register;
  using Type = PackBits<T, parts>;
  ZM_PACK_EACH(Type, (Register)x.part[i]);
}
template <class P>
requires(RealTraits<P>::width > 1) ZM_INLINE P from_bits(BitsOf<P> x) {
  P out;
  for (std::size_t i = 0; i < sizeof out.part / sizeof out.part[0]; ++i)
    out.part[i] = (typename P::Register)x.part[i];
  return out;
}
template <class T, int parts>
ZM_INLINE Pack<T, parts> magnitude(Pack<T, parts> x) {
  constexpr typename RealTraits<T>::Bits without_sign = ~typename RealTraits<T>::Bits{0} >> 1;
  return from_bits<Pack<T, parts>>(bits_of(x) & PackBits<T, parts>(without_sign));
}
#undef ZM_PACK_EACH

// A column of +1 and -1 as a Real.
template <class P>
ZM_INLINE P load_signs(const std::int8_t* from) {
  P out;
#if defined(__FMA__) && defined(__AVX2__)
  for (std::size_t i = 0; i < sizeof out.part / sizeof out.part[0]; ++i) {
    std::int64_t bytes = 0;
    std::memcpy(&bytes, from + i * P::register_width, P::register_width);
    if constexpr (P::register_width == 4)
      out.part[i] = _mm256_cvtepi32_pd(_mm_cvtepi8_epi32(_mm_cvtsi64_si128(bytes)));
    else
      out.part[i] = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_cvtsi64_si128(bytes)));
  }
#else
  for (int lane = 0; lane < P::width; ++lane) out.set(lane, static_cast<ScalarOf<P>>(from[lane]));
#endif
  return out;
}

// Four doubles: what formulas run on whose cost is a long loop for each element.
using Lanes = Pack<double, 32 / register_bytes>;

}  // namespace zomma::kernels
