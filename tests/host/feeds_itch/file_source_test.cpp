// A BinaryFILE as a recorded feed: complete, resumable, and honest about where it stopped.
#include <catch2/catch.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>

#include <unistd.h>

#include "base/random.h"
#include "market/feeds/itch/file_source.h"
#include "support/shared_data.h"
#include "wire.h"

using namespace zomma;
using test::Bytes;

namespace {

constexpr std::int64_t midnight = 1'340'251'200'000'000'000;

itch::DecoderOptions options() {
  itch::DecoderOptions result;
  result.midnight = {midnight};
  return result;
}

itch::FileSource source_of(std::span<const std::byte> file) {
  return itch::FileSource("memory", std::make_unique<test::MemorySource>(file),
                          test::symbols_of({"AAPL"}), options());
}

Bytes make_file(std::size_t adds) {
  Bytes file;
  test::append_framed(file, test::itch_directory("AAPL", {1, 34'200'000'000'000}));
  for (std::size_t i = 0; i < adds; ++i)
    test::append_framed(
        file, test::itch_add(i, 'B', 100, "AAPL", 1'000'000, {1, 34'200'000'000'000 + i}));
  return file;
}

struct Read {
  std::vector<zm_event> events;
  std::optional<Error> error;
};

Read read_all(FeedSource& source, std::size_t capacity = 4096) {
  Read result;
  EventBuffer out(capacity);
  for (;;) {
    out.clear();
    const auto count = source.read(out);
    if (!count) {
      result.error = count.error();
      return result;
    }
    REQUIRE(*count == out.size());
    if (*count == 0) return result;
    result.events.insert(result.events.end(), out.events().begin(), out.events().end());
  }
}

bool same(const std::vector<zm_event>& a, const std::vector<zm_event>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(zm_event)) == 0);
}

}  // namespace

