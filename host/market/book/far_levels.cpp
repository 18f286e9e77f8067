#include "market/book/far_levels.h"

#include <algorithm>
#include <cstring>

namespace zomma {
namespace {

template <class T>
void open_gap(T* values, std::uint32_t at, std::uint32_t count) {
  std::memmove(values + at + 1, values + at, (count - at) * sizeof(T));
}
template <class T>
void close_gap(T* values, std::uint32_t at, std::uint32_t count) {
  std::memmove(values + at, values + at + 1, (count - at - 1) * sizeof(T));
}

}  // namespace

// The first block whose greatest key is not below `key`; places_.size() if there is none.
std::size_t FarLevels::place_of(std::int64_t key) const {
  const Place* base = places_.data();
  std::size_t count = places_.size();
  while (count > 0) {
    const std::size_t half = count / 2;
    const bool right = base[half].top < key;
    base = right ? base + half + 1 : base;
    count = right ? count - half - 1 : half;
  }
  return static_cast<std::size_t>(base - places_.data());
}

// The first position whose key is not below `key`.
std::uint32_t FarLevels::position(const Block& block, std::int64_t key) {
  std::uint32_t base = 0;
  std::uint32_t count = block.count;
  while (count > 0) {
    const std::uint32_t half = count / 2;
    const bool right = block.keys[base + half] < key;
    base = right ? base + half + 1 : base;
    count = right ? count - half - 1 : half;
  }
  return base;
}

std::uint32_t FarLevels::find(std::int64_t key) const {
  const std::size_t place = place_of(key);
  if (place == places_.size()) return 0;
  const Block& block = blocks_[places_[place].block];
  const std::uint32_t at = position(block, key);
  return block.keys[at] == key ? block.levels[at] : 0;
}

std::uint32_t FarLevels::take_block() {
  if (free_blocks_.empty()) {
    blocks_.emplace_back();
    // Freeing a block later must not allocate.
    free_blocks_.reserve(blocks_.capacity());
    return static_cast<std::uint32_t>(blocks_.size() - 1);
  }
  const std::uint32_t block = free_blocks_.back();
  free_blocks_.pop_back();
  blocks_[block].count = 0;
  return block;
}

void FarLevels::split(std::size_t place) {
  const std::uint32_t upper_block = take_block();
  Block& lower = blocks_[places_[place].block];
  Block& upper = blocks_[upper_block];
  const std::uint32_t keep = lower.count / 2;
  upper.count = lower.count - keep;
  std::memcpy(upper.keys, lower.keys + keep, upper.count * sizeof upper.keys[0]);
  std::memcpy(upper.levels, lower.levels + keep, upper.count * sizeof upper.levels[0]);
  lower.count = keep;
  const std::int64_t top = places_[place].top;
  places_[place].top = lower.keys[keep - 1];
  places_.insert(places_.begin() + static_cast<std::ptrdiff_t>(place) + 1, Place{top, upper_block});
}

void FarLevels::insert(std::int64_t key, std::uint32_t level) {
  if (places_.empty()) places_.push_back({key, take_block()});
  std::size_t place = std::min(place_of(key), places_.size() - 1);
  if (blocks_[places_[place].block].count == block_size) {
    split(place);
    if (places_[place].top < key) ++place;
  }
  Block& block = blocks_[places_[place].block];
  const std::uint32_t at = position(block, key);
  open_gap(block.keys, at, block.count);
  open_gap(block.levels, at, block.count);
  block.keys[at] = key;
  block.levels[at] = level;
  ++block.count;
  places_[place].top = block.keys[block.count - 1];
  ++size_;
}

void FarLevels::merge_with_next(std::size_t place) {
  Block& into = blocks_[places_[place].block];
  const Block& from = blocks_[places_[place + 1].block];
  std::memcpy(into.keys + into.count, from.keys, from.count * sizeof into.keys[0]);
  std::memcpy(into.levels + into.count, from.levels, from.count * sizeof into.levels[0]);
  into.count += from.count;
  places_[place].top = places_[place + 1].top;
  free_blocks_.push_back(places_[place + 1].block);
  places_.erase(places_.begin() + static_cast<std::ptrdiff_t>(place) + 1);
}

void FarLevels::erase(std::int64_t key) {
  const std::size_t place = place_of(key);
  Block& block = blocks_[places_[place].block];
  const std::uint32_t at = position(block, key);
  close_gap(block.keys, at, block.count);
  close_gap(block.levels, at, block.count);
  --block.count;
  --size_;
  if (block.count == 0) {
    free_blocks_.push_back(places_[place].block);
    places_.erase(places_.begin() + static_cast<std::ptrdiff_t>(place));
    return;
  }
  places_[place].top = block.keys[block.count - 1];
  // Half-empty neighbours become one, so that churn leaves no trail of nearly empty blocks.
  if (block.count > block_size / 4 || place + 1 == places_.size()) return;
  if (block.count + blocks_[places_[place + 1].block].count <= block_size * 3 / 4)
    merge_with_next(place);
}

FarLevels::Entry FarLevels::best() const {
  if (places_.empty()) return {};
  const Block& block = blocks_[places_.back().block];
  return {block.keys[block.count - 1], block.levels[block.count - 1]};
}

FarLevels::Entry FarLevels::below(std::int64_t key) const {
  std::size_t place = place_of(key);
  if (place < places_.size()) {
    const Block& block = blocks_[places_[place].block];
    const std::uint32_t at = position(block, key);
    if (at > 0) return {block.keys[at - 1], block.levels[at - 1]};
  }
  if (place == 0) return {};
  const Block& block = blocks_[places_[place - 1].block];
  return {block.keys[block.count - 1], block.levels[block.count - 1]};
}

void FarLevels::clear() {
  for (const Place& place : places_) free_blocks_.push_back(place.block);
  places_.clear();
  size_ = 0;
}

}  // namespace zomma
