// Packet captures of every flavour give the same packets; damaged ones give what is whole and name
// the place.
#include <catch2/catch.hpp>

#include <algorithm>
#include <optional>

#include "base/random.h"
#include "market/feeds/pcap/capture.h"
#include "market/feeds/pcap/frame.h"
#include "wire.h"

using namespace zomma;
using namespace zomma::pcap;
using test::Bytes;

namespace {

// Writes numbers in a chosen byte order.
struct Writer {
  bool big;
  Bytes bytes{};
  void number(std::uint64_t value, int width) {
    for (int i = 0; i < width; ++i)
      bytes.push_back(static_cast<std::byte>(value >> 8 * (big ? width - 1 - i : i)));
  }
  void u16(std::uint64_t value) { number(value, 2); }
  void u32(std::uint64_t value) { number(value, 4); }
  void raw(std::span<const std::byte> more) { test::append(bytes, more); }
  void pad() {
    while (bytes.size() % 4 != 0) bytes.push_back(std::byte{});
  }
};

constexpr std::int64_t first_time = 1'692'700'000'123'456'789;
constexpr std::size_t packet_count = 5;

Bytes payload(std::size_t i) { return Bytes(3 + i * 5, static_cast<std::byte>(i + 1)); }
std::int64_t time_of(std::size_t i) {
  return first_time + static_cast<std::int64_t>(i) * 1'000'000'007;
}

Bytes make_pcap(bool big, bool nanoseconds, LinkType link = LinkType::ethernet) {
  Writer file{big};
  file.u32(nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4);
  file.u16(2), file.u16(4), file.u32(0), file.u32(0), file.u32(65'535);
  file.u32(static_cast<std::uint32_t>(link));
  for (std::size_t i = 0; i < packet_count; ++i) {
    const auto time = static_cast<std::uint64_t>(time_of(i));
    file.u32(time / 1'000'000'000);
    file.u32(time % 1'000'000'000 / (nanoseconds ? 1 : 1'000));
    file.u32(payload(i).size());
    file.u32(payload(i).size() + 10);
    file.raw(payload(i));
  }
  return file.bytes;
}

void block(Writer& file, std::uint32_t type, const Bytes& body) {
  const std::size_t padded = (body.size() + 3) / 4 * 4;
  file.u32(type);
  file.u32(padded + 12);
  file.raw(body);
  for (std::size_t i = body.size(); i < padded; ++i) file.bytes.push_back(std::byte{});
  file.u32(padded + 12);
}

void section(Writer& file) {
  Writer body{file.big};
  body.u32(0x1a2b3c4d), body.u16(1), body.u16(0), body.u32(0xffffffff), body.u32(0xffffffff);
  block(file, 0x0a0d0d0a, body.bytes);
}

// `resolution` as if_tsresol; 0: leave it out (microseconds).
void interface(Writer& file, unsigned resolution, std::int64_t offset_seconds = 0) {
  Writer body{file.big};
  body.u16(1), body.u16(0), body.u32(0);
  if (resolution != 0) body.u16(9), body.u16(1), body.number(resolution, 1), body.pad();
  if (offset_seconds != 0)
    body.u16(14), body.u16(8), body.number(static_cast<std::uint64_t>(offset_seconds), 8);
  body.u16(0), body.u16(0);
  block(file, 1, body.bytes);
}

void enhanced(Writer& file, std::uint32_t interface_index, std::uint64_t ticks, const Bytes& data) {
  Writer body{file.big};
  body.u32(interface_index), body.u32(ticks >> 32), body.u32(ticks & 0xffffffff),
      body.u32(data.size());
  body.u32(data.size() + 10), body.raw(data);
  block(file, 6, body.bytes);
}

Bytes make_pcapng(bool big) {
  Writer file{big};
  section(file);
  interface(file, 9);
  block(file, 4, Bytes(16));  // name resolution: not ours
  for (std::size_t i = 0; i < packet_count; ++i)
    enhanced(file, 0, static_cast<std::uint64_t>(time_of(i)), payload(i));
  return file.bytes;
}

struct Outcome {
  std::vector<Packet> packets;
  std::optional<Error> error;
};

Outcome read_all(std::span<const std::byte> file) {
  Outcome outcome;
  auto capture = Capture::open(file);
  if (!capture) return {{}, capture.error()};
  Packet packet;
  for (;;) {
    const auto more = capture->next(packet);
    if (!more) outcome.error = more.error();
    if (!more || !*more) return outcome;
    outcome.packets.push_back(packet);
  }
}

void check_packets(const Outcome& outcome, std::int64_t resolution) {
  CHECK_FALSE(outcome.error);
  REQUIRE(outcome.packets.size() == packet_count);
  for (std::size_t i = 0; i < packet_count; ++i) {
    const Packet& packet = outcome.packets[i];
    const Bytes expected = payload(i);
    CHECK(packet.time.value == time_of(i) / resolution * resolution);
    CHECK(packet.link == LinkType::ethernet);
    CHECK(std::equal(packet.bytes.begin(), packet.bytes.end(), expected.begin(), expected.end()));
    CHECK(packet.original_length == expected.size() + 10);
  }
}

}  // namespace

TEST_CASE("pcap is read in both byte orders and both resolutions") {
  for (const bool big : {false, true}) {
    check_packets(read_all(make_pcap(big, true)), 1);
    check_packets(read_all(make_pcap(big, false)), 1'000);
  }
}

TEST_CASE("pcapng is read in both byte orders") {
  check_packets(read_all(make_pcapng(false)), 1);
  check_packets(read_all(make_pcapng(true)), 1);
}

TEST_CASE("each pcapng interface has its own clock, each section its own byte order") {
  Writer file{false};
  section(file);
  interface(file, 0);          // microseconds
  interface(file, 0x80 | 10);  // 1/1024 s
  interface(file, 3, -100);    // milliseconds, 100 s behind
  enhanced(file, 0, 2'000'001, payload(0));
  enhanced(file, 1, 1'536, payload(1));
  enhanced(file, 2, 102'500, payload(2));
  Writer second{true};
  section(second);
  interface(second, 9);
  enhanced(second, 0, 77, payload(3));
  file.raw(second.bytes);
  const Outcome outcome = read_all(file.bytes);
  CHECK_FALSE(outcome.error);
  REQUIRE(outcome.packets.size() == 4);
  CHECK(outcome.packets[0].time.value == 2'000'001'000);
  CHECK(outcome.packets[1].time.value == 1'500'000'000);
  CHECK(outcome.packets[2].time.value == 2'500'000'000);
  CHECK(outcome.packets[2].interface_index == 2);
  CHECK(outcome.packets[3].time.value == 77);
}

TEST_CASE("simple and obsolete packet blocks are read") {
  Writer file{false};
  section(file);
  interface(file, 9);
  Writer simple{false};
  simple.u32(payload(2).size());
  simple.raw(payload(2));
  block(file, 3, simple.bytes);
  Writer obsolete{false};
  obsolete.u16(0), obsolete.u16(0), obsolete.u32(0), obsolete.u32(55),
      obsolete.u32(payload(3).size());
  obsolete.u32(payload(3).size()), obsolete.raw(payload(3));
  block(file, 2, obsolete.bytes);
  const Outcome outcome = read_all(file.bytes);
  REQUIRE(outcome.packets.size() == 2);
  CHECK(outcome.packets[0].bytes.size() == payload(2).size());
  CHECK(outcome.packets[0].time.value == 0);
  CHECK(outcome.packets[1].bytes.size() == payload(3).size());
  CHECK(outcome.packets[1].time.value == 55);
}

TEST_CASE("a capture cut anywhere gives its whole packets and says where it ends") {
  for (const Bytes& file : {make_pcap(false, true), make_pcapng(true)}) {
    std::size_t clean_ends = 0;
    for (std::size_t size = 0; size < file.size(); ++size) {
      const Outcome outcome = read_all(std::span(file).first(size));
      CAPTURE(size);
      if (!outcome.error)
        ++clean_ends;
      else
        REQUIRE(outcome.error->code == Errc::truncated);
      REQUIRE(outcome.packets.size() < packet_count);
    }
    CHECK(clean_ends >= packet_count);
    CHECK(clean_ends <= packet_count + 3);
  }
}

TEST_CASE("no flipped bit of a capture does worse than an error") {
  for (const Bytes& file : {make_pcap(true, false), make_pcapng(false)}) {
    for (std::size_t bit = 0; bit < file.size() * 8; ++bit) {
      Bytes damaged = file;
      damaged[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
      const Outcome outcome = read_all(damaged);
      std::size_t bytes = 0;
      for (const auto& packet : outcome.packets) bytes += packet.bytes.size();
      REQUIRE(bytes <= file.size());
      if (outcome.error) REQUIRE_FALSE(outcome.error->message.empty());
    }
  }
}

TEST_CASE("a file that is no capture is refused with what was found") {
  const Bytes gzip = test::Wire().u32(0x1f8b0800).u64(0).u64(0).u64(0);
  const auto capture = Capture::open(gzip);
  REQUIRE_FALSE(capture);
  CHECK(capture.error().code == Errc::unsupported);
  CHECK(capture.error().message.find("0x00088b1f") != std::string::npos);
}

TEST_CASE("the datagram is found behind every link layer") {
  const Bytes content = test::Wire().text("MoldUDP64", 9);
  const Bytes ethernet = test::ethernet_frame(content, 0xe9360c6f, 26'477);
  const Bytes ip(ethernet.begin() + 14, ethernet.end());
  const auto behind = [&](const Bytes& header) {
    Bytes frame = header;
    test::append(frame, ip);
    return frame;
  };
  const std::pair<LinkType, Bytes> frames[] = {
      {LinkType::ethernet, ethernet},
      {LinkType::ethernet, test::ethernet_frame(content, 0xe9360c6f, 26'477, 1)},
      {LinkType::ethernet, test::ethernet_frame(content, 0xe9360c6f, 26'477, 2)},
      {LinkType::raw_ip, ip},
      {LinkType::ipv4, ip},
      {LinkType::linux_sll, behind(test::Wire().u16(2).u16(1).u16(6).u64(0).u16(0x0800))},
      {LinkType::linux_sll2,
       behind(test::Wire().u16(0x0800).u16(0).u32(1).u16(1).u8(2).u8(6).u64(0))},
      {LinkType::null, behind(test::Wire().u32(0x02000000))},
      {LinkType::loop, behind(test::Wire().u32(2))}};
  for (const auto& [link, frame] : frames) {
    Datagram datagram;
    CAPTURE(static_cast<int>(link));
    REQUIRE(find_udp(link, frame, datagram) == FrameStatus::udp);
    CHECK(datagram.destination == 0xe9360c6f);
    CHECK(datagram.destination_port == 26'477);
    CHECK(datagram.source == 0x0a000001);
    CHECK(datagram.source_port == 40'000);
    CHECK(std::equal(datagram.payload.begin(), datagram.payload.end(), content.begin(),
                     content.end()));
  }
}

TEST_CASE("padding behind a short datagram is not part of it") {
  Bytes frame = test::ethernet_frame(test::Wire().text("hi", 2).take(), 1, 2);
  frame.resize(60);
  Datagram datagram;
  REQUIRE(find_udp(LinkType::ethernet, frame, datagram) == FrameStatus::udp);
  CHECK(datagram.payload.size() == 2);
}

TEST_CASE("frames that are not ours, cut or contradictory are told apart") {
  const Bytes frame = test::ethernet_frame(test::Wire().text("content", 7).take(), 1, 2);
  Datagram datagram;
  const auto changed = [&](std::size_t at, std::uint8_t value) {
    Bytes copy = frame;
    copy[at] = std::byte{value};
    return find_udp(LinkType::ethernet, copy, datagram);
  };
  CHECK(changed(13, 0x06) == FrameStatus::other);      // ARP
  CHECK(changed(23, 6) == FrameStatus::other);         // TCP
  CHECK(changed(14, 0x65) == FrameStatus::other);      // IPv6 in an IPv4 frame
  CHECK(changed(14, 0x42) == FrameStatus::malformed);  // a header of 8 bytes
  CHECK(changed(20, 0x20) == FrameStatus::fragment);
  CHECK(changed(39, 0xff) == FrameStatus::malformed);  // UDP longer than IP
  CHECK(changed(39, 7) == FrameStatus::malformed);
  CHECK(find_udp(static_cast<LinkType>(147), frame, datagram) == FrameStatus::other);
  for (std::size_t size = 0; size < frame.size(); ++size)
    CHECK(find_udp(LinkType::ethernet, std::span(frame).first(size), datagram) ==
          FrameStatus::truncated);
}
