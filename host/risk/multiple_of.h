// multiple_of.h: "is n a multiple of d" for a d that is known beforehand, without a division: two
// multiplications' time. Granlund and Montgomery, "Division by Invariant Integers using
// Multiplication", 1994, section 9.
#pragma once

#include <bit>
#include <cstdint>

namespace zomma {

class MultipleOf {
 public:
  // d > 0; anything else is taken as 1, of which every number is a multiple.
  constexpr explicit MultipleOf(std::int64_t d = 1) {
    const auto divisor = static_cast<std::uint64_t>(d > 0 ? d : 1);
    shift_ = std::countr_zero(divisor);
    const std::uint64_t odd = divisor >> shift_;
    // Newton's iteration for the inverse modulo 2^64: odd is its own inverse modulo 8, each step
    // doubles the bits.
    std::uint64_t inverse = odd;
    for (int i = 0; i < 5; ++i) inverse *= 2 - odd * inverse;
    inverse_ = inverse;
    limit_ = UINT64_MAX / divisor;
  }

  constexpr bool operator()(std::int64_t n) const {
    const std::uint64_t distance =
        n < 0 ? 0 - static_cast<std::uint64_t>(n) : static_cast<std::uint64_t>(n);
    return std::rotr(distance * inverse_, shift_) <= limit_;
  }

 private:
  std::uint64_t inverse_{1};
  std::uint64_t limit_{UINT64_MAX};
  int shift_{};
};

}  // namespace zomma
