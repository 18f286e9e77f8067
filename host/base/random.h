// random.h: random numbers that are the same on every compiler and machine: integer state, integer
// sampling, no floating point. A generator is a plain value: copy it into a snapshot and it goes on
// where it was.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>

namespace zomma {

// SplitMix64 (Steele, Lea, Flood 2014). For seeding and for hashing a number into a well mixed one.
class SplitMix64 {
 public:
  explicit constexpr SplitMix64(std::uint64_t seed) : state_(seed) {}
  constexpr std::uint64_t operator()() {
    state_ += 0x9E3779B97F4A7C15u;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t state_;
};

// xoshiro256** 1.0 (Blackman, Vigna 2018): 256 bits of state, period 2^256 - 1.
class Random {
 public:
  explicit constexpr Random(std::uint64_t seed) {
    SplitMix64 mix(seed);
    for (auto& word : state_) word = mix();
  }

  constexpr std::uint64_t operator()() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  // Uniform in [0, bound), without bias (Lemire 2019). bound > 0.
  constexpr std::uint64_t below(std::uint64_t bound) {
    Wide product = static_cast<Wide>((*this)()) * bound;
    if (static_cast<std::uint64_t>(product) < bound) {
      const std::uint64_t threshold = (0 - bound) % bound;
      while (static_cast<std::uint64_t>(product) < threshold) {
        product = static_cast<Wide>((*this)()) * bound;
      }
    }
    return static_cast<std::uint64_t>(product >> 64);
  }

  // Uniform in [low, high], both included. low <= high.
  constexpr std::int64_t between(std::int64_t low, std::int64_t high) {
    const std::uint64_t span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
    const std::uint64_t step =
        span == std::numeric_limits<std::uint64_t>::max() ? (*this)() : below(span + 1);
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + step);
  }

  // True `numerator` times in `denominator`, on average. denominator > 0.
  constexpr bool chance(std::uint64_t numerator, std::uint64_t denominator) {
    return below(denominator) < numerator;
  }

  // Exponentially distributed with this mean (waiting times); 0 <= result <= about 45 means. 0 <=
  // mean < 2^55. -mean * ln(u) with u uniform in (0, 1], the logarithm in 2^-32 fixed point by
  // repeated squaring.
  constexpr std::int64_t exponential(std::int64_t mean) {
    const std::uint64_t u = (*this)() | 1u;
    const int whole = 63 - std::countl_zero(u);
    std::uint64_t mantissa = u << (63 - whole);  // in [1, 2), 63 fractional bits
    std::uint64_t log2 = static_cast<std::uint64_t>(whole) << 32;
    for (int bit = 31; bit >= 0; --bit) {
      const Wide square = static_cast<Wide>(mantissa) * mantissa;  // in [1, 4), 126 fractional bits
      if (square >> 127) {
        log2 |= std::uint64_t{1} << bit;
        mantissa = static_cast<std::uint64_t>(square >> 64);
      } else {
        mantissa = static_cast<std::uint64_t>(square >> 63);
      }
    }
    constexpr std::uint64_t ln2 = 2977044472u;  // ln 2, 32 fractional bits
    const std::uint64_t negative_log2 = (std::uint64_t{64} << 32) - log2;
    const auto nats = static_cast<std::uint64_t>((static_cast<Wide>(negative_log2) * ln2) >> 32);
    return static_cast<std::int64_t>((static_cast<Wide>(nats) * static_cast<std::uint64_t>(mean)) >>
                                     32);
  }

 private:
  __extension__ using Wide = unsigned __int128;
  std::uint64_t state_[4]{};
};

}  // namespace zomma
