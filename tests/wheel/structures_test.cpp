// Rolls and structures of several legs, as orders.
#include <catch2/catch.hpp>

#include "world.h"

using toy::World;

namespace {

void only(World& world, const char* kind, std::map<std::string, double> more = {}) {
  std::map<std::string, double> parameters{{"sell_puts", 0}, {"roll_at_profit", 0}};
  parameters[kind] = 1;
  for (const auto& [name, value] : more) parameters[name] = value;
  world.begin(parameters);
}

}  // namespace

TEST_CASE("when most of the credit is earned the put is bought back and the next one sold") {
  World world;
  world.begin({{"roll_at_profit", 0.5}, {"opportunity_yield", 0}, {"max_days", 60}});
  world.open_day(toy::first_day);
  const auto put = world.only_option();
  world.set_spot(world.stock, 110);
  world.open_day(20240110);
  CHECK(world.metric("rolled") > 0);
  const auto next = world.only_option();
  REQUIRE(next != ZM_NO_INSTRUMENT);
  CHECK(next != put);
  CHECK(world.contract(next).expiry_date > world.contract(put).expiry_date);
  REQUIRE(world.orders.size() == 3);
  CHECK(world.orders[1].side == ZM_SIDE_BUY);  // first out of the old one
  CHECK(world.orders[1].instrument == put);
  CHECK(world.orders[2].side == ZM_SIDE_SELL);  // then into the new one
  CHECK(world.logged("rolls"));
  CHECK(world.logged("EV hold"));
}

TEST_CASE("capital that earns more elsewhere is freed by a close") {
  World world;
  world.begin({{"roll_at_profit", 0.5}, {"opportunity_yield", 2}});
  world.open_day(toy::first_day);
  world.set_spot(world.stock, 110);
  world.open_day(20240110);
  CHECK(world.metric("closed") > 0);
  CHECK(world.metric("rolled") == 0);
}

TEST_CASE("a tested put is rolled down and out for a credit") {
  World world;
  world.begin(
      {{"roll_at_profit", 0}, {"roll_at_delta", 0.5}, {"opportunity_yield", 0}, {"max_days", 100}});
  world.open_day(toy::first_day);
  const auto put = world.only_option();
  world.set_spot(world.stock, world.strike(put) - 0.5);
  world.open_day(20240110);
  REQUIRE(world.only_option() != ZM_NO_INSTRUMENT);
  CHECK(world.only_option() != put);
  CHECK(world.strike(world.only_option()) < world.strike(put));
  const toy::Order &back = world.orders[1], &sold = world.orders[2];
  CHECK(sold.price >= back.price);
}

TEST_CASE("the buy-back of a roll fills in part: only so many new puts are sold") {
  World world;
  world.begin(
      {{"roll_at_profit", 0.5}, {"opportunity_yield", 0}, {"most_tries", 1}, {"max_days", 60}});
  world.open_day(toy::first_day);
  const auto put = world.only_option();
  const auto contracts = -world.held(put);
  REQUIRE(contracts >= 2);
  world.set_spot(world.stock, 110);
  world.fill_cap = 1;
  world.open_day(20240110);
  world.pass(600 * toy::second);
  world.send_chains();
  world.pass(60 * toy::second);
  std::int64_t sold = 0;
  for (const auto id : world.held_options(world.stock)) sold -= world.held(id);
  CHECK(sold <= contracts);
  CHECK(world.held(put) == -(contracts - 1));
}

TEST_CASE("a put spread buys its protection before it sells") {
  World world;
  only(world, "sell_put_spreads");
  world.open_day(toy::first_day);
  REQUIRE(world.orders.size() == 2);
  CHECK(world.orders[0].side == ZM_SIDE_BUY);
  CHECK(world.orders[1].side == ZM_SIDE_SELL);
  CHECK(world.strike(world.orders[0].instrument) < world.strike(world.orders[1].instrument));
  CHECK(world.held(world.orders[0].instrument) == -world.held(world.orders[1].instrument));
}

TEST_CASE("protection whose short leg cannot be sold is sold again") {
  World world;
  only(world, "sell_put_spreads", {{"most_tries", 2}});
  std::uint32_t short_put = ZM_NO_INSTRUMENT;
  {
    World rehearsal;
    only(rehearsal, "sell_put_spreads");
    rehearsal.open_day(toy::first_day);
    short_put = rehearsal.orders[1].instrument;
  }
  world.reject_instrument = short_put;
  world.open_day(toy::first_day);
  for (int minute = 0; minute < 30; ++minute) {
    world.send_chains();
    world.pass(60 * toy::second);
  }
  CHECK(world.logged("sells protection"));
  for (const auto id : world.held_options(world.stock)) CHECK(world.held(id) == 0);
}

