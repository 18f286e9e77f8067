// Every message once and in order, whatever two lines and a rewinder do to the packets; what is
// lost is told exactly.
#include <catch2/catch.hpp>

#include <map>
#include <optional>

#include "base/random.h"
#include "market/feeds/mold/arbiter.h"
#include "wire.h"

using namespace zomma;
using namespace zomma::mold;
using test::Bytes;
using test::mold_packet;
using test::mold_signal;

namespace {

constexpr auto session_name = "000010059B";

Bytes numbered(std::uint64_t sequence) {
  // Some messages are empty, some are long; all but the empty ones carry their number.
  if (sequence % 17 == 0) return {};
  Bytes message = test::Wire().u64(sequence);
  message.resize(8 + sequence % 43);
  return message;
}

// Checks that what arrives is 1, 2, 3 ... without what is declared lost.
struct Recorder {
  std::uint64_t next = 1;
  std::vector<std::uint64_t> delivered;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> gaps;
  std::vector<std::pair<std::uint64_t, std::uint16_t>> requests;
  std::vector<std::string> sessions;
  int ends = 0;
  bool in_order = true;
  bool intact = true;

  void skip_empty(std::uint64_t to) {
    while (next < to && next % 17 == 0) ++next;
  }
  void message(std::uint64_t sequence, std::span<const std::byte> bytes, Nanoseconds) {
    skip_empty(sequence);
    in_order = in_order && sequence == next;
    const Bytes expected = numbered(sequence);
    intact = intact && std::equal(bytes.begin(), bytes.end(), expected.begin(), expected.end());
    delivered.push_back(sequence);
    next = sequence + 1;
  }
  void gap(std::uint64_t first, std::uint64_t last, Nanoseconds) {
    skip_empty(first);
    in_order = in_order && first == next && last >= first;
    gaps.emplace_back(first, last);
    next = last + 1;
  }
  void request(std::span<const std::byte, request_size> packet) {
    Header header;
    REQUIRE(read_header(packet, header));
    requests.emplace_back(header.sequence, header.count);
  }
  void session(const Session& session) { sessions.emplace_back(session.view()); }
  void end() { ++ends; }
};

Bytes packet_of(std::uint64_t first, std::uint64_t count) {
  std::vector<Bytes> messages;
  for (std::uint64_t i = 0; i < count; ++i) messages.push_back(numbered(first + i));
  return mold_packet(session_name, first, messages);
}

std::vector<std::uint64_t> all_but_empty(std::uint64_t from, std::uint64_t to) {
  std::vector<std::uint64_t> result;
  for (; from <= to; ++from)
    if (from % 17 != 0) result.push_back(from);
  return result;
}

constexpr Nanoseconds ms(std::int64_t value) { return {value * 1'000'000}; }

}  // namespace

TEST_CASE("packets in order pass straight through") {
  Arbiter arbiter;
  Recorder out;
  for (std::uint64_t first = 1; first < 101; first += 10)
    arbiter.on_packet(packet_of(first, 10), ms(1), out);
  CHECK(out.delivered == all_but_empty(1, 100));
  CHECK(out.sessions == std::vector<std::string>{session_name});
  CHECK(arbiter.expected() == 101);
  CHECK(arbiter.counters().messages == 100);
  CHECK(arbiter.counters().out_of_order == 0);
}

TEST_CASE("the second line's copies are dropped, also when it cuts its packets differently") {
  Arbiter arbiter;
  Recorder out;
  arbiter.on_packet(packet_of(1, 10), ms(1), out);
  arbiter.on_packet(packet_of(1, 10), ms(1), out);
  arbiter.on_packet(packet_of(8, 6), ms(1), out);
  CHECK(out.delivered == all_but_empty(1, 13));
  CHECK(arbiter.counters().duplicates == 13);
}

