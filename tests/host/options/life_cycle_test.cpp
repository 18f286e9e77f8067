// life_cycle_test.cpp: the table of worked cases, and cash, shares and contracts that reconcile
// after every event of random lives.
#include <catch2/catch.hpp>

#include <fstream>
#include <numeric>
#include <sstream>

#include <zomma/event.h>

#include "portfolio/options/clearing.h"

using namespace zomma;
using namespace zomma::options;

namespace {

constexpr InstrumentId stock{0}, spun_off{1}, option{2};

Money money(const std::string& text) {
  const auto dot = text.find('.');
  const bool negative = text[0] == '-';
  std::int64_t value = std::abs(std::stoll(text.substr(0, dot))) * 100'000'000;
  if (dot != std::string::npos) {
    std::string digits = text.substr(dot + 1);
    digits.resize(8, '0');
    value += std::stoll(digits);
  }
  return {negative ? -value : value};
}

Contract terms(InstrumentId id, Right right, Money strike, Delivery delivery = Delivery::physical) {
  Contract out;
  out.instrument = id;
  out.underlying = stock;
  out.right = right;
  out.strike = strike;
  out.delivery = delivery;
  out.deliverable = delivery == Delivery::cash ? 0 : 100;
  out.expiry_date = 20240119;
  return out;
}

struct Case {
  std::vector<std::string> f;
  std::string kind() const { return f[0]; }
  std::int64_t count(std::size_t i) const { return std::stoll(f[i]); }
  std::int64_t instructed() const { return f[6][0] == 'x' ? std::stoll(f[6].substr(1)) : 0; }
  CorporateAction action() const {
    CorporateAction out;
    out.underlying = stock;
    out.cash = money(f[5]);
    const auto colon = f[7].find(':');
    out.new_units = std::stoll(f[7].substr(0, colon));
    out.old_units = std::stoll(f[7].substr(colon + 1));
    if (kind() == "oldsplit") out.odd = OddSplit::strike;
    if (kind().find("split") != std::string::npos) out.kind = ActionKind::split;
    if (kind().find("special") != std::string::npos) out.kind = ActionKind::special_dividend;
    if (kind().find("merger") != std::string::npos) out.kind = ActionKind::cash_merger;
    if (kind() == "spinoff") {
      out.kind = ActionKind::distribution;
      out.distributed = spun_off;
    }
    return out;
  }
};

std::vector<Case> cases() {
  std::ifstream file(ZOMMA_SOURCE_DIR "/tests/host/options/life_cycle_cases.csv");
  std::vector<Case> out;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    Case row;
    std::istringstream in(line);
    for (std::string field; std::getline(in, field, ',');) row.f.push_back(field);
    REQUIRE(row.f.size() >= 15);
    out.push_back(row);
  }
  return out;
}

}  // namespace

TEST_CASE("every worked case of the table comes out as worked") {
  const auto table = cases();
  CHECK(table.size() >= 60);
  for (const Case& row : table) {
    CAPTURE(row.f);
    ClearingHouse house({}, Allocation::random, 1);
    house.add_holder({});
    house.add_holder({});
    const bool of_shares = row.kind()[0] == 's' && row.kind() != "split" &&
                           row.kind() != "special" && row.kind() != "spinoff";
    REQUIRE(house.list(terms(option, row.f[1] == "C" ? Right::call : Right::put, money(row.f[3]),
                             row.f[2] == "cash" ? Delivery::cash : Delivery::physical)));
    if (of_shares)
      REQUIRE(house.trade_shares(0, 1, stock, row.count(4), {}));
    else
      REQUIRE(house.trade_option(0, 1, option, row.count(4), {}));
    if (row.kind() == "expire") {
      if (row.f[6] != "-") REQUIRE(house.instruct(0, option, {row.instructed(), row.f[6] == "d"}));
      REQUIRE(house.expire(option, {money(row.f[5])}));
    } else if (row.kind() == "early") {
      REQUIRE(house.exercise(0, option, row.instructed()));
    } else {
      REQUIRE(house.apply(row.action()));
    }
    const Holder &a = house.holder(0), &b = house.holder(1);
    CHECK(a.cash == money(row.f[8]));
    CHECK(a.units(stock) == row.count(9));
    CHECK(a.held(option) == row.count(10));
    CHECK(b.cash == -a.cash);
    CHECK(b.units(stock) == -a.units(stock));
    CHECK(b.held(option) == -a.held(option));
    if (row.f[11].empty()) continue;
    const Contract& after = *house.contract(option);
    CHECK(after.strike == money(row.f[11]));
    CHECK(after.deliverable == row.count(12));
    CHECK(after.deliverable_cash == money(row.f[13]));
    if (row.kind() == "oldsplit") CHECK(after.multiplier == after.deliverable);
    if (row.kind() != "oldsplit") CHECK(after.multiplier == 100);
    if (row.kind() == "spinoff") CHECK(after.second_units == 100);
  }
}

