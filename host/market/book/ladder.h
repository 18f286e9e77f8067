// ladder.h: one side of a book by price: which level number stands for a price, which is the best,
// which comes next.
//
// Prices on the tick near the market have their level numbers by arithmetic: a window of `window`
// consecutive numbers, used as a ring, so that nothing moves when the market drifts. An occupancy
// bitmap finds the next level. All other prices - stub quotes, prices between two ticks, the far
// end of a deep book - lie in FarLevels, under numbers that the owner of the levels gives out. The
// levels themselves are the owner's; 0 is no level.
//
// Works on keys: prices turned so that a greater key is a better price, and one code serves both
// sides. Hot path: nothing allocates except FarLevels when it must grow.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <memory>

#include "base/types.h"
#include "market/book/far_levels.h"

namespace zomma {

// Beyond these a price or a tick is refused, so that differences of keys never overflow.
constexpr std::int64_t max_book_price = std::int64_t{1} << 61;
constexpr std::int64_t max_book_tick = std::int64_t{1} << 45;
// The best key of an empty side: worse than any.
constexpr std::int64_t no_key = -(std::int64_t{1} << 62);

class alignas(64) Ladder {
 public:
  static constexpr std::uint32_t window = 4096;

  // -price - 1 for sells: bitwise, so that it cannot overflow. Its own inverse.
  static constexpr std::int64_t key(Side side, std::int64_t price) {
    return price ^ -static_cast<std::int64_t>(side == Side::sell);
  }

  // 1 <= tick <= max_book_tick. The window's levels are `first` to `first` + window - 1, first > 0.
  Ladder(Side side, std::int64_t tick, std::uint32_t first);

  // The level number of a price on the tick near the market, occupied or not; 0 for other prices.
  std::uint32_t near(std::int64_t key) const {
    const std::uint64_t offset = static_cast<std::uint64_t>(key) - base_;
    const std::uint64_t ticks = ticks_of(offset);
    const auto slot = static_cast<std::uint32_t>(base_slot_ + ticks) % window;
    // Not &&: look-ahead asks this of every message, and a branch would be a coin toss.
    const std::uint32_t is_near = static_cast<std::uint32_t>(ticks < window) &
                                  static_cast<std::uint32_t>(ticks * tick_ == offset);
    return (first_ + slot) & (0 - is_near);
  }
  // The occupied far level at a price that is not near; 0 if there is none.
  std::uint32_t far(std::int64_t key) const { return far_count_ == 0 ? 0 : far_->find(key); }
  bool is_near(std::uint32_t level) const { return level - first_ < window; }

  // `level` is near(key), and not occupied.
  void insert_near(std::int64_t key, std::uint32_t level) {
    const std::uint32_t slot = level - first_;
    occupied_[slot / 64] |= std::uint64_t{1} << slot % 64;
    words_ |= std::uint64_t{1} << slot / 64;
    raise_best(key, level);
    ++size_;
  }
  // `level` is of the owner's choice; nothing is at `key`, which is not near. True: the window is
  // in the wrong place; the owner should call place_window().
  bool insert_far(std::int64_t key, std::uint32_t level);
  // `level` is occupied at `key`.
  void erase(std::int64_t key, std::uint32_t level) {
    const std::uint32_t slot = level - first_;
    --size_;
    if (slot >= window) [[unlikely]]
      return erase_far(key, level);
    const std::uint64_t left = occupied_[slot / 64] & ~(std::uint64_t{1} << slot % 64);
    occupied_[slot / 64] = left;
    words_ &= ~(static_cast<std::uint64_t>(left == 0) << slot / 64);
    if (level == best_level_) best_after(slot);
  }

  std::int64_t best_key() const { return best_key_; }       // no_key: the side is empty
  std::uint32_t best_level() const { return best_level_; }  // 0: the side is empty
  std::size_t size() const { return size_; }
  // The best bid is not below the best ask.
  static bool crossed(const Ladder& bid, const Ladder& ask) {
    return bid.best_key_ + ask.best_key_ >= -1;
  }
  // The next worse level after `key`; level 0 if there is none.
  FarLevels::Entry below(std::int64_t key) const;
  FarLevels::Entry best() const { return {best_key_, best_level_}; }

  // Places the window around `key` and lets the owner, who must have room for size() far levels
  // more, move the levels that change between near and far:
  //   std::uint32_t to_far(std::uint32_t near)             gives the new number
  //   void to_near(std::uint32_t far, std::uint32_t near)
  template <class ToFar, class ToNear>
  void place_window(std::int64_t key, ToFar&& to_far, ToNear&& to_near);
  void clear();

 private:
  static constexpr std::uint32_t no_slot = window;

