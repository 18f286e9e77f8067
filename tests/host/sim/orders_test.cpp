// What the simulated exchange does with each kind of order, one rule at a time.
#include "world.h"

using namespace zomma;
using namespace zomma::test;

namespace {
constexpr Side buy = Side::buy, sell = Side::sell;
}

TEST_CASE("a limit order that meets nothing rests") {
  World world;
  world(quote(99, 10, 101, 10));
  const OrderId id = world.limit(buy, 100, 5);
  REQUIRE(world.reports.size() == 1);
  CHECK(world.last(id).kind == ZM_EVENT_ACCEPTED);
  CHECK(world.last(id).leaves.value == 5);
}

TEST_CASE("an IOC order takes what is displayed, best price first, and the rest is cancelled") {
  World world;
  world(level(sell, 101, 5))(level(sell, 102, 7))(level(sell, 103, 9));
  const OrderId id = world.limit(buy, 102, 20, TimeInForce::ioc);
  REQUIRE(world.reports.size() == 4);
  CHECK(world.reports[1].price.value == 101);
  CHECK(world.reports[1].quantity.value == 5);
  CHECK(world.reports[2].price.value == 102);
  CHECK(world.reports[2].quantity.value == 7);
  CHECK(world.reports[2].leaves.value == 8);
  CHECK_FALSE(world.reports[2].maker);
  CHECK(world.ended(id, ZM_EVENT_CANCELED, ZM_REASON_IOC_REMAINDER));
}

TEST_CASE("displayed quantity is taken once while the level stands as it was") {
  World world;
  world(quote(99, 10, 101, 10));
  CHECK(world.filled(world.limit(buy, 101, 6, TimeInForce::ioc)) == 6);
  CHECK(world.filled(world.limit(buy, 101, 6, TimeInForce::ioc)) == 4);
  world(level(sell, 102, 50));
  CHECK(world.filled(world.limit(buy, 101, 6, TimeInForce::ioc)) == 0);
}

TEST_CASE("a level that went and came again can be taken again") {
  World world;
  world(level(sell, 101, 10));
  CHECK(world.filled(world.limit(buy, 101, 10, TimeInForce::ioc)) == 10);
  world(level(sell, 101, 0))(level(sell, 101, 8));
  CHECK(world.filled(world.limit(buy, 101, 10, TimeInForce::ioc)) == 8);
}

TEST_CASE("a FOK order fills whole or not at all") {
  World world;
  world(level(sell, 101, 5))(level(sell, 102, 5));
  const OrderId more = world.limit(buy, 102, 11, TimeInForce::fok);
  CHECK(world.filled(more) == 0);
  CHECK(world.ended(more, ZM_EVENT_CANCELED, ZM_REASON_FOK_UNFILLABLE));
  const OrderId exact = world.limit(buy, 102, 10, TimeInForce::fok);
  CHECK(world.filled(exact) == 10);
  CHECK(world.last(exact).leaves.value == 0);
}

TEST_CASE("a post-only order that would cross the recorded market is cancelled, another rests") {
  World world;
  world(quote(99, 10, 101, 10));
  VenueOrder order = world.order(buy, 101, 5);
  order.post_only = true;
  CHECK(world.ended(world.send(order), ZM_EVENT_CANCELED, ZM_REASON_WOULD_CROSS));
  order = world.order(buy, 100, 5);
  order.post_only = true;
  CHECK(world.last(world.send(order)).kind == ZM_EVENT_ACCEPTED);
}

TEST_CASE("a post-only order that would meet an own order is cancelled") {
  World world;
  world(quote(90, 10, 110, 10));
  world.limit(sell, 100, 5);
  VenueOrder order = world.order(buy, 100, 5);
  order.post_only = true;
  CHECK(world.ended(world.send(order), ZM_EVENT_CANCELED, ZM_REASON_WOULD_CROSS));
}

TEST_CASE("a market order with nothing against it finds no liquidity") {
  World world;
  VenueOrder order = world.order(buy, ZM_NO_PRICE, 5);
  order.type = OrderType::market;
  CHECK(world.ended(world.send(order), ZM_EVENT_CANCELED, ZM_REASON_NO_LIQUIDITY));
}

TEST_CASE(
    "an own order against an own order cancels the new one, or trades where that is allowed") {
  SimOptions options;
  options.self_trade = GENERATE(SimSelfTrade::cancel_new, SimSelfTrade::allow);
  World world(options);
  world(quote(90, 10, 110, 10));
  const OrderId old = world.limit(sell, 100, 5);
  const OrderId incoming = world.limit(buy, 100, 5);
  if (options.self_trade == SimSelfTrade::allow) {
    CHECK(world.filled(old) == 5);
    CHECK(world.filled(incoming) == 5);
  } else {
    CHECK(world.filled(old) + world.filled(incoming) == 0);
    CHECK(world.ended(incoming, ZM_EVENT_CANCELED, ZM_REASON_SELF_TRADE));
    CHECK(world.last(old).kind == ZM_EVENT_ACCEPTED);
  }
}

TEST_CASE("the recorded quantity at a better price trades before an own order") {
  World world;
  world(quote(90, 10, 99, 4));
  const OrderId own = world.limit(sell, 100, 5);
  const OrderId incoming = world.limit(buy, 100, 6, TimeInForce::ioc);
  CHECK(world.filled(incoming) == 4);
  CHECK(world.filled(own) == 0);
  CHECK(world.ended(incoming, ZM_EVENT_CANCELED, ZM_REASON_SELF_TRADE));
}