TEST_CASE("an adjusted contract is exercised for what it delivers") {
  ClearingHouse house({}, Allocation::fifo, 1);
  house.add_holder({});
  house.add_holder({});
  REQUIRE(house.list(terms(option, Right::call, money("4"))));
  REQUIRE(house.trade_option(0, 1, option, 2, {}));
  CorporateAction reverse{ActionKind::split, stock, money("32"), 1, 8, {}, {}};
  REQUIRE(house.apply(reverse));
  // 12 x 34 + 16 - 400 = 24 a contract: in the money; pays 2 x (400 - 16) for 24 units.
  REQUIRE(house.expire(option, {money("34")}));
  CHECK(house.holder(0).cash == money("-768"));
  CHECK(house.holder(0).units(stock) == 24);
}

TEST_CASE("assignments go out as the method says and sum to the exercises") {
  Random random(3);
  const std::vector<std::int64_t> shorts{5, 0, 3, 2};
  CHECK(*allocate(shorts, 6, Allocation::fifo, random) == std::vector<std::int64_t>{5, 0, 1, 0});
  // 3.0, 0, 1.8, 1.2
  CHECK(*allocate(shorts, 6, Allocation::pro_rata, random) ==
        std::vector<std::int64_t>{3, 0, 2, 1});
  std::vector<double> mean(4);
  for (int i = 0; i < 20'000; ++i) {
    const auto drawn = allocate(shorts, 6, Allocation::random, random).value();
    CHECK(std::accumulate(drawn.begin(), drawn.end(), std::int64_t{0}) == 6);
    for (std::size_t k = 0; k < 4; ++k) {
      if (drawn[k] > shorts[k]) FAIL("more assigned than short");
      mean[k] += static_cast<double>(drawn[k]) / 20'000;
    }
  }
  CHECK(mean[0] == Approx(3.0).margin(0.03));
  CHECK(mean[2] == Approx(1.8).margin(0.03));
  CHECK_FALSE(allocate(shorts, 11, Allocation::random, random));
  CHECK_FALSE(allocate({-1, 3}, 1, Allocation::random, random));
}

