// order_index.h: from an order's number to its record. Open addressing, linear probing, no
// tombstones; four consecutive numbers share a cache line, because hosts number their orders
// upwards and most of them die young.
//
// Hot path: no allocation but the table's growth (at half full, amortised).
#pragma once

#include <cstdint>
#include <vector>

namespace zomma::matching {

class OrderIndex {
 public:
  explicit OrderIndex(std::size_t expected) { reserve(expected); }

  // The record of `id`; 0 if there is none.
  std::uint32_t find(std::uint64_t id) const {
    for (std::size_t at = home(id);; at = (at + 1) & mask_) {
      if (table_[at].record == 0) return 0;
      if (table_[at].id == id) return table_[at].record;
    }
  }
  // `id` must not be there; `record` > 0.
  void insert(std::uint64_t id, std::uint32_t record) {
    if (++size_ > table_.size() / 2) [[unlikely]]
      grow();
    place(id, record);
  }
  // `id` must be there. What follows moves up, so that no search meets a hole too early.
  void erase(std::uint64_t id) {
    std::size_t hole = home(id);
    while (table_[hole].id != id || table_[hole].record == 0) hole = (hole + 1) & mask_;
    for (std::size_t at = (hole + 1) & mask_; table_[at].record != 0; at = (at + 1) & mask_) {
      const std::size_t wanted = home(table_[at].id);
      if (((at - wanted) & mask_) < ((at - hole) & mask_)) continue;
      table_[hole] = table_[at];
      hole = at;
    }
    table_[hole].record = 0;
    --size_;
  }
  void prefetch(std::uint64_t id) const { __builtin_prefetch(&table_[home(id)]); }
  std::size_t size() const { return size_; }
  void clear() {
    for (Entry& entry : table_) entry = {};
    size_ = 0;
  }

 private:
  struct Entry {
    std::uint64_t id = 0;
    std::uint32_t record = 0;  // 0: free
    std::uint32_t reserved = 0;
  };
  static constexpr std::uint64_t golden = 0x9E3779B97F4A7C15u;

  std::size_t home(std::uint64_t id) const {
    return static_cast<std::size_t>((((id >> 2) * golden) >> shift_) << 2 | (id & 3));
  }
  void place(std::uint64_t id, std::uint32_t record) {
    std::size_t at = home(id);
    while (table_[at].record != 0) at = (at + 1) & mask_;
    table_[at] = {id, record, 0};
  }
  void resize(std::size_t size) {
    table_.assign(size, {});
    mask_ = size - 1;
    shift_ = 64;
    for (std::size_t lines = size / 4; lines > 1; lines /= 2) --shift_;
  }
  void reserve(std::size_t expected) {
    std::size_t size = 64;
    while (size < expected * 2) size *= 2;
    resize(size);
  }
  [[gnu::noinline]] void grow() {
    std::vector<Entry> old;
    old.swap(table_);
    resize(old.size() * 2);
    for (const Entry& entry : old)
      if (entry.record != 0) place(entry.id, entry.record);
  }

  std::vector<Entry> table_;
  std::size_t mask_ = 0;
  std::size_t size_ = 0;
  int shift_ = 0;  // 64 - log2 of the number of lines
};

}  // namespace zomma::matching
