// noise.h: Gaussian noise from counters, so that perturbed refits are the same numbers on every run
// and thread.
#pragma once

#include <zomma/kernels/elementary_more.h>

#include <cmath>
#include <cstdint>

namespace zomma::kernels {

// The finaliser of splitmix64 (Steele, Lea & Flood 2014).
inline std::uint64_t mix64(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// Uniform in (0, 1).
inline double uniform(std::uint64_t seed, std::uint64_t run, std::uint64_t index) {
  const std::uint64_t bits = mix64(mix64(mix64(seed) ^ run) ^ index);
  return (static_cast<double>(bits >> 11) + 0.5) * 0x1.0p-53;
}

// Standard normal by Box and Muller.
inline double gaussian(std::uint64_t seed, std::uint64_t run, std::uint64_t index) {
  const double radius = std::sqrt(-2.0 * log(uniform(seed, run, 2 * index)));
  return radius * cosine(6.283185307179586477 * uniform(seed, run, 2 * index + 1));
}

}  // namespace zomma::kernels