  // Whole ticks in an offset; exact for multiples of the tick, which are all that near() lets
  // through.
  std::uint64_t ticks_of(std::uint64_t offset) const {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<Wide>(offset) * reciprocal_) >> 63);
  }
  void raise_best(std::int64_t key, std::uint32_t level) {
    const std::uint32_t better = 0 - static_cast<std::uint32_t>(key > best_key_);
    best_key_ = std::max(best_key_, key);
    best_level_ = (level & better) | (best_level_ & ~better);
  }
  // The greatest occupied slot below `slot` < window, not around the ring; no_slot if there is
  // none.
  std::uint32_t occupied_below(std::uint32_t slot) const {
    const std::uint32_t word = slot / 64;
    const std::uint64_t here = occupied_[word] & ((std::uint64_t{1} << slot % 64) - 1);
    if (here != 0) return word * 64 + 63 - static_cast<std::uint32_t>(std::countl_zero(here));
    return highest(words_ & ((std::uint64_t{1} << word) - 1));
  }
  std::uint32_t highest(std::uint64_t words) const {
    if (words == 0) return no_slot;
    const std::uint32_t word = 63 - static_cast<std::uint32_t>(std::countl_zero(words));
    return word * 64 + 63 - static_cast<std::uint32_t>(std::countl_zero(occupied_[word]));
  }
  std::int64_t key_of(std::uint32_t slot) const {
    return static_cast<std::int64_t>(base_ + (slot - base_slot_) % window * tick_);
  }
  // The best level has gone from its slot. All that is left in the window is worse, so the search
  // may run round the ring.
  void best_after(std::uint32_t slot) {
    std::uint32_t next = occupied_below(slot);
    if (next == no_slot) next = highest(words_);
    if (next == no_slot) [[unlikely]]
      return far_is_best();
    best_key_ = key_of(next);
    best_level_ = first_ + next;
    if (best_key_ < far_best_) [[unlikely]]
      far_is_best();
  }
  FarLevels::Entry near_below(std::int64_t key) const;
  void far_is_best();
  std::uint32_t highest_near() const;
  void erase_far(std::int64_t key, std::uint32_t level);
  std::int64_t window_base(std::int64_t key) const;

  // The first cache line is all that most calls need.
  std::uint64_t base_ = 0;    // key of the lowest price of the window
  std::uint64_t reciprocal_;  // 2^63 / tick_, rounded up
  std::uint64_t tick_;
  std::int64_t best_key_ = no_key;
  std::uint64_t words_ = 0;  // bit i: occupied_[i] is not 0
  std::uint32_t best_level_ = 0;
  std::uint32_t first_;
  std::uint32_t base_slot_ = 0;
  std::uint32_t far_count_ = 0;
  std::uint32_t size_ = 0;
  Side side_;
  bool placed_ = false;
  std::uint64_t occupied_[window / 64] = {};  // bit per slot
  std::int64_t far_best_ = no_key;            // the best key of far_
  std::uint32_t strays_ =
      0;  // far inserts on the tick since the window was last placed or looked at
  std::unique_ptr<FarLevels> far_;
};

template <class ToFar, class ToNear>
void Ladder::place_window(std::int64_t key, ToFar&& to_far, ToNear&& to_near) {
  strays_ = 0;
  const auto base = static_cast<std::uint64_t>(window_base(key));
  if (placed_ && base == base_) return;
  const std::uint64_t span = window * tick_;
  for (FarLevels::Entry entry = best(); entry.level != 0; entry = below(entry.key)) {
    if (!is_near(entry.level) || static_cast<std::uint64_t>(entry.key) - base < span) continue;
    const std::uint32_t moved = to_far(entry.level);
    const std::uint32_t slot = entry.level - first_;
    occupied_[slot / 64] &= ~(std::uint64_t{1} << slot % 64);
    if (occupied_[slot / 64] == 0) words_ &= ~(std::uint64_t{1} << slot / 64);
    far_->insert(entry.key, moved);
    ++far_count_;
    far_best_ = std::max(far_best_, entry.key);
    if (best_level_ == entry.level) best_level_ = moved;
  }
  // A ring: the slots of prices that stay do not change.
  const std::int64_t drift =
      static_cast<std::int64_t>(base - base_) / static_cast<std::int64_t>(tick_);
  base_slot_ = placed_ ? static_cast<std::uint32_t>(base_slot_ + drift) % window : 0;
  base_ = base;
  placed_ = true;
  std::int64_t at = static_cast<std::int64_t>(base_ + span);
  for (FarLevels::Entry entry = far_->below(at); entry.level != 0; entry = far_->below(at)) {
    at = entry.key;
    if (at < static_cast<std::int64_t>(base_)) break;
    const std::uint32_t level = near(at);
    if (level == 0) continue;
    to_near(entry.level, level);
    const std::uint32_t slot = level - first_;
    occupied_[slot / 64] |= std::uint64_t{1} << slot % 64;
    words_ |= std::uint64_t{1} << slot / 64;
    far_->erase(at);
    --far_count_;
    if (best_level_ == entry.level) best_level_ = level;
  }
  far_best_ = far_count_ == 0 ? no_key : far_->best().key;
}

}  // namespace zomma
