// The wheel's whole round in a market that can be worked out by hand.
#include <catch2/catch.hpp>

#include "world.h"

using toy::expiry, toy::first_day, toy::next_expiry, toy::World;

TEST_CASE("a put is sold, assigned, and the shares are called away") {
  World world;
  world.start(first_day, 50'000, {{"max_position", 1}, {"max_volatility", 10}});
  world.open_day(first_day);
  const auto sold = world.held_options(world.stock);
  REQUIRE(sold.size() == 1);
  const auto put = sold[0];
  CHECK((world.contract(put).flags & ZM_CONTRACT_PUT) != 0);
  CHECK(world.held(put) < 0);
  CHECK(world.strike(put) < 100);
  CHECK(-world.held(put) * 100 * world.strike(put) <= 50'000);

  const double strike = world.strike(put);
  const auto contracts = -world.held(put);
  world.set_spot(world.stock, strike - 4);
  world.open_day(toy::date_after(expiry, 3));
  CHECK(world.held(world.stock) == contracts * 100);
  CHECK(world.metric("assigned") == Approx(static_cast<double>(contracts)));

  const auto covered = world.held_options(world.stock);
  REQUIRE(covered.size() == 1);
  CHECK((world.contract(covered[0]).flags & ZM_CONTRACT_PUT) == 0);
  CHECK(world.held(covered[0]) == -contracts);

  world.set_spot(world.stock, world.strike(covered[0]) + 5);
  world.open_day(toy::date_after(next_expiry, 3));
  CHECK(world.held(world.stock) == 0);
  CHECK(world.metric("called_away") == Approx(static_cast<double>(contracts)));
  CHECK(world.cash > 50'000);
  CHECK(world.metric("income") == Approx(world.cash - 50'000).margin(0.01));
}

TEST_CASE("a suspect chain, a halted market and a quote without a status are never traded on") {
  World world;
  SECTION("suspect") { world.chain(world.stock).flags = ZM_CHAIN_SUSPECT; }
  SECTION("every quote one-sided") {
    for (const auto& contract : world.chain(world.stock).contracts)
      world.chain(world.stock).spoilt[contract.instrument] = ZM_CHAIN_ONE_SIDED;
  }
  world.start(first_day, 50'000);
  world.open_day(first_day);
  CHECK(world.orders.empty());
  CHECK(world.logged("no trade"));
}
