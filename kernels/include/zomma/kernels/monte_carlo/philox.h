// philox.h: random numbers as a pure function of (seed, path, block, stream). Any thread or device
// can make any of them in any order. Source: Salmon, Moraes, Dror, Shaw (2011), Philox4x32-10.
#pragma once

#include <zomma/kernels/monte_carlo/lanes.h>

namespace zomma::kernels {

// Four 32-bit words, each in the low half of a 64-bit lane.
template <class Bits>
struct PhiloxBlock {
  Bits word[4];
};

// Ten rounds over the counter. Bits is uint64_t or a pack of them; upper halves of the counter are
// ignored, those of the answer are zero.
template <class Bits>
ZM_HOST_DEVICE inline PhiloxBlock<Bits> philox(PhiloxBlock<Bits> c, std::uint64_t key) {
  auto k0 = static_cast<std::uint32_t>(key), k1 = static_cast<std::uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const Bits p0 = lanes::multiply_low(c.word[0], 0xD2511F53u);
    const Bits p1 = lanes::multiply_low(c.word[2], 0xCD9E8D57u);
    c = {{(p1 >> 32) ^ c.word[1] ^ std::uint64_t{k0}, p1,
          (p0 >> 32) ^ c.word[3] ^ std::uint64_t{k1}, p0}};
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  for (auto& word : c.word) word &= std::uint64_t{0xffffffffu};
  return c;
}

// The words of paths path, path + 1, ... (one a lane). Streams separate unrelated uses of one seed.
template <class Real>
ZM_HOST_DEVICE inline PhiloxBlock<lanes::Bits<Real>> philox_words(std::uint64_t seed,
                                                                  lanes::Bits<Real> path,
                                                                  std::uint32_t block,
                                                                  std::uint32_t stream) {
  using Bits = lanes::Bits<Real>;
  return philox<Bits>(
      {{path, path >> 32, Bits{} + std::uint64_t{block}, Bits{} + std::uint64_t{stream}}}, seed);
}

// The numbers first, first + 1, ... one a lane.
template <class Real>
ZM_HOST_DEVICE inline lanes::Bits<Real> path_lanes(std::uint64_t first) {
  if constexpr (lanes::Traits<Real>::width == 1) {
    return first;
  } else {
    return lanes::Bits<Real>{first, first + 1, first + 2, first + 3};
  }
}

}  // namespace zomma::kernels
