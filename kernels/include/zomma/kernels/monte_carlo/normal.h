// normal.h: uniform and standard normal numbers from random words, without libm and without
// branches.
#pragma once

#include <zomma/kernels/monte_carlo/philox.h>

namespace zomma::kernels {

template <class Real>
struct FourNormals {
  Real z[4];
};

// (word + 1/2) / 2^32, inside (0, 1).
template <class Real>
ZM_HOST_DEVICE inline Real uniform(lanes::Bits<Real> word) {
  return (lanes::to_real<Real>(word) + 0.5) * 0x1p-32;
}

// Two normals from two 32-bit words: Box and Muller (1958). |z| <= 6.77, the 2^-33 quantile.
template <class Real>
ZM_HOST_DEVICE inline void box_muller(lanes::Bits<Real> radius_word, lanes::Bits<Real> angle_word,
                                      Real& first, Real& second) {
  using lanes::all, lanes::fused;
  using Bits = lanes::Bits<Real>;
  const Real radius = lanes::root(-2.0 * lanes::log(uniform<Real>(radius_word)));
  // The two upper bits choose the quadrant, the rest an angle in (-pi/4, pi/4).
  constexpr double step = 1.57079632679489661923 * 0x1p-30;
  const Bits inside = angle_word & std::uint64_t{0x3fffffff};
  const Real x = (lanes::to_real<Real>(inside) - (0x1p29 - 0.5)) * step;
  const Real y = x * x;
  Real s = all<Real>(-1.0 / 1307674368000.0);
  s = fused(s, y, 1.0 / 6227020800.0);
  s = fused(s, y, -1.0 / 39916800.0);
  s = fused(s, y, 1.0 / 362880.0);
  s = fused(s, y, -1.0 / 5040.0);
  s = fused(s, y, 1.0 / 120.0);
  s = fused(s, y, -1.0 / 6.0);
  const Real sine = fused(s * y, x, x);
  Real c = all<Real>(1.0 / 20922789888000.0);
  c = fused(c, y, -1.0 / 87178291200.0);
  c = fused(c, y, 1.0 / 479001600.0);
  c = fused(c, y, -1.0 / 3628800.0);
  c = fused(c, y, 1.0 / 40320.0);
  c = fused(c, y, -1.0 / 720.0);
  c = fused(c, y, 1.0 / 24.0);
  c = fused(c, y, -0.5);
  const Real cosine = fused(c, y, 1.0);
  // A quarter turn takes (cos, sin) to (-sin, cos), a half turn changes both signs.
  const Bits quadrant = angle_word >> 30;
  const Bits odd = Bits{} - (quadrant & std::uint64_t{1});
  const Bits half_turn = (quadrant >> 1) << 63;
  const Bits cosine_bits = lanes::to_bits(cosine), sine_bits = lanes::to_bits(sine);
  const Bits swap = (cosine_bits ^ sine_bits) & odd;
  first = radius * lanes::from_bits((cosine_bits ^ swap) ^ half_turn ^ (odd << 63));
  second = radius * lanes::from_bits((sine_bits ^ swap) ^ half_turn);
}

// The normals of steps 4 block .. 4 block + 3 of the paths path, path + 1, ...
template <class Real>
ZM_HOST_DEVICE inline FourNormals<Real> four_normals(std::uint64_t seed, lanes::Bits<Real> path,
                                                     std::uint32_t block,
                                                     std::uint32_t stream = 0) {
  const auto words = philox_words<Real>(seed, path, block, stream);
  FourNormals<Real> out;
  box_muller<Real>(words.word[0], words.word[1], out.z[0], out.z[1]);
  box_muller<Real>(words.word[2], words.word[3], out.z[2], out.z[3]);
  return out;
}

}  // namespace zomma::kernels
