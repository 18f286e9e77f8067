// The hot paths take no memory: parsing, framing, decoding, arbitration with an open hole, and
// reading captures.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <new>

#include "market/feeds/itch/decoder.h"
#include "market/feeds/itch/framing.h"
#include "market/feeds/itch/session.h"
#include "market/feeds/mold/arbiter.h"
#include "market/feeds/pcap/capture.h"
#include "market/feeds/pcap/frame.h"
#include "wire.h"

namespace {
std::uint64_t allocations = 0;
}

// Kept out of line: inlined, they look to the compiler like new paired with free.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using namespace zomma;
using test::Bytes;

namespace {

// Allocations made by `work`.
template <class Work>
std::uint64_t cost(Work&& work) {
  const std::uint64_t before = allocations;
  work();
  return allocations - before;
}

}  // namespace

TEST_CASE("the counter counts") {
  CHECK(cost([] { ::operator delete(::operator new(8)); }) == 1);
}

TEST_CASE("framing and decoding a file allocates nothing") {
  Bytes file;
  test::append_framed(file, test::itch_directory("AAPL", {}));
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    test::append_framed(file, test::itch_add(i, 'B', 100, "AAPL", 1'000'000));
    test::append_framed(file, test::itch_delete(i));
    test::append_framed(file, test::itch_add(i, 'B', 100, "MSFT", 1'000'000, {2}));
  }
  itch::Decoder decoder(test::symbols_of({"AAPL"}), {});
  EventBuffer out(4'096);
  CHECK(cost([&] {
          itch::BinaryFile frames(file);
          std::span<const std::byte> message;
          while (frames.next(message) == itch::BinaryFile::Step::message)
            decoder.decode_recorded(message, out);
        }) == 0);
  CHECK(out.size() == 2'000);
}

TEST_CASE("arbitration allocates nothing, holes, duplicates and requests included") {
  mold::ArbiterOptions options;
  options.rewinder = true;
  mold::Arbiter arbiter(options);
  itch::Decoder decoder(test::symbols_of({"AAPL"}), {});
  EventBuffer out(4'096);
  std::vector<Bytes> packets;
  for (std::uint64_t i = 1; i <= 1'000; ++i) {
    const std::uint64_t sequence = i % 10 == 3 ? i + 1 : i % 10 == 4 ? i - 1 : i % 10 == 9 ? 1 : i;
    packets.push_back(
        test::mold_packet("SESSION001", sequence, {test::itch_add(sequence, 'B', 1, "AAPL", 1)}));
  }
  std::uint64_t requests = 0;
  itch::MessageSink sink(decoder, out,
                         [&](std::span<const std::byte, mold::request_size>) { ++requests; });
  CHECK(cost([&] {
          std::int64_t now = 0;
          for (const Bytes& packet : packets) {
            arbiter.on_packet(packet, {now += 30'000'000}, sink);
            arbiter.on_time({now}, sink);
          }
        }) == 0);
  CHECK(requests > 0);
  CHECK(out.size() > 100);
}

TEST_CASE("reading a capture's packets allocates nothing") {
  Bytes file = test::Wire().u32(0xa1b23c4d).u16(2).u16(4).u64(0).u32(65'535).u32(1);
  for (int i = 0; i < 100; ++i) {
    const Bytes frame = test::ethernet_frame(test::Wire().u64(7).take(), 1, 2);
    test::append(file,
                 test::Wire().u32(1).u32(2).u32(frame.size()).u32(frame.size()).raw(frame).take());
  }
  auto capture = pcap::Capture::open(file);
  REQUIRE(capture);
  int found = 0;
  CHECK(cost([&] {
          pcap::Packet packet;
          pcap::Datagram datagram;
          for (;;) {
            const auto more = capture->next(packet);
            if (!more || !*more) break;
            found += pcap::find_udp(packet.link, packet.bytes, datagram) == pcap::FrameStatus::udp;
          }
        }) == 0);
  CHECK(found == 100);
}
