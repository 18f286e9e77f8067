// Recorded lines of Nasdaq, BX and PSX, and captures made here, as one ITCH feed.
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

#include "base/random.h"
#include "market/feeds/itch/capture_source.h"
#include "market/feeds/itch/parse.h"
#include "support/shared_data.h"
#include "wire.h"

using namespace zomma;
using test::Bytes;

namespace {

struct Packets {
  std::vector<std::vector<Bytes>> packets;  // messages of each
  std::vector<mold::Header> headers;
};

// Every MoldUDP64 packet of a capture; all of its frames must be one.
Packets mold_packets(const Bytes& file) {
  Packets result;
  auto capture = pcap::Capture::open(file);
  REQUIRE(capture);
  pcap::Packet packet;
  for (;;) {
    const auto more = capture->next(packet);
    REQUIRE(more);
    if (!*more) return result;
    pcap::Datagram datagram;
    REQUIRE(pcap::find_udp(packet.link, packet.bytes, datagram) == pcap::FrameStatus::udp);
    mold::Header header;
    REQUIRE(mold::read_header(datagram.payload, header));
    auto blocks = datagram.payload.subspan(mold::header_size);
    std::span<const std::byte> message;
    std::vector<Bytes> messages;
    for (unsigned left = header.messages(); left != 0; --left) {
      REQUIRE(mold::next_block(blocks, message));
      messages.emplace_back(message.begin(), message.end());
    }
    CHECK(blocks.empty());
    result.headers.push_back(header);
    result.packets.push_back(std::move(messages));
  }
}

// {"folder/file.pcap": {"A": 5, ...}, ...} -> counts; the file's form is that simple.
std::map<std::string, std::map<char, int>> read_counts(const std::string& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  const std::string json = text.str();
  std::map<std::string, std::map<char, int>> counts;
  std::string file;
  for (std::size_t at = 0; (at = json.find('"', at)) != std::string::npos;) {
    const std::size_t end = json.find('"', at + 1);
    const std::string name = json.substr(at + 1, end - at - 1);
    at = end + 1;
    if (name.size() > 1)
      file = name;
    else
      counts[file][name[0]] = std::stoi(json.substr(json.find(':', at) + 1));
  }
  return counts;
}

}  // namespace

TEST_CASE(
    "every captured TotalView packet decodes into its known messages, with nothing left over") {
  ZOMMA_SHARED_DATA(counts_path, "itch/pcap/counts_by_file.json");
  const auto folder = std::filesystem::path(counts_path).parent_path();
  const auto counts = read_counts(counts_path);
  REQUIRE(counts.size() == 49);
  int present = 0;
  std::map<char, int> total, expected;
  for (const auto& [name, types] : counts) {
    const auto path = folder / std::filesystem::path(name).lexically_relative(
                                   *std::filesystem::path(name).begin());
    if (!std::filesystem::exists(path)) continue;
    ++present;
    CAPTURE(name);
    std::map<char, int> found;
    for (const auto& messages : mold_packets(test::read_file(path.string())).packets) {
      for (const Bytes& message : messages) {
        REQUIRE(message.size() == itch::message_size(message[0]));
        REQUIRE(itch::parse(message, [](const itch::Header&) {}) == itch::Parsed::ok);
        ++found[static_cast<char>(message[0])];
        ++total[static_cast<char>(message[0])];
      }
    }
    CHECK(found == types);
    for (const auto& [type, count] : types) expected[type] += count;
  }
  std::printf("%d of 49 captures are on this machine\n", present);
  CHECK(present >= 23);
  CHECK(total == expected);
}

