// A BinaryFILE is cut exactly, whatever window it is seen through, and damage costs no more than
// what it hit.
#include <catch2/catch.hpp>

#include <algorithm>

#include "base/random.h"
#include "market/feeds/itch/framing.h"
#include "wire.h"

using namespace zomma;
using namespace zomma::itch;
using test::Bytes;
using Step = BinaryFile::Step;

namespace {

// `count` messages of several sizes, numbered in their order reference.
Bytes make_file(std::size_t count) {
  Bytes file;
  for (std::size_t i = 0; i < count; ++i) {
    if (i % 3 == 0)
      test::append_framed(file, test::itch_delete(i));
    else
      test::append_framed(file, test::itch_add(i, 'B', 100, "AAPL", 1'000'000));
  }
  return file;
}

struct Outcome {
  std::vector<std::uint64_t> refs;  // of the messages that could be read
  int lost = 0;
  std::uint64_t bytes_lost = 0, odd_lengths = 0, offset = 0;
  Step last{};
};

void take(std::span<const std::byte> message, Outcome& outcome) {
  if (message.size() >= 19) outcome.refs.push_back(load_be64(message.data() + 11));
}

Outcome read_whole(std::span<const std::byte> bytes) {
  BinaryFile file(bytes);
  Outcome outcome;
  std::span<const std::byte> message;
  for (;;) {
    outcome.last = file.next(message);
    if (outcome.last == Step::message)
      take(message, outcome);
    else if (outcome.last == Step::lost)
      ++outcome.lost;
    else
      break;
  }
  outcome.bytes_lost = file.bytes_lost();
  outcome.odd_lengths = file.odd_lengths();
  outcome.offset = file.offset();
  return outcome;
}

// As read_whole, through a window of `window` bytes.
Outcome read_windows(std::span<const std::byte> bytes, std::size_t window) {
  BinaryFile file;
  Outcome outcome;
  std::span<const std::byte> message;
  file.set_window({}, false);
  for (;;) {
    outcome.last = file.next(message);
    if (outcome.last == Step::message)
      take(message, outcome);
    else if (outcome.last == Step::lost)
      ++outcome.lost;
    else if (outcome.last == Step::more) {
      const std::size_t from = file.offset();
      const std::size_t size = std::min(window, bytes.size() - from);
      file.set_window(bytes.subspan(from, size), from + size == bytes.size());
    } else
      break;
  }
  outcome.bytes_lost = file.bytes_lost();
  outcome.odd_lengths = file.odd_lengths();
  outcome.offset = file.offset();
  return outcome;
}

}  // namespace