TEST_CASE("a hole is filled by the other line before anyone is asked") {
  ArbiterOptions options;
  options.rewinder = true;
  Arbiter arbiter(options);
  Recorder out;
  arbiter.on_packet(packet_of(1, 5), ms(0), out);
  arbiter.on_packet(packet_of(11, 5), ms(0), out);
  CHECK(out.delivered == all_but_empty(1, 5));
  CHECK(arbiter.next_deadline() == ms(1));
  arbiter.on_packet(packet_of(6, 5), Nanoseconds{500'000}, out);
  CHECK(out.delivered == all_but_empty(1, 15));
  arbiter.on_time(ms(100), out);
  CHECK(out.requests.empty());
  CHECK(out.gaps.empty());
  CHECK(arbiter.counters().out_of_order == 5);
}

TEST_CASE("without a rewinder a hole is lost when its time is over, and told exactly") {
  Arbiter arbiter;
  Recorder out;
  arbiter.on_packet(packet_of(1, 5), ms(0), out);
  arbiter.on_packet(packet_of(11, 5), ms(0), out);
  arbiter.on_packet(packet_of(21, 5), ms(0), out);
  arbiter.on_time(Nanoseconds{999'999}, out);
  CHECK(out.gaps.empty());
  arbiter.on_time(ms(1), out);
  CHECK(out.gaps == std::vector<std::pair<std::uint64_t, std::uint64_t>>{{6, 10}});
  arbiter.on_time(ms(2), out);
  CHECK(out.gaps == std::vector<std::pair<std::uint64_t, std::uint64_t>>{{6, 10}, {16, 20}});
  CHECK(out.in_order);
  CHECK(arbiter.expected() == 26);
  CHECK(arbiter.counters().lost == 10);
  arbiter.on_packet(packet_of(6, 5), ms(3), out);  // too late
  CHECK(arbiter.counters().duplicates == 5);
}

TEST_CASE(
    "the rewinder is asked for exactly what is missing, and again for the rest of an answer") {
  ArbiterOptions options;
  options.rewinder = true;
  Arbiter arbiter(options);
  Recorder out;
  arbiter.on_packet(packet_of(1, 5), ms(0), out);
  arbiter.on_packet(packet_of(106, 5), ms(0), out);
  arbiter.on_time(ms(1), out);
  CHECK(out.requests == std::vector<std::pair<std::uint64_t, std::uint16_t>>{{6, 100}});
  arbiter.on_packet(packet_of(6, 30), ms(2), out);
  CHECK(out.requests.back() == std::pair<std::uint64_t, std::uint16_t>{36, 70});
  arbiter.on_packet(packet_of(36, 70), ms(3), out);
  CHECK(out.requests.size() == 2);
  CHECK(out.delivered == all_but_empty(1, 110));
  CHECK(out.gaps.empty());
  CHECK(arbiter.next_deadline() == Nanoseconds{INT64_MAX});
}

TEST_CASE("a rewinder that does not answer is asked again, then the hole is lost") {
  ArbiterOptions options;
  options.rewinder = true;
  Arbiter arbiter(options);
  Recorder out;
  arbiter.on_packet(packet_of(1, 5), ms(0), out);
  arbiter.on_packet(packet_of(11, 5), ms(0), out);
  for (std::int64_t now = 1; now <= 60; ++now) arbiter.on_time(ms(now), out);
  CHECK(out.requests.size() == 3);
  CHECK(out.gaps.empty());
  arbiter.on_time(ms(61), out);
  CHECK(out.gaps == std::vector<std::pair<std::uint64_t, std::uint64_t>>{{6, 10}});
  CHECK(out.delivered.back() == 15);
}

TEST_CASE("a request packet has the protocol's twenty bytes") {
  std::array<std::byte, request_size> packet;
  Session session;
  std::memcpy(session.chars.data(), session_name, 10);
  write_request(session, 0x0102030405060708, 0x0910, packet);
  const Bytes expected = mold_signal(session_name, 0x0102030405060708, 0x0910);
  CHECK(std::equal(packet.begin(), packet.end(), expected.begin(), expected.end()));
}

TEST_CASE("a heartbeat reveals the loss of the last packet") {
  Arbiter arbiter;
  Recorder out;
  arbiter.on_packet(packet_of(1, 5), ms(0), out);
  arbiter.on_packet(mold_signal(session_name, 6, 0), ms(1), out);
  CHECK(arbiter.next_deadline() == Nanoseconds{INT64_MAX});
  arbiter.on_packet(mold_signal(session_name, 9, 0), ms(2), out);
  CHECK(arbiter.next_deadline() == ms(3));
  arbiter.on_time(ms(3), out);
  CHECK(out.gaps == std::vector<std::pair<std::uint64_t, std::uint64_t>>{{6, 8}});
}

TEST_CASE("the session ends once, after its last message") {
  Arbiter arbiter;
  Recorder out;
  arbiter.on_packet(packet_of(1, 5), ms(0), out);
  arbiter.on_packet(mold_signal(session_name, 11, end_of_session), ms(0), out);
  CHECK(out.ends == 0);
  arbiter.on_packet(packet_of(6, 5), ms(0), out);
  CHECK(out.ends == 1);
  CHECK(arbiter.ended());
  arbiter.on_packet(mold_signal(session_name, 11, end_of_session), ms(1), out);
  CHECK(out.ends == 1);
}

TEST_CASE("a new session begins at one; late packets of the old one are not news") {
  Arbiter arbiter;
  Recorder out;
  arbiter.on_packet(packet_of(1, 5), ms(0), out);
  const auto in_session = [](const char* name, std::uint64_t sequence) {
    return mold_packet(name, sequence, {numbered(sequence)});
  };
  out.next = 1;
  arbiter.on_packet(in_session("000010059C", 1), ms(1), out);
  arbiter.on_packet(in_session(session_name, 6), ms(1), out);
  arbiter.on_packet(in_session("000010059C", 2), ms(1), out);
  CHECK(out.sessions == std::vector<std::string>{session_name, "000010059C"});
  CHECK(out.delivered == std::vector<std::uint64_t>{1, 2, 3, 4, 5, 1, 2});
  CHECK(out.in_order);
}

TEST_CASE("one stray packet does not carry the stream away") {
  Arbiter arbiter;
  Recorder out;
  arbiter.on_packet(packet_of(1, 5), ms(0), out);
  arbiter.on_packet(mold_packet(session_name, 1ull << 60, {numbered(3)}), ms(0), out);
  arbiter.on_packet(mold_packet("garbage...", 900, {numbered(3)}), ms(0), out);
  arbiter.on_packet(mold_packet(session_name, 0, {numbered(3)}), ms(0), out);
  arbiter.on_packet(mold_packet(session_name, UINT64_MAX, {numbered(3)}), ms(0), out);
  CHECK(arbiter.counters().malformed == 4);
  arbiter.on_packet(packet_of(6, 5), ms(0), out);
  CHECK(out.delivered == all_but_empty(1, 10));
  CHECK(out.sessions.size() == 1);
}

TEST_CASE("two packets that agree do: the stream was away for long") {
  Arbiter arbiter;
  Recorder out;
  arbiter.on_packet(packet_of(1, 5), ms(0), out);
  const std::uint64_t far = 50'000'001;
  arbiter.on_packet(packet_of(far, 5), ms(0), out);
  CHECK(arbiter.counters().malformed == 1);
  arbiter.on_packet(packet_of(far + 5, 5), ms(0), out);
  arbiter.on_packet(packet_of(far, 5), ms(0), out);  // the other line's copy, in time
  for (int i = 1; i < 5; ++i) arbiter.on_time(ms(i), out);
  REQUIRE(out.gaps.size() == 1);
  CHECK(out.gaps[0].first == 6);
  CHECK(out.delivered.back() == far + 9);
  CHECK(out.in_order);
}

TEST_CASE("joining late begins with the first packet when it was asked to") {
  ArbiterOptions options;
  options.first_sequence = 0;
  Arbiter arbiter(options);
  Recorder out;
  out.next = 1'000;
  arbiter.on_packet(packet_of(1'000, 5), ms(0), out);
  CHECK(out.delivered == all_but_empty(1'000, 1'004));
  CHECK(out.gaps.empty());
}

TEST_CASE("a packet whose blocks run out is used as far as it goes, the rest is a hole") {
  Arbiter arbiter;
  Recorder out;
  Bytes packet = packet_of(1, 10);
  packet.resize(packet.size() - 3);
  arbiter.on_packet(packet, ms(0), out);
  CHECK(out.delivered == all_but_empty(1, 9));
  CHECK(arbiter.counters().malformed == 1);
  arbiter.on_packet(packet_of(1, 10), ms(0), out);
  CHECK(out.delivered == all_but_empty(1, 10));
  arbiter.on_packet(Bytes(19), ms(0), out);
  CHECK(arbiter.counters().truncated == 1);
}

TEST_CASE("the buffer's bound pushes the oldest hole out and loses nothing else") {
  ArbiterOptions options;
  options.buffer_messages = 64;
  Arbiter arbiter(options);
  Recorder out;
  arbiter.on_packet(packet_of(1, 1), ms(0), out);
  for (std::uint64_t first = 3; first < 203; first += 4)
    arbiter.on_packet(packet_of(first, 3), ms(0), out);
  CHECK(out.in_order);
  CHECK(out.intact);
  CHECK_FALSE(out.gaps.empty());
  arbiter.finish(ms(0), out);
  CHECK(out.in_order);
  for (const auto& [first, last] : out.gaps) {
    CHECK(first == last);
    CHECK(first % 4 == 2);
  }
  CHECK(arbiter.counters().lost == 50);
  arbiter.on_packet(packet_of(10'000, 2), ms(0), out);  // further ahead than the buffer reaches
  arbiter.finish(ms(0), out);
  CHECK(out.delivered.back() == 10'001);
  CHECK(out.in_order);
}

namespace {

// One random run: packets 1..count on two lines with loss, duplication and reordering; a rewinder
// that answers with at most `answer` messages, and not always.
struct World {
  std::uint64_t seed;
  int loss_percent;
  bool rewinder;

  std::uint64_t count = 2'000;
  Recorder out{};
  std::vector<bool> lost_on_both{};

  void run() {
    Random random(seed);
    ArbiterOptions options;
    options.rewinder = rewinder;
    options.attempts = 1'000;
    options.answer_timeout = ms(2);
    options.buffer_messages = 1 << 14;
    Arbiter arbiter(options);
    std::multimap<std::int64_t, Bytes> wire;  // by arrival
    lost_on_both.assign(count + 1, true);
    // Each line cuts the stream into packets of its own sizes.
    for (int line = 0; line < 2; ++line) {
      for (std::uint64_t first = 1; first <= count;) {
        const std::uint64_t size = std::min<std::uint64_t>(1 + random.below(12), count - first + 1);
        const std::int64_t sent = static_cast<std::int64_t>(first) * 4'000;
        first += size;
        if (random.below(100) < static_cast<std::uint64_t>(loss_percent)) continue;
        for (std::uint64_t i = first - size; i < first; ++i) lost_on_both[i] = false;
        const std::uint64_t copies = random.below(20) == 0 ? 2 : 1;
        for (std::uint64_t copy = 0; copy < copies; ++copy)
          wire.emplace(sent + static_cast<std::int64_t>(random.below(400'000)),
                       packet_of(first - size, size));
      }
    }
    const std::int64_t tail = static_cast<std::int64_t>(count) * 4'000 + 10'000'000;
    wire.emplace(tail, mold_signal(session_name, count + 1, end_of_session));
    std::int64_t now = 0;
    std::size_t answered = 0;
    while (!wire.empty() || arbiter.next_deadline().value != INT64_MAX) {
      const std::int64_t arrival = wire.empty() ? INT64_MAX : wire.begin()->first;
      now = std::max(now, std::min(arrival, arbiter.next_deadline().value));
      arbiter.on_time({now}, out);
      if (arrival <= now) {
        arbiter.on_packet(wire.begin()->second, {now}, out);
        wire.erase(wire.begin());
      }
      for (; answered < out.requests.size(); ++answered) {
        const auto [first, wanted] = out.requests[answered];
        if (random.below(3) == 0) continue;  // the request or its answer is lost
        wire.emplace(now + 100'000,
                     packet_of(first, std::min<std::uint64_t>(1 + random.below(8), wanted)));
      }
    }
    arbiter.finish({now}, out);
    CHECK(arbiter.ended());
    CHECK(arbiter.counters().messages + arbiter.counters().lost == count);
  }
};

}  // namespace

TEST_CASE("with a rewinder that answers partly and now and then, nothing is ever lost") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    World world{seed, static_cast<int>(seed % 5) * 12, true};
    world.run();
    CAPTURE(seed);
    REQUIRE(world.out.delivered == all_but_empty(1, world.count));
    REQUIRE(world.out.gaps.empty());
    REQUIRE(world.out.intact);
    REQUIRE(world.out.ends == 1);
  }
}

TEST_CASE("without one, exactly what both lines lost is told as lost") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    World world{seed, static_cast<int>(seed % 5) * 12, false};
    world.run();
    CAPTURE(seed);
    REQUIRE(world.out.in_order);
    REQUIRE(world.out.intact);
    std::vector<std::uint64_t> expected;
    for (std::uint64_t i = 1; i <= world.count; ++i)
      if (!world.lost_on_both[i] && i % 17 != 0) expected.push_back(i);
    REQUIRE(world.out.delivered == expected);
    std::uint64_t told = 0, truly = 0;
    for (const auto& [first, last] : world.out.gaps)
      for (std::uint64_t i = first; i <= last; ++i) {
        ++told;
        REQUIRE(world.lost_on_both[i]);
      }
    for (std::uint64_t i = 1; i <= world.count; ++i) truly += world.lost_on_both[i];
    REQUIRE(told == truly);
  }
}

TEST_CASE("damaged packets never break the order") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Random random(seed);
    Arbiter arbiter;
    struct Loose {
      std::uint64_t next = 0;
      bool in_order = true;
      void message(std::uint64_t sequence, std::span<const std::byte>, Nanoseconds) {
        move(sequence, sequence);
      }
      void gap(std::uint64_t first, std::uint64_t last, Nanoseconds) { move(first, last); }
      void move(std::uint64_t first, std::uint64_t last) {
        in_order = in_order && first >= next && last >= first;
        next = last + 1;
      }
      void request(std::span<const std::byte, request_size>) {}
      void session(const Session&) { next = 0; }
      void end() {}
    } out;
    std::uint64_t first = 1;
    for (int i = 0; i < 2'000; ++i) {
      const std::uint64_t size = 1 + random.below(6);
      Bytes packet = packet_of(first, size);
      if (random.below(4) == 0)
        packet[random.below(packet.size())] ^= static_cast<std::byte>(1u << random.below(8));
      if (random.below(10) == 0) packet.resize(random.below(packet.size()));
      arbiter.on_packet(packet, ms(i), out);
      arbiter.on_time(ms(i), out);
      first += size;
    }
    REQUIRE(out.in_order);
    REQUIRE(arbiter.expected() > first / 2);  // the stream went on
  }
}
