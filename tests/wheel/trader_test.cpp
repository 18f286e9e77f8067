// The options trader: its measures against closed forms, and its orders in the toy market.
#include <catch2/catch.hpp>

#include <cmath>

#include "../../plugins/options_trader/hedge.h"
#include "../../plugins/options_trader/relative_value.h"
#include "toy_host.h"

namespace {

constexpr std::uint32_t first_day = 20240102, expiry = 20240202, next_expiry = 20240301;

struct Market : toy::Host {
  std::uint32_t stock;
  Market() : Host(ZOMMA_TRADER_PLUGIN), stock(add_stock("ACME", 100, 0.30)) {
    add_expiry(stock, expiry, 60, 140, 2.5);
    add_expiry(stock, next_expiry, 60, 140, 2.5);
  }
  double delta() const { return metric("delta"); }
};

}  // namespace

TEST_CASE("the hedging band is Whalley and Wilmott's") {
  CHECK(options::hedge_band(0.001, 100, 5, 0.01, 0, 1) ==
        Approx(std::cbrt(1.5 * 0.001 * 100 * 25 / 0.01)));
  CHECK(options::hedge_band(0.001, 100, 5, 0.01, 0.05, 2) ==
        Approx(std::cbrt(1.5 * std::exp(-0.1) * 0.001 * 100 * 25 / 0.01)));
  CHECK(options::hedge_band(0, 100, 5, 0.01, 0, 1) == 0);
  CHECK(options::hedge_trade(12, 5) == -7);
  CHECK(options::hedge_trade(-12, 5) == 7);
  CHECK(options::hedge_trade(4, 5) == 0);
}

TEST_CASE("vega and crash hedges are as large as needed and no larger") {
  CHECK(options::vega_trade(900, 10, 1000) == 0);
  CHECK(options::vega_trade(1205, 10, 1000) == -21);
  CHECK(options::vega_trade(-1205, 10, 1000) == 21);
  CHECK(options::tail_trade(-900, 1000, 50) == 0);
  CHECK(options::tail_trade(-1210, 1000, 50) == 5);
  CHECK(options::tail_trade(-1210, 1000, 0) == 0);
}

TEST_CASE("a contract off the surface is bought or sold, and the book is hedged") {
  Market market;
  // The market pays four vol points too much for everything, or too little.
  const double shift = GENERATE(-0.04, 0.04);
  market.chain(market.stock).surface_shift = shift;
  market.start(first_day, 1e6, {{"decide_every_s", 0}});
  market.send_chains();
  REQUIRE(market.orders.size() >= 2);
  const toy::Order &option = market.orders[0], &hedge = market.orders[1];
  CHECK(option.side == (shift < 0 ? ZM_SIDE_SELL : ZM_SIDE_BUY));
  CHECK(option.time_in_force == ZM_TIF_IOC);
  CHECK(hedge.instrument == market.stock);
  CHECK(std::abs(market.delta()) <= market.metric("hedge_band") + 0.51);
  CHECK(market.logged("relative value"));
}

TEST_CASE("nothing is traded within the spread, on a suspect chain, or at an unfit quote") {
  Market market;
  SECTION("no edge") {}
  SECTION("suspect") {
    market.chain(market.stock).surface_shift = 0.05;
    market.chain(market.stock).flags = ZM_CHAIN_SUSPECT;
  }
  SECTION("a surface with arbitrage") {
    market.chain(market.stock).surface_shift = 0.05;
    market.chain(market.stock).flags = ZM_CHAIN_ARBITRAGE;
  }
  SECTION("every quote crossed") {
    market.chain(market.stock).surface_shift = 0.05;
    for (const auto& contract : market.chain(market.stock).contracts)
      market.chain(market.stock).spoilt[contract.instrument] = ZM_CHAIN_CROSSED;
  }
  market.start(first_day, 1e6);
  for (int i = 0; i < 3; ++i) market.open_day(toy::date_after(first_day, i));
  CHECK(market.orders.empty());
}

TEST_CASE("a position whose edge is gone is closed") {
  Market market;
  market.chain(market.stock).surface_shift = -0.04;
  market.start(first_day, 1e6, {{"decide_every_s", 0}, {"max_positions", 1}});
  market.send_chains();
  REQUIRE(market.held_options(market.stock).size() == 1);
  market.chain(market.stock).surface_shift = 0.0;
  market.send_chains();
  CHECK(market.held_options(market.stock).empty());
  CHECK(market.metric("traded_exit") > 0);
  market.send_chains();
  CHECK(std::abs(static_cast<double>(market.held(market.stock))) <= 1);
}

