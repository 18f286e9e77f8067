// merger.h: several recordings as one stream in the order of receipt. A venue's packet (up to
// ZM_FLAG_LAST) is never torn apart. Equal times: the feed configured first comes first, so the
// order is the same in every run.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "market/feeds/decoder.h"

namespace zomma {

class FeedMerger {
 public:
  // `number` (0 to 14) goes into the top four bits of zm_event.flags; by default the order of
  // adding.
  void add(std::unique_ptr<FeedSource> source) {
    add(std::move(source), static_cast<std::uint32_t>(feeds_.size()));
  }
  void add(std::unique_ptr<FeedSource> source, std::uint32_t number);

  // Appends the next packets, up to about `target` events, each a whole packet. Returns how many; 0
  // = every source ended.
  Result<std::size_t> read(std::vector<zm_event>& out, std::size_t target);

  // When the first event was received, without taking it. Errc::truncated if there is none.
  Result<Nanoseconds> first_time();

  // Passes over what a journal already holds: `consumed[n]` events of feed number n.
  Result<void> skip(const std::vector<std::uint64_t>& consumed);

  // The journal ends in the middle of a packet of this feed: its rest comes before anything else.
  void resume_packet(std::uint32_t feed) { torn_ = feed; }

  // By the order of adding.
  const FeedSource& source(std::size_t index) const { return *feeds_[index].source; }
  std::size_t size() const { return feeds_.size(); }

 private:
  struct Feed {
    std::unique_ptr<FeedSource> source;
    std::unique_ptr<EventBuffer> buffer;
    std::uint32_t number;
    std::size_t cursor = 0;
    bool ended = false;
  };
  Result<bool> refill(Feed& feed);
  // Copies one packet of the feed; refills in the middle if the packet is longer than what is
  // buffered.
  Result<void> take_packet(std::size_t index, std::vector<zm_event>& out);

  std::vector<Feed> feeds_;
  std::optional<std::uint32_t> torn_;
};

constexpr int feed_shift = 12;
constexpr std::uint16_t feed_mask = 0xF000;
constexpr std::uint32_t feed_of(const zm_event& event) { return event.flags >> feed_shift; }
constexpr std::uint32_t no_feed =
    15;  // inputs that came from no feed: parameters, kills, the session, the clock

}  // namespace zomma
