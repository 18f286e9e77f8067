#include "risk/duplicate_window.h"

namespace zomma {

void DuplicateWindow::remember(const DuplicateKey& key, OrderId id, Nanoseconds now, Nanoseconds window) {
  Entry* set = &entries_[set_of(key)];
  Entry* oldest = set;
  for (std::size_t way = 0; way < ways; ++way) {
    Entry& entry = set[way];
    if (!entry.id.valid() || entry.key == key) {
      entry = {key, now, id};
      return;
    }
    if (entry.at < oldest->at) oldest = &entry;
  }
  if (now.value - oldest->at.value < window.value) ++lost_;
  *oldest = {key, now, id};
}

void DuplicateWindow::save(ArchiveWriter& out) const {
  out.put_vector(entries_);
  out.put(lost_);
}

void DuplicateWindow::load(ArchiveReader& in) {
  auto entries = in.get_vector<Entry>();
  if (entries.size() != entries_.size()) in.fail();
  else entries_ = std::move(entries);
  lost_ = in.get<std::uint64_t>();
}

}  // namespace zomma
