// sobol.h: Sobol's sequence in up to 1024 dimensions, any point by its index, and the digital shift
// that randomises it.
#pragma once

#include <cstdint>

#include <zomma/kernels/monte_carlo/philox.h>

namespace zomma::kernels {

inline constexpr unsigned sobol_dimensions = 1024;
inline constexpr unsigned sobol_bits = 32;  // points 0 .. 2^32 - 1

// The direction numbers, sobol_bits words a dimension. Made at the first call; safe from several
// threads.
const std::uint32_t* sobol_directions();

// Coordinate of point `index` as a 32-bit fraction. `directions` are those of one dimension. Points
// come in the order of the Gray code, so point 0 is 0 and neighbours differ by one direction
// number.
ZM_HOST_DEVICE inline std::uint32_t sobol_word(const std::uint32_t* directions,
                                               std::uint32_t index) {
  std::uint32_t gray = index ^ (index >> 1), word = 0;
  for (unsigned k = 0; gray != 0; ++k, gray >>= 1) {
    if (gray & 1) word ^= directions[k];
  }
  return word;
}

// Which direction number leads from point index to point index + 1: the number of trailing ones.
ZM_HOST_DEVICE inline unsigned sobol_change(std::uint32_t index) {
  unsigned k = 0;
  for (; index & 1; index >>= 1) ++k;
  return k;
}

// A random word a dimension; the points XOR the word are again a net, and uniform one by one (Owen
// 1995, Lemieux 2009).
ZM_HOST_DEVICE inline std::uint32_t digital_shift(std::uint64_t seed, std::uint32_t dimension,
                                                  std::uint32_t replicate) {
  constexpr std::uint32_t shift_stream = 0x5b01;
  const auto words = philox_words<double>(seed, dimension / 4, replicate, shift_stream);
  return static_cast<std::uint32_t>(words.word[dimension % 4]);
}

}  // namespace zomma::kernels
