// The wheel on days that go wrong.
#include <catch2/catch.hpp>

#include "world.h"

using toy::World;

TEST_CASE("a halted underlying is not traded until the halt ends") {
  World world;
  world.begin();
  zm_event halt{};
  halt.kind = ZM_EVENT_MARKET_STATE;
  halt.instrument = world.stock;
  halt.u.state.state = ZM_MARKET_HALT;
  world.say(halt);
  world.open_day(toy::first_day);
  CHECK(world.orders.empty());
  CHECK(world.logged("the market is halted"));
  halt.u.state.state = ZM_MARKET_OPEN;
  world.say(halt);
  world.open_day(20240103);
  CHECK(world.orders.size() == 1);
}

TEST_CASE("after a refusal the wheel waits, longer each time") {
  World world;
  world.begin();
  SECTION("by a pre-trade check") { world.refuse = ZM_REASON_MAX_NOTIONAL; }
  SECTION("by the venue") {
    World rehearsal;
    rehearsal.begin();
    rehearsal.open_day(toy::first_day);
    world.reject_instrument = rehearsal.only_option();
  }
  for (int minute = 0; minute < 60; ++minute) {
    world.send_chains();
    world.pass(60 * toy::second);
  }
  CHECK(world.metric("rejected") >= 1);
  CHECK(world.metric("rejected") <= 5);  // after 2, 4, 8, 16 ... minutes
  CHECK(world.logged("was refused"));
  world.refuse = 0;
  world.reject_instrument = ZM_NO_INSTRUMENT;
  for (std::uint32_t day = 20240103; day <= 20240105; ++day) world.open_day(day);
  CHECK(world.only_option() != ZM_NO_INSTRUMENT);
}

TEST_CASE("an order that does not fill is withdrawn, priced again, and given up in the end") {
  World world;
  world.fills = false;
  world.begin({{"most_tries", 3}, {"decide_every_s", 1e6}});
  for (int minute = 0; minute < 60; ++minute) {
    world.send_chains();
    world.pass(60 * toy::second);
  }
  CHECK(world.orders.size() == 3);
  for (const toy::Order& order : world.orders)
    CHECK(order.quantity == order.filled);  // none is left open
  CHECK(world.held_options(world.stock).empty());
}

TEST_CASE("a partial fill is kept and the rest asked for again") {
  World world;
  world.fill_cap = 1;
  world.begin({{"most_tries", 10}});
  world.open_day(toy::first_day);
  const auto put = world.only_option();
  REQUIRE(put != ZM_NO_INSTRUMENT);
  const auto wanted = world.orders[0].quantity;
  REQUIRE(wanted > 1);
  CHECK(world.held(put) == -1);
  for (int minute = 0; minute < 60; ++minute) {
    world.send_chains();
    world.pass(60 * toy::second);
  }
  CHECK(world.held(put) == -wanted);
}

TEST_CASE("a split in the middle of a put keeps the round going") {
  World world;
  world.begin();
  world.open_day(toy::first_day);
  const auto put = world.only_option();
  const auto contracts = world.held(put);
  const double before = world.equity();
  world.split(world.stock, 2, 1);
  CHECK(world.held(put) == 2 * contracts);
  world.open_day(20240103);
  CHECK(world.equity() == Approx(before).epsilon(0.01));
  CHECK_FALSE(world.logged("were known"));
  const double strike = world.strike(put);
  world.set_spot(world.stock, strike - 2);
  world.open_day(toy::date_after(toy::expiry, 3));
  CHECK(world.held(world.stock) == -2 * contracts * 100);
  const auto call = world.only_option();
  REQUIRE(call != ZM_NO_INSTRUMENT);
  CHECK(world.held(call) == 2 * contracts);
}

