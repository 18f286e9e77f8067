// What time gives back, and divisibility without a division.
#include <catch2/catch.hpp>

#include <deque>
#include <vector>

#include "base/archive.h"
#include "base/random.h"
#include "risk/duplicate_window.h"
#include "risk/multiple_of.h"
#include "risk/usage.h"

using namespace zomma;

TEST_CASE("a token bucket lets its burst pass at once and then its rate, to the nanosecond") {
  TokenBucket bucket(4, 3);
  const Nanoseconds start{1'000'000};
  for (int i = 0; i < 3; ++i) {
    CHECK(bucket.has_token(start));
    bucket.take(start);
  }
  CHECK_FALSE(bucket.has_token(start));
  CHECK_FALSE(bucket.has_token({start.value + 249'999'999}));
  CHECK(bucket.has_token({start.value + 250'000'000}));
}

TEST_CASE("a token bucket never gives more than burst + rate * time") {
  Random random(11);
  for (int round = 0; round < 50; ++round) {
    const std::int64_t rate = random.between(1, 1000), burst = random.between(1, 50);
    TokenBucket bucket(rate, burst);
    std::int64_t now = random.between(0, 1'000'000'000);
    const std::int64_t start = now;
    __extension__ using Wide = __int128;
    Wide taken = 0;
    for (int i = 0; i < 500; ++i) {
      now += random.between(0, 2'000'000'000 / rate);
      if (!bucket.has_token({now})) continue;
      bucket.take({now});
      ++taken;
      REQUIRE(taken * TokenBucket::token <= static_cast<Wide>(burst) * TokenBucket::token +
                                                static_cast<Wide>(now - start) * rate);
    }
    REQUIRE(taken > 0);
  }
}

TEST_CASE(
    "a bucket that waited for an age is full, not overflown, and time that runs back brings "
    "nothing") {
  TokenBucket bucket(1'000'000, 5);
  for (int i = 0; i < 5; ++i) bucket.take({0});
  CHECK(bucket.available({INT64_MAX}) == 5 * TokenBucket::token);
  CHECK(bucket.available({-1}) == 0);
  CHECK_FALSE(bucket.has_token({-1}));
}

TEST_CASE("an unlimited bucket always has a token") {
  TokenBucket bucket;
  for (int i = 0; i < 100; ++i) bucket.take({0});
  CHECK(bucket.has_token({0}));
}

TEST_CASE("the test for multiples agrees with the remainder") {
  Random random(3);
  std::vector<std::int64_t> divisors{1,  2,   3,    5,      7,         10,        25,
                                     64, 100, 1000, 12'345, 1'000'000, 1ll << 40, INT64_MAX};
  for (int i = 0; i < 200; ++i) divisors.push_back(random.between(1, 1'000'000));
  for (const std::int64_t divisor : divisors) {
    const MultipleOf multiple(divisor);
    for (int i = 0; i < 200; ++i) {
      const std::int64_t base =
          random.between(-1'000'000, 1'000'000) * (divisor < 1'000'000 ? divisor : 1);
      for (const std::int64_t n :
           {base - 1, base, base + 1, divisor, divisor - 1, -divisor, std::int64_t{0}, INT64_MAX}) {
        INFO(n << " of " << divisor);
        REQUIRE(multiple(n) == (n % divisor == 0));
      }
    }
  }
  CHECK(MultipleOf(0)(7));
}

TEST_CASE("an order repeated within the window is found, one nanosecond later it is not") {
  DuplicateWindow window;
  const DuplicateKey key{100, 7, 3, ZM_SIDE_SELL};
  window.remember(key, {42}, {1000}, {50});
  CHECK(window.find(key, {1049}, {50}).value == 42);
  CHECK_FALSE(window.find(key, {1050}, {50}).valid());
  for (const DuplicateKey& other :
       {DuplicateKey{100, 7, 4, ZM_SIDE_SELL}, DuplicateKey{100, 7, 3, ZM_SIDE_BUY},
        DuplicateKey{101, 7, 3, ZM_SIDE_SELL}, DuplicateKey{100, 8, 3, ZM_SIDE_SELL}})
    CHECK_FALSE(window.find(other, {1001}, {50}).valid());
}

TEST_CASE(
    "the window of duplicates agrees with a list of all orders unless it says that it forgot one") {
  DuplicateWindow window;
  Random random(5);
  struct Sent {
    DuplicateKey key;
    std::uint64_t id;
    std::int64_t at;
  };
  std::deque<Sent> sent;
  std::int64_t now = 0;
  std::uint64_t found = 0;
  for (std::uint64_t id = 1; id <= 20'000; ++id) {
    now += random.between(0, 20);
    const DuplicateKey key{random.between(100, 120), random.between(1, 5),
                           static_cast<std::uint32_t>(random.below(2)),
                           static_cast<std::uint32_t>(random.below(2))};
    while (!sent.empty() && now - sent.front().at >= 200) sent.pop_front();
    OrderId expected;
    for (const Sent& one : sent)
      if (one.key == key) expected = {one.id};
    REQUIRE(window.find(key, {now}, {200}) == expected);
    found += expected.valid();
    window.remember(key, {id}, {now}, {200});
    sent.push_back({key, id, now});
  }
  CHECK(window.lost() == 0);
  CHECK(found > 100);
}
