// duplicate_window.h: which orders an instance sent lately, to find one that is sent twice.
//
// A fixed table of 128 sets of 4: a lookup reads one set. Within the window up to four different
// orders fall into a set without loss; beyond that the oldest is forgotten and lost() counts it.
// Hot path: no allocation.
#pragma once

#include <cstdint>
#include <vector>

#include "base/archive.h"
#include "base/types.h"

namespace zomma {

struct DuplicateKey {
  std::int64_t price{};  // compared first: it tells most orders apart
  std::int64_t quantity{};
  std::uint32_t instrument{};
  std::uint32_t side{};
  bool operator==(const DuplicateKey&) const = default;
};

class DuplicateWindow {
 public:
  DuplicateWindow() : entries_(set_count * ways) {}

  // The order that `key` would repeat, if one was remembered less than `window` ago; invalid id if
  // none.
  OrderId find(const DuplicateKey& key, Nanoseconds now, Nanoseconds window) const {
    const Entry* set = &entries_[set_of(key)];
    for (std::size_t way = 0; way < ways; ++way) {
      const Entry& entry = set[way];
      if (entry.key == key && entry.id.valid() && now.value - entry.at.value < window.value)
        return entry.id;
    }
    return {};
  }
  void remember(const DuplicateKey& key, OrderId id, Nanoseconds now, Nanoseconds window);
  std::uint64_t lost() const { return lost_; }

  void save(ArchiveWriter& out) const;
  void load(ArchiveReader& in);

 private:
  static constexpr std::size_t set_count = 128, ways = 4;
  struct Entry {
    DuplicateKey key;
    Nanoseconds at{};
    OrderId id;  // invalid: free
  };
  static std::size_t set_of(const DuplicateKey& key) {
    const std::uint64_t mixed =
        (static_cast<std::uint64_t>(key.price) * 0x9E3779B97F4A7C15u) ^
        (static_cast<std::uint64_t>(key.quantity) * 0xC2B2AE3D27D4EB4Fu) ^
        (static_cast<std::uint64_t>(key.instrument * 2u + key.side) * 0x165667B19E3779F9u);
    return static_cast<std::size_t>((mixed ^ (mixed >> 29)) >> 13) % set_count * ways;
  }

  std::vector<Entry> entries_;
  std::uint64_t lost_ = 0;
};

}  // namespace zomma
