// Once a book has seen its market, applying events allocates nothing.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <new>

#include "base/random.h"
#include "host/book/events.h"
#include "market/book/l2_book.h"
#include "market/book/l3_market.h"

namespace {
std::uint64_t allocations = 0;
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using namespace zomma;
using namespace zomma::test;

namespace {

// An hour of a market that drifts a little, with orders far away and between the ticks.
std::vector<zm_event> l3_flow(std::uint64_t seed) {
  Random random(seed);
  std::vector<zm_event> events;
  std::vector<std::uint64_t> live;
  std::uint64_t ref = 0;
  for (int i = 0; i < 200'000; ++i) {
    if (live.size() < 500 || (live.size() < 3000 && random.chance(1, 2))) {
      const bool sell = random.chance(1, 2);
      const std::int64_t away =
          random.chance(1, 20) ? random.between(1, 2'000'000) : random.between(1, 60) * 100;
      events.push_back(
          add(sell ? Side::sell : Side::buy, ++ref, 5'850'000 + (sell ? away : -away), 100));
      live.push_back(ref);
      continue;
    }
    const std::size_t at = random.below(live.size());
    if (random.chance(1, 4)) {
      events.push_back(replace(live[at], ref + 1, 5'800'000 + random.between(-50, 50) * 100, 100));
      live[at] = ++ref;
    } else {
      events.push_back(remove(live[at]));
      live[at] = live.back();
      live.pop_back();
    }
  }
  for (const std::uint64_t left : live) events.push_back(remove(left));
  return events;
}

}  // namespace

TEST_CASE("a warm L3 market takes events without allocating, one by one and in batches") {
  L3Market market;
  REQUIRE(market.add_instrument({1}, {100}));
  const std::vector<zm_event> flow = l3_flow(5);
  NoVisitor nobody;
  market.apply(std::span<const zm_event>(flow), nobody);
  REQUIRE(market.order_count() == 0);
  const std::uint64_t before = allocations;
  for (const zm_event& one : flow) market.apply(one);
  market.apply(std::span<const zm_event>(flow), nobody);
  CHECK(allocations == before);
}

TEST_CASE("a warm L2 book takes events without allocating") {
  L2Book book({1});
  Random random(9);
  std::vector<zm_event> flow;
  for (int i = 0; i < 100'000; ++i) {
    const bool sell = random.chance(1, 2);
    const std::int64_t away =
        random.chance(1, 10) ? random.between(1, 300'000) : random.between(1, 500);
    flow.push_back(level(sell ? Side::sell : Side::buy, 6'180'000 + (sell ? away : -away),
                         random.between(0, 9)));
  }
  for (const zm_event& one : flow) book.apply(one);
  book.apply(event(ZM_EVENT_BOOK_CLEAR, 1));
  const std::uint64_t before = allocations;
  for (const zm_event& one : flow) book.apply(one);
  CHECK(allocations == before);
}
