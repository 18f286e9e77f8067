// exact_sum.h: a sum of doubles without rounding until it is read. The result is the true sum
// rounded once to nearest, so it does not depend on the order of the terms or on how they were
// split. Source of the layout: Neal (2015).
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace zomma::kernels {

// 67 overlapping 64-bit digits, 32 bits apart, that span every finite double: 544 bytes, no
// allocation.
class ExactSum {
 public:
  // x must be finite.
  void add(double x) {
    const auto bits = std::bit_cast<std::uint64_t>(x);
    const unsigned field = static_cast<unsigned>(bits >> 52) & 0x7ff;
    const std::uint64_t fraction = bits & 0xfffffffffffffu;
    const std::uint64_t mantissa = field == 0 ? fraction : fraction | std::uint64_t{1} << 52;
    const unsigned exponent = field == 0 ? 1 : field;
    const unsigned digit = exponent >> 5, shift = exponent & 31;
    const auto low = static_cast<std::int64_t>((mantissa << shift) & 0xffffffffu);
    const auto high = static_cast<std::int64_t>(mantissa >> (32 - shift));
    const std::int64_t sign = -static_cast<std::int64_t>(bits >> 63);  // 0 or -1
    digits_[digit] += (low ^ sign) - sign;
    digits_[digit + 1] += (high ^ sign) - sign;
    if (++pending_ == most_pending) carry();
  }

  // Adds +-word * 2^(place - 1075); place <= 2046 + 66.
  void add_word(std::uint32_t word, unsigned place, bool negative) {
    const std::uint64_t spread = std::uint64_t{word} << (place & 31);
    const auto low = static_cast<std::int64_t>(spread & 0xffffffffu);
    const auto high = static_cast<std::int64_t>(spread >> 32);
    digits_[place >> 5] += negative ? -low : low;
    digits_[(place >> 5) + 1] += negative ? -high : high;
    if (++pending_ == most_pending) carry();
  }

  void add(const ExactSum& other) {
    ExactSum settled = other;
    settled.carry();
    carry();
    for (std::size_t i = 0; i < digits_.size(); ++i) digits_[i] += settled.digits_[i];
    carry();
  }

  // The sum rounded to nearest, ties to even; infinite when beyond the largest double. An empty sum
  // is 0.
  double value() const {
    ExactSum work = *this;
    work.carry();
    const bool negative = work.digits_.back() < 0;
    if (negative) {
      for (auto& digit : work.digits_) digit = -digit;
      work.carry();
    }
    const double size = work.magnitude();
    return negative ? -size : size;
  }

 private:
  static constexpr unsigned most_pending =
      1000;  // each add puts less than 2^53 into a digit: far from 2^63

  // Leaves every digit but the last in [0, 2^32).
  void carry() {
    for (std::size_t i = 0; i + 1 < digits_.size(); ++i) {
      digits_[i + 1] += digits_[i] >> 32;
      digits_[i] &= 0xffffffff;
    }
    pending_ = 0;
  }

  std::uint64_t digit(std::size_t i) const { return static_cast<std::uint64_t>(digits_[i]); }

  // Of digits that are carried and not negative. Digit i weighs 2^(32 i - 1075).
  double magnitude() const {
    std::size_t top = digits_.size() - 1;
    while (top > 0 && digits_[top] == 0) --top;
    if (top < 2)
      return static_cast<double>(digit(1) << 32 | digit(0)) * 0x1p-1074 * 0.5;  // subnormal: exact
    if (digit(top) >> 32 != 0) return infinity();
    const std::uint64_t two = digit(top) << 32 | digit(top - 1), third = digit(top - 2);
    const int zeros = std::countl_zero(two);  // 0 .. 31
    const std::uint64_t lead = zeros == 0 ? two : two << zeros | third >> (32 - zeros);
    bool below = (third << (32 + zeros)) != 0;
    for (std::size_t i = 0; i + 2 < top; ++i) below = below || digits_[i] != 0;
    const std::uint64_t tail = lead & 0x7ff;
    std::uint64_t mantissa = lead >> 11;
    if (tail > 0x400 || (tail == 0x400 && (below || (mantissa & 1) != 0))) ++mantissa;
    // lead 2^(32 (top - 1) - 1075 - zeros), of which 11 bits were dropped.
    return scaled(static_cast<double>(mantissa),
                  static_cast<int>(top) * 32 - 32 - 1075 - zeros + 11);
  }

  static double infinity() { return std::bit_cast<double>(std::uint64_t{0x7ff} << 52); }

  // m 2^power, in two exact factors so that neither over- nor underflows by itself; m is 2^52 ..
  // 2^53.
  static double scaled(double m, int power) {
    const int half = power / 2;
    const auto two_to = [](int e) {
      return std::bit_cast<double>(static_cast<std::uint64_t>(e + 1023) << 52);
    };
    return m * two_to(half) * two_to(power - half);
  }

  std::array<std::int64_t, 67> digits_{};
  unsigned pending_ = 0;
};

}  // namespace zomma::kernels
