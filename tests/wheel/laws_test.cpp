// The laws of an expiry and the worth of a structure under them, against closed forms.
#include <catch2/catch.hpp>

#include <cmath>
#include <memory>
#include <vector>

#include "../../plugins/wheel/candidates.h"

using namespace wheels;

namespace {

// One expiry of calls and puts at strikes 50, 51 ... 150 on a forward of 100, its smile a straight
// line in log strike.
struct Smile {
  std::vector<zm_contract> contracts;
  std::vector<double> strike, vol, nothing;
  std::vector<std::uint32_t> status;
  zm_chain_expiry expiry{};
  zm_chain chain{};
  Columns columns;

  Smile(double at_the_money, double slope, double years) {
    for (int k = 50; k <= 150; ++k) {
      for (const bool put : {false, true}) {
        zm_contract c{};
        c.flags = put ? std::uint32_t{ZM_CONTRACT_PUT} : 0u;
        c.multiplier = c.deliverable = 100;
        contracts.push_back(c);
        strike.push_back(k);
        vol.push_back(at_the_money + slope * std::log(100.0 / k));
      }
    }
    status.assign(strike.size(), ZM_CHAIN_OK);
    expiry.count = static_cast<std::uint32_t>(strike.size());
    expiry.years = years;
    expiry.forward = 100;
    chain.count = expiry.count;
    chain.expiry_count = 1;
    chain.expiries = &expiry;
    chain.contracts = contracts.data();
    chain.status = status.data();
    chain.surface_vol = chain.implied_vol = vol.data();
    chain.spot = 100;
    columns = {&chain, strike};
  }
  double vol_at(double k, double at_the_money, double slope) const {
    return at_the_money + slope * std::log(100.0 / k);
  }
};

double mean_put(const Nodes& nodes, double strike) {
  double sum = 0;
  for (const double s : nodes.spot) sum += std::max(strike - s, 0.0);
  return sum / node_count;
}

double log_deviation(const Nodes& nodes) {
  double sum = 0, square = 0;
  for (const double s : nodes.spot) sum += std::log(s);
  for (const double s : nodes.spot) square += std::pow(std::log(s) - sum / node_count, 2);
  return std::sqrt(square / node_count);
}

}  // namespace

TEST_CASE("the surface's law gives the surface's prices back") {
  const auto work = std::make_unique<Workspace>();
  const double slope = GENERATE(0.0, 0.15);
  const Smile smile(0.25, slope, 0.12);
  const Nodes nodes = surface_nodes(smile.columns, smile.expiry, *work);
  REQUIRE(nodes.known);
  double mean = 0;
  for (const double s : nodes.spot) mean += s / node_count;
  CHECK(mean == Approx(100).epsilon(1e-12));
  for (const double k : {85.0, 90.0, 95.0, 100.0, 105.0}) {
    const double price = black(100, k, smile.vol_at(k, 0.25, slope), 0.12, true);
    CHECK(mean_put(nodes, k) == Approx(price).margin(0.03));
  }
}

TEST_CASE("the probability of ending in the money is that of the lognormal law") {
  const auto work = std::make_unique<Workspace>();
  const Smile smile(0.25, 0, 0.12);
  const Nodes nodes = surface_nodes(smile.columns, smile.expiry, *work);
  const double deviation = 0.25 * std::sqrt(0.12);
  for (const double k : {85.0, 92.0, 100.0, 110.0}) {
    const double below = normal_cdf((std::log(k / 100) + 0.5 * deviation * deviation) / deviation);
    CHECK(probability_in_the_money({0, 0, -1, k, 0, true}, nodes) == Approx(below).margin(0.005));
    CHECK(probability_in_the_money({0, 0, -1, k, 0, false}, nodes) ==
          Approx(1 - below).margin(0.005));
  }
}

TEST_CASE("an expiry without a forward or with three strikes has no law") {
  const auto work = std::make_unique<Workspace>();
  Smile smile(0.25, 0, 0.12);
  SECTION("no forward") { smile.expiry.forward = std::nan(""); }
  SECTION("three strikes") { smile.expiry.count = 6; }
  SECTION("expired") { smile.expiry.years = 0; }
  CHECK_FALSE(surface_nodes(smile.columns, smile.expiry, *work).known);
}

TEST_CASE("a belief in less volatility narrows the law and keeps its mean") {
  const auto work = std::make_unique<Workspace>();
  const Smile smile(0.30, 0, 0.1);
  const Nodes surface = surface_nodes(smile.columns, smile.expiry, *work);
  const Nodes believed = believed_nodes(surface, 0.8, 100);
  CHECK(log_deviation(believed) == Approx(0.8 * log_deviation(surface)).epsilon(1e-9));
  CHECK(log_deviation(surface) == Approx(0.30 * std::sqrt(0.1)).epsilon(0.02));
}

