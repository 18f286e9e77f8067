// order_index.h: from an order's reference to its record: a hash table of cache lines that grows
// one line at a time (linear hashing, Litwin 1980), so no insert ever waits for a rehash, and
// deletes leave no tombstones.
//
// A line holds ten orders as 16-bit tags and 32-bit record numbers; what does not fit goes to an
// overflow line chained behind it. Four consecutive references share a line: venues number orders
// upwards and most orders die young, so the line is usually still in the cache. Hot path: no
// allocation, no exception.
#pragma once

#include <emmintrin.h>

#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/random.h"
#include "market/book/region.h"

namespace zomma {

class OrderIndex {
 public:
  OrderIndex(std::size_t max_orders, std::size_t expected_orders, bool huge_pages);

  struct alignas(64) Line {
    std::uint16_t tag[10];    // 0: free
    std::uint32_t index[11];  // the last is the link to an overflow line, 0: none
  };
  static_assert(sizeof(Line) == 64);
  // Where an order belongs: good until grow().
  struct Spot {
    Line* line;
    std::uint16_t tag;
  };

  // A reference is unique within its instrument only: each instrument hashes with a salt of its
  // own.
  static constexpr std::uint64_t salt(std::uint32_t instrument) {
    return SplitMix64(instrument)() | 1u;
  }
  static std::uint64_t hash(std::uint64_t ref, std::uint64_t salt) {
    __extension__ using Wide = unsigned __int128;
    const Wide product =
        static_cast<Wide>(((ref >> locality_bits) ^ salt) * 0xBF58476D1CE4E5B9u) * salt;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }
  Spot spot(std::uint64_t ref, std::uint64_t salt) const {
    const std::uint64_t hashed = hash(ref, salt);
    return {&lines_[home(hashed)], tag(hashed, ref)};
  }

  // A record that may be the order's, without a branch: 0 or some record's number. For look-ahead
  // only.
  static std::uint32_t guess(Spot spot) {
    const std::uint32_t match = matches(*spot.line, spot.tag) | 1u << line_size;
    return spot.line->index[std::countr_zero(
        match)];  // without a match a link: 0, or harmless as overflow lines are fewer
  }

  // The record for which `is_it(record)` holds; 0 if there is none.
  template <class Predicate>
  std::uint32_t find(Spot spot, Predicate&& is_it) const {
    const Line* line = spot.line;
    while (true) {
      for (std::uint32_t match = matches(*line, spot.tag); match != 0; match &= match - 1) {
        const std::uint32_t record = line->index[std::countr_zero(match)];
        if (is_it(record)) return record;
      }
      if (line->index[line_size] == 0) [[likely]]
        return 0;
      line = &overflow_[line->index[line_size]];
    }
  }

  // The order must not be in the index, which must hold fewer than max_orders. Call grow() before
  // long.
  void insert(Spot spot, std::uint32_t record) {
    place(*spot.line, spot.tag, record);
    ++size_;
  }

  // The order must be in the index.
  void erase(Spot spot, std::uint32_t record) {
    Line& line = *spot.line;
    --size_;
    for (std::uint32_t match = matches(line, spot.tag); match != 0; match &= match - 1) {
      const int at = std::countr_zero(match);
      if (line.index[at] == record) [[likely]] {
        line.tag[at] = 0;
        return;
      }
    }
    erase_overflow(line, record);
  }

  // Catches up with what was inserted, a line for every few orders. `hash_of(record)` gives any
  // record's hash, for the lines that are divided.
  template <class HashOf>
  void grow(HashOf&& hash_of) {
    while (size_ > line_count_ * orders_per_line && line_count_ < lines_.capacity()) split(hash_of);
  }

  std::size_t size() const { return size_; }
  std::size_t line_count() const { return line_count_; }
  // Overflow lines ever needed at once.
  std::size_t overflow_lines() const { return overflow_used_; }
  // Takes the memory of the first lines now.
  void populate() const;
  void clear();