TEST_CASE("a captured packet of 38 messages is read to its last field") {
  ZOMMA_SHARED_DATA(path, "itch/pcap/Nasdaq.Equities.TotalView.Itch.v5.0/Multiple.Packets.pcap");
  const Packets capture = mold_packets(test::read_file(path));
  REQUIRE(capture.packets.size() == 2);
  CHECK(capture.headers[0].session.view() == "000010059B");
  CHECK(capture.headers[0].sequence == 14'764'496);
  CHECK(capture.headers[1].sequence == 19'009'117);
  REQUIRE(capture.packets[0].size() == 1);
  CHECK(capture.packets[0][0][0] == std::byte{'D'});
  REQUIRE(capture.packets[1].size() == 38);
  struct {
    std::vector<itch::AddOrder> adds;
    int with_mpid = 0;
    void operator()(const itch::AddOrder& m) { adds.push_back(m); }
    void operator()(const itch::AddOrderMpid&) { ++with_mpid; }
  } seen;
  for (const Bytes& message : capture.packets[1]) itch::parse(message, seen);
  REQUIRE(seen.adds.size() == 36);
  CHECK(seen.with_mpid == 2);
  std::uint64_t shares = 0;
  std::uint32_t low = UINT32_MAX, high = 0;
  for (const auto& add : seen.adds) {
    shares += add.shares;
    low = std::min(low, add.price);
    high = std::max(high, add.price);
    CHECK(add.locate == 6'514);
    CHECK(add.stock.trimmed() == "META");
    CHECK(add.timestamp == 34'238'952'381'153);
  }
  CHECK(shares == 944);
  CHECK(low == 800'000);
  CHECK(high == 3'580'000);
  const auto is = [](const itch::AddOrder& add, std::uint64_t ref, char side,
                     std::uint32_t quantity, std::uint32_t price) {
    return add.ref == ref && add.side == side && add.shares == quantity && add.price == price;
  };
  CHECK(is(seen.adds.front(), 7'942'047, 'B', 1, 805'200));
  CHECK(is(seen.adds.back(), 5'325'319, 'S', 1, 3'580'000));
}

TEST_CASE("a capture with blanked sequence numbers is decoded as it comes") {
  ZOMMA_SHARED_DATA(path,
                    "itch/pcap/Nasdaq.Equities.TotalView.Itch.v5.0.20230822/AddOrderNoMPID.pcap");
  itch::CaptureOptions options;
  options.sequenced = false;
  const Bytes file = test::read_file(path);
  std::vector<std::string> stocks;
  for (const auto& messages : mold_packets(file).packets)
    for (const Bytes& message : messages)
      itch::parse(message,
                  [&](const itch::AddOrder& m) { stocks.emplace_back(m.stock.trimmed()); });
  std::sort(stocks.begin(), stocks.end());
  stocks.erase(std::unique(stocks.begin(), stocks.end()), stocks.end());
  auto source = itch::CaptureSource::open(path, test::symbols_of(stocks), options);
  REQUIRE(source);
  EventBuffer out;
  const auto count = (*source)->read(out);
  REQUIRE(count);
  CHECK(*count == 5);
  for (const auto& event : out.events()) {
    CHECK(event.kind == ZM_EVENT_ORDER_ADD);
    CHECK(event.ts_ns > 1'600'000'000'000'000'000);
  }
  CHECK(*(*source)->read(out) == 0);
}

TEST_CASE("other venues' MoldUDP64 is framed, and what ITCH 5.0 does not know is counted") {
  ZOMMA_SHARED_DATA(path, "itch/pcap/jnx_itch_mold64/TimestampSecondsMessage.pcap");
  const Packets capture = mold_packets(test::read_file(path));
  REQUIRE(capture.headers.size() == 1);
  CHECK(capture.headers[0].session.view() == "1670788904");
  itch::CaptureOptions options;
  auto source = itch::CaptureSource::open(path, test::symbols_of({"AAPL"}), options);
  REQUIRE(source);
  EventBuffer out;
  CHECK(*(*source)->read(out) == 0);
  const auto& counters = (*source)->counters();
  CHECK(counters.unknown_type + counters.truncated == counters.messages);
  CHECK(counters.messages > 0);
}

namespace {

constexpr std::uint32_t line_a = 0xe9360c65, line_b = 0xe9c4a065;
constexpr std::int64_t start = 1'692'700'000'000'000'000;

struct CaptureFile {
  Bytes bytes;
  CaptureFile() {
    const auto put = [&](std::uint32_t value) { number(value); };
    put(0xa1b23c4d);
    number16(2), number16(4);
    put(0), put(0), put(65'535), put(1);
  }
  void number(std::uint32_t value) {
    for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<std::byte>(value >> 8 * i));
  }
  void number16(std::uint16_t value) {
    for (int i = 0; i < 2; ++i) bytes.push_back(static_cast<std::byte>(value >> 8 * i));
  }
  void packet(std::int64_t time, const Bytes& frame) {
    number(static_cast<std::uint32_t>(time / 1'000'000'000));
    number(static_cast<std::uint32_t>(time % 1'000'000'000));
    number(static_cast<std::uint32_t>(frame.size()));
    number(static_cast<std::uint32_t>(frame.size()));
    test::append(bytes, frame);
  }
};

Bytes add_packet(std::uint64_t sequence) {
  return test::mold_packet("SESSION001", sequence,
                           {test::itch_add(sequence, 'B', 10, "AAPL", 100)});
}

std::vector<zm_event> events_of(FeedSource& source, std::optional<Error>* error = nullptr) {
  std::vector<zm_event> all;
  EventBuffer out(256);
  for (;;) {
    out.clear();
    const auto count = source.read(out);
    if (!count) {
      REQUIRE(error != nullptr);
      *error = count.error();
      return all;
    }
    if (*count == 0) return all;
    all.insert(all.end(), out.events().begin(), out.events().end());
  }
}

// 1..count on line A, where some are missing, and on line B, half a millisecond later, where others
// are.
CaptureFile two_lines(std::uint64_t count, std::uint64_t missing_a, std::uint64_t missing_b,
                      std::uint64_t missing_both) {
  CaptureFile file;
  for (std::uint64_t i = 1; i <= count + 1; ++i) {
    const std::int64_t time = start + static_cast<std::int64_t>(i) * 100'000;
    if (i <= count && i % missing_a != 0 && i != missing_both)
      file.packet(time, test::ethernet_frame(add_packet(i), line_a, 26'400));
    if (i > 1 && (i - 1) % missing_b != 0 && i - 1 != missing_both)
      file.packet(time + 1'000, test::ethernet_frame(add_packet(i - 1), line_b, 26'401));
    if (i % 50 == 0)
      file.packet(time + 2'000,
                  test::ethernet_frame(add_packet(1), 0x01020304, 9));  // another feed
  }
  return file;
}

itch::CaptureOptions two_line_options() {
  itch::CaptureOptions options;
  options.lines = {{line_a, 26'400}, {line_b, 26'401}};
  return options;
}

}  // namespace

TEST_CASE("what one captured line lost, the other brings; what both lost is a gap") {
  const CaptureFile file = two_lines(1'000, 7, 11, 500);
  auto source = itch::CaptureSource::read_from("memory", file.bytes, test::symbols_of({"AAPL"}),
                                               two_line_options());
  REQUIRE(source);
  const auto events = events_of(**source);
  std::uint64_t next = 1;
  std::int64_t last = 0;
  for (const auto& event : events) {
    REQUIRE(event.ts_ns >= last);
    last = event.ts_ns;
    if (event.kind == ZM_EVENT_GAP) {
      CHECK(event.u.gap.first == next);
      next = event.u.gap.last + 1;
    } else {
      REQUIRE(event.u.order.ref == next);
      ++next;
    }
  }
  CHECK(next == 1'001);
  // 500, and the multiples of 77, which both lines drop.
  CHECK((*source)->counters().lost == 1 + 1'000 / 77);
  CHECK((*source)->counters().ignored == 20);
}

TEST_CASE("a capture can be taken up again anywhere") {
  const CaptureFile file = two_lines(300, 7, 11, 150);
  const auto open = [&] {
    auto source = itch::CaptureSource::read_from("memory", file.bytes, test::symbols_of({"AAPL"}),
                                                 two_line_options());
    return std::move(*source);
  };
  const auto whole = events_of(*open());
  for (std::size_t done = 0; done <= whole.size(); done += 13) {
    auto source = open();
    REQUIRE(source->skip(done));
    const auto rest = events_of(*source);
    REQUIRE(rest.size() == whole.size() - done);
    if (!rest.empty())
      REQUIRE(std::memcmp(rest.data(), whole.data() + done, rest.size() * sizeof(zm_event)) == 0);
  }
}

TEST_CASE("a truncated capture gives everything before the cut, then the error") {
  CaptureFile file = two_lines(100, 7, 11, 0);
  file.bytes.resize(file.bytes.size() - 10);
  auto source = itch::CaptureSource::read_from("day.pcap", file.bytes, test::symbols_of({"AAPL"}),
                                               two_line_options());
  REQUIRE(source);
  std::optional<Error> error;
  const auto events = events_of(**source, &error);
  REQUIRE(error);
  CHECK(error->code == Errc::truncated);
  CHECK(error->message.find("day.pcap") == 0);
  CHECK(events.back().u.order.ref >= 99);
  CHECK((*source)->counters().truncated == 1);
}

TEST_CASE("flipped bits in a capture never stop the clock, break the order or end the world") {
  const CaptureFile file = two_lines(200, 7, 11, 0);
  Random random(5);
  for (int i = 0; i < 500; ++i) {
    Bytes damaged = file.bytes;
    for (int flips = 0; flips < 3; ++flips)
      damaged[24 + random.below(damaged.size() - 24)] ^=
          static_cast<std::byte>(1u << random.below(8));
    auto source = itch::CaptureSource::read_from("memory", damaged, test::symbols_of({"AAPL"}),
                                                 two_line_options());
    REQUIRE(source);
    std::optional<Error> error;
    const auto events = events_of(**source, &error);
    std::int64_t last = 0;
    for (const auto& event : events) {
      REQUIRE(event.ts_ns >= last);
      last = event.ts_ns;
    }
    if (!error) REQUIRE(last < start + 3'600'000'000'000);
  }
}

TEST_CASE("a file that is no capture is refused by name") {
  const Bytes junk = test::Wire().text("this is not a capture", 30);
  const auto source =
      itch::CaptureSource::read_from("junk.pcap", junk, test::symbols_of({"AAPL"}), {});
  REQUIRE_FALSE(source);
  CHECK(source.error().message.find("junk.pcap") == 0);
}
