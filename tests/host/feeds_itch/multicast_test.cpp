// The live source on the loopback interface: real sockets, no waiting. Skips loudly where the
// system forbids it.
#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>

#include "base/clock.h"
#include "market/feeds/itch/multicast_source.h"
#include "wire.h"

using namespace zomma;
using test::Bytes;

namespace {

// Sends to groups over the loopback interface.
class Sender {
 public:
  Sender() : descriptor_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    in_addr loopback{htonl(INADDR_LOOPBACK)};
    ::setsockopt(descriptor_, IPPROTO_IP, IP_MULTICAST_IF, &loopback, sizeof loopback);
    const int on = 1;
    ::setsockopt(descriptor_, IPPROTO_IP, IP_MULTICAST_LOOP, &on, sizeof on);
  }
  ~Sender() { ::close(descriptor_); }
  bool send(const char* address, std::uint16_t port, const Bytes& bytes) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    ::inet_pton(AF_INET, address, &to.sin_addr);
    return ::sendto(descriptor_, bytes.data(), bytes.size(), 0,
                    reinterpret_cast<const sockaddr*>(&to),
                    sizeof to) == static_cast<ssize_t>(bytes.size());
  }

 private:
  int descriptor_;
};

bool readable(int descriptor, int limit_ms = 2'000) {
  pollfd wait{descriptor, POLLIN, 0};
  return ::poll(&wait, 1, limit_ms) == 1;
}

udp::ReceiverOptions on_loopback(const char* group) {
  udp::ReceiverOptions options;
  options.group = group;
  options.interface = "127.0.0.1";
  options.receive_buffer = 1 << 16;
  return options;
}

bool allowed(const Error& error) {
  std::fprintf(stderr, "SKIPPED: multicast on loopback is refused here (%s)\n",
               error.message.c_str());
  return false;
}

Bytes add_packet(std::uint64_t sequence) {
  return test::mold_packet("SESSION001", sequence,
                           {test::itch_add(sequence, 'B', 10, "AAPL", 100)});
}

}  // namespace

TEST_CASE("addresses that are none, and ports that are taken, are errors") {
  udp::ReceiverOptions options;
  options.group = "233.54.12";
  const auto bad = udp::Receiver::open(options);
  REQUIRE_FALSE(bad);
  CHECK(bad.error().code == Errc::invalid_argument);
  CHECK(bad.error().message.find("233.54.12") != std::string::npos);
  auto first = udp::Receiver::open(on_loopback("127.0.0.1"));
  if (!first) return void(allowed(first.error()));
  auto again = on_loopback("127.0.0.1");
  again.port = first->port();
  const auto second = udp::Receiver::open(again);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Errc::busy);
}

TEST_CASE(
    "a receiver gives datagrams with the kernel's time, marks those it cut, and never blocks") {
  auto options = on_loopback("127.0.0.1");
  options.batch = 4;
  options.datagram_size = 16;
  auto receiver = udp::Receiver::open(options);
  if (!receiver) return void(allowed(receiver.error()));
  const auto nothing = receiver->poll();
  REQUIRE(nothing);
  CHECK(nothing->empty());
  Sender sender;
  const Nanoseconds before = wall_now();
  for (std::size_t i = 0; i < 6; ++i)
    REQUIRE(sender.send("127.0.0.1", receiver->port(), Bytes(10 + 2 * i, std::byte{7})));
  std::vector<std::pair<std::size_t, bool>> seen;
  while (seen.size() < 6 && readable(receiver->descriptor())) {
    const auto received = receiver->poll();
    REQUIRE(received);
    CHECK(received->size() <= 4);
    for (const auto& datagram : *received) {
      seen.emplace_back(datagram.bytes.size(), datagram.truncated);
      CHECK(datagram.source == 0x7f000001);
      CHECK(datagram.time >= before);
      CHECK(datagram.time <= wall_now());
    }
  }
  CHECK(seen == std::vector<std::pair<std::size_t, bool>>{
                    {10, false}, {12, false}, {14, false}, {16, false}, {16, true}, {16, true}});
}

TEST_CASE("two multicast lines and a rewinder make one complete live feed") {
  auto rewinder = udp::Receiver::open(on_loopback("127.0.0.1"));
  if (!rewinder) return void(allowed(rewinder.error()));
  itch::MulticastOptions options;
  options.lines = {on_loopback("239.255.77.1"), on_loopback("239.255.77.2")};
  options.rewinder_address = "127.0.0.1";
  options.rewinder_port = rewinder->port();
  options.arbiter.gap_timeout = {0};
  auto source = itch::MulticastSource::open(test::symbols_of({"AAPL"}), options);
  if (!source) return void(allowed(source.error()));
  Sender sender;
  const auto send = [&](int line, std::uint64_t sequence) {
    return sender.send(line == 0 ? "239.255.77.1" : "239.255.77.2",
                       (*source)->port(static_cast<std::size_t>(line)), add_packet(sequence));
  };
  if (!send(0, 1)) return void(allowed({Errc::io, "sending to the group failed"}));
  if (!readable((*source)->descriptor()))
    return void(allowed({Errc::io, "nothing arrived in two seconds"}));

  EventBuffer out;
  // Polls while something arrives, until `count` events are there.
  const auto until = [&](std::size_t count) {
    while (out.size() < count && readable((*source)->descriptor())) REQUIRE((*source)->poll(out));
    return out.size();
  };
  CHECK(until(1) == 1);
  for (const std::uint64_t sequence : {2, 4, 5}) REQUIRE(send(0, sequence));
  for (const std::uint64_t sequence : {1, 2, 3}) REQUIRE(send(1, sequence));
  CHECK(until(5) == 5);

  REQUIRE(send(0, 8));  // 6 and 7 are lost on both lines
  while ((*source)->counters().requests == 0 && readable((*source)->descriptor(), 50))
    REQUIRE((*source)->poll(out));
  for (int i = 0; i < 1'000 && (*source)->counters().requests == 0; ++i)
    REQUIRE((*source)->poll(out));
  REQUIRE(readable(rewinder->descriptor()));
  const auto asked = rewinder->poll();
  REQUIRE(asked);
  REQUIRE(asked->size() >= 1);
  mold::Header request;
  REQUIRE(mold::read_header((*asked)[0].bytes, request));
  CHECK(request.session.view() == "SESSION001");
  CHECK(request.sequence == 6);
  CHECK(request.count == 2);
  const Bytes answer = test::mold_packet(
      "SESSION001", 6,
      {test::itch_add(6, 'B', 10, "AAPL", 100), test::itch_add(7, 'B', 10, "AAPL", 100)});
  REQUIRE(rewinder->send((*asked)[0].source, (*asked)[0].source_port, answer));
  REQUIRE(until(8) == 8);
  std::int64_t last = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    CHECK(out.events()[i].u.order.ref == i + 1);
    CHECK(out.events()[i].ts_ns >= last);
    last = out.events()[i].ts_ns;
  }
  CHECK((*source)->counters().lost == 0);
}