 private:
  static constexpr int locality_bits = 2;
  static constexpr int line_size = 10;
  static constexpr std::size_t orders_per_line =
      3;  // on average; a full line overflows, so well below line_size
  static constexpr int tag_shift = 14;  // where the tag's fifteen bits lie in the hash

  static std::uint16_t tag(std::uint64_t hash, std::uint64_t ref) {
    return static_cast<std::uint16_t>(0x8000u |
                                      ((hash >> tag_shift) ^ (ref & ((1u << locality_bits) - 1))));
  }

  // Bit i: tag i equals `wanted`. The second load runs into index[], which the mask ignores.
  static std::uint32_t matches(const Line& line, std::uint16_t wanted) {
    const auto* bytes = reinterpret_cast<const char*>(&line);
    const __m128i all = _mm_set1_epi16(static_cast<short>(wanted));
    const __m128i low =
        _mm_cmpeq_epi16(_mm_load_si128(reinterpret_cast<const __m128i*>(bytes)), all);
    const __m128i high =
        _mm_cmpeq_epi16(_mm_load_si128(reinterpret_cast<const __m128i*>(bytes + 16)), all);
    return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_packs_epi16(low, high))) &
           ((1u << line_size) - 1);
  }

  // Without a branch: it would go wrong for every line that is half way through growing.
  std::size_t home(std::uint64_t hash) const {
    const std::uint64_t wide = hash & mask_;
    const std::uint64_t beyond = wide >= line_count_;
    return wide ^ (((mask_ + 1) / 2) & (0 - beyond));
  }

  void place(Line& line, std::uint16_t wanted, std::uint32_t record) {
    const std::uint32_t free = matches(line, 0);
    if (free == 0) [[unlikely]]
      return place_overflow(line, wanted, record);
    const int at = std::countr_zero(free);
    line.tag[at] = wanted;
    line.index[at] = record;
  }

  // Adds line number line_count_ by dividing the line it continues.
  template <class HashOf>
  void split(HashOf&& hash_of) {
    if ((line_count_ & (line_count_ - 1)) == 0) mask_ = mask_ * 2 + 1;
    const std::uint64_t bit = (mask_ + 1) / 2;
    Line old = lines_[line_count_ - bit];
    lines_[line_count_ - bit] = Line{};
    ++line_count_;
    while (true) {
      for (int at = 0; at < line_size; ++at) {
        if (old.tag[at] == 0) continue;
        const bool upper = (split_bits(old.tag[at], old.index[at], bit, hash_of) & bit) != 0;
        place(lines_[upper ? line_count_ - 1 : line_count_ - 1 - bit], old.tag[at], old.index[at]);
      }
      const std::uint32_t link = old.index[line_size];
      if (link == 0) return;
      old = overflow_[link];
      give_overflow(link);
    }
  }

  // The hash of a record, right at least in `bit`. The tag knows it for all but very small and very
  // large tables, which saves a visit to the record.
  template <class HashOf>
  static std::uint64_t split_bits(std::uint16_t tag, std::uint32_t record, std::uint64_t bit,
                                  HashOf&& hash_of) {
    constexpr std::uint64_t known_in_tag = 0x7fffu >> locality_bits << locality_bits;
    if ((bit & (known_in_tag << tag_shift)) == 0) return hash_of(record);
    return (tag & known_in_tag) << tag_shift;
  }

  void place_overflow(Line& line, std::uint16_t wanted, std::uint32_t record);
  void erase_overflow(Line& home_line, std::uint32_t record);
  void give_overflow(std::uint32_t line);

  Region<Line> lines_;
  Region<Line>
      overflow_;  // from 1; never more lines than orders. A free line's link is the next free one
  std::uint64_t mask_ = 0;
  std::size_t line_count_ = 0;
  std::size_t size_ = 0;
  std::size_t first_lines_ = 0;
  std::size_t overflow_used_ = 0;
  std::uint32_t free_overflow_ = 0;
};

}  // namespace zomma
