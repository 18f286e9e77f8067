// Random events of every kind, valid and invalid, on the fast books and on obvious ones: after each
// event they must agree on what it did and on the best prices, and every now and then on
// everything.
#include <catch2/catch.hpp>

#include <deque>

#include "base/random.h"
#include "host/book/events.h"
#include "host/book/slow_book.h"
#include "market/book/l2_book.h"
#include "market/book/l3_market.h"
#include "market/book/top_book.h"

using namespace zomma;
using namespace zomma::test;

namespace {

struct Traded {
  std::uint32_t instrument;
  std::int64_t tick;
  std::int64_t middle;
};

// A digest of everything a visitor hears.
struct Digest {
  std::uint64_t value = 1;
  void mix(std::uint64_t word) { value = SplitMix64(value ^ word)(); }
  void on_order(const OrderChange& c) {
    mix(c.instrument.value * 8 + static_cast<std::uint64_t>(c.action) * 2 +
        static_cast<std::uint64_t>(c.side));
    mix(c.ref);
    mix(static_cast<std::uint64_t>(c.price.value));
    mix(static_cast<std::uint64_t>(c.quantity.value));
    mix(static_cast<std::uint64_t>(c.leaves.value));
  }
  void on_level(const LevelChange& c) { mix_level(c.side, c.level); }
  void on_top(const TopChange& c) { mix_level(c.side, c.best); }
  void mix_level(Side side, const PriceLevel& level) {
    mix(static_cast<std::uint64_t>(level.price.value));
    mix(static_cast<std::uint64_t>(level.quantity.value));
    mix(level.order_count * 2 + static_cast<std::uint64_t>(side));
  }
};

// Writes events that mostly make sense for the book they are for.
class Flow {
 public:
  explicit Flow(std::uint64_t seed) : random_(seed) {}

  zm_event next(Traded& market, const SlowL3& book) {
    const std::uint32_t id = market.instrument;
    if (random_.chance(1, 200)) market.middle += random_.between(-3000, 3000) * market.tick;
    // Drawn one after the other: the order of evaluation within a call is the compiler's choice.
    const std::uint64_t dice = random_.below(1000);
    const std::uint64_t ref = some_ref(book);
    const std::uint64_t fresh = fresh_ref(book);
    const std::int64_t amount = quantity();
    if (dice < 400 || book.orders.size() < 10) {
      const Side side = random_.chance(1, 2) ? Side::buy : Side::sell;
      return with_flags(add(side, fresh, price(market, side), amount, id));
    }
    if (dice < 600) return with_flags(remove(ref, id));
    if (dice < 700) return with_flags(execute(ref, amount, id));
    if (dice < 780) return with_flags(reduce(ref, amount, id));
    const auto order = book.orders.find(ref);
    const Side side = order == book.orders.end() ? Side::buy : order->second.side;
    const std::int64_t target = price(market, side);
    if (dice < 880)
      return with_flags(modify(ref, random_.chance(1, 3) ? ZM_NO_PRICE : target, amount, id));
    if (dice < 998)
      return with_flags(replace(ref, random_.chance(1, 5) ? ref : fresh, target, amount, id));
    if (dice < 999 || random_.chance(9, 10)) return event(ZM_EVENT_TRADE, id);
    return event(ZM_EVENT_BOOK_CLEAR, id);
  }
  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }

 private:
  zm_event with_flags(zm_event made) {
    if (random_.chance(1, 4)) made.flags &= static_cast<std::uint16_t>(~ZM_FLAG_LAST);
    return made;
  }
  std::int64_t quantity() {
    return random_.chance(1, 100) ? random_.between(-5, 0) : random_.between(1, 500);
  }
  // Bids mostly below the middle, asks above: a book that is always crossed would test little.
  std::int64_t price(const Traded& market, Side side) {
    const std::int64_t away = random_.chance(1, 50) ? -1 : side == Side::sell ? 1 : -1;
    switch (random_.below(100)) {
      case 0:
        return 1;
      case 1:
        return 1'999'999'900;
      case 2:
        return -market.tick * random_.between(0, 50);
      case 3:
        return market.middle + away * random_.between(1, 50'000) * market.tick;
      case 4:
      case 5:
        return market.middle + random_.between(-300, 300);  // between two ticks
      case 6:
        return random_.chance(1, 4) ? ZM_NO_PRICE : market.middle + away * market.tick;
      case 7:
        return random_.chance(1, 4) ? INT64_MAX : market.middle + away * market.tick;
      default:
        return market.middle + away * random_.between(1, 40) * market.tick;
    }
  }
  // Usually new; the same numbers are in use for other instruments.
  std::uint64_t fresh_ref(const SlowL3& book) {
    if (random_.chance(1, 50)) return some_ref(book);
    return random_.chance(1, 10) ? random_() : random_.below(20'000) + 1;
  }
  std::uint64_t some_ref(const SlowL3& book) {
    if (random_.chance(1, 50) || book.orders.empty()) return random_();
    const auto at = book.orders.lower_bound(random_.below(20'000));
    return at == book.orders.end() ? book.orders.begin()->first : at->first;
  }

  Random random_;
};

void compare_levels(const Book& book, const SlowL3& slow, Side side) {
  const std::vector<PriceLevel> expected = slow.side(side);
  std::vector<PriceLevel> found(expected.size() + 1);
  found.resize(book.levels(side, found));
  REQUIRE(found == expected);
  REQUIRE(book.depth(side) == expected.size());
  for (const PriceLevel& level : expected) {
    if (book.quantity_at(side, level.price) != level.quantity)
      FAIL("quantity at " << level.price.value);
  }
}

void compare_queues(const Book& book, const SlowL3& slow, Side side) {
  std::vector<QueuedOrder> queue(slow.orders.size() + 1);
  for (const auto& [price, refs] : slow.levels[static_cast<int>(side)]) {
    const std::size_t count = book.orders()->queue(side, {price}, queue);
    if (count != refs.size()) FAIL("a queue of " << count << " orders, expected " << refs.size());
    QueueAhead ahead;
    for (std::size_t i = 0; i < count; ++i) {
      const SlowOrder& expected = slow.orders.at(refs[i]);
      const QueuedOrder& found = queue[i];
      const auto at = book.orders()->ahead_of(refs[i]);
      const QueueAhead before = book.orders()->standing_before(side, {price}, expected.arrival);
      const bool same = found.ref == refs[i] && found.side == side && found.price.value == price &&
                        found.leaves.value == expected.quantity &&
                        found.arrival == expected.arrival && at && at->orders == i &&
                        at->quantity == ahead.quantity && before.orders == i &&
                        before.quantity == ahead.quantity;
      if (!same) FAIL("order " << refs[i] << " does not stand as expected");
      ahead.quantity.value += expected.quantity;
    }
  }
}

void compare(const Book& book, const SlowL3& slow) {
  for (const Side side : {Side::buy, Side::sell}) {
    compare_levels(book, slow, side);
    compare_queues(book, slow, side);
  }
  REQUIRE(book.orders()->order_count() == slow.orders.size());
  REQUIRE(book.orders()->next_arrival() == slow.next_arrival);
  REQUIRE(book.counters().seen == slow.counters.seen);
}

bool same(const Applied& fast, const Applied& slow, bool moved) {
  const bool both_changed = fast.changed == slow.changed && fast.anomaly == slow.anomaly;
  // An order that leaves the top and comes back is told as a change of the top.
  const bool top = fast.top_changed == slow.top_changed || (moved && fast.top_changed);
  if (!slow.changed) return both_changed && top;
  return both_changed && top && fast.side == slow.side && fast.price == slow.price &&
         fast.quantity == slow.quantity && fast.leaves == slow.leaves;
}

}  // namespace

TEST_CASE("an L3 market does what obvious books do, one by one and in batches") {
  std::deque<Traded> traded = {{1, 1, 5000},
                               {2, 100, 5'853'300},
                               {7, 25, 521'400},
                               {8, 250'000'000, 5'214'250'000'000},
                               {9, 7, -700}};
  L3Config config;
  config.expected_orders = 0;
  config.max_orders = 1 << 20;
  L3Market single(config);
  L3Market batched(config);
  std::map<std::uint32_t, SlowL3> slow;
  for (const Traded& one : traded) {
    REQUIRE(single.add_instrument({one.instrument}, {one.tick}));
    REQUIRE(batched.add_instrument({one.instrument}, {one.tick}));
  }
  Flow flow(20'240'508);
  Digest heard_single;
  Digest heard_batched;
  std::vector<zm_event> pending;
  constexpr int operations = 1'200'000;
  for (int i = 0; i < operations; ++i) {
    Traded& market = traded[flow.below(traded.size())];
    SlowL3& book = slow[market.instrument];
    const zm_event happened = flow.next(market, book);
    const bool clears = happened.kind == ZM_EVENT_BOOK_CLEAR;
    const bool moved =
        happened.kind == ZM_EVENT_ORDER_MODIFY || happened.kind == ZM_EVENT_ORDER_REPLACE || clears;
    const Applied expected = book.apply(happened);
    const Applied found = single.apply(happened, heard_single);
    if (!same(found, expected, moved)) {
      FAIL("event " << i << " of kind " << happened.kind << ": " << name_of(found.anomaly)
                    << ", expected " << name_of(expected.anomaly));
    }
    if (!(single.bbo({market.instrument}) == book.bbo())) FAIL("best prices after event " << i);
    pending.push_back(happened);
    if (pending.size() < 1 + flow.below(700)) continue;
    batched.apply(std::span<const zm_event>(pending), heard_batched);
    pending.clear();
    if (heard_single.value != heard_batched.value)
      FAIL("the batch was heard differently before event " << i);
    if (flow.below(300) != 0) continue;
    compare(single.book({market.instrument}), book);
    compare(batched.book({market.instrument}), book);
  }
  batched.apply(std::span<const zm_event>(pending), heard_batched);
  for (const Traded& one : traded) {
    compare(single.book({one.instrument}), slow[one.instrument]);
    compare(batched.book({one.instrument}), slow[one.instrument]);
    // Otherwise the flow would not have tested anything.
    for (const BookAnomaly anomaly :
         {BookAnomaly::unknown_order, BookAnomaly::duplicate_order, BookAnomaly::over_execution,
          BookAnomaly::bad_quantity, BookAnomaly::bad_price, BookAnomaly::crossed}) {
      CHECK(slow[one.instrument].counters.of(anomaly) > 100);
    }
  }

  ArchiveWriter written;
  single.save(written);
  L3Market loaded(config);
  for (const Traded& one : traded) REQUIRE(loaded.add_instrument({one.instrument}, {one.tick}));
  ArchiveReader reader(written.bytes());
  loaded.load(reader);
  REQUIRE(reader.ok());
  REQUIRE(reader.remaining() == 0);
  for (const Traded& one : traded) compare(loaded.book({one.instrument}), slow[one.instrument]);
  ArchiveWriter again;
  loaded.save(again);
  REQUIRE(std::equal(again.bytes().begin(), again.bytes().end(), written.bytes().begin(),
                     written.bytes().end()));
}

TEST_CASE("an L2 book does what an obvious book does") {
  const std::int64_t tick = GENERATE(1, 10);
  L2Book book({tick});
  SlowL2 slow;
  Random random(static_cast<std::uint64_t>(tick));
  std::int64_t middle = 6'180'000;
  const auto price = [&] {
    const std::uint64_t dice = random.below(100);
    if (dice == 0) return random.chance(1, 8) ? ZM_NO_PRICE : std::int64_t{1};
    if (dice == 1) return std::int64_t{1'999'999'990};
    if (dice < 12) return middle + random.between(-60'000, 60'000);
    return middle + random.between(-200, 200) * tick;
  };
  const auto quantity = [&] {
    return random.chance(1, 3) ? 0 : random.chance(1, 200) ? -1 : random.between(1, 1000);
  };
  for (int i = 0; i < 600'000; ++i) {
    if (random.chance(1, 2000)) middle += random.between(-4000, 4000) * tick;
    const Side at_side = random.chance(1, 2) ? Side::buy : Side::sell;
    const std::int64_t at_price = price();
    const std::int64_t at_quantity = quantity();
    zm_event happened = level(at_side, at_price, at_quantity);
    if (random.chance(1, 20)) {
      const std::int64_t bid = price();
      const std::int64_t ask = random.chance(1, 10) ? price()
                               : bid == ZM_NO_PRICE ? middle
                                                    : bid + random.between(1, 5) * tick;
      happened = quote(bid, at_quantity, ask, quantity());
    }
    if (random.chance(1, 100'000)) happened = event(ZM_EVENT_BOOK_CLEAR, 1);
    if (random.chance(1, 4)) happened.flags &= static_cast<std::uint16_t>(~ZM_FLAG_LAST);
    const Bbo before = slow.bbo();
    const BookAnomaly expected = slow.apply(happened);
    const Applied found = book.apply(happened);
    if (found.anomaly != expected)
      FAIL("event " << i << ": " << name_of(found.anomaly) << ", expected " << name_of(expected));
    if (!(book.bbo() == slow.bbo())) FAIL("best prices after event " << i);
    for (const Side side : {Side::buy, Side::sell}) {
      if (book.depth(side) != slow.sides[static_cast<int>(side)].size())
        FAIL("number of levels after event " << i);
    }
    if (found.top_changed != !(before == slow.bbo()))
      FAIL("event " << i << " is wrong about the top");
    if (i % 5000 != 0) continue;
    for (const Side side : {Side::buy, Side::sell}) {
      const std::vector<PriceLevel> all = slow.side(side);
      std::vector<PriceLevel> listed(all.size() + 1);
      listed.resize(book.levels(side, listed));
      REQUIRE(listed == all);
      for (const PriceLevel& one : all) REQUIRE(book.quantity_at(side, one.price) == one.quantity);
    }
  }
  ArchiveWriter written;
  book.save(written);
  L2Book loaded({tick});
  ArchiveReader reader(written.bytes());
  loaded.load(reader);
  REQUIRE(reader.ok());
  ArchiveWriter again;
  loaded.save(again);
  REQUIRE(std::equal(again.bytes().begin(), again.bytes().end(), written.bytes().begin(),
                     written.bytes().end()));
}

TEST_CASE("quotes alone leave a book of the top and a book by level with the same top") {
  Random random(20151224);
  TopBook top;
  L2Book levels({100});
  const auto side = [&](std::int64_t price) {
    return random.chance(1, 8) ? ZM_NO_PRICE : price * 100 + random.between(0, 1) * 50;
  };
  for (int step = 0; step < 20'000; ++step) {
    const std::int64_t bid = random.between(1, 9000);
    zm_event event = quote(side(bid), random.between(-1, 20), side(bid + random.between(0, 40)),
                           random.between(-1, 20));
    if (random.chance(1, 50)) event = test::event(ZM_EVENT_BOOK_CLEAR, 1);
    if (random.chance(1, 50)) event = test::event(ZM_EVENT_GAP, 1);
    if (random.chance(1, 4)) event.flags = 0;
    const Bbo before = top.bbo();
    const Applied by_top = top.apply(event), by_level = levels.apply(event);
    REQUIRE(by_top.anomaly == by_level.anomaly);
    REQUIRE(by_top.top_changed == by_level.top_changed);
    REQUIRE(by_top.changed == !(before == top.bbo()));
    REQUIRE(top.bbo() == levels.bbo());
    REQUIRE(top.suspect() == levels.suspect());
    REQUIRE(top.counters().seen == levels.counters().seen);
  }
  CHECK(top.counters().of(BookAnomaly::bad_quantity) > 100);
  CHECK(top.apply(level(Side::buy, 100, 1)).anomaly == BookAnomaly::wrong_kind);
  ArchiveWriter writer;
  top.save(writer);
  TopBook copy;
  ArchiveReader reader(writer.bytes());
  copy.load(reader);
  CHECK(reader.ok());
  CHECK(copy.bbo() == top.bbo());
  CHECK(copy.counters().seen == top.counters().seen);
}