TEST_CASE("a split while shares are held halves what a call must bring") {
  World world;
  world.begin({{"call_floor", 2},
               {"call_delta_min", 0},
               {"call_delta_max", 1},
               {"min_premium", 0},
               {"sell_calls", 0}});
  world.open_day(toy::first_day);
  const double strike = world.strike(world.only_option());
  world.set_spot(world.stock, strike - 2);
  world.open_day(toy::date_after(toy::expiry, 3));
  const auto shares = world.held(world.stock);
  REQUIRE(shares > 0);
  world.split(world.stock, 2, 1);
  world.open_day(toy::date_after(toy::expiry, 4));
  CHECK(world.held(world.stock) == 2 * shares);
  CHECK(world.metric("income") ==
        Approx(world.cash - 50'000 + static_cast<double>(shares) * strike).margin(0.01));
}

TEST_CASE("days without a chain and an old chain are passed over") {
  World world;
  world.begin();
  world.chain(world.stock).missing = true;
  world.open_day(toy::first_day);
  CHECK(world.orders.empty());
  world.chain(world.stock).missing = false;
  world.open_day(20240105);
  const auto put = world.only_option();
  REQUIRE(put != ZM_NO_INSTRUMENT);
  world.chain(world.stock).missing = true;
  world.set_spot(world.stock, world.strike(put) + 1);
  world.open_day(toy::date_after(toy::expiry, 3));  // lapses unseen
  world.chain(world.stock).missing = false;
  world.open_day(toy::date_after(toy::expiry, 4));
  const auto next = world.only_option();
  REQUIRE(next != ZM_NO_INSTRUMENT);
  CHECK(next != put);
}

TEST_CASE("an option that was held before is taken over, and one that vanished is let go") {
  World world;
  world.begin({{"roll_at_profit", 0}});
  world.open_day(toy::first_day);
  const auto put = world.only_option();
  REQUIRE(world.load(world.save()));
  SECTION("taken over by a fresh instance") {
    const std::string fresh = [] {
      World other;
      other.begin();
      return other.save();
    }();
    REQUIRE(world.load(fresh));
    world.open_day(20240103);
    CHECK(world.logged("takes over"));
    CHECK(world.only_option() == put);
    CHECK(world.orders.size() == 1);
  }
}

TEST_CASE("a reload in the middle of a position changes nothing that follows") {
  const auto run = [](bool reloading) {
    World world;
    world.begin();
    int day = 0;
    const double path[] = {100, 98, 95, 92, 90, 91, 94, 99, 104, 108, 107, 111};
    for (const double price : path) {
      world.set_spot(world.stock, price);
      world.open_day(toy::date_after(toy::first_day, 8 * day++));
      if (reloading) CHECK(world.reload());
    }
    return std::make_pair(world.orders.size(), world.equity());
  };
  const auto straight = run(false), reloaded = run(true);
  CHECK(straight.first >= 3);
  CHECK(straight == reloaded);
}

TEST_CASE("a damaged state is refused and changes nothing") {
  World world;
  world.begin();
  world.open_day(toy::first_day);
  const std::string good = world.save();
  CHECK_FALSE(world.load(""));
  CHECK_FALSE(world.load(good.substr(0, good.size() / 2)));
  CHECK_FALSE(world.load(std::string(good.size(), '\x7f')));
  CHECK(world.save() == good);
}

TEST_CASE("two underlyings share the cash, the better one first") {
  toy::Host world(ZOMMA_WHEEL_PLUGIN);
  const auto calm = world.add_stock("CALM", 100, 0.15), wild = world.add_stock("WILD", 100, 0.45);
  for (const auto stock : {calm, wild}) world.add_expiry(stock, toy::expiry, 50, 150, 2.5);
  world.start(toy::first_day, 20'000,
              {{"max_position", 1}, {"max_volatility", 10}, {"kelly_fraction", 1}});
  world.open_day(toy::first_day);
  double secured = 0;
  for (const auto stock : {calm, wild}) {
    for (const auto id : world.held_options(stock))
      secured -= static_cast<double>(world.held(id)) * 100 * world.strike(id);
  }
  CHECK(secured > 0);
  CHECK(secured <= 20'500);
  CHECK_FALSE(world.held_options(wild).empty());
}

TEST_CASE("margin that the host does not grant is not used") {
  World world;
  world.clearing = true;
  world.buying_power = 5'000;
  world.begin();
  world.open_day(toy::first_day);
  CHECK(world.orders.empty());
  CHECK(world.logged("margin does not allow it"));
}
