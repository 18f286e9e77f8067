// Months of random days: whatever happens, the wheel owes nothing that it does not hold, and its
// books agree with the cash.
#include <catch2/catch.hpp>

#include <cmath>

#include "world.h"

namespace {

struct Dice {
  std::uint64_t state;
  double uniform() {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return static_cast<double>((state * 0x2545f4914f6cdd1du) >> 11) * 0x1p-53;
  }
  bool one_in(int n) { return uniform() * n < 1; }
  double normal() {
    return std::sqrt(-2 * std::log(uniform() + 1e-300)) * std::cos(6.283185307179586 * uniform());
  }
};

struct Owed {
  double calls = 0, puts = 0;  // shares that short calls may take; cash that short puts may take
};
Owed owed(toy::World& world) {
  Owed sum;
  for (const auto id : world.held_options(world.stock)) {
    const double units = static_cast<double>(world.held(id)) * 100;
    if (world.is_put(id))
      sum.puts -= units * world.strike(id);
    else
      sum.calls -= units;
  }
  return sum;
}

void random_trouble(toy::World& world, Dice& dice) {
  world.fill_cap = dice.one_in(3) ? 1 : -1;
  world.fills = !dice.one_in(8);
  world.refuse = dice.one_in(12) ? ZM_REASON_RATE : 0;
  world.chain(world.stock).missing = dice.one_in(10);
  world.chain(world.stock).flags = dice.one_in(10) ? ZM_CHAIN_SUSPECT : 0;
  world.chain(world.stock).spoilt.clear();
  for (const auto& contract : world.chain(world.stock).contracts) {
    if (dice.one_in(10)) world.chain(world.stock).spoilt[contract.instrument] = ZM_CHAIN_ONE_SIDED;
  }
  if (dice.one_in(15)) {
    for (const auto id : world.held_options(world.stock)) {
      if (world.held(id) < 0)
        return world.assign(id, 1 + static_cast<std::int64_t>(
                                        dice.uniform() * static_cast<double>(-world.held(id))));
    }
  }
}

}  // namespace

TEST_CASE(
    "whatever happens, calls stay covered, puts stay paid for, and income is what the cash says") {
  const char* structure =
      GENERATE("sell_puts", "sell_put_spreads", "sell_jade_lizards", "sell_collars");
  const int seed = GENERATE(range(1, 13));
  CAPTURE(structure, seed);
  toy::World world;
  Dice dice{static_cast<std::uint64_t>(seed) * 7919 + 13};
  std::uint32_t date = toy::first_day;
  for (int month = 4; month < 10; ++month)
    world.add_expiry(world.stock, toy::date_after(toy::first_day, 31 * month), 40, 200, 5);
  std::map<std::string, double> parameters{{"sell_puts", 0},      {"roll_at_delta", 0.6},
                                           {"roll_at_days", 3},   {"max_days", 70},
                                           {"call_floor", 0},     {"min_expected_yield", -5},
                                           {"max_position", 0.9}, {"call_delta_max", 0.6}};
  parameters[structure] = 1;
  if (std::string(structure) == "sell_collars") parameters["sell_puts"] = 1;
  world.clearing = true;
  world.begin(parameters);
  double price = 100;
  for (int i = 0; i < 120; ++i) {
    date = toy::date_after(date, 1 + (i % 5 == 4 ? 2 : 0));
    price *= std::exp(0.02 * dice.normal() + (dice.one_in(40) ? 0.15 * dice.normal() : 0));
    price = std::min(std::max(price, 45.0), 190.0);
    world.set_spot(world.stock, price);
    random_trouble(world, dice);
    world.open_day(date);
    for (int more = 0; more < 3; ++more) {
      world.send_chains();
      world.pass(600 * toy::second);
    }
    if (dice.one_in(20)) REQUIRE(world.reload());
    const Owed now = owed(world);
    REQUIRE(now.calls <= static_cast<double>(world.held(world.stock)));
    REQUIRE(now.puts <= world.cash + 0.02 * world.equity());
    world.fill_cap = -1;
  }
  // Back to quiet days until nothing is held.
  world.refuse = 0;
  world.fills = true;
  world.chain(world.stock).missing = false;
  world.chain(world.stock).flags = 0;
  world.chain(world.stock).spoilt.clear();
  world.set_spot(world.stock, 199);
  world.open_day(toy::date_after(date, 365));
  world.open_day(toy::date_after(date, 366));
  REQUIRE(world.held_options(world.stock).empty());
  REQUIRE(world.held(world.stock) >= 0);
  if (world.held(world.stock) == 0)
    CHECK(world.metric("income") == Approx(world.cash - 50'000).margin(0.005));
}
