// ladder.h: the prices of one side of a book at which something rests, and which is best. It knows
// prices as keys in ticks, greater = better (bids as they are, asks negated), and levels as
// numbers.
//
// Near the market a key is an index into a ring of slots with an occupancy bitmap; anything else
// lies in a sorted vector, so every price works and only the usual ones are fast. The window
// follows the market. Hot path: no allocation but the vector's growth.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <vector>

namespace zomma::matching {

class Ladder {
 public:
  static constexpr std::uint32_t max_window = 4096;
  static constexpr std::uint32_t min_window = 64;
  static constexpr std::int64_t no_key = std::numeric_limits<std::int64_t>::min();

  // A key and the number of its level; number 0: there is none.
  struct Entry {
    std::int64_t key = no_key;
    std::uint32_t level = 0;
    std::uint32_t reserved = 0;
  };

  // `window`: slots, a power of two from min_window to max_window.
  explicit Ladder(std::uint32_t window) : slots_(window, 0), mask_(window - 1) {}

  std::int64_t best_key() const { return best_.key; }       // no_key when empty
  std::uint32_t best_level() const { return best_.level; }  // 0 when empty
  Entry best() const { return best_; }
  std::size_t size() const { return size_; }

  // The level at `key`; 0 if there is none.
  std::uint32_t find(std::int64_t key) const {
    if (near(key)) [[likely]]
      return slots_[slot_of(key)];
    return find_far(key);
  }
  // The next worse entry after `key`, which need not be occupied itself.
  Entry below(std::int64_t key) const;

  // `key` must not be there.
  void insert(std::int64_t key, std::uint32_t level) {
    if (near(key)) [[likely]] {
      occupy(key, level);
    } else {
      insert_far(key, level);
    }
    ++size_;
    if (key > best_.key) best_ = {key, level, 0};
  }
  // `key` must be there.
  void erase(std::int64_t key) {
    --size_;
    if (!near(key)) [[unlikely]]
      return erase_far(key);
    const std::uint32_t slot = slot_of(key);
    slots_[slot] = 0;
    const std::uint64_t left = words_[slot / 64] & ~(std::uint64_t{1} << slot % 64);
    words_[slot / 64] = left;
    summary_ &= ~(static_cast<std::uint64_t>(left == 0) << slot / 64);
    if (key == best_.key) best_after(slot);
  }
  void clear();

 private:
  static constexpr std::uint32_t no_slot = std::numeric_limits<std::uint32_t>::max();

  bool near(std::int64_t key) const { return distance(key) <= mask_; }
  std::uint64_t distance(std::int64_t key) const {
    return static_cast<std::uint64_t>(key) - static_cast<std::uint64_t>(base_);
  }
  std::uint32_t slot_of(std::int64_t key) const { return static_cast<std::uint32_t>(key) & mask_; }
  std::int64_t key_of(std::uint32_t slot) const {
    return base_ + ((slot - slot_of(base_)) & mask_);
  }
  // The greatest occupied slot at or below `slot`, not around the ring.
  std::uint32_t occupied_from(std::uint32_t slot) const {
    const std::uint32_t word = slot / 64;
    const std::uint64_t here = words_[word] & (~std::uint64_t{0} >> (63 - slot % 64));
    if (here != 0) return word * 64 + 63 - static_cast<std::uint32_t>(std::countl_zero(here));
    const std::uint64_t lower = summary_ & ((std::uint64_t{1} << word) - 1);
    if (lower == 0) return no_slot;
    const std::uint32_t next = 63 - static_cast<std::uint32_t>(std::countl_zero(lower));
    return next * 64 + 63 - static_cast<std::uint32_t>(std::countl_zero(words_[next]));
  }
  // The best has left `slot`. All that is left in the window is worse, so the search may run round
  // the ring.
  void best_after(std::uint32_t slot) {
    std::uint32_t next = occupied_from(slot);
    if (next == no_slot) [[unlikely]]
      next = occupied_from(mask_);
    best_ = next == no_slot ? Entry{} : Entry{key_of(next), slots_[next], 0};
    if (!far_.empty() && far_.back().key > best_.key) [[unlikely]]
      best_ = far_.back();
  }
  Entry near_from(std::int64_t key) const;
  void occupy(std::int64_t key, std::uint32_t level) {
    const std::uint32_t slot = slot_of(key);
    slots_[slot] = level;
    words_[slot / 64] |= std::uint64_t{1} << slot % 64;
    summary_ |= std::uint64_t{1} << slot / 64;
  }
  std::uint32_t find_far(std::int64_t key) const;
  void insert_far(std::int64_t key, std::uint32_t level);
  void erase_far(std::int64_t key);
  void place_window(std::int64_t key);
  void move_window();

  std::int64_t base_ = 0;  // the worst key of the window
  Entry best_;
  std::vector<std::uint32_t> slots_;  // levels, 0: nothing here
  std::uint64_t summary_ = 0;         // bit i: words_[i] is not 0
  std::uint32_t mask_;
  std::uint32_t strays_ = 0;  // inserts beyond the window since it was last placed
  std::size_t size_ = 0;
  std::uint64_t words_[max_window / 64] = {};  // bit per slot
  std::vector<Entry> far_;                     // ascending: the best is last
};

}  // namespace zomma::matching
