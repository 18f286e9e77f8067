#include "runtime/sweep/tape.h"

#include <algorithm>

#include "base/sha256.h"
#include "runtime/assembly.h"

namespace zomma {
namespace {

// Ends another source before the first packet at or after a time.
class Cut final : public FeedSource {
 public:
  Cut(std::unique_ptr<FeedSource> inner, Nanoseconds until)
      : inner_(std::move(inner)), until_(until) {}
  const FeedCounters& counters() const override { return inner_->counters(); }
  const std::optional<Error>& first_problem() const override { return inner_->first_problem(); }

 protected:
  Result<std::size_t> fill(EventBuffer& out) override {
    if (over_) return std::size_t{0};
    block_.clear();
    const auto count = inner_->read(block_);
    if (!count) return count.error();
    std::size_t taken = 0;
    for (const zm_event& event : block_.events()) {
      if (whole_ && event.ts_ns >= until_.value) {
        over_ = true;
        break;
      }
      whole_ = (event.flags & ZM_FLAG_LAST) != 0;
      out.push(event);
      ++taken;
    }
    return taken;
  }

 private:
  std::unique_ptr<FeedSource> inner_;
  EventBuffer block_;
  Nanoseconds until_;
  bool whole_ = true, over_ = false;
};

}  // namespace

Result<std::unique_ptr<FeedSource>> open_until(const Config& config, std::size_t feed,
                                               Nanoseconds until) {
  auto source = open_feed(config, config.feeds[feed]);
  if (!source || until.value == 0) return source;
  return std::unique_ptr<FeedSource>(std::make_unique<Cut>(std::move(*source), until));
}

// Hands out kept events in blocks that end with a packet.
class Tape::Replay final : public FeedSource {
 public:
  explicit Replay(const Recording& recording) : recording_(recording) {}
  const FeedCounters& counters() const override { return recording_.counters; }

 protected:
  Result<std::size_t> fill(EventBuffer& out) override {
    const auto& events = recording_.events;
    const std::size_t from = at_, wanted = std::max<std::size_t>(out.room(), 1);
    std::size_t end = std::min(events.size(), from + wanted);
    while (end < events.size() && (events[end - 1].flags & ZM_FLAG_LAST) == 0) ++end;
    for (; at_ < end; ++at_) out.push(events[at_]);
    if (at_ == from && recording_.end) return *recording_.end;
    return at_ - from;
  }

 private:
  const Recording& recording_;
  std::size_t at_ = 0;
};

Result<std::unique_ptr<Tape>> Tape::read(const Config& config, std::uint64_t memory) {
  auto tape = std::make_unique<Tape>();
  tape->recordings_.resize(config.feeds.size());
  Sha256 hash;
  for (std::size_t feed = 0; feed < config.feeds.size(); ++feed) {
    Recording& recording = tape->recordings_[feed];
    auto source = open_feed(config, config.feeds[feed]);
    if (!source) {
      if (config.feeds[feed].required || source.error().code != Errc::not_found)
        return Error{source.error().code,
                     "feed \"" + config.feeds[feed].name + "\": " + source.error().message};
      recording.end = source.error();
      continue;
    }
    EventBuffer block;
    for (;;) {
      block.clear();
      const auto count = (*source)->read(block);
      if (!count) {
        recording.end = count.error();
        break;
      }
      if (*count == 0) break;
      hash.update(block.events().data(), block.events().size_bytes());
      tape->events_ += *count;
      tape->first_ = std::min(tape->first_, Nanoseconds{block.events().front().ts_ns});
      tape->last_ = std::max(tape->last_, Nanoseconds{block.events().back().ts_ns});
      if (tape->events_ * sizeof(zm_event) > memory) tape->kept_ = false;
      if (tape->kept_)
        recording.events.insert(recording.events.end(), block.events().begin(),
                                block.events().end());
    }
    recording.counters = (*source)->counters();
  }
  if (tape->events_ == 0) return Error{Errc::truncated, "the recordings hold no event"};
  if (!tape->kept_)
    for (Recording& recording : tape->recordings_) recording.events = {};
  tape->digest_ = hash.hex();
  return tape;
}

Result<std::unique_ptr<FeedSource>> Tape::open(const Config& config, std::size_t feed,
                                               Nanoseconds until) const {
  const Recording& recording = recordings_[feed];
  if (!kept_ || (recording.end && recording.end->code == Errc::not_found))
    return open_until(config, feed, until);
  std::unique_ptr<FeedSource> source = std::make_unique<Replay>(recording);
  if (until.value > 0) source = std::make_unique<Cut>(std::move(source), until);
  return source;
}

}  // namespace zomma
