// list_pool.h: a pool as RMM's, reduced to its index: one mutex, a std::list of free ranges in address
// order for each stream, best fit by walking the whole list, insertion by walking to the address, live
// blocks in a std::set. It makes no driver call, so the event recorded on each free is not in its time.
#pragma once

#include <cstdint>
#include <list>
#include <mutex>
#include <set>

namespace zomma::bench {

class ListPool {
 public:
  explicit ListPool(std::uint64_t bytes) { free_.push_back({0, bytes}); }

  static constexpr std::uint64_t nowhere = ~std::uint64_t{0};

  std::uint64_t allocate(std::uint64_t bytes) {
    bytes = (bytes + 255) / 256 * 256;
    const std::lock_guard lock(mutex_);
    auto best = free_.end();
    for (auto at = free_.begin(); at != free_.end(); ++at) {
      if (at->bytes >= bytes && (best == free_.end() || at->bytes < best->bytes)) best = at;
    }
    if (best == free_.end()) return nowhere;
    const std::uint64_t address = best->address;
    if (best->bytes == bytes) {
      free_.erase(best);
    } else {
      best->address += bytes;
      best->bytes -= bytes;
    }
    taken_.insert({address, bytes});
    return address;
  }

  void free(std::uint64_t address) {
    const std::lock_guard lock(mutex_);
    const auto taken = taken_.find({address, 0});
    Range range = *taken;
    taken_.erase(taken);
    auto after = free_.begin();
    while (after != free_.end() && after->address < address) ++after;
    if (after != free_.end() && range.address + range.bytes == after->address) {
      range.bytes += after->bytes;
      after = free_.erase(after);
    }
    if (after != free_.begin()) {
      const auto before = std::prev(after);
      if (before->address + before->bytes == range.address) {
        before->bytes += range.bytes;
        return;
      }
    }
    free_.insert(after, range);
  }

 private:
  struct Range {
    std::uint64_t address, bytes;
    bool operator<(const Range& other) const { return address < other.address; }
  };
  std::mutex mutex_;
  std::list<Range> free_;
  std::set<Range> taken_;
};

}  // namespace zomma::bench
