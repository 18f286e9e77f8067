// The engine is a function of its inputs: the same inputs give the same outputs, however they are
// sliced, wherever it was stopped, and whatever a strategy does wrong.
#include <catch2/catch.hpp>

#include <set>

#include "tape.h"

using namespace zomma;
using namespace zomma::test;

namespace {

// Not CHECK(a == b): Catch would print megabytes of bytes.
bool same(const std::vector<std::string>& a, const std::vector<std::string>& b) { return a == b; }

std::vector<std::string> outputs_of(const std::vector<zm_event>& tape, std::size_t slice = 64,
                                    std::uint64_t seed = 7) {
  MemoryLog log;
  Engine engine(test_settings(seed), log);
  add_strategy(engine, "witness");
  REQUIRE(engine.start(tape_start));
  run_tape(engine, tape, slice);
  REQUIRE(engine.instances()[0]->phase() == InstancePhase::started);
  return log.outputs;
}

}  // namespace

TEST_CASE("a run trades, and its outputs do not depend on how its inputs were sliced") {
  const auto tape = random_tape(1, 6000);
  const auto outputs = outputs_of(tape);
  std::size_t fills = 0;
  for (const std::string& output : outputs) {
    if (output[0] != 'o') continue;
    OrderRecord record;
    std::memcpy(&record, output.data() + 1, sizeof record);
    fills += record.event.kind == ZM_EVENT_FILL;
  }
  CHECK(fills > 100);
  for (const std::size_t slice : {1u, 17u, 100'000u}) CHECK(same(outputs_of(tape, slice), outputs));
  CHECK(!same(outputs_of(tape, 64, 8), outputs));  // another seed, other delays: the test can tell
}

TEST_CASE("fed with the inputs it logged, a fresh engine makes the same outputs") {
  MemoryLog log;
  {
    Engine engine(test_settings(), log);
    add_strategy(engine, "witness");
    REQUIRE(engine.start(tape_start));
    run_tape(engine, random_tape(2, 5000));
  }
  MemoryLog again;
  Engine engine(test_settings(), again);
  add_strategy(engine, "witness");
  REQUIRE(engine.activate(tape_start));
  REQUIRE(engine.replay(log.input_events));
  engine.drain();
  CHECK(same(again.outputs, log.outputs));
}

TEST_CASE("a snapshot taken anywhere and its tail give the same outputs as the whole") {
  const auto tape = random_tape(3, 3000);
  const auto whole = outputs_of(tape, 1);
  for (const std::size_t cut :
       {std::size_t{1}, std::size_t{50}, std::size_t{777}, std::size_t{1500}, std::size_t{2999}}) {
    MemoryLog first;
    ArchiveWriter snapshot;
    {
      Engine engine(test_settings(), first);
      add_strategy(engine, "witness");
      REQUIRE(engine.start(tape_start));
      auto head = std::vector(tape.begin(), tape.begin() + static_cast<std::ptrdiff_t>(cut));
      REQUIRE(engine.process(head));
      REQUIRE(engine.save(snapshot));
    }
    MemoryLog second;
    Engine engine(test_settings(), second);
    add_strategy(engine, "witness");
    REQUIRE(engine.activate(tape_start));
    ArchiveReader reader(snapshot.bytes());
    const auto loaded = engine.load(reader);
    INFO((loaded ? "" : loaded.error().message));
    REQUIRE(loaded);
    run_tape(engine, std::vector(tape.begin() + static_cast<std::ptrdiff_t>(cut), tape.end()), 1);
    auto joined = first.outputs;
    joined.insert(joined.end(), second.outputs.begin(), second.outputs.end());
    CHECK(same(joined, whole));
  }
}

TEST_CASE("a damaged snapshot is refused at every length") {
  MemoryLog log;
  Engine engine(test_settings(), log);
  add_strategy(engine, "witness");
  REQUIRE(engine.start(tape_start));
  run_tape(engine, random_tape(4, 300));
  ArchiveWriter snapshot;
  REQUIRE(engine.save(snapshot));
  for (std::size_t size = 0; size < snapshot.bytes().size(); size += 97) {
    MemoryLog other_log;
    Engine other(test_settings(), other_log);
    add_strategy(other, "witness");
    REQUIRE(other.activate(tape_start));
    ArchiveReader reader(snapshot.bytes().first(size));
    CHECK(!other.load(reader));
  }
}

TEST_CASE("a strategy that throws is stopped, its orders are cancelled, and the run goes on") {
  for (const char* plugin : {"throws_on_event", "throws_c"}) {
    MemoryLog log;
    Engine engine(test_settings(), log);
    const InstanceId bad = add_strategy(engine, plugin);
    const InstanceId good = add_strategy(engine, "witness");
    REQUIRE(engine.start(tape_start));
    run_tape(engine, random_tape(5, 2000));
    CHECK(engine.instances()[bad.value]->phase() == InstancePhase::faulted);
    CHECK(engine.instances()[good.value]->phase() == InstancePhase::started);
    CHECK(engine.account_of(bad).open_orders == 0);
    CHECK(engine.stats().faults == 1);
    CHECK(engine.stats().fills > 10);
  }
}

TEST_CASE("the error of a faulted strategy is the strategy's own sentence") {
  MemoryLog log;
  Engine engine(test_settings(), log);
  const InstanceId bad = add_strategy(engine, "throws_on_event");
  REQUIRE(engine.start(tape_start));
  run_tape(engine, random_tape(5, 200));
  CHECK(engine.instances()[bad.value]->error() == "the third quote was too much");
}

TEST_CASE("a strategy that cannot start says why, and the engine does not start") {
  MemoryLog log;
  Engine engine(test_settings(), log);
  add_strategy(engine, "refuses_activate");
  const auto started = engine.start(tape_start);
  REQUIRE(!started);
  CHECK(started.error().message.find("the model file is missing") != std::string::npos);
}

TEST_CASE("when the log fails nothing is acted on any more, and open orders are cancelled") {
  const auto tape = random_tape(6, 2000);
  for (const std::size_t fail_after : {500u, 1001u, 1502u}) {
    MemoryLog log;
    log.fail_after = fail_after;
    Engine engine(test_settings(), log);
    const InstanceId id = add_strategy(engine, "witness");
    REQUIRE(engine.start(tape_start));
    run_tape(engine, tape);
    CHECK(engine.halted());
    engine.drain();
    CHECK(engine.account_of(id).open_orders == 0);
    CHECK(log.input_events.size() + log.outputs.size() <= fail_after);
  }
}

TEST_CASE("a clock that goes back is held, counted and heard by nobody") {
  MemoryLog log;
  Engine engine(test_settings(), log);
  add_strategy(engine, "witness");  // throws if time goes back
  REQUIRE(engine.start(tape_start));
  auto tape = random_tape(7, 500);
  for (std::size_t i = 10; i < tape.size(); i += 10) tape[i].ts_ns -= 5'000'000;
  run_tape(engine, tape);
  CHECK(engine.stats().clock_back > 20);
  CHECK(engine.instances()[0]->phase() == InstancePhase::started);
}

TEST_CASE(
    "an unknown parameter is refused with the nearest name, a value out of bounds with the "
    "bounds") {
  MemoryLog log;
  Engine engine(test_settings(), log);
  auto image = load_plugin("witness");
  const zm_strategy_factory& factory = image->factory();
  const auto unknown =
      engine.add_instance({"w", {0}, OnFault::cancel, {{"patiense", 3.0}}}, factory, image);
  REQUIRE(!unknown);
  CHECK(unknown.error().message ==
        "strategy w has no parameter \"patiense\"; did you mean \"patience\"?");
  const auto outside =
      engine.add_instance({"w", {0}, OnFault::cancel, {{"patience", 0.0}}}, factory, image);
  REQUIRE(!outside);
  CHECK(outside.error().message.find("expected 1 to 1000 quotes") != std::string::npos);
}

TEST_CASE("a live parameter reaches the strategy as an event between two inputs and is replayed") {
  const auto tape = random_tape(8, 2000);
  MemoryLog log;
  Engine engine(test_settings(), log);
  const InstanceId id = add_strategy(engine, "witness");
  REQUIRE(engine.start(tape_start));
  auto head = std::vector(tape.begin(), tape.begin() + 1000);
  REQUIRE(engine.process(head));
  auto change = engine.parameter_event(id, "patience", 20, engine.now());
  REQUIRE(change);
  REQUIRE(engine.process({&*change, 1}));
  run_tape(engine, std::vector(tape.begin() + 1000, tape.end()));
  CHECK(!same(log.outputs, outputs_of(tape)));
  MemoryLog again;
  Engine replayed(test_settings(), again);
  add_strategy(replayed, "witness");
  REQUIRE(replayed.activate(tape_start));
  REQUIRE(replayed.replay(log.input_events));
  replayed.drain();
  CHECK(same(again.outputs, log.outputs));
}

TEST_CASE("a kill switch stops new orders, lets cancels through, and can be lifted") {
  MemoryLog log;
  Engine engine(test_settings(), log);
  const InstanceId id = add_strategy(engine, "witness");
  REQUIRE(engine.start(tape_start));
  const auto tape = random_tape(9, 3000);
  auto part = std::vector(tape.begin(), tape.begin() + 1000);
  REQUIRE(engine.process(part));
  const std::uint64_t sent = engine.instance_stats(id).sent;
  zm_event kill =
      Engine::kill_event(static_cast<std::uint32_t>(KillLevel::firm), 0, true, engine.now());
  REQUIRE(engine.process({&kill, 1}));
  part.assign(tape.begin() + 1000, tape.begin() + 2000);
  REQUIRE(engine.process(part));
  CHECK(engine.instance_stats(id).sent == sent);
  CHECK(engine.instance_stats(id).refused > 0);
  CHECK(engine.account_of(id).killed == 1);
  zm_event lift =
      Engine::kill_event(static_cast<std::uint32_t>(KillLevel::firm), 0, false, engine.now());
  REQUIRE(engine.process({&lift, 1}));
  part.assign(tape.begin() + 2000, tape.end());
  REQUIRE(engine.process(part));
  CHECK(engine.instance_stats(id).sent > sent);
}
