#include "market/book/ladder.h"

namespace zomma {

Ladder::Ladder(Side side, std::int64_t tick, std::uint32_t first)
    : reciprocal_(((std::uint64_t{1} << 63) - 1) / static_cast<std::uint64_t>(tick) + 1),
      tick_(static_cast<std::uint64_t>(tick)),
      first_(first),
      side_(side),
      far_(std::make_unique<FarLevels>()) {
  clear();
}

void Ladder::clear() {
  std::fill(std::begin(occupied_), std::end(occupied_), 0);
  words_ = 0;
  far_->clear();
  far_count_ = 0;
  far_best_ = no_key;
  size_ = 0;
  best_key_ = no_key;
  best_level_ = 0;
  strays_ = 0;
  placed_ = false;
  // No price is near a window that has no place: offsets of valid keys from here are beyond any
  // span.
  base_ = static_cast<std::uint64_t>(1) << 63;
  base_slot_ = 0;
}

bool Ladder::insert_far(std::int64_t key, std::uint32_t level) {
  far_->insert(key, level);
  ++far_count_;
  far_best_ = std::max(far_best_, key);
  ++size_;
  raise_best(key, level);
  if (Ladder::key(side_, key) % static_cast<std::int64_t>(tick_) != 0) return false;
  if (!placed_) return true;
  // A market that has walked out of the window takes it along, but not for every stray order.
  constexpr std::uint32_t patience = 64;
  if (++strays_ < std::max(patience, size_ / 4)) return false;
  strays_ = 0;
  const std::uint64_t offset = static_cast<std::uint64_t>(best_key_) - base_;
  const std::uint64_t span = window * tick_;
  return offset < span / 8 || offset > span / 8 * 7;
}

void Ladder::erase_far(std::int64_t key, std::uint32_t level) {
  far_->erase(key);
  --far_count_;
  far_best_ = far_count_ == 0 ? no_key : far_->best().key;
  if (level != best_level_) return;
  const std::uint32_t near = highest_near();
  best_key_ = near == no_slot ? no_key : key_of(near);
  best_level_ = near == no_slot ? 0 : first_ + near;
  if (best_key_ < far_best_) far_is_best();
}

void Ladder::far_is_best() {
  const FarLevels::Entry far = far_->best();
  best_key_ = far.level == 0 ? no_key : far.key;
  best_level_ = far.level;
}

// The best slot of the window: the ring's turn is at base_slot_.
std::uint32_t Ladder::highest_near() const {
  if (words_ == 0) return no_slot;
  const std::uint32_t after_turn = occupied_below(base_slot_);
  return after_turn != no_slot ? after_turn : highest(words_);
}

// The lowest key of a window with `key` at three quarters: more rests behind the best price than
// will come before it. Prices count from zero, sells in turned order, so keys on the tick are 0 or
// -1 modulo the tick.
std::int64_t Ladder::window_base(std::int64_t key) const {
  const auto tick = static_cast<std::int64_t>(tick_);
  const std::int64_t phase = side_ == Side::sell ? tick - 1 : 0;
  const std::int64_t above = (key - phase) % tick;
  const std::int64_t aligned = key - (above < 0 ? above + tick : above);
  return aligned - std::int64_t{window} / 4 * 3 * tick;
}

FarLevels::Entry Ladder::near_below(std::int64_t key) const {
  if (words_ == 0 || key <= static_cast<std::int64_t>(base_)) return {};
  const std::uint64_t offset = static_cast<std::uint64_t>(key) - base_;
  // Between two ticks the price under the key counts as well.
  const std::uint64_t ticks = std::min<std::uint64_t>((offset + tick_ - 1) / tick_, window);
  // The slots in question are base_slot_ to `end`, round the ring: first those after the turn,
  // whose keys are greater.
  const auto end = static_cast<std::uint32_t>(base_slot_ + ticks);
  if (end > window) {
    const std::uint32_t slot = occupied_below(end - window);
    if (slot != no_slot) return {key_of(slot), first_ + slot};
  }
  const std::uint32_t slot = end < window ? occupied_below(end) : highest(words_);
  if (slot == no_slot || slot < base_slot_) return {};
  return {key_of(slot), first_ + slot};
}

FarLevels::Entry Ladder::below(std::int64_t key) const {
  const FarLevels::Entry near = near_below(key);
  if (far_count_ == 0) return near;
  const FarLevels::Entry far = far_->below(key);
  if (near.level == 0 || (far.level != 0 && far.key > near.key)) return far;
  return near;
}

}  // namespace zomma
