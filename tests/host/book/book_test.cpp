// What a book promises, one promise at a time.
#include <catch2/catch.hpp>

#include <limits>
#include <unordered_set>

#include "base/random.h"
#include "host/book/events.h"
#include "market/book/far_levels.h"
#include "market/book/l2_book.h"
#include "market/book/l3_market.h"

using namespace zomma;
using namespace zomma::test;

namespace {

constexpr InstrumentId apple{1};

struct OneBook {
  L3Market market{L3Config{0, 1 << 16, 1 << 20, true, false}};
  OneBook() { REQUIRE(market.add_instrument(apple, {100})); }
  Applied operator()(const zm_event& event) { return market.apply(event); }
  Book& book() { return market.book(apple); }
  std::vector<std::uint64_t> queue(Side side, std::int64_t price) {
    std::vector<QueuedOrder> orders(100);
    orders.resize(book().orders()->queue(side, {price}, orders));
    std::vector<std::uint64_t> refs;
    for (const QueuedOrder& order : orders) refs.push_back(order.ref);
    return refs;
  }
};
using Refs = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("an empty book has no prices and no quantities") {
  OneBook one;
  CHECK(one.book().bbo() == Bbo{});
  CHECK(one.book().depth(Side::buy) == 0);
  CHECK(one.book().quantity_at(Side::sell, {100}).value == 0);
  CHECK_FALSE(one.book().orders()->find(1));
}

TEST_CASE("orders at one price stand in the order of their arrival") {
  OneBook one;
  one(add(Side::buy, 10, 5000, 100));
  one(add(Side::buy, 11, 5000, 200));
  const std::uint64_t moment = one.book().orders()->next_arrival();
  one(add(Side::buy, 12, 5000, 300));
  CHECK(one.queue(Side::buy, 5000) == Refs{10, 11, 12});
  const auto ahead = one.book().orders()->ahead_of(12);
  REQUIRE(ahead);
  CHECK(ahead->quantity.value == 300);
  CHECK(ahead->orders == 2);
  CHECK(one.book().orders()->standing_before(Side::buy, {5000}, moment).quantity.value == 300);
  one(remove(11));
  CHECK(one.queue(Side::buy, 5000) == Refs{10, 12});
  CHECK(one.book().orders()->standing_before(Side::buy, {5000}, moment).quantity.value == 100);
}

TEST_CASE("an execution without a price is told with the price and side of the order it met") {
  OneBook one;
  one(add(Side::sell, 7, 5'858'600, 100));
  const Applied applied = one(execute(7, 40));
  CHECK(applied.changed);
  CHECK(applied.side == Side::sell);
  CHECK(applied.price.value == 5'858'600);
  CHECK(applied.quantity.value == 40);
  CHECK(applied.leaves.value == 60);
  CHECK(applied.top_changed);
  CHECK(one.book().bbo().ask_quantity.value == 60);
}

TEST_CASE("a modify keeps its place only if the price stays and the quantity falls") {
  OneBook one;
  for (const std::uint64_t ref : {1, 2, 3}) one(add(Side::buy, ref, 5000, 100));
  one(modify(1, 5000, 60));
  CHECK(one.queue(Side::buy, 5000) == Refs{1, 2, 3});
  one(modify(1, 5000, 70));
  CHECK(one.queue(Side::buy, 5000) == Refs{2, 3, 1});
  one(modify(2, 5100, 50));
  CHECK(one.queue(Side::buy, 5000) == Refs{3, 1});
  CHECK(one.queue(Side::buy, 5100) == Refs{2});
  CHECK(one.book().bbo().bid.value == 5100);
}

TEST_CASE("a replaced order goes to the end of its queue, also under its old reference") {
  OneBook one;
  for (const std::uint64_t ref : {1, 2}) one(add(Side::sell, ref, 5000, 100));
  one(replace(1, 1, 5000, 100));
  CHECK(one.queue(Side::sell, 5000) == Refs{2, 1});
  one(replace(2, 9, 5000, 10));
  CHECK(one.queue(Side::sell, 5000) == Refs{1, 9});
  CHECK_FALSE(one.book().orders()->find(2));
}

TEST_CASE("events that contradict the book are counted and leave it as it was") {
  OneBook one;
  one(add(Side::buy, 1, 5000, 100));
  one(add(Side::buy, 2, 5000, 100));
  CHECK(one(add(Side::sell, 1, 6000, 5)).anomaly == BookAnomaly::duplicate_order);
  CHECK(one(remove(3)).anomaly == BookAnomaly::unknown_order);
  CHECK(one(execute(1, 0)).anomaly == BookAnomaly::bad_quantity);
  CHECK(one(execute(1, -5)).anomaly == BookAnomaly::bad_quantity);
  CHECK(one(add(Side::buy, 4, 5000, 0)).anomaly == BookAnomaly::bad_quantity);
  CHECK(one(add(Side::buy, 4, ZM_NO_PRICE, 1)).anomaly == BookAnomaly::bad_price);
  CHECK(one(add(Side::buy, 4, std::numeric_limits<std::int64_t>::max(), 1)).anomaly ==
        BookAnomaly::bad_price);
  CHECK(one(add(Side::buy, 4, 5000, std::numeric_limits<std::int64_t>::max())).anomaly ==
        BookAnomaly::bad_quantity);
  CHECK(one(replace(1, 2, 5000, 5)).anomaly == BookAnomaly::duplicate_order);
  CHECK(one(level(Side::buy, 5000, 7)).anomaly == BookAnomaly::wrong_kind);
  CHECK(one.queue(Side::buy, 5000) == Refs{1, 2});
  CHECK(one.book().bbo() == Bbo{{5000}, no_price, {200}, {}});
  CHECK(one.book().counters().of(BookAnomaly::bad_quantity) == 4);
  CHECK(one.book().counters().total() == 10);
}

TEST_CASE("more executed than was left takes the order and is counted") {
  OneBook one;
  one(add(Side::buy, 1, 5000, 100));
  const Applied applied = one(execute(1, 150));
  CHECK(applied.anomaly == BookAnomaly::over_execution);
  CHECK(applied.quantity.value == 100);
  CHECK(applied.leaves.value == 0);
  CHECK(one.book().orders()->order_count() == 0);
  CHECK(one.book().bbo() == Bbo{});
}

TEST_CASE("a crossed book is counted at the end of the venue's update, not before") {
  OneBook one;
  one(add(Side::buy, 1, 5000, 100));
  zm_event crossing = add(Side::sell, 2, 4900, 100);
  crossing.flags &= static_cast<std::uint16_t>(~ZM_FLAG_LAST);
  CHECK(one(crossing).anomaly == BookAnomaly::none);
  CHECK(one(add(Side::sell, 3, 5000, 100)).anomaly == BookAnomaly::crossed);
  CHECK(one(remove(2)).anomaly == BookAnomaly::crossed);  // locked: bid and ask at 5000
  CHECK(one(remove(3)).anomaly == BookAnomaly::none);
  CHECK(one.book().counters().of(BookAnomaly::crossed) == 2);
}

TEST_CASE("stub quotes and prices between ticks rest beside the market") {
  OneBook one;
  one(add(Side::buy, 1, 100, 100));             // 0.01, the first price this book ever sees
  one(add(Side::sell, 2, 1'999'999'900, 100));  // 199,999.99
  one(add(Side::buy, 3, 5'853'300, 18));
  one(add(Side::sell, 4, 5'859'400, 200));
  one(add(Side::sell, 5, 5'859'350, 50));  // half a cent
  CHECK(one.book().bbo() == Bbo{{5'853'300}, {5'859'350}, {18}, {50}});
  PriceLevel levels[4];
  REQUIRE(one.book().levels(Side::sell, levels) == 3);
  CHECK(levels[1] == PriceLevel{{5'859'400}, {200}, 1});
  CHECK(levels[2] == PriceLevel{{1'999'999'900}, {100}, 1});
  one(remove(5));
  one(remove(4));
  one(remove(3));
  CHECK(one.book().bbo() == Bbo{{100}, {1'999'999'900}, {100}, {100}});
}

TEST_CASE("a market that walks far away takes its orders along") {
  OneBook one;
  std::uint64_t ref = 0;
  for (std::int64_t price = 1'000'000; price < 6'000'000; price += 100) {
    one(add(Side::buy, ++ref, price, 10));
    one(add(Side::buy, ++ref, price, 20));
    CHECK(one.book().bbo().bid.value == price);
    if (ref > 200) one(remove(ref - 200));
  }
  CHECK(one.queue(Side::buy, 5'999'900) == Refs{ref - 1, ref});
  while (one.book().bbo().bid != no_price) {
    const std::int64_t best = one.book().bbo().bid.value;
    const Refs queue = one.queue(Side::buy, best);
    REQUIRE_FALSE(queue.empty());
    for (const std::uint64_t order : queue) one(remove(order));
    CHECK(one.book().bbo().bid.value < best);
  }
  CHECK(one.market.order_count() == 0);
  CHECK(one.market.level_count() == 0);
}

TEST_CASE("the same reference may live in two instruments") {
  L3Market market;
  REQUIRE(market.add_instrument({1}, {1}));
  REQUIRE(market.add_instrument({2}, {1}));
  market.apply(add(Side::buy, 5, 100, 10, 1));
  market.apply(add(Side::sell, 5, 200, 20, 2));
  market.apply(remove(5, 1));
  CHECK_FALSE(market.book({1}).orders()->find(5));
  REQUIRE(market.book({2}).orders()->find(5));
  CHECK(market.book({2}).orders()->find(5)->leaves.value == 20);
}

TEST_CASE("events for an instrument that is not held are counted, other events are let pass") {
  L3Market market;
  REQUIRE(market.add_instrument(apple, {1}));
  CHECK(market.apply(add(Side::buy, 1, 100, 10, 77)).anomaly == BookAnomaly::unknown_instrument);
  const std::vector<zm_event> batch = {add(Side::buy, 1, 100, 10, 77),
                                       event(ZM_EVENT_CLOCK, ZM_NO_INSTRUMENT)};
  NoVisitor nobody;
  market.apply(std::span<const zm_event>(batch), nobody);
  CHECK(market.unknown_instrument() == 2);
  CHECK(market.order_count() == 0);
}

TEST_CASE("an instrument is refused twice, and with a tick that is none") {
  L3Market market;
  REQUIRE(market.add_instrument(apple, {1}));
  CHECK_FALSE(market.add_instrument(apple, {1}));
  CHECK_FALSE(market.add_instrument({2}, {0}));
  CHECK_FALSE(market.add_instrument(InstrumentId{}, {1}));
}

TEST_CASE("a full pool refuses orders and loses none") {
  L3Config config;
  config.max_orders = 100;
  config.expected_orders = 0;
  L3Market market(config);
  REQUIRE(market.add_instrument(apple, {1}));
  for (std::uint64_t ref = 1; ref <= 100; ++ref)
    REQUIRE(market.apply(add(Side::buy, ref, 100, 1)).changed);
  CHECK(market.apply(add(Side::buy, 101, 100, 1)).anomaly == BookAnomaly::capacity);
  CHECK(market.apply(replace(100, 200, 50, 1)).changed);
  CHECK(market.apply(remove(1)).changed);
  CHECK(market.apply(add(Side::buy, 101, 100, 1)).changed);
  CHECK(market.order_count() == 100);
}

TEST_CASE("a gap makes a book suspect until it is cleared") {
  OneBook one;
  one(add(Side::buy, 1, 5000, 1));
  one(event(ZM_EVENT_GAP, 1));
  CHECK(one.book().suspect());
  CHECK(one(event(ZM_EVENT_BOOK_CLEAR, 1)).changed);
  CHECK_FALSE(one.book().suspect());
  CHECK(one.book().bbo() == Bbo{});
  CHECK(one.market.order_count() == 0);
}

TEST_CASE("damaged bytes load as an empty book and a failed reader") {
  OneBook one;
  for (std::uint64_t ref = 1; ref < 50; ++ref)
    one(add(ref % 2 ? Side::buy : Side::sell, ref, 5000 + (ref % 2 ? -100 : 100), 5));
  ArchiveWriter writer;
  one.book().save(writer);
  Random random(7);
  for (int i = 0; i < 2000; ++i) {
    std::vector<std::byte> bytes(writer.bytes().begin(), writer.bytes().end());
    if (i % 2 == 0) bytes.resize(random.below(bytes.size()));
    if (!bytes.empty())
      bytes[random.below(bytes.size())] ^= static_cast<std::byte>(1 + random.below(255));
    OneBook other;
    ArchiveReader reader(bytes);
    other.book().load(reader);
    if (!reader.ok()) CHECK(other.book().bbo() == Bbo{});
  }
}

TEST_CASE("a million orders that come and go leave no trace in the memory of the pool") {
  L3Config config;
  config.max_orders = 3000;
  config.expected_orders = 0;
  config.max_levels = 2 * Ladder::window + 3000;
  L3Market market(config);
  REQUIRE(market.add_instrument(apple, {100}));
  Random random(3);
  std::vector<std::uint64_t> live;
  std::uint64_t ref = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    if (live.size() < 2900 && (live.size() < 100 || random.chance(1, 2))) {
      const std::int64_t price = 5'000'000 + random.between(-400'000, 400'000);
      REQUIRE(
          market.apply(add(random.chance(1, 2) ? Side::buy : Side::sell, ++ref, price, 1)).changed);
      live.push_back(ref);
    } else {
      const std::size_t at = random.below(live.size());
      REQUIRE(market.apply(remove(live[at])).changed);
      live[at] = live.back();
      live.pop_back();
    }
  }
  CHECK(market.order_count() == live.size());
}

TEST_CASE("a QUOTE is the truth about the top of an L2 book") {
  L2Book book({1});
  for (std::int64_t i = 0; i < 5; ++i) {
    book.apply(level(Side::buy, 100 - i, 10 + i));
    book.apply(level(Side::sell, 101 + i, 20 + i));
  }
  book.apply(quote(98, 7, 103, 8));
  CHECK(book.bbo() == Bbo{{98}, {103}, {7}, {8}});
  CHECK(book.depth(Side::buy) == 3);
  book.apply(quote(104, 1, 105, 2));  // asks at 103 and 104 are in the way of the bid
  CHECK(book.bbo() == Bbo{{104}, {105}, {1}, {2}});
  CHECK(book.depth(Side::sell) == 1);
  book.apply(quote(ZM_NO_PRICE, 0, 99, 5));
  CHECK(book.bbo() == Bbo{no_price, {99}, {}, {5}});
  CHECK(book.apply(quote(99, 1, 99, 1)).anomaly == BookAnomaly::crossed);
  CHECK(book.apply(add(Side::buy, 1, 1, 1)).anomaly == BookAnomaly::wrong_kind);
  CHECK(book.orders() == nullptr);
}

TEST_CASE("the order index grows line by line and forgets nothing") {
  struct Known {
    std::uint64_t ref, salt;
  };
  constexpr std::uint32_t count =
      600'000;  // far enough that lines are divided by their tags as well as by their records
  OrderIndex index(count, 0, false);
  std::vector<Known> known(count + 1);
  const auto hash_of = [&](std::uint32_t record) {
    return OrderIndex::hash(known[record].ref, known[record].salt);
  };
  const auto find = [&](std::uint32_t record) {
    const Known& wanted = known[record];
    return index.find(index.spot(wanted.ref, wanted.salt), [&](std::uint32_t found) {
      return known[found].ref == wanted.ref && known[found].salt == wanted.salt;
    });
  };
  const std::size_t lines_at_first = index.line_count();
  for (std::uint32_t record = 1; record <= count; ++record) {
    // Dense numbers of three instruments, numbers in great steps, and the same numbers in all of
    // them.
    const std::uint64_t ref = record % 4 == 3 ? std::uint64_t{record} << 20 : record / 4;
    known[record] = {ref, OrderIndex::salt(record % 4)};
    index.insert(index.spot(ref, known[record].salt), record);
    index.grow(hash_of);
  }
  CHECK(index.line_count() > 100'000);
  CHECK(index.line_count() > lines_at_first);
  std::uint32_t wrong = 0;
  for (std::uint32_t record = 1; record <= count; ++record) wrong += find(record) != record;
  CHECK(wrong == 0);
  for (std::uint32_t record = 1; record <= count; record += 2) {
    index.erase(index.spot(known[record].ref, known[record].salt), record);
  }
  for (std::uint32_t record = 1; record <= count; ++record)
    wrong += find(record) != (record % 2 == 1 ? 0 : record);
  CHECK(wrong == 0);
  CHECK(index.size() == count / 2);
  // What comes back finds the holes that were left: no more overflow lines than before.
  const std::size_t overflow = index.overflow_lines();
  for (std::uint32_t record = 1; record <= count; record += 2)
    index.insert(index.spot(known[record].ref, known[record].salt), record);
  CHECK(index.overflow_lines() <= overflow + overflow / 10);
}

TEST_CASE("FarLevels keeps thousands of keys in order through growth and decay") {
  FarLevels far;
  Random random(11);
  std::vector<std::int64_t> keys;
  std::unordered_set<std::int64_t> known;
  for (int i = 0; i < 5000; ++i) {
    const auto key = static_cast<std::int64_t>(random.below(1'000'000));
    if (!known.insert(key).second) continue;
    keys.push_back(key);
    far.insert(key, static_cast<std::uint32_t>(key) + 1);
  }
  while (keys.size() > 10) {
    const std::size_t at = random.below(keys.size());
    far.erase(keys[at]);
    keys[at] = keys.back();
    keys.pop_back();
  }
  std::sort(keys.begin(), keys.end(), std::greater<>());
  FarLevels::Entry entry = far.best();
  for (const std::int64_t key : keys) {
    REQUIRE(entry.level == static_cast<std::uint32_t>(key) + 1);
    REQUIRE(far.find(key) == entry.level);
    entry = far.below(entry.key);
  }
  CHECK(entry.level == 0);
  CHECK(far.find(-1) == 0);
}
