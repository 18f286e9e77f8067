// far_levels.h: price levels in order, at any price: a sorted array cut into short blocks. Slower
// than the window of a Ladder and never wrong: it takes the stub quote at 0.01, the price between
// two ticks and the book that is all holes.
//
// Keys are prices turned so that a greater key is a better price. Level numbers are the caller's; 0
// means none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace zomma {

class FarLevels {
 public:
  struct Entry {
    std::int64_t key{};
    std::uint32_t level{};
  };

  std::uint32_t find(std::int64_t key) const;
  // `key` must not be there yet.
  void insert(std::int64_t key, std::uint32_t level);
  // `key` must be there.
  void erase(std::int64_t key);
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // The best; level 0 when empty.
  Entry best() const;
  // The best that is worse than `key`; level 0 if there is none.
  Entry below(std::int64_t key) const;
  void clear();

 private:
  static constexpr std::uint32_t block_size = 64;
  struct Block {
    std::int64_t keys[block_size];
    std::uint32_t levels[block_size];
    std::uint32_t count;
  };
  // The directory, ascending: the greatest key of a block and where the block lies.
  struct Place {
    std::int64_t top;
    std::uint32_t block;
  };

  std::size_t place_of(std::int64_t key) const;
  static std::uint32_t position(const Block& block, std::int64_t key);
  std::uint32_t take_block();
  void split(std::size_t place);
  void merge_with_next(std::size_t place);

  std::vector<Place> places_;
  std::vector<Block> blocks_;
  std::vector<std::uint32_t> free_blocks_;
  std::size_t size_ = 0;
};

}  // namespace zomma
