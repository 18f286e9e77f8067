// What two threads share: the ring between feed and engine, and the box between engine and control.
#include <catch2/catch.hpp>

#include <array>
#include <cstring>
#include <thread>
#include <vector>

#include "base/random.h"
#include "base/snapshot_box.h"
#include "base/spsc_ring.h"
#include "base/types.h"

namespace zomma {

TEST_CASE("the ring hands over what fits, in order, and says when it is full or empty") {
  SpscRing<int> ring(3);
  CHECK(ring.capacity() == 4);
  int value = 0;
  CHECK_FALSE(ring.try_pop(value));
  const std::vector<int> six{1, 2, 3, 4, 5, 6};
  CHECK(ring.push(six) == 4);
  CHECK(ring.size() == 4);
  CHECK_FALSE(ring.try_push(9));
  CHECK(ring.try_pop(value));
  CHECK(value == 1);
  CHECK(ring.try_push(5));
  std::vector<int> out(8);
  CHECK(ring.pop(out) == 4);
  CHECK(std::vector<int>(out.begin(), out.begin() + 4) == std::vector<int>{2, 3, 4, 5});
  CHECK(ring.empty());
}

TEST_CASE("slots can be filled and read in place, also across the end of the array") {
  SpscRing<int> ring(4);
  std::vector<int> out(3);
  ring.push(std::vector<int>{0, 0, 0});
  ring.pop(out);
  auto room = ring.writable(4);
  CHECK(room.size() == 1);  // the last slot of the array
  room[0] = 1;
  ring.commit(1);
  room = ring.writable(4);
  CHECK(room.size() == 3);
  room[0] = 2;
  ring.commit(1);
  auto ready = ring.readable();
  REQUIRE(ready.size() == 1);
  CHECK(ready[0] == 1);
  ring.release(1);
  ready = ring.readable();
  REQUIRE(ready.size() == 1);
  CHECK(ready[0] == 2);
}

TEST_CASE(
    "a million events pass between two threads in batches of every size, none lost, none torn") {
  constexpr std::uint64_t total = 1'000'000;
  SpscRing<zm_event> ring(1024);
  std::thread producer([&] {
    Random random(11);
    std::vector<zm_event> batch(200);
    for (std::uint64_t next = 1; next <= total;) {
      const auto count = std::min<std::uint64_t>(1 + random.below(200), total - next + 1);
      for (std::uint64_t i = 0; i < count; ++i) {
        batch[i] = {};
        batch[i].seq = next + i;
        batch[i].u.order.priority = ~(next + i);
      }
      std::span<const zm_event> rest(batch.data(), count);
      while (!rest.empty()) {
        const auto pushed = ring.push(rest);
        rest = rest.subspan(pushed);
        if (pushed == 0) std::this_thread::yield();
      }
      next += count;
    }
  });
  std::vector<zm_event> out(333);
  std::uint64_t expected = 1;
  bool good = true;
  while (expected <= total) {
    const auto count = ring.pop(out);
    if (count == 0) std::this_thread::yield();
    for (std::size_t i = 0; i < count; ++i, ++expected) {
      good &= out[i].seq == expected && out[i].u.order.priority == ~expected;
    }
  }
  producer.join();
  CHECK(good);
  CHECK(ring.empty());
}

TEST_CASE("a box never shows half of an update") {
  struct Wide {
    std::array<std::uint64_t, 9> words;
    std::uint32_t odd_sized;
  };
  SnapshotBox<Wide> box;
  CHECK(box.load().words[0] == 0);
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    for (std::uint64_t n = 1; !stop; ++n) {
      Wide value;
      value.words.fill(n);
      value.odd_sized = static_cast<std::uint32_t>(n);
      box.store(value);
    }
  });
  bool good = true;
  std::uint64_t newest = 0;
  for (int i = 0; i < 200'000; ++i) {
    const Wide value = box.load();
    for (const auto word : value.words) good &= word == value.words[0];
    good &=
        value.odd_sized == static_cast<std::uint32_t>(value.words[0]) && value.words[0] >= newest;
    newest = value.words[0];
  }
  stop = true;
  writer.join();
  CHECK(good);
}

}  // namespace zomma