TEST_CASE("a spread is closed as one: the short leg first") {
  World world;
  only(world, "sell_put_spreads", {{"roll_at_profit", 0.4}, {"opportunity_yield", 5}});
  world.open_day(toy::first_day);
  REQUIRE(world.orders.size() == 2);
  world.set_spot(world.stock, 115);
  world.open_day(20240116);
  REQUIRE(world.orders.size() >= 4);
  CHECK(world.orders[2].side == ZM_SIDE_BUY);
  CHECK(world.orders[2].instrument == world.orders[1].instrument);
  CHECK(world.orders[3].side == ZM_SIDE_SELL);
  CHECK(world.orders[3].instrument == world.orders[0].instrument);
}

TEST_CASE("a jade lizard has no risk above: its credit covers the call spread") {
  World world;
  world.chain(world.stock).skew = 0.3;
  only(world, "sell_jade_lizards",
       {{"put_delta_max", 0.45},
        {"max_probability", 0.6},
        {"min_expected_yield", -1},
        {"realised_to_implied", 0.8}});
  world.open_day(toy::first_day);
  REQUIRE(world.orders.size() == 3);
  CHECK(world.orders[0].side == ZM_SIDE_BUY);
  CHECK_FALSE(world.is_put(world.orders[0].instrument));
  const double received = world.cash - 50'000;
  const double width =
      world.strike(world.orders[0].instrument) - world.strike(world.orders[1].instrument);
  CHECK(received >= width * 100 * static_cast<double>(world.held(world.orders[0].instrument)));
}

TEST_CASE(
    "shares owed after an early assignment of a call are bought, and the bought call is sold") {
  World world;
  world.chain(world.stock).skew = 0.3;
  only(world, "sell_jade_lizards",
       {{"put_delta_max", 0.45},
        {"max_probability", 0.6},
        {"min_expected_yield", -1},
        {"realised_to_implied", 0.8}});
  world.open_day(toy::first_day);
  REQUIRE(world.orders.size() == 3);
  const auto long_call = world.orders[0].instrument, short_call = world.orders[1].instrument,
             short_put = world.orders[2].instrument;
  const auto contracts = -world.held(short_call);
  world.set_spot(world.stock, 120);
  world.assign(short_call, contracts);
  CHECK(world.held(world.stock) == -100 * contracts);
  world.open_day(20240103);
  CHECK(world.held(world.stock) == 0);
  CHECK(world.held(short_put) == -contracts);
  CHECK(world.held(long_call) == contracts);  // harmless beside the put, and worth something
}

TEST_CASE("a collar buys a put below the shares and sells a call above them") {
  World world;
  only(world, "sell_collars",
       {{"sell_puts", 1}, {"sell_calls", 0}, {"min_expected_yield", -1}, {"min_yield", 0}});
  world.open_day(toy::first_day);
  const auto put = world.only_option();
  world.set_spot(world.stock, world.strike(put) - 3);
  world.open_day(toy::date_after(toy::expiry, 3));
  const auto held = world.held_options(world.stock);
  REQUIRE(held.size() == 2);
  for (const auto id : held) CHECK((world.held(id) > 0) == world.is_put(id));
}

TEST_CASE("no call whose life holds an expected ex-dividend day") {
  World world;
  world.begin();
  const auto pay = [&](std::uint32_t date) {
    zm_event event{};
    event.kind = ZM_EVENT_CORPORATE;
    event.instrument = world.stock;
    event.u.corporate = {ZM_CORPORATE_DIVIDEND, date, 80'000'000, 0, 0, 0};
    world.say(event);
  };
  pay(20230822);
  pay(20231122);  // so the next is expected 20240222
  world.open_day(toy::first_day);
  world.set_spot(world.stock, world.strike(world.only_option()) - 3);
  world.open_day(toy::date_after(toy::expiry, 3));
  REQUIRE(world.held(world.stock) > 0);
  CHECK(world.held_options(world.stock).empty());
  CHECK(world.metric("refused_dividend") > 0);
  world.open_day(20240306);  // a fortnight later none is expected before May
  CHECK(world.held_options(world.stock).size() == 1);
}