TEST_CASE("early exercise pays for a dividend above what is given up, and for deep puts") {
  Random random(1);
  const Contract call = terms(option, Right::call, money("100"));
  const Contract put = terms(option, Right::put, money("100"));
  // dividend 1.00 against interest 0.30 and a put of 0.60
  CHECK(early_exercise_pays(call, {money("110"), money("1"), money("0.3"), money("0.6")}));
  CHECK_FALSE(early_exercise_pays(call, {money("110"), money("1"), money("0.3"), money("0.7")}));
  CHECK_FALSE(early_exercise_pays(call, {money("99"), money("1"), {}, {}}));
  CHECK(early_exercise_pays(put, {money("50"), {}, money("0.5"), money("0.1")}));
  CHECK_FALSE(early_exercise_pays(put, {money("50"), money("0.6"), money("0.5"), money("0.1")}));
  Contract european = put;
  european.style = Style::european;
  CHECK_FALSE(early_exercise_pays(european, {money("50"), {}, money("0.5"), {}}));
  CHECK(exercised_early(put, 40, {money("50"), {}, money("0.5"), {}}, 1000, random) == 40);
  CHECK(simple_interest(money("10000"), 36'500, 10) == money("10"));
  // Near the strike contrary exercise goes both ways; away from it the rule holds.
  const PinModel pin{money("0.05"), 250};
  const std::int64_t below = exercised_with_pin(call, 4000, {money("99.97")}, pin, random);
  CHECK((below > 900 && below < 1100));
  const std::int64_t above = exercised_with_pin(call, 4000, {money("100.03")}, pin, random);
  CHECK((above > 2900 && above < 3100));
  CHECK(exercised_with_pin(call, 4000, {money("100.06")}, pin, random) == 4000);
}

TEST_CASE("what cannot be is refused and changes nothing") {
  ClearingHouse house({}, Allocation::random, 1);
  house.add_holder(money("1000"));
  house.add_holder(money("1000"));
  Contract european = terms(option, Right::call, money("100"));
  european.style = Style::european;
  REQUIRE(house.list(european));
  CHECK_FALSE(house.list(european));
  REQUIRE(house.trade_option(0, 1, option, 2, money("1")));
  CHECK_FALSE(house.exercise(0, option, 1));
  CHECK_FALSE(house.exercise(0, {9}, 1));
  CHECK_FALSE(house.instruct(0, option, {3, false}));
  CHECK_FALSE(house.instruct(1, option, {1, false}));
  CHECK_FALSE(house.expire(option, {money("-1")}));
  CHECK_FALSE(house.trade_option(0, 0, option, 1, money("1")));
  CHECK_FALSE(house.trade_option(0, 1, option, 0, money("1")));
  CHECK_FALSE(house.trade_shares(0, 1, stock, 1'000'000'000'000, money("1000")));
  CHECK_FALSE(house.apply({ActionKind::split, stock, {}, 0, 1, {}, {}}));
  CHECK_FALSE(house.apply({ActionKind::split, stock, {}, 1'000'000'000, 1, {}, {}}));
  CHECK_FALSE(house.trade_option(0, 1, option, 1'000'000'000'000, {}));
  CHECK(house.holder(0).cash == money("800"));
  CHECK(house.holder(0).held(option) == 2);
}

TEST_CASE("cash, shares and contracts reconcile to the last digit after every random event") {
  const FeeSchedule fees{money("0.65"),   money("0.02"),   money("55"),   money("0.0269"),
                         money("0.0028"), money("0.0002"), money("8.3"),  money("27.8"),
                         money("5"),      money("5"),      money("0.005")};
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Random random(seed);
    ClearingHouse house(fees, static_cast<Allocation>(seed % 3), seed);
    constexpr std::size_t holders = 6;
    for (std::size_t i = 0; i < holders; ++i) house.add_holder(money("1000000"));
    std::uint32_t next = 2;
    std::vector<InstrumentId> listed;
    for (int step = 0; step < 300; ++step) {
      const auto a = static_cast<std::size_t>(random.below(holders));
      const auto b = (a + 1 + static_cast<std::size_t>(random.below(holders - 1))) % holders;
      const Money price{random.between(1, 200'00) * 1'000'000};
      std::vector<Holder> before;
      for (std::size_t i = 0; i < holders; ++i) before.push_back(house.holder(i));
      Settlements heard;
      bool settles = true;
      const auto hear = [&](Result<Settlements> result) {
        if (result) heard = std::move(*result);
      };
      const std::uint64_t what = random.below(12);
      if (listed.empty() || what == 0) {
        Contract fresh = terms({next}, random.chance(1, 2) ? Right::call : Right::put, price,
                               random.chance(1, 5) ? Delivery::cash : Delivery::physical);
        REQUIRE(house.list(fresh));
        listed.push_back({next++});
      } else {
        const std::size_t pick = static_cast<std::size_t>(random.below(listed.size()));
        const InstrumentId id = listed[pick];
        const std::int64_t n = random.between(1, 9);
        if (what <= 3) {
          REQUIRE(house.trade_option(a, b, id, n, price));
          settles = false;
        } else if (what <= 5) {
          REQUIRE(house.trade_shares(a, b, stock, n * 37, price));
          settles = false;
        } else if (what == 6) {
          (void)house.instruct(a, id, {n, random.chance(1, 3)});
        } else if (what == 7) {
          hear(house.exercise(a, id, n));
        } else if (what == 8) {
          hear(house.expire(id, {price, price}));
          listed.erase(listed.begin() + static_cast<std::ptrdiff_t>(pick));
        } else if (what == 9) {
          hear(house.apply({ActionKind::ordinary_dividend, stock, {n * 12'500'000}, 1, 1, {}, {}}));
        } else if (what == 10) {
          const bool split = random.chance(1, 8);
          CorporateAction action{split ? ActionKind::split : ActionKind::special_dividend,
                                 stock,
                                 {n * 10'000'000},
                                 1,
                                 1,
                                 {},
                                 {}};
          if (split) {
            action.new_units = random.between(1, 3);
            action.old_units = random.between(1, 3);
          }
          hear(house.apply(action));
        } else {
          heard = house.interest(30'000, 80'000, n);
        }
      }
      CAPTURE(seed, step, what);
      std::int64_t cash = house.outside().value;
      std::map<InstrumentId, std::int64_t> open;
      for (std::size_t i = 0; i < holders; ++i) {
        cash += house.holder(i).cash.value;
        for (const auto& [id, n] : house.holder(i).contracts) {
          open[id] += n;
          REQUIRE(house.contract(id) != nullptr);
        }
      }
      REQUIRE(cash == money("6000000").value);
      for (const auto& [id, net] : open) REQUIRE(net == 0);
      if (!settles) continue;
      // Each holder's change is what he was told, to the last digit.
      for (const Settled& event : heard) {
        Holder& was = before[event.holder];
        was.cash += event.cash;
        if (event.instrument == stock)
          was.shares[stock] += event.quantity;
        else if (event.instrument.valid())
          was.contracts[event.instrument] += event.quantity;
        if (event.delivered.valid()) was.shares[event.delivered] += event.delivered_units;
      }
      for (std::size_t i = 0; i < holders; ++i) {
        REQUIRE(house.holder(i).cash == before[i].cash);
        REQUIRE(house.holder(i).units(stock) == before[i].units(stock));
        for (const auto& [id, n] : before[i].contracts) REQUIRE(house.holder(i).held(id) == n);
      }
    }
  }
}
