#include "market/feeds/binance/decimal.h"

#include <algorithm>

#ifdef __SSE4_1__
#include <immintrin.h>
#endif

namespace zomma::binance {
namespace {

constexpr std::int64_t max_value = INT64_MAX;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool append_digit(std::int64_t& value, int digit) {
  if (value > (max_value - digit) / 10) return false;
  value = value * 10 + digit;
  return true;
}

#ifdef __SSE4_1__

// A window into this at 16 - n has n lanes of ones, then zeros.
alignas(16) constexpr auto lane_mask = [] {
  std::array<std::uint8_t, 32> lanes{};
  for (std::size_t i = 0; i < 16; ++i) lanes[i] = 0xFF;
  return lanes;
}();

// For each length: moves that many leading lanes to the right end.
alignas(16) constexpr auto align_right = [] {
  std::array<std::array<std::uint8_t, 16>, 17> picks{};
  for (std::size_t length = 0; length <= 16; ++length)
    for (std::size_t lane = 0; lane < 16; ++lane)
      picks[length][lane] =
          lane < 16 - length ? 0x80 : static_cast<std::uint8_t>(lane - (16 - length));
  return picks;
}();

__m128i load(const void* from) { return _mm_loadu_si128(static_cast<const __m128i*>(from)); }
unsigned lanes_equal(__m128i a, __m128i b) {
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(a, b)));
}

// One bit per character that is no digit.
unsigned stops_in(__m128i digits) {
  return lanes_equal(_mm_min_epu8(digits, _mm_set1_epi8(9)), digits) ^ 0xFFFFu;
}

// Sixteen digits, one per byte, most significant first.
std::uint64_t combine(__m128i digits) {
  const __m128i pairs = _mm_maddubs_epi16(digits, _mm_set1_epi16(0x010A));  // 10 * even + odd
  const __m128i fours = _mm_madd_epi16(pairs, _mm_set1_epi32(0x00010064));  // 100 * even + odd
  const __m128i eights = _mm_madd_epi16(_mm_packus_epi32(fours, fours), _mm_set1_epi32(0x00012710));
  const auto both = static_cast<std::uint64_t>(_mm_cvtsi128_si64(eights));
  return (both & 0xFFFFFFFFu) * 100'000'000u + (both >> 32);
}

#endif

}  // namespace

DecimalReader::DecimalReader(int decimals) : decimals_(std::clamp(decimals, 0, max_decimals)) {
  for (int whole = 0; whole < 16; ++whole) {
    const int total = whole + decimals_;
    for (int lane = 0; lane < 16; ++lane) {
      const int digit = lane - (16 - total);  // which digit of the number stands in this lane
      const int from = digit < whole ? digit : digit + 1;  // the point lies between
      pick_[static_cast<std::size_t>(whole)][static_cast<std::size_t>(lane)] =
          digit < 0 || from > 15 ? 0x80 : static_cast<std::uint8_t>(from);
    }
  }
}

Digits DecimalReader::read(const char*& at, const char* end, std::int64_t& value) const {
#ifdef __SSE4_1__
  if (end - at >= 16) [[likely]] {
    const __m128i text = load(at);
    __m128i digits = _mm_sub_epi8(text, _mm_set1_epi8('0'));
    const unsigned stops = stops_in(digits);
    if (stops != 0) [[likely]] {
      const auto whole = static_cast<unsigned>(__builtin_ctz(stops));
      const bool has_point = at[whole] == '.';
      const unsigned later = has_point ? stops & (stops - 1) : stops;
      const unsigned close = later != 0 ? static_cast<unsigned>(__builtin_ctz(later)) : 0;
      const bool plain =
          whole != 0 && close != 0 && at[close] == '"' && (!has_point || close > whole + 1);
      if (plain && whole + static_cast<unsigned>(decimals_) <= 16) [[likely]] {
        digits = _mm_and_si128(digits, load(lane_mask.data() + 16 - close));
        value =
            static_cast<std::int64_t>(combine(_mm_shuffle_epi8(digits, load(pick_[whole].data()))));
        const unsigned kept = (2u << (whole + static_cast<unsigned>(decimals_))) - 1;
        const unsigned cut = (lanes_equal(digits, _mm_setzero_si128()) ^ 0xFFFFu) & ~kept;
        at += close + 1;
        return cut == 0 ? Digits::exact : Digits::inexact;
      }
    }
  }
#endif
  return read_slowly(at, end, value);
}

Digits DecimalReader::read_slowly(const char*& at, const char* end, std::int64_t& value) const {
  value = 0;
  if (at == end || !is_digit(*at)) return Digits::bad;
  for (; at != end && is_digit(*at); ++at)
    if (!append_digit(value, *at - '0')) return Digits::bad;
  int missing = decimals_;
  bool exact = true;
  if (at != end && *at == '.') {
    ++at;
    if (at == end || !is_digit(*at)) return Digits::bad;
    for (; at != end && is_digit(*at); ++at) {
      if (missing == 0) {
        exact = exact && *at == '0';
        continue;
      }
      --missing;
      if (!append_digit(value, *at - '0')) return Digits::bad;
    }
  }
  for (; missing > 0; --missing)
    if (!append_digit(value, 0)) return Digits::bad;
  if (at == end || *at != '"') return Digits::bad;
  ++at;
  return exact ? Digits::exact : Digits::inexact;
}

bool read_unsigned(const char*& at, const char* end, std::uint64_t& value) {
#ifdef __SSE4_1__
  if (end - at >= 16) [[likely]] {
    const __m128i digits = _mm_sub_epi8(load(at), _mm_set1_epi8('0'));
    const unsigned stops = stops_in(digits);
    if (stops != 0) [[likely]] {
      const auto length = static_cast<unsigned>(__builtin_ctz(stops));
      if (length == 0) return false;
      value = combine(_mm_shuffle_epi8(digits, load(align_right[length].data())));
      at += length;
      return true;
    }
  }
#endif
  if (at == end || !is_digit(*at)) return false;
  std::int64_t wide = 0;
  for (; at != end && is_digit(*at); ++at)
    if (!append_digit(wide, *at - '0')) return false;
  value = static_cast<std::uint64_t>(wide);
  return true;
}

}  // namespace zomma::binance
