// pool.h: records by number, from 1. What was freed last is used first, because it is still in the
// cache. Allocates only when there are more live records than ever before. A freed record keeps
// nothing: its first four bytes are the link to the next free one.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

namespace zomma::matching {

template <class T>
class Pool {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) >= sizeof(std::uint32_t));

 public:
  explicit Pool(std::size_t expected) {
    records_.reserve(expected + 1);
    records_.emplace_back();
  }

  // The record's content is undefined.
  std::uint32_t take() {
    if (free_ == 0) [[unlikely]] {
      records_.emplace_back();
      return static_cast<std::uint32_t>(records_.size() - 1);
    }
    const std::uint32_t record = free_;
    std::memcpy(&free_, static_cast<const void*>(&records_[record]), sizeof free_);
    return record;
  }
  void give(std::uint32_t record) {
    std::memcpy(static_cast<void*>(&records_[record]), &free_, sizeof free_);
    free_ = record;
  }
  T& operator[](std::uint32_t record) { return records_[record]; }
  const T& operator[](std::uint32_t record) const { return records_[record]; }
  // Numbers ever given are below this.
  std::size_t limit() const { return records_.size(); }
  void clear() {
    records_.resize(1);
    free_ = 0;
  }

 private:
  std::vector<T> records_;
  std::uint32_t free_ = 0;
};

}  // namespace zomma::matching
