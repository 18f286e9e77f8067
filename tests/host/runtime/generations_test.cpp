// A strategy's code may change between any two events, and nothing else changes: no event is missed
// or heard twice, orders go on, and whatever goes wrong leaves the old code running.
#include <catch2/catch.hpp>

#include <map>
#include <set>

#include "base/random.h"
#include "tape.h"

using namespace zomma;
using namespace zomma::test;

namespace {

Candidate candidate_for(Engine& engine, InstanceId id, const std::string& plugin) {
  auto image = load_plugin(plugin);
  const zm_strategy_factory& factory = image->factory();
  auto candidate =
      prepare_candidate(engine.candidate_request(id), factory, image, engine.instruments(), 256);
  REQUIRE(candidate);
  return std::move(*candidate);
}

Result<void> replace_by(Engine& engine, InstanceId id, const std::string& plugin) {
  auto image = load_plugin(plugin);
  const zm_strategy_factory& factory = image->factory();
  auto candidate =
      prepare_candidate(engine.candidate_request(id), factory, image, engine.instruments(), 256);
  if (!candidate) return candidate.error();
  auto done = engine.replace(id, std::move(*candidate), {});
  engine.take_retired();
  return done;
}

// The generations' images by hash, as a replay asks for them.
Engine::GenerationLoader loader_for(Engine& engine) {
  return [&engine](InstanceId id, const Sha256Digest& sha256) -> Result<Candidate> {
    static const std::vector<std::string> names{
        "generation_1", "generation_2", "generation_throws_soon", "generation_refuses_start",
        "generation_sends_in_quiesce"};
    for (const std::string& name : names) {
      auto image = load_plugin(name);
      if (digest_of(image->sha256()) != sha256) continue;
      const zm_strategy_factory& factory = image->factory();
      return prepare_candidate(engine.candidate_request(id), factory, image, engine.instruments(),
                               256);
    }
    return Error{Errc::not_found, "no such generation"};
  };
}

template <class Record>
std::vector<Record> records(const MemoryLog& log, char type) {
  std::vector<Record> all;
  for (const std::string& output : log.outputs) {
    if (output[0] != type) continue;
    Record record;
    std::memcpy(&record, output.data() + 1, sizeof record);
    all.push_back(record);
  }
  return all;
}

// What the outside sees of the orders: everything but the numbers in the strategy's own stream.
std::vector<std::string> order_flow(const MemoryLog& log) {
  std::vector<std::string> flow;
  for (OrderRecord record : records<OrderRecord>(log, 'o')) {
    record.event.seq = 0;
    flow.emplace_back(reinterpret_cast<const char*>(&record), sizeof record);
  }
  return flow;
}

bool same(const std::vector<std::string>& a, const std::vector<std::string>& b) { return a == b; }

void feed(Engine& engine, std::vector<zm_event>& tape, std::size_t from, std::size_t to) {
  REQUIRE(engine.process(std::span(tape).subspan(from, to - from)));
}

void finish(Engine& engine) {
  zm_event end = Engine::session_event(session_end, ended_recording, engine.now());
  engine.process({&end, 1});
  engine.drain();
}

}  // namespace

TEST_CASE("the same code replaced by itself at any event trades as if nothing had happened") {
  auto tape = random_tape(11, 3000);
  MemoryLog undisturbed;
  {
    Engine engine(test_settings(), undisturbed);
    add_strategy(engine, "generation_1");
    REQUIRE(engine.start(tape_start));
    run_tape(engine, tape);
  }
  REQUIRE(order_flow(undisturbed).size() > 200);
  for (const std::size_t cut :
       {std::size_t{1}, std::size_t{137}, std::size_t{1500}, std::size_t{2999}}) {
    MemoryLog log;
    Engine engine(test_settings(), log);
    const InstanceId id = add_strategy(engine, "generation_1");
    REQUIRE(engine.start(tape_start));
    auto copy = tape;
    feed(engine, copy, 0, cut);
    const auto replaced = replace_by(engine, id, "generation_1");
    INFO((replaced ? "" : replaced.error().message));
    REQUIRE(replaced);
    feed(engine, copy, cut, copy.size());
    finish(engine);
    CHECK(engine.instances()[0]->phase() == InstancePhase::started);
    CHECK(same(order_flow(log), order_flow(undisturbed)));
  }
}