TEST_CASE("the delta hedge follows the price only outside its band") {
  Market market;
  market.chain(market.stock).surface_shift = -0.04;
  market.start(first_day, 1e6,
               {{"decide_every_s", 0},
                {"max_positions", 1},
                {"exit_spreads", -100},
                {"risk_aversion", 1e-3}});
  market.send_chains();
  const auto orders = market.orders.size();
  market.set_spot(market.stock, 100.02);
  market.send_chains();
  CHECK(market.orders.size() == orders);
  market.set_spot(market.stock, 104);
  market.send_chains();
  CHECK(market.orders.size() > orders);
  CHECK(std::abs(market.delta()) <= market.metric("hedge_band") + 0.51);
}

TEST_CASE("the stress loss stays within its limit however rich the market") {
  Market market;
  market.chain(market.stock).surface_shift = -0.06;
  market.start(first_day, 1e6, {{"decide_every_s", 0}, {"max_stress_loss", 3000}});
  for (int i = 0; i < 60; ++i) market.send_chains();
  CHECK(market.held_options(market.stock).size() > 0);
  CHECK(market.metric("worst_scenario") >= -3000);
  CHECK(market.metric("refused_by_limits") > 0);
}

TEST_CASE("vega beyond its limit is traded back by options at the money") {
  Market market;
  market.chain(market.stock).surface_shift = -0.06;
  market.start(first_day, 1e6,
               {{"decide_every_s", 0}, {"max_stress_loss", 1e9}, {"max_vega", 400}});
  for (int i = 0; i < 30; ++i) market.send_chains();
  CHECK(std::abs(market.metric("vega")) <= 400);
}

TEST_CASE("a crash beyond the limit is insured by puts far out of the money") {
  Market market;
  market.start(first_day, 1e6,
               {{"decide_every_s", 0},
                {"max_stress_loss", 4000},
                {"tail_hedging", 1},
                {"relative_value", 0},
                {"tail_days", 30}});
  // A book of short puts that was there before.
  const auto put = market.option(market.stock, expiry, 95, true);
  market.give(put, -4);
  for (int i = 0; i < 10; ++i) market.send_chains();
  CHECK(market.metric("traded_tail") > 0);
  CHECK(market.metric("worst_scenario") >= -4000);
}

TEST_CASE("straddles are bought where the underlying moves more than its options are paid for") {
  Market market;
  market.add_expiry(market.stock, 20240405, 50, 150, 2.5);
  market.start(first_day, 1e6,
               {{"decide_every_s", 0},
                {"relative_value", 0},
                {"gamma_scalping", 1},
                {"history_days", 20},
                {"scalp_vega", 100},
                {"max_stress_loss", 1e6}});
  double price = 100;
  for (int i = 0; i < 28; ++i) {
    price *= i % 2 == 0 ? 1.04 : 1 / 1.04;  // 60 % a year
    market.set_spot(market.stock, price);
    market.open_day(toy::date_after(first_day, i));
  }
  CHECK(market.metric("traded_gamma") >= 2);
  CHECK(market.metric("gamma") > 0);
  bool call = false, put = false;
  for (const auto id : market.held_options(market.stock))
    ((market.contract(id).flags & ZM_CONTRACT_PUT) != 0 ? put : call) = true;
  CHECK(call);
  CHECK(put);
  market.chain(market.stock).vol = 1.0;  // now they are paid for more than it moves
  for (int i = 0; i < 8; ++i) market.send_chains();
  CHECK(market.held_options(market.stock).empty());
}

TEST_CASE("a reload in the middle changes nothing that follows, and a damaged state is refused") {
  const auto run = [](bool reloading) {
    Market market;
    market.chain(market.stock).surface_shift = -0.04;
    market.start(first_day, 1e6, {{"decide_every_s", 0}});
    for (int i = 0; i < 12; ++i) {
      market.set_spot(market.stock, 100 + i % 5);
      market.send_chains();
      if (reloading) CHECK(market.reload());
    }
    const std::string good = market.save();
    CHECK_FALSE(market.load(good.substr(0, 100)));
    CHECK_FALSE(market.load(std::string(good.size(), '\x7f')));
    CHECK(market.save() == good);
    return std::make_pair(market.orders.size(), market.equity());
  };
  CHECK(run(true) == run(false));
}
