#include "matching/ladder.h"

namespace zomma::matching {
namespace {

constexpr auto key_less = [](const Ladder::Entry& entry, std::int64_t key) {
  return entry.key < key;
};

}  // namespace

// The best entry of the window at `key` or worse.
Ladder::Entry Ladder::near_from(std::int64_t key) const {
  if (summary_ == 0 || key < base_) return {};
  const std::uint32_t first = slot_of(base_);
  const std::uint32_t from = slot_of(std::min(key, base_ + mask_));
  std::uint32_t found = occupied_from(from);
  if (from >= first) {  // the window's part at or below `from` does not wrap
    if (found == no_slot || found < first) return {};
  } else if (found == no_slot) {
    found = occupied_from(mask_);
    if (found == no_slot || found < first) return {};
  }
  return {key_of(found), slots_[found], 0};
}

Ladder::Entry Ladder::below(std::int64_t key) const {
  const Entry near = key <= base_ ? Entry{} : near_from(key - 1);
  if (far_.empty()) [[likely]]
    return near;
  const auto after = std::lower_bound(far_.begin(), far_.end(), key, key_less);
  if (after == far_.begin()) return near;
  const Entry far = *(after - 1);
  return far.key > near.key ? far : near;
}

std::uint32_t Ladder::find_far(std::int64_t key) const {
  const auto found = std::lower_bound(far_.begin(), far_.end(), key, key_less);
  return found != far_.end() && found->key == key ? found->level : 0;
}

// Moving the window costs as much as there are levels, so it must have been asked for as often.
void Ladder::insert_far(std::int64_t key, std::uint32_t level) {
  if (size_ == 0) {
    place_window(key);
    occupy(key, level);
    return;
  }
  far_.insert(std::lower_bound(far_.begin(), far_.end(), key, key_less), {key, level, 0});
  if (++strays_ > 16 + size_ / 4) move_window();
}

void Ladder::erase_far(std::int64_t key) {
  far_.erase(std::lower_bound(far_.begin(), far_.end(), key, key_less));
  if (key != best_.key) return;
  const std::uint32_t top = slot_of(base_ + mask_);
  best_after(top);
}

// Most of the window lies behind `key`, where orders rest; some before it, where the market may go.
void Ladder::place_window(std::int64_t key) {
  const std::int64_t behind = (mask_ + 1) / 4 * 3;
  const std::int64_t lowest = no_key + 1;
  const std::int64_t highest = std::numeric_limits<std::int64_t>::max() - mask_;
  base_ = key < lowest + behind ? lowest : std::min(key - behind, highest);
  strays_ = 0;
}

void Ladder::move_window() {
  const std::int64_t target = std::max(best_.key, far_.back().key);
  for (std::int64_t at = base_ + mask_;;) {
    const Entry entry = near_from(at);
    if (entry.level == 0) break;
    far_.push_back(entry);
    at = entry.key - 1;
  }
  std::sort(far_.begin(), far_.end(), [](const Entry& a, const Entry& b) { return a.key < b.key; });
  std::fill(slots_.begin(), slots_.end(), 0);
  std::fill(std::begin(words_), std::end(words_), 0);
  summary_ = 0;
  place_window(target);
  std::size_t kept = 0;
  for (const Entry& entry : far_) {
    if (near(entry.key))
      occupy(entry.key, entry.level);
    else
      far_[kept++] = entry;
  }
  far_.resize(kept);
}

void Ladder::clear() {
  std::fill(slots_.begin(), slots_.end(), 0);
  std::fill(std::begin(words_), std::end(words_), 0);
  summary_ = 0;
  far_.clear();
  best_ = {};
  size_ = 0;
  strays_ = 0;
}

}  // namespace zomma::matching
