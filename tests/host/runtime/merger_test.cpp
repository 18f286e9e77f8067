// Several recordings become one stream: in order of receipt, packets whole, the same in every run.
#include <catch2/catch.hpp>

#include <cstring>

#include "base/random.h"
#include "runtime/merger.h"

using namespace zomma;

namespace {

// A source made of given events, handed out a few at a time.
class ListSource final : public FeedSource {
 public:
  explicit ListSource(std::vector<zm_event> events, std::size_t slice = 3)
      : events_(std::move(events)), slice_(slice) {}
  const FeedCounters& counters() const override { return counters_; }

 protected:
  Result<std::size_t> fill(EventBuffer& out) override {
    std::size_t count = 0;
    for (; count < slice_ && next_ < events_.size(); ++count) out.push(events_[next_++]);
    return count;
  }

 private:
  std::vector<zm_event> events_;
  std::size_t slice_, next_ = 0;
  FeedCounters counters_;
};

zm_event event_at(std::int64_t ts, bool last = true, std::uint32_t instrument = 0) {
  zm_event event{};
  event.ts_ns = ts;
  event.instrument = instrument;
  event.kind = ZM_EVENT_LEVEL;
  event.flags = last ? ZM_FLAG_LAST : 0;
  return event;
}

std::vector<zm_event> everything(FeedMerger& merger, std::size_t target = 16) {
  std::vector<zm_event> out;
  for (;;) {
    const auto count = merger.read(out, target);
    REQUIRE(count);
    if (*count == 0) return out;
  }
}

std::vector<zm_event> random_feed(std::uint64_t seed, std::uint32_t instrument) {
  Random random(seed);
  std::vector<zm_event> events;
  std::int64_t ts = 1000;
  for (int packet = 0; packet < 500; ++packet) {
    ts += static_cast<std::int64_t>(random.below(5));
    const std::uint64_t size = 1 + random.below(40);
    for (std::uint64_t i = 0; i < size; ++i)
      events.push_back(event_at(ts, i + 1 == size, instrument));
  }
  return events;
}

}  // namespace

TEST_CASE("feeds are merged by the time of receipt, the first configured first at equal times") {
  FeedMerger merger;
  merger.add(std::make_unique<ListSource>(std::vector{event_at(10), event_at(30)}));
  merger.add(std::make_unique<ListSource>(std::vector{event_at(10), event_at(20)}));
  const auto out = everything(merger);
  REQUIRE(out.size() == 4);
  CHECK(feed_of(out[0]) == 0);
  CHECK(feed_of(out[1]) == 1);
  CHECK(out[2].ts_ns == 20);
  CHECK(out[3].ts_ns == 30);
}

TEST_CASE("a packet stays whole although another feed has something in between") {
  FeedMerger merger;
  merger.add(std::make_unique<ListSource>(
      std::vector{event_at(10, false), event_at(20, false), event_at(30, true)}, 1));
  merger.add(std::make_unique<ListSource>(std::vector{event_at(15)}));
  const auto out = everything(merger);
  REQUIRE(out.size() == 4);
  CHECK(feed_of(out[0]) == 0);
  CHECK(feed_of(out[1]) == 0);
  CHECK(feed_of(out[2]) == 0);
  CHECK(feed_of(out[3]) == 1);
}

TEST_CASE("no event is lost or doubled, and the slicing of sources does not change the order") {
  std::vector<std::vector<zm_event>> runs;
  for (const std::size_t slice : {1u, 7u, 1000u}) {
    FeedMerger merger;
    for (std::uint32_t feed = 0; feed < 3; ++feed)
      merger.add(std::make_unique<ListSource>(random_feed(feed + 1, feed), slice));
    runs.push_back(everything(merger, slice));
  }
  std::size_t all = 0;
  for (std::uint32_t feed = 0; feed < 3; ++feed) all += random_feed(feed + 1, feed).size();
  CHECK(runs[0].size() == all);
  for (const auto& run : runs) {
    REQUIRE(run.size() == runs[0].size());
    CHECK(std::memcmp(run.data(), runs[0].data(), run.size() * sizeof(zm_event)) == 0);
  }
}

TEST_CASE("a merger that skips what a journal holds goes on where it ended") {
  FeedMerger whole;
  for (std::uint32_t feed = 0; feed < 3; ++feed)
    whole.add(std::make_unique<ListSource>(random_feed(feed + 1, feed)));
  const auto all = everything(whole);
  for (const std::size_t cut : {std::size_t{1}, std::size_t{977}, all.size() / 2, all.size() - 1}) {
    std::size_t boundary = cut;  // the journal may end in the middle of a packet
    std::vector<std::uint64_t> consumed(3);
    for (std::size_t i = 0; i < boundary; ++i) ++consumed[feed_of(all[i])];
    FeedMerger rest;
    for (std::uint32_t feed = 0; feed < 3; ++feed)
      rest.add(std::make_unique<ListSource>(random_feed(feed + 1, feed)));
    if (boundary > 0 && (all[boundary - 1].flags & ZM_FLAG_LAST) == 0)
      rest.resume_packet(feed_of(all[boundary - 1]));
    REQUIRE(rest.skip(consumed));
    const auto tail = everything(rest);
    REQUIRE(tail.size() == all.size() - boundary);
    CHECK(std::memcmp(tail.data(), all.data() + boundary, tail.size() * sizeof(zm_event)) == 0);
  }
}

TEST_CASE("the time of the first event is known without taking it") {
  FeedMerger merger;
  merger.add(std::make_unique<ListSource>(std::vector{event_at(30)}));
  merger.add(std::make_unique<ListSource>(std::vector{event_at(20)}));
  CHECK(merger.first_time()->value == 20);
  CHECK(everything(merger).size() == 2);
  FeedMerger empty;
  empty.add(std::make_unique<ListSource>(std::vector<zm_event>{}));
  CHECK(!empty.first_time());
}