TEST_CASE("every generation runs its own code, hears every event once, and keeps the orders") {
  MemoryLog log;
  Engine engine(test_settings(), log);
  const InstanceId id = add_strategy(engine, "generation_1");
  REQUIRE(engine.start(tape_start));
  auto tape = random_tape(12, 12'000);
  std::size_t replaced = 0;
  for (std::size_t at = 0; at < tape.size(); at += 100) {
    feed(engine, tape, at, at + 100);
    if (at == 5900)
      REQUIRE(replace_by(engine, id, "generation_2"));
    else if (at < 5900)
      REQUIRE(replace_by(engine, id, "generation_1"));
    ++replaced;
  }
  finish(engine);
  CHECK(engine.instances()[0]->phase() ==
        InstancePhase::started);  // the fixture faults at a gap or a duplicate
  CHECK(engine.stats().generations == 60);
  std::set<double> told;
  for (const SignalRecord& record : records<SignalRecord>(log, 's')) told.insert(record.value);
  CHECK(told == std::set<double>{1.0, 2.0});
  std::set<std::uint64_t> ids;
  for (const IntentRecord& record : records<IntentRecord>(log, 'i'))
    if (record.intent.kind == ZM_INTENT_NEW && record.result.status == ZM_OK)
      CHECK(ids.insert(record.result.order_id).second);
  CHECK(engine.open_orders_on(InstrumentId{0}) == 0);
}

TEST_CASE(
    "a buffer of the host's goes from generation to generation, and a roll-back finds its own") {
  MemoryLog log;
  Engine engine(test_settings(), log);
  const InstanceId id = add_strategy(engine, "generation_1");
  REQUIRE(engine.start(tape_start));
  auto tape = random_tape(21, 4000);
  feed(engine, tape, 0, 1000);
  REQUIRE(replace_by(engine, id, "generation_1"));
  feed(engine, tape, 1000, 2000);
  REQUIRE(engine.stop(id));
  REQUIRE(engine.begin(id, candidate_for(engine, id, "generation_1")));
  feed(engine, tape, 2000, 2500);
  REQUIRE(replace_by(engine, id, "generation_1"));
  feed(engine, tape, 2500, 3000);
  REQUIRE(replace_by(engine, id, "generation_throws_soon"));
  feed(engine, tape, 3000, 4000);
  REQUIRE(engine.stats().roll_backs == 1);
  const auto tally = [&] {
    for (const Engine::Metric& metric : engine.metrics())
      if (metric.name == "tally") return metric.value;
    return -1.0;
  };
  // Every event was counted once, whoever heard it; what went by while it was stopped was heard by
  // nobody.
  CHECK(tally() <= static_cast<double>(engine.instances()[0]->last_seq()));
  CHECK(tally() > static_cast<double>(engine.instances()[0]->last_seq()) - 5);
}

TEST_CASE("a strategy whose process died begins again with what it knew, and a replay agrees") {
  auto tape = random_tape(31, 6000);
  const auto settings = [&] {
    InstanceSettings made{"generation_1", {0}, OnFault::cancel, {}};
    made.checkpoint_every = Nanoseconds{(tape.back().ts_ns - tape.front().ts_ns) / 7};
    return made;
  };
  const auto image = load_plugin("generation_1");
  const auto tally = [](const Engine& engine) {
    for (const Engine::Metric& metric : engine.metrics())
      if (metric.name == "tally") return metric.value;
    return -1.0;
  };
  for (const Recall recall : {Recall::all, Recall::checkpoint, Recall::nothing}) {
    MemoryLog log;
    Engine engine(test_settings(), log);
    const auto id = engine.add_instance(settings(), image->factory(), image);
    REQUIRE(id);
    REQUIRE(engine.start(tape_start));
    auto copy = tape;
    feed(engine, copy, 0, 3000);
    const double known = tally(engine);
    REQUIRE(engine.lose(*id, "killed by a test"));
    CHECK(engine.instances()[0]->phase() == InstancePhase::faulted);
    CHECK(engine.instances()[0]->error() ==
          "its process ended between two batches: killed by a test");
    CHECK(engine.stats().crashes == 1);
    feed(engine, copy, 3000, 3500);
    CHECK(tally(engine) == known);
    REQUIRE(engine.replace(*id, candidate_for(engine, *id, "generation_1"), {}, recall));
    feed(engine, copy, 3500, 3501);
    const double after = tally(engine) - known;
    INFO("it knew " << known << " events, and " << after << " more after one event");
    if (recall == Recall::all) CHECK((after >= 1 && after < 10));
    if (recall == Recall::checkpoint) CHECK((after < 1 && after > -known / 2));
    if (recall == Recall::nothing) CHECK(after < 10 - known);
    feed(engine, copy, 3501, copy.size());
    finish(engine);
    CHECK(engine.instances()[0]->phase() == InstancePhase::started);
    CHECK(log.given.size() == (recall == Recall::nothing ? 0 : 1));

    MemoryLog again;
    Engine second(test_settings(), again);
    InstanceSettings plain = settings();
    plain.checkpoint_every = {};  // a replay keeps none of its own
    REQUIRE(second.add_instance(plain, image->factory(), image));
    second.set_generation_loader(loader_for(second));
    REQUIRE(second.activate(tape_start));
    std::size_t fed = 0;
    for (const auto& [before, record] : log.given) {
      REQUIRE(second.replay(std::span(log.input_events).subspan(fed, before - fed)));
      fed = before;
      auto given = GivenState::load(record);
      REQUIRE(given);
      second.expect_state(std::move(*given));
    }
    REQUIRE(second.replay(std::span(log.input_events).subspan(fed)));
    second.drain();
    CHECK(same(log.outputs, again.outputs));
  }
}

TEST_CASE("a checkpoint of newer code is refused to older code") {
  MemoryLog log;
  Engine engine(test_settings(), log);
  InstanceSettings settings{"generation_2", {0}, OnFault::cancel, {}};
  settings.checkpoint_every = Nanoseconds{50'000'000};
  const auto image = load_plugin("generation_2");
  const auto id = engine.add_instance(settings, image->factory(), image);
  REQUIRE(engine.start(tape_start));
  auto tape = random_tape(32, 1000);
  feed(engine, tape, 0, 1000);
  REQUIRE(engine.lose(*id, ""));
  const auto replaced = engine.replace(*id, candidate_for(engine, *id, "generation_1"), {});
  REQUIRE(!replaced);
  CHECK(replaced.error().message.find("its state has schema 2, the new code reads up to 1") !=
        std::string::npos);
  CHECK(engine.instances()[0]->phase() == InstancePhase::faulted);
  REQUIRE(engine.replace(*id, candidate_for(engine, *id, "generation_1"), {}, Recall::nothing));
}

TEST_CASE("a candidate that fails at any step leaves the old generation running, and says why") {
  const std::map<std::string, std::string> says{{"refuses_init", "init refuses"},
                                                {"refuses_activate", "activate refuses"},
                                                {"refuses_load", "load refuses"},
                                                {"throws_load", "load throws"},
                                                {"refuses_start", "start refuses"}};
  auto tape = random_tape(13, 2000);
  MemoryLog undisturbed;
  {
    Engine engine(test_settings(), undisturbed);
    add_strategy(engine, "generation_1");
    REQUIRE(engine.start(tape_start));
    run_tape(engine, tape);
  }
  for (const auto& [sin, sentence] : says) {
    INFO(sin);
    MemoryLog log;
    Engine engine(test_settings(), log);
    const InstanceId id = add_strategy(engine, "generation_1");
    REQUIRE(engine.start(tape_start));
    auto copy = tape;
    feed(engine, copy, 0, 777);
    const auto replaced = replace_by(engine, id, "generation_" + sin);
    REQUIRE(!replaced);
    CHECK(replaced.error().message.find(sentence) != std::string::npos);
    CHECK(engine.instances()[0]->phase() == InstancePhase::started);
    feed(engine, copy, 777, copy.size());
    finish(engine);
    CHECK(engine.instances()[0]->phase() == InstancePhase::started);
    CHECK(same(order_flow(log), order_flow(undisturbed)));
  }
}

TEST_CASE("an old generation that will not be quiesced or saved goes on") {
  for (const std::string sin : {"refuses_quiesce", "refuses_save", "sends_in_quiesce"}) {
    INFO(sin);
    MemoryLog log;
    Engine engine(test_settings(), log);
    const InstanceId id = add_strategy(engine, "generation_" + sin);
    REQUIRE(engine.start(tape_start));
    auto tape = random_tape(14, 1000);
    feed(engine, tape, 0, 500);
    const auto replaced = replace_by(engine, id, "generation_1");
    CHECK(static_cast<bool>(replaced) ==
          (sin == "sends_in_quiesce"));  // what it sends is refused, that is all
    feed(engine, tape, 500, 1000);
    CHECK(engine.instances()[0]->phase() == InstancePhase::started);
  }
}

TEST_CASE("state of a newer schema is refused before the candidate sees it") {
  MemoryLog log;
  Engine engine(test_settings(), log);
  const InstanceId id = add_strategy(engine, "generation_2");
  REQUIRE(engine.start(tape_start));
  auto tape = random_tape(15, 200);
  feed(engine, tape, 0, 100);
  const auto replaced = replace_by(engine, id, "generation_1");
  REQUIRE(!replaced);
  CHECK(replaced.error().message.find("schema 2") != std::string::npos);
  feed(engine, tape, 100, 200);
  CHECK(engine.instances()[0]->phase() == InstancePhase::started);
}

TEST_CASE("a change that takes longer than allowed is refused") {
  MemoryLog log;
  Engine engine(test_settings(), log);
  const InstanceId id = add_strategy(engine, "generation_1");
  REQUIRE(engine.start(tape_start));
  ChangeBudget budget;
  budget.overdrawn = [] { return true; };
  const auto replaced = engine.replace(id, candidate_for(engine, id, "generation_2"), budget);
  REQUIRE(!replaced);
  CHECK(replaced.error().message.find("longer") != std::string::npos);
  CHECK(engine.instances()[0]->phase() == InstancePhase::started);
}

TEST_CASE(
    "a generation that dies on probation is rolled back; its orders stay, nothing is sent twice") {
  MemoryLog log;
  Engine engine(test_settings(), log);
  const InstanceId id = add_strategy(engine, "generation_1");
  REQUIRE(engine.start(tape_start));
  auto tape = random_tape(16, 4000);
  feed(engine, tape, 0, 1000);
  REQUIRE(replace_by(engine, id, "generation_throws_soon"));
  CHECK(engine.on_probation(id));
  feed(engine, tape, 1000, 2000);
  CHECK(engine.stats().roll_backs == 1);
  CHECK(engine.instances()[0]->phase() == InstancePhase::started);  // and its stream had no gap
  feed(engine, tape, 2000, tape.size());
  finish(engine);
  std::set<double> told;
  for (const SignalRecord& record : records<SignalRecord>(log, 's')) told.insert(record.value);
  CHECK(told.size() == 2);  // both ran
  CHECK(records<SignalRecord>(log, 's').back().value == 1.0);
}

TEST_CASE("after its probation a generation that dies is a fault like any other") {
  MemoryLog log;
  EngineSettings settings = test_settings();
  settings.probation = Nanoseconds{1'000'000};  // shorter than the forty events it lives
  Engine engine(settings, log);
  const InstanceId id = add_strategy(engine, "generation_1");
  REQUIRE(engine.start(tape_start));
  auto tape = random_tape(17, 1000);
  feed(engine, tape, 0, 500);
  REQUIRE(replace_by(engine, id, "generation_throws_soon"));
  feed(engine, tape, 500, 1000);
  CHECK(engine.instances()[0]->phase() == InstancePhase::faulted);
  SECTION("and is repaired by the next generation, which begins afresh") {
    REQUIRE(replace_by(engine, id, "generation_1"));
    CHECK(engine.instances()[0]->phase() == InstancePhase::started);
  }
}

TEST_CASE("a strategy that is stopped has no orders, and begins again with its state") {
  MemoryLog log;
  Engine engine(test_settings(), log);
  const InstanceId id = add_strategy(engine, "generation_1");
  REQUIRE(engine.start(tape_start));
  auto tape = random_tape(18, 3000);
  feed(engine, tape, 0, 1000);
  REQUIRE(engine.stop(id));
  CHECK(engine.instances()[0]->phase() == InstancePhase::ended);
  feed(engine, tape, 1000, 2000);
  CHECK(engine.open_orders_on(InstrumentId{0}) == 0);
  const auto sent = records<IntentRecord>(log, 'i').size();
  REQUIRE(engine.begin(id, candidate_for(engine, id, "generation_1")));
  feed(engine, tape, 2000, 3000);
  CHECK(engine.instances()[0]->phase() == InstancePhase::started);
  CHECK(records<IntentRecord>(log, 'i').size() > sent + 50);
  CHECK(engine.stats().refused == 0);  // it does not go on about orders that are gone
}

TEST_CASE("changes of code are inputs: the journal's inputs alone give the same outputs") {
  MemoryLog log;
  {
    Engine engine(test_settings(), log);
    const InstanceId id = add_strategy(engine, "generation_1");
    REQUIRE(engine.start(tape_start));
    auto tape = random_tape(19, 6000);
    Random random(3);
    for (std::size_t at = 0; at < tape.size(); at += 200) {
      feed(engine, tape, at, at + 200);
      switch (random.below(5)) {
        case 0:
          REQUIRE(replace_by(engine, id, "generation_1"));
          break;
        case 1:
          (void)replace_by(engine, id, "generation_throws_soon");
          break;
        case 2:
          (void)replace_by(engine, id, "generation_refuses_load");
          break;
        case 3:
          (void)replace_by(engine, id, "generation_refuses_start");
          break;
        default:
          break;
      }
    }
    finish(engine);
    CHECK(engine.stats().roll_backs > 2);
    CHECK(engine.stats().generations_refused > 2);
  }
  MemoryLog again;
  Engine engine(test_settings(), again);
  add_strategy(engine, "generation_1");
  engine.set_generation_loader(loader_for(engine));
  REQUIRE(engine.activate(tape_start));
  const bool replayed = engine.replay(log.input_events);
  INFO(engine.trouble());
  REQUIRE(replayed);
  engine.drain();
  CHECK(same(again.outputs, log.outputs));
}

TEST_CASE("a snapshot holds the generation that was in force") {
  auto tape = random_tape(20, 2000);
  MemoryLog whole;
  ArchiveWriter snapshot;
  {
    Engine engine(test_settings(), whole);
    const InstanceId id = add_strategy(engine, "generation_1");
    REQUIRE(engine.start(tape_start));
    auto copy = tape;
    feed(engine, copy, 0, 500);
    REQUIRE(replace_by(engine, id, "generation_2"));
    feed(engine, copy, 500, 1500);
    REQUIRE(!engine.on_probation());
    REQUIRE(engine.save(snapshot));
    whole.outputs.clear();
    feed(engine, copy, 1500, 2000);
    finish(engine);
  }
  MemoryLog tail;
  Engine engine(test_settings(), tail);
  add_strategy(engine, "generation_1");
  engine.set_generation_loader(loader_for(engine));
  REQUIRE(engine.activate(tape_start));
  ArchiveReader reader(snapshot.bytes());
  const auto loaded = engine.load(reader);
  INFO((loaded ? "" : loaded.error().message));
  REQUIRE(loaded);
  feed(engine, tape, 1500, 2000);
  finish(engine);
  CHECK(same(tail.outputs, whole.outputs));
}
