// How a resting order moves forward in its queue, and when it trades.
#include "world.h"

using namespace zomma;
using namespace zomma::test;

namespace {
constexpr Side buy = Side::buy, sell = Side::sell;
}

TEST_CASE("what stood before us trades before us") {
  World world;
  world(quote(100, 10, 101, 10));
  const OrderId id = world.limit(buy, 100, 5);
  world(trade(sell, 100, 9));
  CHECK(world.filled(id) == 0);
  world(trade(sell, 100, 3));
  CHECK(world.filled(id) == 2);
  CHECK(world.last(id).maker);
  CHECK(world.last(id).price.value == 100);
}

TEST_CASE("a trade on the other side leaves us where we are") {
  World world;
  world(quote(100, 10, 101, 10));
  const OrderId id = world.limit(buy, 100, 5);
  world(trade(buy, 101, 50));
  CHECK(world.filled(id) == 0);
}

TEST_CASE("a trade through our price fills us, at our price") {
  World world;
  world(quote(100, 10, 101, 10));
  const OrderId id = world.limit(buy, 100, 5);
  world(trade(sell, 99, 3));
  CHECK(world.filled(id) == 3);
  CHECK(world.last(id).price.value == 100);
}

TEST_CASE("a market that offers at our price fills us for what it offers, once") {
  World world;
  world(quote(99, 10, 102, 10));
  const OrderId id = world.limit(buy, 100, 5);
  world(quote(98, 10, 100, 3));
  CHECK(world.filled(id) == 3);
  CHECK(world.last(id).price.value == 100);
  world(level(sell, 105, 7));
  CHECK(world.filled(id) == 3);
}

TEST_CASE("a market that offers better than our price fills us at our price") {
  World world;
  world(quote(99, 10, 102, 10));
  const OrderId id = world.limit(buy, 100, 5);
  world(quote(97, 10, 98, 20));
  CHECK(world.filled(id) == 5);
  CHECK(world.last(id).price.value == 100);
}

TEST_CASE("own orders at one price trade in the order of their arrival") {
  World world;
  world(quote(100, 10, 101, 10));
  const OrderId first = world.limit(buy, 100, 4);
  const OrderId second = world.limit(buy, 100, 4);
  world(trade(sell, 100, 15));
  CHECK(world.filled(first) == 4);
  CHECK(world.filled(second) == 1);
}

