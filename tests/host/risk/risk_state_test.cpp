// What the pre-trade checks remember: kill switches, what orders use up, changed limits, snapshots.
#include <catch2/catch.hpp>

#include <algorithm>

#include "questions.h"

using namespace zomma;
using namespace zomma::test;

TEST_CASE("a kill switch refuses in its own scope only, and cancels pass always") {
  RiskEngine engine = engine_with({});
  zm_intent cancel{};
  cancel.kind = ZM_INTENT_CANCEL;
  const auto passes = [&](std::uint32_t instance, std::uint32_t instrument) {
    RiskContext context = calm();
    context.instance = {instance};
    context.gateway_ready = true;
    zm_intent intent = order(ZM_SIDE_BUY, 10, 10'000);
    intent.instrument = instrument;
    CHECK(engine.check(cancel, context).passed());
    return engine.evaluate(intent, context).code != ZM_REASON_KILL;
  };
  struct Expectation {
    KillLevel level;
    std::uint32_t id;
    bool pass[2][2];
  };  // [instance][instrument]
  const Expectation all[] = {{KillLevel::firm, 0, {{false, false}, {false, false}}},
                             {KillLevel::account, 1, {{true, true}, {false, false}}},
                             {KillLevel::instance, 0, {{false, false}, {true, true}}},
                             {KillLevel::instrument, 1, {{true, false}, {true, false}}}};
  for (const Expectation& expected : all) {
    CHECK(engine.set_kill(expected.level, expected.id, true));
    CHECK_FALSE(engine.set_kill(expected.level, expected.id, true));
    CHECK(engine.killed(expected.level, expected.id));
    for (std::uint32_t i = 0; i < 2; ++i)
      for (std::uint32_t s = 0; s < 2; ++s) CHECK(passes(i, s) == expected.pass[i][s]);
    CHECK(engine.set_kill(expected.level, expected.id, false));
    CHECK(passes(0, 0));
  }
  CHECK_FALSE(engine.set_kill(KillLevel::instance, 99, true));
  CHECK(engine.cancels({0}) > 0);
}

TEST_CASE("a breach of the loss limit sets the kill switch once, in the scope that lost") {
  LimitTree tree = own([](ScopeLimits& s) { s.max_daily_loss = Money{100}; });
  tree.firm.max_drawdown = Money{1000};
  RiskEngine engine = engine_with(tree);
  RiskSums mine, all;
  CHECK_FALSE(engine.review({0}, mine, all).changed);
  mine.daily_pnl = {-100};
  const KillChange change = engine.review({0}, mine, all);
  CHECK(change.changed);
  CHECK(change.level == KillLevel::instance);
  CHECK(change.code == ZM_REASON_DAILY_LOSS);
  CHECK(engine.killed(KillLevel::instance, 0));
  CHECK_FALSE(engine.review({0}, mine, all).changed);
  all.equity = {-1000};
  const KillChange second = engine.review({0}, mine, all);
  CHECK(second.level == KillLevel::firm);
  CHECK(second.code == ZM_REASON_DRAWDOWN);
  tree.kill_on_loss = false;
  RiskEngine patient = engine_with(tree);
  CHECK_FALSE(patient.review({0}, mine, all).changed);
}

TEST_CASE("only orders that pass use up the rate") {
  RiskEngine engine = engine_with(firm([](ScopeLimits& s) {
    s.max_orders_per_second = 2;
    s.max_quantity = Quantity{100};
  }));
  const RiskContext context = calm();
  for (int i = 0; i < 10; ++i)
    CHECK(engine.check(order(ZM_SIDE_BUY, 110, 10'000), context).code ==
          ZM_REASON_MIN_MAX_QUANTITY);
  CHECK(engine.refused(Check::quantity) == 10);
  CHECK(engine.check(order(ZM_SIDE_BUY, 100, 10'000), context).passed());
  CHECK(engine.check(order(ZM_SIDE_BUY, 100, 10'000), context).passed());
  CHECK(engine.check(order(ZM_SIDE_BUY, 100, 10'000), context).code == ZM_REASON_RATE);
}

TEST_CASE("the firm's rate is shared by its instances") {
  RiskEngine engine = engine_with(firm([](ScopeLimits& s) { s.max_orders_per_second = 2; }));
  RiskContext context = calm();
  CHECK(engine.check(order(ZM_SIDE_BUY, 100, 10'000), context).passed());
  context.instance = {1};
  CHECK(engine.check(order(ZM_SIDE_BUY, 100, 10'000), context).passed());
  CHECK(engine.check(order(ZM_SIDE_BUY, 100, 10'000), context).code == ZM_REASON_RATE);
}

TEST_CASE("changed limits hold from the next order on and do not give back what was used up") {
  RiskEngine engine = engine_with(firm([](ScopeLimits& s) { s.max_orders_per_second = 1; }));
  const RiskContext context = calm();
  CHECK(engine.check(order(ZM_SIDE_BUY, 100, 10'000), context).passed());
  LimitTree tree = engine.limits();
  tree.firm.max_quantity = Quantity{50};
  REQUIRE(engine.set_limits(tree));
  const Verdict verdict = engine.evaluate(order(ZM_SIDE_BUY, 100, 10'000), context);
  CHECK(verdict.breaches == (breach_bit(ZM_REASON_MIN_MAX_QUANTITY) | breach_bit(ZM_REASON_RATE)));
  tree.firm.max_quantity = Quantity{-1};
  CHECK_FALSE(engine.set_limits(tree));
  CHECK(engine.limits().firm.max_quantity == Quantity{50});
}

TEST_CASE("a snapshot brings back rates, windows and kill switches") {
  const LimitTree tree = firm([](ScopeLimits& s) {
    s.max_orders_per_second = 3;
    s.duplicate_window = Nanoseconds{1'000'000};
  });
  RiskEngine engine = engine_with(tree);
  RiskContext context = calm();
  CHECK(engine.check(order(ZM_SIDE_BUY, 100, 10'000), context).passed());
  CHECK(engine.check(order(ZM_SIDE_BUY, 100, 10'005), context).passed());
  engine.set_kill(KillLevel::account, 1, true);
  engine.set_reducing({1}, true);
  ArchiveWriter out;
  engine.save(out);

  RiskEngine copy = engine_with(tree);
  ArchiveReader in(out.bytes());
  copy.load(in);
  REQUIRE(in.ok());
  CHECK(in.remaining() == 0);
  ArchiveWriter again;
  copy.save(again);
  CHECK(std::equal(out.bytes().begin(), out.bytes().end(), again.bytes().begin(),
                   again.bytes().end()));
  CHECK(copy.check(order(ZM_SIDE_BUY, 100, 10'000), context).code == ZM_REASON_DUPLICATE);
  CHECK(copy.check(order(ZM_SIDE_BUY, 200, 10'000), context).passed());
  CHECK(copy.check(order(ZM_SIDE_BUY, 300, 10'000), context).code == ZM_REASON_RATE);
  CHECK(copy.killed(KillLevel::account, 1));

  SECTION("a snapshot of something else is refused") {
    RiskEngine other({stock()}, tree);
    ArchiveReader wrong(out.bytes());
    other.load(wrong);
    CHECK_FALSE(wrong.ok());
  }
  SECTION("a cut snapshot is refused") {
    for (std::size_t length = 0; length < out.bytes().size(); length += 97) {
      RiskEngine target = engine_with(tree);
      ArchiveReader cut(out.bytes().first(length));
      target.load(cut);
      CHECK_FALSE(cut.ok());
    }
  }
}