TEST_CASE("every message is found once, in order, with or without an end mark") {
  Bytes file = make_file(1'000);
  for (const bool mark : {false, true}) {
    if (mark) test::append(file, test::Wire().u16(0).take());
    const Outcome outcome = read_whole(file);
    REQUIRE(outcome.refs.size() == 1'000);
    for (std::size_t i = 0; i < 1'000; ++i) REQUIRE(outcome.refs[i] == i);
    CHECK(outcome.last == Step::end);
    CHECK(outcome.offset == file.size());
  }
}

TEST_CASE("an empty file is a file without messages") {
  CHECK(read_whole({}).last == Step::end);
  CHECK(read_whole(test::Wire().u16(0).take()).last == Step::end);
}

TEST_CASE("a file cut anywhere gives every whole message and then tells the cut") {
  const Bytes file = make_file(20);
  std::vector<std::size_t> ends{0};
  while (ends.back() != file.size())
    ends.push_back(ends.back() + 2 + load_be16(file.data() + ends.back()));
  REQUIRE(ends.size() == 21);
  for (std::size_t size = 0; size <= file.size(); ++size) {
    const Outcome outcome = read_whole(std::span(file).first(size));
    const auto behind = std::upper_bound(ends.begin(), ends.end(), size);
    const auto whole = static_cast<std::size_t>(behind - ends.begin()) - 1;
    CAPTURE(size);
    REQUIRE(outcome.refs.size() == whole);
    REQUIRE(outcome.last == (ends[whole] == size ? Step::end : Step::truncated));
  }
}

TEST_CASE("the window a file is seen through changes nothing") {
  Bytes file = make_file(3'000);
  Random random(11);
  for (int damage = 0; damage < 8; ++damage) {
    const Outcome whole = read_whole(file);
    for (const std::size_t window :
         {BinaryFile::lookahead, BinaryFile::lookahead + 1, std::size_t{9'973}, file.size()}) {
      const Outcome outcome = read_windows(file, window);
      CHECK(outcome.refs == whole.refs);
      CHECK(outcome.last == whole.last);
      CHECK(outcome.lost == whole.lost);
      CHECK(outcome.bytes_lost == whole.bytes_lost);
      CHECK(outcome.offset == whole.offset);
    }
    file[random.below(file.size())] ^= static_cast<std::byte>(1u << random.below(8));
  }
}

TEST_CASE("one flipped bit costs at most the messages beside it") {
  const Bytes file = make_file(60);
  for (std::size_t bit = 0; bit < file.size() * 8; ++bit) {
    Bytes damaged = file;
    damaged[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
    const Outcome outcome = read_whole(damaged);
    CAPTURE(bit);
    REQUIRE(outcome.refs.size() >= 57);
    REQUIRE(outcome.refs.size() <= 62);
  }
}

TEST_CASE("a damaged length costs no message, for the type tells the size") {
  const Bytes file = make_file(60);
  std::size_t at = 0;
  for (int i = 0; i < 59; ++i) {
    for (std::size_t bit = 0; bit < 16; ++bit) {
      Bytes damaged = file;
      damaged[at + bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
      const Outcome outcome = read_whole(damaged);
      CAPTURE(i, bit);
      REQUIRE(outcome.refs.size() == 60);
      REQUIRE(outcome.odd_lengths == 1);
      REQUIRE(outcome.last == Step::end);
    }
    at += 2 + load_be16(file.data() + at);
  }
}

TEST_CASE("messages of an unknown type are passed on by their length") {
  Bytes file = make_file(5);
  Bytes unknown(300, std::byte{'~'});
  for (int i = 0; i < 3; ++i) test::append_framed(file, unknown);
  test::append(file, make_file(5));
  const Outcome outcome = read_whole(file);
  CHECK(outcome.refs.size() == 13);
  CHECK(outcome.lost == 0);
  CHECK(outcome.last == Step::end);
}

TEST_CASE("a message that is longer than its type is believed if the file goes on behind it") {
  Bytes file = make_file(2);
  Bytes longer = test::itch_delete(99);
  longer.resize(25);
  test::append_framed(file, longer);
  test::append(file, make_file(2));
  const Outcome outcome = read_whole(file);
  REQUIRE(outcome.refs.size() == 5);
  CHECK(outcome.refs[2] == 99);
  CHECK(outcome.odd_lengths == 1);
  CHECK(outcome.last == Step::end);
}

TEST_CASE("a block of garbage is passed over and counted") {
  Bytes file = make_file(10);
  const std::size_t before = file.size();
  Random random(3);
  for (int i = 0; i < 10'000; ++i) file.push_back(static_cast<std::byte>(random.below(256) | 0x80));
  test::append(file, make_file(10));
  const Outcome outcome = read_whole(file);
  CHECK(before > 0);
  CHECK(outcome.refs.size() == 20);
  CHECK(outcome.lost == 1);
  CHECK(outcome.bytes_lost == 10'000);
  CHECK(outcome.last == Step::end);
}

TEST_CASE("bytes behind the end mark that are no messages are told") {
  Bytes file = make_file(3);
  test::append(file, test::Wire().u16(0).text("garbage", 7).take());
  CHECK(read_whole(file).last == Step::trailing);
}

TEST_CASE("a second session behind an end mark is read, the seam counted") {
  Bytes file = make_file(3);
  test::append(file, test::Wire().u16(0).take());
  test::append(file, make_file(3));
  const Outcome outcome = read_whole(file);
  CHECK(outcome.refs.size() == 6);
  CHECK(outcome.lost == 1);
}