TEST_CASE("the past's law has the volatility of its returns over the option's life") {
  History history;
  double price = 100;
  std::uint64_t state = 7;
  for (int day = 0; day <= 500; ++day) {
    history.hear(19000 + day, price);
    state = state * 6364136223846793005u + 1442695040888963407u;
    price *= std::exp((state >> 63) != 0 ? 0.01 : -0.01);  // a coin
  }
  CHECK(history.size() == 499);
  CHECK(history.volatility() == Approx(0.01 * std::sqrt(252)).epsilon(0.01));
  const auto work = std::make_unique<Workspace>();
  const Nodes nodes = history_nodes(history, 21, 105, *work);
  REQUIRE(nodes.known);
  double mean = 0;
  for (const double s : nodes.spot) mean += s / node_count;
  CHECK(mean == Approx(105).epsilon(1e-12));
  CHECK(log_deviation(nodes) == Approx(0.01 * std::sqrt(21)).epsilon(0.12));
}

TEST_CASE("a hole in the days is not a day's return, and a split is none at all") {
  History history;
  history.hear(1, 100);
  history.hear(2, 101);
  history.hear(40, 150);  // weeks later
  history.hear(41, 153);
  history.rescale(0.5);
  history.hear(42, 77);
  history.hear(43, 77);
  REQUIRE(history.size() == 3);
  CHECK(history.at(0) == Approx(std::log(1.01)));
  CHECK(history.at(1) == Approx(std::log(153.0 / 150)));
  CHECK(history.at(2) == Approx(std::log(77 / 76.5)));
}

TEST_CASE("correlation is the sample's, drawn to the prior by few days") {
  History a, b;
  double pa = 100, pb = 100;
  for (int day = 0; day < 120; ++day) {
    a.hear(day + 1, pa);
    b.hear(day + 1, pb);
    const double move = day % 2 == 0 ? 0.01 : -0.01;
    pa *= std::exp(move);
    pb *= std::exp(-2 * move);
  }
  CHECK(correlation(a, b, 0.5, 1e-9) == Approx(-1));
  CHECK(correlation(a, b, 0.5, 118) == Approx(-0.25));
  CHECK(correlation(a, History{}, 0.5, 60) == Approx(0.5));
}

TEST_CASE("the Kelly share of an even bet is the edge") {
  // Credit 5 on a strike of 10: +5 above, -5 at zero, capital 5.
  Candidate c;
  c.kind = Kind::put;
  c.legs = 1;
  c.leg[0] = {0, 0, -1, 10, 5, true};
  c.credit = 5;
  c.days = 365;
  Laws laws;
  laws.believed.known = laws.surface.known = true;
  const std::size_t losses = 48;
  for (std::size_t i = 0; i < node_count; ++i)
    laws.believed.spot[i] = laws.surface.spot[i] = i < losses ? 0.0 : 20.0;
  evaluate(c, laws, 20, 0.5);
  const double p = 1 - static_cast<double>(losses) / node_count;
  CHECK(c.capital == Approx(5));
  CHECK(c.ev == Approx(5 * (2 * p - 1)));
  CHECK(c.kelly == Approx(0.5 * (2 * p - 1)).epsilon(1e-6));
  CHECK(c.growth ==
        Approx(p * std::log(1 + c.kelly) + (1 - p) * std::log(1 - c.kelly)).epsilon(1e-6));
  CHECK(c.yield == Approx(1));
  CHECK(std::isnan(c.ev_history));
}

TEST_CASE("capital is what can be lost: the strike, the width, or the shares") {
  const Leg short_put{0, 0, -1, 95, 2, true}, long_put{0, 0, +1, 90, 1, true},
      short_call{0, 0, -1, 105, 1, false}, long_call{0, 0, +1, 106, 0.5, false};
  Candidate c;
  c.legs = 1;
  c.leg[0] = short_put;
  c.credit = 2;
  c.kind = Kind::put;
  CHECK(capital_of(c, 100) == Approx(93));
  c.kind = Kind::put_spread;
  c.legs = 2;
  c.leg[1] = long_put;
  c.credit = 1;
  CHECK(capital_of(c, 100) == Approx(4));
  c.kind = Kind::jade_lizard;
  c.legs = 3;
  c.leg[1] = short_call;
  c.leg[2] = long_call;
  c.credit = 2.5;
  CHECK(capital_of(c, 100) == Approx(92.5));
  CHECK(outcome(c, 200, 1) == Approx(1.5));  // the credit covers the width: nothing to lose above
  CHECK(outcome(c, 90, 1) == Approx(-2.5));
  c.kind = Kind::call;
  CHECK(capital_of(c, 100) == Approx(100));
}