TEST_CASE("a replace that only lowers the quantity keeps the place") {
  World world;
  world(quote(100, 10, 105, 10));
  const OrderId first = world.limit(buy, 100, 6);
  const OrderId second = world.limit(buy, 100, 6);
  world.replace(first, 100, 4);
  CHECK(world.last(first).kind == ZM_EVENT_REPLACED);
  CHECK(world.last(first).leaves.value == 4);
  world(trade(sell, 100, 14));
  CHECK(world.filled(first) == 4);
  CHECK(world.filled(second) == 0);
}

TEST_CASE("a replace that raises the quantity loses the place") {
  World world;
  world(quote(100, 10, 105, 10));
  const OrderId first = world.limit(buy, 100, 6);
  const OrderId second = world.limit(buy, 100, 6);
  world.replace(first, 100, 7);
  world(trade(sell, 100, 16));
  CHECK(world.filled(first) == 0);
  CHECK(world.filled(second) == 6);
}

TEST_CASE("a replace to a price that crosses trades at once") {
  World world;
  world(quote(99, 10, 101, 3));
  const OrderId id = world.limit(buy, 99, 5);
  world.replace(id, 101, 5);
  CHECK(world.filled(id) == 3);
  CHECK(world.last(id).leaves.value == 2);
}

TEST_CASE("a replace below what has filled ends the order") {
  World world;
  world(quote(100, 0, 105, 10));
  const OrderId id = world.limit(buy, 100, 10);
  world(trade(sell, 100, 6));
  REQUIRE(world.filled(id) == 6);
  world.replace(id, 100, 5);
  CHECK(world.last(id).leaves.value == 0);
  world(trade(sell, 100, 6));
  CHECK(world.filled(id) == 6);
}

TEST_CASE("cancel and replace of an order that is gone come too late") {
  World world;
  world(quote(99, 10, 101, 10));
  const OrderId id = world.limit(buy, 101, 5);
  REQUIRE(world.filled(id) == 5);
  world.cancel(id);
  CHECK(world.ended(id, ZM_EVENT_CANCEL_REJECTED, ZM_REASON_TOO_LATE));
  world.replace(id, 100, 5);
  CHECK(world.ended(id, ZM_EVENT_REPLACE_REJECTED, ZM_REASON_TOO_LATE));
}

TEST_CASE("a mass cancel ends the orders that it means and no other") {
  World world;
  world(quote(99, 10, 101, 10));
  const OrderId mine = world.limit(buy, 98, 5);
  VenueOrder of_other = world.order(sell, 103, 5);
  of_other.instance = InstanceId{1};
  const OrderId other = world.send(of_other);
  world.gateway.mass_cancel({InstrumentId{}, InstanceId{0}}, {world.now});
  world.until(world.now);
  CHECK(world.ended(mine, ZM_EVENT_CANCELED, ZM_REASON_USER));
  CHECK(world.last(other).kind == ZM_EVENT_ACCEPTED);
  world.gateway.mass_cancel({InstrumentId{}, InstanceId{}}, {world.now});
  world.until(world.now);
  CHECK(world.last(other).kind == ZM_EVENT_CANCELED);
}

TEST_CASE("an iceberg's next slice joins at the end of its price") {
  World world;
  world(quote(100, 0, 105, 10));
  VenueOrder order = world.order(buy, 100, 10);
  order.display_quantity = Quantity{4};
  const OrderId iceberg = world.send(order);
  const OrderId plain = world.limit(buy, 100, 3);
  world(trade(sell, 100, 4));
  CHECK(world.filled(iceberg) == 4);
  CHECK(world.last(iceberg).leaves.value == 6);
  world(trade(sell, 100, 3));
  CHECK(world.filled(plain) == 3);
  CHECK(world.filled(iceberg) == 4);
  world(trade(sell, 100, 4));
  CHECK(world.filled(iceberg) == 8);
}

TEST_CASE("a stop order becomes a market order when a trade reaches its price") {
  World world;
  world(quote(99, 10, 101, 10));
  VenueOrder order = world.order(buy, ZM_NO_PRICE, 5);
  order.type = OrderType::stop;
  order.stop_price = Price{103};
  const OrderId id = world.send(order);
  world(trade(buy, 102, 1));
  CHECK(world.count(id, ZM_EVENT_TRIGGERED) == 0);
  world(more(trade(buy, 103, 1)))(quote(102, 10, 104, 10));
  CHECK(world.count(id, ZM_EVENT_TRIGGERED) == 1);
  CHECK(world.filled(id) == 5);
  CHECK(world.last(id).price.value == 104);
}

TEST_CASE("a triggered stop-limit order rests at its limit") {
  World world;
  world(quote(99, 10, 101, 10));
  VenueOrder order = world.order(sell, 98, 5);
  order.type = OrderType::stop_limit;
  order.stop_price = Price{98};
  const OrderId id = world.send(order);
  world(more(trade(sell, 98, 1)))(quote(96, 10, 99, 10));
  CHECK(world.count(id, ZM_EVENT_TRIGGERED) == 1);
  CHECK(world.filled(id) == 0);
  world(trade(buy, 98, 5));
  CHECK(world.filled(id) == 5);
}

TEST_CASE("a halted market refuses new orders and lets resting ones be cancelled") {
  World world;
  world(quote(99, 10, 101, 10));
  const OrderId resting = world.limit(buy, 99, 5);
  world(state(ZM_MARKET_HALT));
  CHECK(world.ended(world.limit(buy, 101, 5), ZM_EVENT_REJECTED, ZM_REASON_MARKET_STATE));
  world.cancel(resting);
  CHECK(world.ended(resting, ZM_EVENT_CANCELED, ZM_REASON_USER));
  world(state(ZM_MARKET_OPEN));
  CHECK(world.filled(world.limit(buy, 101, 5)) == 5);
}
