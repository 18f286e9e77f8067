// clearing_desk_test.cpp: the host's own positions through expiry, assignment, dividends and
// splits, worked by hand; and positions, cash and lots that reconcile after every event of random
// lives.
#include <catch2/catch.hpp>

#include <fmt/core.h>

#include "portfolio/options/clearing_desk.h"

using namespace zomma;
using namespace zomma::options;

namespace {

constexpr InstanceId ann{0}, bob{1};
constexpr InstrumentId stock{0};
constexpr std::int64_t cent = 1'000'000, dollar = 100 * cent;
constexpr Date expiry = 20240119, eve = 20240118;  // a Friday and the day before

Nanoseconds close_of(Date date) { return session_times(date)->close; }
Nanoseconds evening_of(Date date) { return close_of(date) + Nanoseconds{5'400'000'000'000}; }

// One stock and options on it, two instances with 100,000 each.
struct Desk {
  std::vector<Instrument> instruments;
  std::vector<Contract> contracts;
  std::unique_ptr<Portfolio> portfolio;
  std::unique_ptr<ClearingDesk> desk;
  std::uint64_t orders = 0;

  Desk() { add("ACME"); }
  InstrumentId add(const std::string& symbol) {
    Instrument one;
    one.id = InstrumentId{static_cast<std::uint32_t>(instruments.size())};
    one.symbol = symbol;
    one.price_digits = 2;
    instruments.push_back(one);
    return one.id;
  }
  InstrumentId option(Right right, std::int64_t strike_cents, Date date = expiry) {
    const InstrumentId id = add(fmt::format("O{}", instruments.size()));
    instruments.back().multiplier = 100;
    Contract terms;
    terms.instrument = id;
    terms.underlying = stock;
    terms.right = right;
    terms.strike = {strike_cents * cent};
    terms.expiry_date = date;
    REQUIRE(set_times(terms));
    contracts.push_back(terms);
    return id;
  }
  void open(ClearingSettings settings = {}, Date day = 20240116) {
    portfolio = std::make_unique<Portfolio>(instruments);
    for (const InstanceId who : {ann, bob}) {
      portfolio->add_instance(who);
      portfolio->deposit(who, {100'000 * dollar});
    }
    desk = std::make_unique<ClearingDesk>(instruments, contracts, settings, *portfolio);
    desk->begin(session_times(day)->open);
  }
  void trade(InstanceId who, InstrumentId what, std::int64_t count, std::int64_t price_cents,
             Nanoseconds at = session_times(20240116)->open) {
    const Side side = count > 0 ? Side::buy : Side::sell;
    const Quantity quantity{magnitude(count)};
    const Money charges = desk->charges(what, side, {price_cents}, quantity);
    const Money fee = portfolio->on_fill(who, what, side, {price_cents}, quantity, false, charges);
    desk->on_fill(who, what, side, {price_cents}, quantity, fee, OrderId{++orders}, at);
  }
  void price(Nanoseconds at, std::int64_t cents) {
    desk->prices().on_trade(stock, at, {cents * cent});
    portfolio->mark(stock, {cents}, {cents});
  }
  std::int64_t held(InstanceId who, InstrumentId what) const {
    return portfolio->position(who, what).quantity.value;
  }
  std::int64_t cash(InstanceId who) const { return portfolio->account(who).cash.value; }
};

zm_corporate_action dividend(Date ex, std::int64_t cents, bool special = false) {
  zm_corporate_action out{};
  out.type = special ? ZM_CORPORATE_SPECIAL_DIVIDEND : ZM_CORPORATE_DIVIDEND;
  out.ex_date = ex;
  out.cash = cents * cent;
  return out;
}
zm_corporate_action split(std::uint32_t fresh, std::uint32_t old) {
  zm_corporate_action out{};
  out.type = ZM_CORPORATE_SPLIT;
  out.new_units = fresh;
  out.old_units = old;
  return out;
}

}  // namespace

TEST_CASE("a short put in the money is assigned: shares at the strike, the premium in their cost") {
  Desk d;
  const InstrumentId put = d.option(Right::put, 5000), far = d.option(Right::put, 4000);
  ClearingSettings settings;
  settings.fees.assignment_per_contract = {5 * dollar};
  d.open(settings);
  d.trade(ann, put, -2, 150);
  d.trade(ann, far, -1, 20);
  d.price(close_of(expiry), 4800);
  const auto before = d.portfolio->account(ann);
  CHECK(d.desk->evening(evening_of(eve), 0).events.empty());
  const auto done = d.desk->evening(evening_of(expiry), 0);
  REQUIRE(done.events.size() == 2);
  const Settled& assigned =
      done.events[0].kind == ZM_EVENT_ASSIGNED ? done.events[0] : done.events[1];
  CHECK(assigned.quantity == 2);
  CHECK(assigned.cash.value == -10'000 * dollar - 10 * dollar);
  CHECK(assigned.delivered == stock);
  CHECK(d.held(ann, put) == 0);
  CHECK(d.held(ann, far) == 0);
  CHECK(d.held(ann, stock) == 200);
  CHECK(d.cash(ann) == (100'000 + 300 + 20 - 10'000 - 10) * dollar);
  // Strike less premium plus fee: 200 x 48.50 + 10.
  REQUIRE(d.desk->lots(ann, stock) != nullptr);
  CHECK(d.desk->lots(ann, stock)->cost().value == 9'710 * dollar);
  CHECK(d.desk->lots(ann, far)->closed().at(0).gain().value == 20 * dollar);
  // Between the two halves of the assignment nobody was richer.
  CHECK(d.portfolio->account(ann).high_water.value <= before.high_water.value + 500 * dollar);
  CHECK(d.desk->ended(put));
}

TEST_CASE("who is long exercises by exception, unless the holder declines") {
  for (const bool declines : {false, true}) {
    Desk d;
    const InstrumentId call = d.option(Right::call, 5000);
    d.open();
    d.trade(ann, call, 3, 100);
    if (declines) CHECK(d.desk->decline(ann, call, true) == ZM_OK);
    d.price(close_of(expiry), 5001);
    const auto done = d.desk->evening(evening_of(expiry), 0);
    REQUIRE(done.events.size() == 1);
    CHECK(done.events[0].kind == (declines ? ZM_EVENT_LAPSED : ZM_EVENT_EXERCISED));
    CHECK(d.held(ann, stock) == (declines ? 0 : 300));
    CHECK(d.held(ann, call) == 0);
  }
}

TEST_CASE("instructions are judged when they are given") {
  Desk d;
  const InstrumentId call = d.option(Right::call, 5000), put = d.option(Right::put, 5000);
  d.contracts[1].style = Style::european;
  d.open();
  d.trade(ann, call, 3, 100);
  d.trade(ann, put, 3, 100);
  CHECK(d.desk->exercise(ann, call, 4) == ZM_E_ARGUMENT);
  CHECK(d.desk->exercise(bob, call, 1) == ZM_E_ARGUMENT);
  CHECK(d.desk->exercise(ann, stock, 1) == ZM_E_NOT_FOUND);
  CHECK(d.desk->exercise(ann, InstrumentId{99}, 1) == ZM_E_NOT_FOUND);
  CHECK(d.desk->exercise(ann, put, 1) == ZM_E_STATE);  // European, and this evening is too early
  CHECK(d.desk->exercise(ann, call, 2) == ZM_OK);
  d.price(close_of(20240116), 4990);
  const auto done = d.desk->evening(evening_of(20240116), 0);
  REQUIRE(done.events.size() == 1);
  CHECK(done.events[0].code == ZM_SETTLED_EARLY);
  CHECK(d.held(ann, call) == 1);
  CHECK(d.held(ann, stock) == 200);
  CHECK(d.desk->evening(evening_of(20240117), 0).events.empty());  // said once, done once
}

TEST_CASE("a short call is assigned on the eve of a dividend that was announced") {
  for (const bool announced : {false, true}) {
    Desk d;
    const InstrumentId call = d.option(Right::call, 4000, 20240216),
                       put = d.option(Right::put, 4000, 20240216);
    d.open();
    d.trade(ann, call, -1, 1010);
    d.desk->set_open_interest(call, 5);
    d.portfolio->mark(put, {1}, {3});
    d.price(close_of(20240116), 5000);
    if (announced)
      CHECK(d.desk->agenda().announce(stock, dividend(20240117, 60), close_of(20240112)));
    const auto done = d.desk->evening(evening_of(20240116), 0);
    CHECK(done.events.size() == (announced ? 1 : 0));
    CHECK(d.held(ann, stock) == (announced ? -100 : 0));
    // Short shares owe the dividend.
    const auto paid = d.desk->corporate(stock, dividend(20240117, 60));
    CHECK(paid.events.size() == (announced ? 1 : 0));
    CHECK(d.cash(ann) == (100'000 + 1'010 + (announced ? 4'000 - 60 : 0)) * dollar);
  }
}

TEST_CASE("nobody exercises early where what would be given up has no price") {
  Desk d;
  const InstrumentId put = d.option(Right::put, 9000, 20240315),
                     call = d.option(Right::call, 9000, 20240315);
  d.open();
  d.trade(ann, put, -1, 4000);
  d.price(close_of(20240116), 5000);
  CHECK(d.desk->evening(evening_of(20240116), 50'000).events.empty());
  d.portfolio->mark(call, {0}, {5});  // 2.5 cents, against interest of 72 on 90 until March
  CHECK(d.desk->evening(evening_of(20240117), 50'000).events.size() == 1);
  CHECK(d.held(ann, stock) == 100);
}

TEST_CASE("assignment is drawn from all shorts, the host's and the others'") {
  std::int64_t assigned = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    Desk d;
    const InstrumentId call = d.option(Right::call, 4000, 20240216),
                       put = d.option(Right::put, 4000, 20240216);
    ClearingSettings settings;
    settings.seed = seed;
    settings.early_permille = 250;
    d.open(settings);
    d.portfolio->mark(put, {1}, {3});
    d.trade(ann, call, -4, 1010);
    d.desk->set_open_interest(call, 40);
    d.price(close_of(20240116), 5000);
    d.desk->agenda().announce(stock, dividend(20240117, 60), {});
    d.desk->evening(evening_of(20240116), 0);
    assigned += 4 + d.held(ann, call);
  }
  // Each of 1,600 contracts with a chance of a quarter: 400, four standard errors are 70.
  CHECK(std::abs(assigned - 400) < 70);
}

TEST_CASE("a seven for one split moves positions to the symbols of their new strikes") {
  Desk d;
  // 700 becomes 100, whose symbol is taken by what becomes 14.29; 645 becomes 92.14.
  const InstrumentId call700 = d.option(Right::call, 70'000),
                     call100 = d.option(Right::call, 10'000), call14 = d.option(Right::call, 1'429),
                     call92 = d.option(Right::call, 9'214), call645 = d.option(Right::call, 64'500),
                     put645 = d.option(Right::put, 64'500);
  d.open();
  d.price(close_of(20240116), 64'556);
  d.trade(ann, stock, 10, 64'556);
  d.trade(ann, call700, -1, 210);
  d.trade(ann, call100, 2, 54'600);
  d.trade(ann, call645, -1, 1'400);
  d.trade(ann, put645, -1, 1'400);
  const Money equity = d.portfolio->account(ann).equity();
  const auto done = d.desk->corporate(stock, split(7, 1));
  CHECK(done.events.size() == 5);
  CHECK(d.held(ann, stock) == 70);
  CHECK(d.held(ann, call700) == 0);
  CHECK(d.held(ann, call100) == -7);
  CHECK(d.held(ann, call14) == 14);
  CHECK(d.held(ann, call92) == -7);
  CHECK(d.held(ann, call645) == 0);
  // No symbol has the put's new strike: it stays, with terms of its own.
  CHECK(d.held(ann, put645) == -7);
  CHECK(d.desk->apart(put645));
  CHECK(d.desk->contract(put645)->strike.value == 9'214 * cent);
  CHECK(d.desk->contract(call100)->strike.value == 10'000 * cent);
  CHECK(done.changed == std::vector<InstrumentId>{put645});
  CHECK(d.desk->lots(ann, call14)->quantity() == 14);
  CHECK(d.desk->lots(ann, call14)->cost().value == 2 * 54'600 * dollar);
  // Marks are whole cents, so that worth moves by rounding alone: half a cent each of 100 units.
  CHECK(std::abs(d.portfolio->account(ann).equity().value - equity.value) <= 45 * dollar);
  CHECK(d.portfolio->account(ann).cash.value ==
        d.portfolio->account(ann).deposits.value + d.portfolio->account(ann).realised.value -
            d.portfolio->account(ann).cost.value - d.portfolio->account(ann).fees.value);
}

TEST_CASE("a three for two split changes what a contract delivers") {
  Desk d;
  const InstrumentId put = d.option(Right::put, 6000);
  d.open();
  d.price(close_of(20240116), 5800);
  d.trade(ann, put, -1, 300);
  d.trade(bob, stock, 15, 5800);
  d.desk->corporate(stock, split(3, 2));
  CHECK(d.held(bob, stock) == 22);
  CHECK(d.portfolio->position(bob, stock).realised.value == 1'933 * cent);  // half a share at 38.67
  CHECK(d.desk->contract(put)->deliverable == 150);
  d.price(close_of(expiry), 3000);
  d.desk->evening(evening_of(expiry), 0);
  CHECK(d.held(ann, stock) == 150);
  CHECK(d.cash(ann) == (100'000 + 300 - 6'000) * dollar);
}

TEST_CASE("a special dividend lowers the strike of what is held; an ordinary one does not") {
  Desk d;
  const InstrumentId put = d.option(Right::put, 5000);
  d.open();
  d.price(close_of(20240116), 5800);
  d.trade(ann, put, -1, 300);
  d.trade(bob, stock, 100, 5800);
  d.desk->corporate(stock, dividend(20240117, 50));
  CHECK(d.desk->contract(put)->strike.value == 50 * dollar);
  d.desk->corporate(stock, dividend(20240117, 300, true));
  CHECK(d.desk->contract(put)->strike.value == 47 * dollar);
  CHECK(d.cash(bob) == (100'000 - 5'800 + 50 + 300) * dollar);
  // What was paid out is no longer in the price.
  CHECK(d.portfolio->account(bob).equity().value == 100'000 * dollar);
}

TEST_CASE("an AM settled index pays by the opening, a PM settled one by the close") {
  for (const bool am : {true, false}) {
    Desk d;
    const InstrumentId put = d.option(Right::put, 500'000);
    Contract& terms = d.contracts[0];
    terms.settlement = am ? Settlement::am : Settlement::pm;
    terms.delivery = Delivery::cash;
    terms.style = Style::european;
    terms.deliverable = 0;
    REQUIRE(set_times(terms));
    d.open();
    d.trade(ann, put, -1, 3'000);
    d.price(close_of(eve), 499'000);
    d.price(session_times(expiry)->open, 495'000);
    d.price(close_of(expiry), 490'000);
    d.price(close_of(expiry) + Nanoseconds{120'000'000'000}, 480'000);
    const auto done = d.desk->evening(evening_of(expiry), 0);
    REQUIRE(done.events.size() == 1);
    CHECK(done.events[0].cash.value == (am ? -5'000 : -10'000) * dollar);
    CHECK(d.cash(ann) == (103'000 - (am ? 5'000 : 10'000)) * dollar);
    CHECK(d.held(ann, stock) == 0);
  }
}

TEST_CASE("a day without a price: an old one is said to be old, none at all leaves the position") {
  Desk d;
  const InstrumentId put = d.option(Right::put, 5000);
  d.open();
  d.trade(ann, put, -1, 100);
  auto done = d.desk->evening(evening_of(expiry), 0);
  CHECK(done.events.empty());
  REQUIRE(done.warnings.size() == 1);
  CHECK(done.warnings[0].find("no price") != std::string::npos);
  d.price(close_of(20240122), 4800);
  done = d.desk->evening(evening_of(20240122), 0);
  CHECK(done.events.empty());  // that price came after the expiry
  Desk e;
  const InstrumentId other = e.option(Right::put, 5000);
  e.open();
  e.trade(ann, other, -1, 100);
  e.price(close_of(20240116), 4800);
  done = e.desk->evening(evening_of(expiry), 0);
  CHECK(done.events.size() == 1);
  REQUIRE(done.warnings.size() == 1);
  CHECK(done.warnings[0].find("3 days old") != std::string::npos);
}

TEST_CASE("interest is booked to the cent, for the days since the last evening") {
  Desk d;
  d.option(Right::put, 5000, 20240216);
  ClearingSettings settings;
  settings.credit_ppm = 36'500;
  d.open(settings, 20240112);
  CHECK(d.desk->evening(evening_of(20240112), 0).events.empty());
  const auto done = d.desk->evening(evening_of(20240116), 0);  // four days later, over a holiday
  REQUIRE(done.events.size() == 2);
  CHECK(done.events[0].kind == ZM_EVENT_CASH);
  CHECK(d.cash(ann) == 100'040 * dollar);
}

TEST_CASE("evenings follow the exchange's calendar") {
  Desk d;
  d.option(Right::put, 5000, 20240216);
  d.open({}, 20231122);
  CHECK(d.desk->next_due() == evening_of(20231122));
  d.desk->evening(d.desk->next_due(), 0);
  CHECK(d.desk->next_due() == evening_of(20231124));  // after Thanksgiving, until one o'clock
  CHECK(close_of(20231124) == new_york(20231124, 13, 0));
  Desk none;
  none.open();
  CHECK(none.desk->next_due() == ClearingDesk::never);
}

TEST_CASE("what a sale of puts requires, by rule") {
  const auto required = [](MarginRule rule, std::int64_t puts, std::int64_t shares) {
    Desk d;
    const InstrumentId put = d.option(Right::put, 4500, 20240216),
                       call = d.option(Right::call, 5500, 20240216);
    ClearingSettings settings;
    settings.margin = rule;
    d.open(settings);
    d.price(close_of(20240116), 5000);
    if (shares != 0) d.trade(ann, stock, shares, 5000);
    const std::vector<Proposal> proposed{{puts != 0 ? put : call, puts != 0 ? puts : -1, {100}}};
    return d.desk->margin(ann, close_of(20240116), proposed, [](InstrumentId) {
      return MarginMarket{0.3, 0.02};
    });
  };
  CHECK(required(MarginRule::cash, -2, 0).initial.value == 9'000 * dollar);
  CHECK(required(MarginRule::cash, -2, 0).funds.value == 100'200 * dollar);
  // 100 + max(20 % of 50 less 5 out of the money, 10 % of 45) = 100 + 500 a contract.
  CHECK(required(MarginRule::reg_t, -2, 0).initial.value == 1'200 * dollar);
  CHECK(required(MarginRule::cash, 0, 100).refused.empty());
  CHECK(required(MarginRule::cash, 0, 0).refused.find("uncovered") != std::string::npos);
  const auto scenario = required(MarginRule::portfolio, -2, 0);
  CHECK(scenario.refused.empty());
  CHECK(scenario.initial.value > 200 * dollar);
  CHECK(scenario.initial.value < 1'200 * dollar);
}

// A tally of its own: what trades and events said, and nothing else.
TEST_CASE("positions, cash and lots reconcile after every event of random lives") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Random random(seed);
    Desk d;
    std::vector<InstrumentId> options;
    for (const Date date : {20240119u, 20240216u, 20240315u})
      for (const std::int64_t strike : {2000, 2500, 4000, 5000, 6000, 7500})
        for (const Right right : {Right::call, Right::put})
          options.push_back(d.option(right, strike, date));
    ClearingSettings settings;
    settings.seed = seed;
    settings.early_permille = 500;
    settings.pin = {{10 * cent}, 300};
    settings.credit_ppm = 20'000;
    settings.debit_ppm = 80'000;
    settings.lots = static_cast<LotMethod>(random.below(3));
    settings.fees.commission_per_contract = {65 * cent};
    settings.fees.assignment_per_contract = {5 * dollar};
    settings.fees.commission_per_share = {cent / 2};
    d.open(settings, 20240102);
    std::map<std::pair<InstanceId, InstrumentId>, std::int64_t> tally;
    std::map<InstanceId, std::int64_t> money{{ann, 100'000 * dollar}, {bob, 100'000 * dollar}};
    const auto hear = [&](const ClearingDesk::Outcome& done) {
      for (const Settled& one : done.events) {
        const InstanceId who{static_cast<std::uint32_t>(one.holder)};
        if (one.instrument.valid()) tally[{who, one.instrument}] += one.quantity;
        if (one.delivered.valid()) tally[{who, one.delivered}] += one.delivered_units;
        money[who] += one.cash.value;
      }
      for (const std::string& text : done.warnings)
        if (text.find("days old") == std::string::npos) FAIL(text);
    };
    const auto reconcile = [&] {
      for (const InstanceId who : {ann, bob}) {
        const Account& account = d.portfolio->account(who);
        REQUIRE(account.cash.value == money[who]);
        REQUIRE(account.cash.value == account.deposits.value + account.realised.value -
                                          account.cost.value - account.fees.value);
        for (const Instrument& one : d.instruments) {
          REQUIRE(d.held(who, one.id) == tally[{who, one.id}]);
          const TaxLots* lots = d.desk->lots(who, one.id);
          if (lots != nullptr) REQUIRE(lots->quantity() == d.held(who, one.id));
        }
      }
    };
    std::int64_t spot = 5000;
    std::unique_ptr<ClearingDesk> spare;
    for (Date day = 20240102; day <= 20240318; day = session_after(day)) {
      const Nanoseconds open = session_times(day)->open;
      if (random.below(12) == 0) {
        const auto action = random.below(3) == 0   ? split(2, 1)
                            : random.below(2) == 0 ? split(3, 2)
                                                   : dividend(day, 40, random.below(2) == 0);
        if (action.type == ZM_CORPORATE_SPLIT) spot = spot * action.old_units / action.new_units;
        hear(d.desk->corporate(stock, action));
        reconcile();
      }
      spot = std::max<std::int64_t>(spot + random.between(-200, 200), 500);
      d.price(open, spot);
      for (int i = 0; i < 4; ++i) {
        const InstanceId who = random.below(2) == 0 ? ann : bob;
        const InstrumentId what =
            random.below(4) == 0 ? stock : options[random.below(options.size())];
        if (d.desk->ended(what) || d.desk->apart(what)) continue;
        std::int64_t count = random.between(-3, 3) * (what == stock ? 70 : 1);
        if (count == 0) continue;
        const std::int64_t price = what == stock ? spot : random.between(5, 900);
        const auto before = d.portfolio->position(who, what).fees;
        d.trade(who, what, count, price, open);
        const std::int64_t fee = d.portfolio->position(who, what).fees.value - before.value;
        money[who] -= count * price * (what == stock ? 1 : 100) * cent + fee;
        tally[{who, what}] += count;
        reconcile();
        if (what != stock && random.below(6) == 0)
          (void)d.desk->exercise(who, what, random.between(0, 2));
      }
      if (random.below(5) == 0)
        d.desk->agenda().announce(stock, dividend(session_after(day), 90), open);
      d.price(close_of(day), spot + random.between(-50, 50));
      hear(d.desk->evening(evening_of(day), 30'000));
      reconcile();
      if (random.below(10) == 0) {  // a snapshot changes nothing that follows
        ArchiveWriter out;
        d.desk->save(out);
        spare = std::make_unique<ClearingDesk>(d.instruments, d.contracts, settings, *d.portfolio);
        ArchiveReader in(out.bytes());
        spare->load(in);
        REQUIRE(in.ok());
        REQUIRE(in.remaining() == 0);
        ArchiveWriter again;
        spare->save(again);
        std::swap(d.desk, spare);
        reconcile();
      }
    }
    for (const InstrumentId one : options)
      for (const InstanceId who : {ann, bob}) REQUIRE(d.held(who, one) == 0);
  }
}