TEST_CASE("an hour of AAPL becomes one event for each message that has one") {
  ZOMMA_SHARED_DATA(path, "itch/derived_AAPL_2012-06-21_0930_rows0-45999.itch.xz");
  auto source = itch::FileSource::open(path, test::symbols_of({"AAPL"}), options());
  REQUIRE(source);
  const Read read = read_all(**source);
  CHECK_FALSE(read.error);
  CHECK(read.events.size() == 46'073);  // all but R
  std::map<int, int> kinds;
  std::int64_t last = 0;
  std::int64_t executed = 0, hidden = 0;
  for (const auto& event : read.events) {
    ++kinds[event.kind];
    REQUIRE(event.ts_ns >= last);
    last = event.ts_ns;
    if (event.kind == ZM_EVENT_ORDER_EXECUTE) executed += event.u.execute.quantity;
    if (event.kind == ZM_EVENT_TRADE) hidden += event.u.trade.quantity;
  }
  CHECK(kinds == std::map<int, int>{{ZM_EVENT_ORDER_ADD, 22'139},
                                    {ZM_EVENT_ORDER_DELETE, 20'085},
                                    {ZM_EVENT_ORDER_EXECUTE, 2'317},
                                    {ZM_EVENT_ORDER_REDUCE, 245},
                                    {ZM_EVENT_TRADE, 1'282},
                                    {ZM_EVENT_MARKET_STATE, 5}});
  CHECK(executed == 199'157);
  CHECK(hidden == 112'076);
  CHECK((*source)->counters().clock_back == 0);
  CHECK((*source)->counters().messages == 46'074);
  CHECK((*source)->position() == 46'073);
}

TEST_CASE("how much is read at a time changes nothing, and any place can be taken up again") {
  const Bytes file = make_file(60'000);  // more than two windows
  auto whole = source_of(file);
  const Read all = read_all(whole);
  REQUIRE(all.events.size() == 60'000);
  for (const std::size_t capacity : {1, 7, 1000}) {
    auto source = source_of(file);
    CHECK(same(read_all(source, capacity).events, all.events));
  }
  for (const std::size_t done : {0, 1, 4'095, 4'096, 4'097, 31'234, 59'999, 60'000}) {
    auto source = source_of(file);
    REQUIRE(source.skip(done));
    const Read rest = read_all(source, 512);
    CHECK(same(rest.events, {all.events.begin() + static_cast<long>(done), all.events.end()}));
    CHECK(source.position() == 60'000);
  }
}

TEST_CASE("a buffer that flushes gets the same events") {
  const Bytes file = make_file(5'000);
  auto source = source_of(file);
  std::vector<zm_event> seen;
  EventBuffer out(
      64,
      [](void* context, std::span<const zm_event> events) {
        auto& all = *static_cast<std::vector<zm_event>*>(context);
        all.insert(all.end(), events.begin(), events.end());
      },
      &seen);
  for (;;) {
    const auto count = source.read(out);
    REQUIRE(count);
    if (*count == 0) break;
    out.flush();
  }
  auto whole = source_of(file);
  CHECK(same(seen, read_all(whole).events));
}

TEST_CASE(
    "a file that ends inside a message gives what is whole, then the error, again and again") {
  Bytes file = make_file(100);
  file.resize(file.size() - 5);
  auto source = source_of(file);
  const Read read = read_all(source);
  CHECK(read.events.size() == 99);
  REQUIRE(read.error);
  CHECK(read.error->code == Errc::truncated);
  CHECK(read.error->message.find("after 100 messages") != std::string::npos);
  CHECK(source.counters().truncated == 1);
  EventBuffer out;
  CHECK_FALSE(source.read(out));
}

TEST_CASE("damage inside a file is a gap in the stream, and what follows is read") {
  Bytes file = make_file(100);
  for (std::size_t i = 1'500; i < 1'560; ++i) file[i] = std::byte{0xee};
  auto source = source_of(file);
  const Read read = read_all(source);
  CHECK_FALSE(read.error);
  int gaps = 0;
  for (const auto& event : read.events) gaps += event.kind == ZM_EVENT_GAP;
  CHECK(gaps == 1);
  CHECK(read.events.size() >= 98);
  CHECK(read.events.back().u.order.ref == 99);
}

TEST_CASE("any flipped bit of a session leaves all but its neighbours, and time never falls") {
  const Bytes file = make_file(200);
  Random random(29);
  for (int i = 0; i < 2'000; ++i) {
    Bytes damaged = file;
    damaged[random.below(file.size())] ^= static_cast<std::byte>(1u << random.below(8));
    auto source = source_of(damaged);
    const Read read = read_all(source);
    REQUIRE((!read.error || read.error->code == Errc::truncated));
    REQUIRE(read.events.size() >= 196);
    std::int64_t last = 0;
    for (const auto& event : read.events) {
      REQUIRE(event.ts_ns >= last);
      last = event.ts_ns;
    }
    REQUIRE(last <= midnight + 34'200'000'000'000 + 2'200'000'000'000);
  }
}

TEST_CASE("a damaged packed file gives what could be unpacked, then says what is wrong with it") {
  ZOMMA_SHARED_DATA(xz, "itch/derived_AAPL_2012-06-21_0930_rows0-45999.itch.xz");
  ZOMMA_SHARED_DATA(gzip, "itch/RITCH_ex20101224.TEST_ITCH_50.gz");
  const auto scratch =
      std::filesystem::temp_directory_path() / ("zomma_itch_" + std::to_string(::getpid()));
  const auto damaged_copy = [&](const std::string& path, bool cut) {
    std::ifstream in(path, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), {}};
    if (cut)
      bytes.resize(bytes.size() / 2);
    else
      for (std::size_t i = bytes.size() / 2; i < bytes.size() / 2 + 64; ++i)
        bytes[i] = static_cast<char>(~bytes[i]);
    std::ofstream(scratch, std::ios::binary) << bytes;
  };
  for (const auto& path : {xz, gzip}) {
    for (const bool cut : {true, false}) {
      damaged_copy(path, cut);
      auto source = itch::FileSource::open(
          scratch.string(), test::symbols_of({"AAPL", "ALC", "BOB", "CHR"}), options());
      REQUIRE(source);
      const Read read = read_all(**source);
      REQUIRE(read.error);
      CAPTURE(path, cut, read.error->message);
      CHECK(read.events.size() > 1'000);
      // A stream may also be found damaged only by what it unpacks to.
      CHECK((read.error->code == (cut ? Errc::truncated : Errc::corrupt)));
      CHECK(read.error->message.find(scratch.string()) != std::string::npos);
    }
  }
  std::filesystem::remove(scratch);
}

TEST_CASE("a file that is not there is an error that names it") {
  const auto source =
      itch::FileSource::open("/nowhere/day.itch", test::symbols_of({"AAPL"}), options());
  REQUIRE_FALSE(source);
  CHECK(source.error().code == Errc::not_found);
  CHECK(source.error().message.find("/nowhere/day.itch") != std::string::npos);
}