TEST_CASE(
    "risk averse: a level that shrinks to less than our place moves us, one above it does not") {
  World world(with_queue(SimQueueModel::risk_averse));
  world(level(buy, 100, 10));
  const OrderId id = world.limit(buy, 100, 5);
  world(level(buy, 100, 30))(level(buy, 100, 20));
  world.wait(1'000'000'000);
  world(trade(sell, 100, 10));
  CHECK(world.filled(id) == 0);  // all ten stood before us
  world(level(buy, 100, 4));
  world(trade(sell, 100, 1));
  CHECK(world.filled(id) == 1);
}

TEST_CASE("probability: ahead^3 / (ahead^3 + behind^3) of a cancelled quantity stood before us") {
  World world(with_queue(SimQueueModel::probability));
  world(level(buy, 100, 20));
  const OrderId id = world.limit(buy, 100, 5);
  world(level(buy, 100, 30));  // 20 before us, 10 behind: 8000 / 9000
  world(level(buy, 100, 21));  // 9 cancelled, 8 of them before us: 12 are left
  world.wait(1'000'000'000);
  world(trade(sell, 100, 12));
  CHECK(world.filled(id) == 0);
  world(trade(sell, 100, 1));
  CHECK(world.filled(id) == 1);
}

TEST_CASE("probability: a trade told before the level that shows it is no cancel") {
  World world(with_queue(SimQueueModel::probability));
  world(level(buy, 100, 20));
  const OrderId id = world.limit(buy, 100, 5);
  world(trade(sell, 100, 8));
  world(level(buy, 100, 12));  // the same eight
  world.wait(1'000'000'000);
  world(trade(sell, 100, 12));
  CHECK(world.filled(id) == 0);
  world(trade(sell, 100, 1));
  CHECK(world.filled(id) == 1);
}

TEST_CASE("probability: a trade told first counts once though other levels move in between") {
  World world(with_queue(SimQueueModel::probability));
  world(level(buy, 100, 20));
  const OrderId id = world.limit(buy, 100, 5);
  world(level(buy, 100, 22));
  world(trade(sell, 100, 8));  // 12 before us, 2 behind
  world(level(buy, 98, 1));
  world(level(buy, 100, 14));
  world.wait(1'000'000'000);
  world(trade(sell, 100, 12));
  CHECK(world.filled(id) == 0);
}

TEST_CASE("a level that shrinks before its trade is told moves us once") {
  World world;
  world(level(buy, 100, 10));
  const OrderId id = world.limit(buy, 100, 5);
  world(level(buy, 100, 4));   // six traded ...
  world(trade(sell, 100, 6));  // ... says the trade, a moment later
  CHECK(world.filled(id) == 0);
  world(trade(sell, 100, 5));
  CHECK(world.filled(id) == 1);
}

TEST_CASE("a trade long after the level shrank is another one") {
  World world;
  world(level(buy, 100, 10));
  const OrderId id = world.limit(buy, 100, 5);
  world(level(buy, 100, 4));
  world.wait(1'000'000'000);
  world(trade(sell, 100, 6));
  CHECK(world.filled(id) == 2);
}

TEST_CASE("exact: a cancel before us moves us, one behind us does not") {
  World world(with_queue(SimQueueModel::exact), World::Kind::l3);
  world(add(buy, 1, 100, 10))(add(buy, 2, 100, 10));
  const OrderId id = world.limit(buy, 100, 5);
  world(add(buy, 3, 100, 10));
  world(remove(3));
  world(reduce(1, 4));
  world(execute(1, 6));
  world(execute(2, 9));
  CHECK(world.filled(id) == 0);
  world(remove(2));
  world(add(buy, 4, 100, 10));
  world(execute(4, 2));  // it came after us: we would have traded
  CHECK(world.filled(id) == 2);
}

TEST_CASE("exact: an order that gives up its place stands behind us") {
  World world(with_queue(SimQueueModel::exact), World::Kind::l3);
  world(add(buy, 1, 100, 10));
  const OrderId id = world.limit(buy, 100, 5);
  world(replace(1, 2, 100, 10));
  world(execute(2, 3));
  CHECK(world.filled(id) == 3);
}

TEST_CASE("an auction's executions do not fill us, and shorten the queue before us") {
  World world(with_queue(SimQueueModel::exact), World::Kind::l3);
  world(add(buy, 1, 100, 10))(add(buy, 2, 100, 4));
  const OrderId id = world.limit(buy, 100, 5);
  world(add(buy, 3, 100, 10));
  zm_event crossed = execute(1, 10);
  crossed.flags |= ZM_FLAG_CROSS;
  zm_event behind = execute(3, 5);
  behind.flags |= ZM_FLAG_CROSS;
  world(crossed)(behind);
  CHECK(world.filled(id) == 0);
  world(execute(2, 4));
  CHECK(world.filled(id) == 0);
  world(add(buy, 4, 100, 10));
  world(execute(4, 2));
  CHECK(world.filled(id) == 2);
}

TEST_CASE("after a cleared book we stand at its end") {
  World world;
  world(level(buy, 100, 10));
  const OrderId id = world.limit(buy, 100, 5);
  const bool one_update = GENERATE(true, false);
  const zm_event clear = event(ZM_EVENT_BOOK_CLEAR, 1);
  world(one_update ? more(clear) : clear)(level(buy, 100, 30));
  world.wait(1'000'000'000);
  world(trade(sell, 100, 30));
  CHECK(world.filled(id) == 0);
  world(trade(sell, 100, 1));
  CHECK(world.filled(id) == 1);
}
