// What every feed relies on: the event buffer, the symbol map, exact rescaling, and going on in the
// middle of a recording.
#include <catch2/catch.hpp>

#include "wire.h"

using namespace zomma;

namespace {

// Gives events 1..count (in trade_id), `per_fill` at a time.
class Counting : public FeedSource {
 public:
  Counting(std::uint64_t count, std::uint64_t per_fill) : count_(count), per_fill_(per_fill) {}
  const FeedCounters& counters() const override { return counters_; }

 protected:
  Result<std::size_t> fill(EventBuffer& out) override {
    std::size_t given = 0;
    for (; given < per_fill_ && next_ <= count_; ++given)
      out.append(ZM_EVENT_TRADE, 0, Nanoseconds{1}, 0, 0).u.trade.trade_id = next_++;
    return given;
  }

 private:
  std::uint64_t count_, per_fill_, next_ = 1;
  FeedCounters counters_;
};

}  // namespace

TEST_CASE("a buffer without flush function grows only when it must and keeps its events") {
  EventBuffer buffer(4);
  for (std::uint64_t i = 0; i < 4; ++i)
    buffer.append(ZM_EVENT_TRADE, 1, Nanoseconds{5}, 4, ZM_FLAG_LAST).u.trade.trade_id = i;
  CHECK(buffer.capacity() == 4);
  CHECK(buffer.room() == 0);
  for (std::uint64_t i = 4; i < 9; ++i)
    buffer.append(ZM_EVENT_TRADE, 1, Nanoseconds{5}, 4, ZM_FLAG_LAST).u.trade.trade_id = i;
  REQUIRE(buffer.size() == 9);
  for (std::uint64_t i = 0; i < 9; ++i) CHECK(buffer.events()[i].u.trade.trade_id == i);
}

TEST_CASE("a buffer with a flush function hands everything over, in order, exactly once") {
  std::vector<std::uint64_t> seen;
  EventBuffer buffer(
      3,
      [](void* context, std::span<const zm_event> events) {
        for (const auto& event : events)
          static_cast<std::vector<std::uint64_t>*>(context)->push_back(event.u.trade.trade_id);
      },
      &seen);
  for (std::uint64_t i = 0; i < 10; ++i)
    buffer.append(ZM_EVENT_TRADE, 1, {}, 0, 0).u.trade.trade_id = i;
  buffer.flush();
  buffer.flush();
  REQUIRE(seen.size() == 10);
  for (std::uint64_t i = 0; i < 10; ++i) CHECK(seen[i] == i);
  CHECK(buffer.capacity() == 3);
}

TEST_CASE("an appended event is zero wherever the decoder writes nothing") {
  EventBuffer buffer(1);
  zm_event dirty;
  std::memset(&dirty, 0xff, sizeof dirty);
  buffer.push(dirty);
  buffer.clear();
  const zm_event& event = buffer.append(ZM_EVENT_ORDER_DELETE, 3, Nanoseconds{9}, 8, ZM_FLAG_LAST);
  CHECK(event.seq == 0);
  CHECK(event.ts_ns == 9);
  CHECK(event.exchange_ns == 8);
  for (const auto byte : event.u.raw) CHECK(byte == 0);
}

TEST_CASE("symbols are found with and without the venue's padding, and mapped once") {
  SymbolMap map = test::symbols_of({"MSFT", "AAPL", "A"});
  REQUIRE(map.find("AAPL    ") != nullptr);
  CHECK(map.find("AAPL    ")->id == InstrumentId{1});
  CHECK(map.find("A")->id == InstrumentId{2});
  CHECK(map.find("AA") == nullptr);
  CHECK(map.find("") == nullptr);
  CHECK(map.find("        ") == nullptr);
  CHECK_FALSE(map.add("MSFT", Instrument{}));
  CHECK_FALSE(map.add("", Instrument{}));
  CHECK(map.size() == 3);
}

TEST_CASE("decimals are moved exactly or the loss is told") {
  std::int64_t out = 0;
  CHECK(DecimalScale(4, 4).apply(5'853'300, out));
  CHECK(out == 5'853'300);
  CHECK(DecimalScale(4, 2).apply(5'853'300, out));
  CHECK(out == 58'533);
  CHECK_FALSE(DecimalScale(4, 2).apply(5'853'350, out));
  CHECK(out == 58'533);
  CHECK_FALSE(DecimalScale(4, 2).apply(-1, out));
  CHECK(out == -1);
  CHECK(DecimalScale(2, 8).apply(-7, out));
  CHECK(out == -7'000'000);
  CHECK_FALSE(DecimalScale(0, 9).apply(INT64_MAX / 10, out));
}

TEST_CASE("a source can be taken up again after any number of events") {
  const std::uint64_t count = 57;
  for (std::uint64_t done = 0; done <= count; ++done) {
    Counting source(count, 10);
    REQUIRE(source.skip(done));
    CHECK(source.position() == done);
    EventBuffer buffer;
    std::uint64_t expected = done;
    for (;;) {
      buffer.clear();
      const auto read = source.read(buffer);
      REQUIRE(read);
      if (*read == 0) break;
      for (const auto& event : buffer.events()) REQUIRE(event.u.trade.trade_id == ++expected);
      CHECK(source.position() == expected);
    }
    CHECK(expected == count);
  }
}

TEST_CASE("skipping more than a recording holds is an error, not the end") {
  Counting source(57, 10);
  const auto skipped = source.skip(58);
  REQUIRE_FALSE(skipped);
  CHECK(skipped.error().code == Errc::truncated);
}
