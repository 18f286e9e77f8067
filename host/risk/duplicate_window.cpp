#include "risk/duplicate_window.h"

#include <limits>

namespace zomma {
namespace {
constexpr std::int64_t latest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t earliest = std::numeric_limits<std::int64_t>::min();
}  // namespace

// Which place is taken is as good as random, so it is found without branches.
void DuplicateWindow::remember(const DuplicateKey& key, OrderId id, Nanoseconds now,
                               Nanoseconds window) {
  Entry* set = &entries_[set_of(key)];
  std::size_t place = 0;
  std::int64_t oldest = latest;
  for (std::size_t way = 0; way < ways; ++way) {
    const Entry& entry = set[way];
    const bool same = (entry.key.instrument == key.instrument) & (entry.key.side == key.side) &
                      (entry.key.price == key.price) & (entry.key.quantity == key.quantity);
    // The same order's place before a free one (never used: the least time), that before the
    // oldest.
    const std::int64_t rank = same ? earliest : entry.id.valid() ? entry.at.value : earliest + 1;
    place = rank < oldest ? way : place;
    oldest = rank < oldest ? rank : oldest;
  }
  const bool drops = oldest > earliest + 1 && now.value - oldest < window.value;
  lost_ += drops ? 1 : 0;
  set[place] = {key, now, id};
}

void DuplicateWindow::save(ArchiveWriter& out) const {
  out.put_vector(entries_);
  out.put(lost_);
}

void DuplicateWindow::load(ArchiveReader& in) {
  auto entries = in.get_vector<Entry>();
  if (entries.size() != entries_.size())
    in.fail();
  else
    entries_ = std::move(entries);
  lost_ = in.get<std::uint64_t>();
}

}  // namespace zomma
