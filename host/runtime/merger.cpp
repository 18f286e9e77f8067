#include "runtime/merger.h"

#include <algorithm>

namespace zomma {

namespace {
constexpr std::size_t buffer_events = 8192;
}

void FeedMerger::add(std::unique_ptr<FeedSource> source, std::uint32_t number) {
  feeds_.push_back(
      {std::move(source), std::make_unique<EventBuffer>(buffer_events), number, 0, false});
}

Result<bool> FeedMerger::refill(Feed& feed) {
  if (feed.cursor < feed.buffer->size()) return true;
  if (feed.ended) return false;
  feed.buffer->clear();
  feed.cursor = 0;
  const auto count = feed.source->read(*feed.buffer);
  if (!count) return count.error();
  feed.ended = *count == 0;
  return !feed.ended;
}

Result<void> FeedMerger::take_packet(std::size_t index, std::vector<zm_event>& out) {
  Feed& feed = feeds_[index];
  for (;;) {
    const auto more = refill(feed);
    if (!more) return more.error();
    if (!*more) return {};  // the recording ends in the middle of a packet
    zm_event event = feed.buffer->events()[feed.cursor++];
    const bool last = (event.flags & ZM_FLAG_LAST) != 0;
    event.flags =
        static_cast<std::uint16_t>((event.flags & ~feed_mask) | (feed.number << feed_shift));
    out.push_back(event);
    if (last) return {};
  }
}

Result<std::size_t> FeedMerger::read(std::vector<zm_event>& out, std::size_t target) {
  const std::size_t before = out.size();
  if (torn_) {
    const std::uint32_t number = *torn_;
    torn_.reset();
    for (std::size_t i = 0; i < feeds_.size(); ++i)
      if (feeds_[i].number == number)
        if (const auto taken = take_packet(i, out); !taken) return taken.error();
  }
  while (out.size() - before < target) {
    std::size_t earliest = feeds_.size();
    std::int64_t earliest_ns = 0;
    for (std::size_t i = 0; i < feeds_.size(); ++i) {
      const auto more = refill(feeds_[i]);
      if (!more) return more.error();
      if (!*more) continue;
      const std::int64_t ts = feeds_[i].buffer->events()[feeds_[i].cursor].ts_ns;
      if (earliest == feeds_.size() || ts < earliest_ns) {
        earliest = i;
        earliest_ns = ts;
      }
    }
    if (earliest == feeds_.size()) break;
    if (const auto taken = take_packet(earliest, out); !taken) return taken.error();
  }
  return out.size() - before;
}

Result<Nanoseconds> FeedMerger::first_time() {
  std::int64_t first = 0;
  bool any = false;
  for (Feed& feed : feeds_) {
    const auto more = refill(feed);
    if (!more) return more.error();
    if (!*more) continue;
    const std::int64_t ts = feed.buffer->events()[feed.cursor].ts_ns;
    first = any ? std::min(first, ts) : ts;
    any = true;
  }
  if (!any) return Error{Errc::truncated, "the recordings hold no event"};
  return Nanoseconds{first};
}

Result<void> FeedMerger::skip(const std::vector<std::uint64_t>& consumed) {
  for (Feed& feed : feeds_) {
    if (feed.number >= consumed.size()) continue;
    if (const auto skipped = feed.source->skip(consumed[feed.number]); !skipped)
      return skipped.error();
  }
  return {};
}

}  // namespace zomma
