// A strategy in a worker process gives, byte for byte, what it gives inside the host.
#include <catch2/catch.hpp>

#include <signal.h>

#include "workers.h"

using namespace zomma;
using namespace zomma::test;

TEST_CASE("the same plugin gives the same intents, orders and signals inline and in a worker") {
  const auto tape = random_tape(5, 6000);
  MemoryLog inside;
  {
    Engine engine(test_settings(), inside);
    add_strategy(engine, "witness");
    REQUIRE(engine.start(tape_start));
    run_tape(engine, tape);
  }
  MemoryLog outside;
  {
    Engine engine(test_settings(), outside);
    REQUIRE(add_worker(engine, "witness", spawn_worker(worker_options("witness"))));
    REQUIRE(engine.start(tape_start));
    run_tape(engine, tape);
    CHECK(engine.stats().faults == 0);
  }
  CHECK(inside.outputs.size() > 1000);
  CHECK(inside.outputs == outside.outputs);
}

namespace {

double tally(const Engine& engine) {
  for (const Engine::Metric& metric : engine.metrics())
    if (metric.name == "tally") return metric.value;
  return -1;
}

// A new process with the same code, ready to take over.
Candidate successor(Engine& engine, InstanceId id, const std::shared_ptr<WorkerProcess>& worker) {
  auto candidate =
      prepare_candidate(engine.candidate_request(id), worker->factory(),
                        std::shared_ptr<PluginImage>(worker, nullptr), engine.instruments(), 256);
  REQUIRE(candidate);
  return std::move(*candidate);
}

}  // namespace

TEST_CASE("a buffer of the host's is one memory here and in the worker, and outlives the worker") {
  auto tape = random_tape(6, 4000);
  MemoryLog inside;
  double expected = 0;
  {
    Engine engine(test_settings(), inside);
    add_strategy(engine, "generation_1");
    REQUIRE(engine.start(tape_start));
    run_tape(engine, tape);
    expected = tally(engine);
  }
  MemoryLog log;
  Engine engine(test_settings(), log);
  auto worker = spawn_worker(worker_options("generation_1"));
  InstanceSettings settings{"generation_1", {0}, OnFault::cancel, {}};
  settings.checkpoint_every = Nanoseconds{(tape.back().ts_ns - tape.front().ts_ns) / 9};
  const auto id = engine.add_instance(settings, worker->factory(),
                                      std::shared_ptr<PluginImage>(worker, nullptr));
  REQUIRE(id);
  REQUIRE(engine.start(tape_start));
  REQUIRE(engine.process(std::span(tape).first(2000)));
  // A reload into another process takes the buffer along.
  auto second = spawn_worker(worker_options("generation_1"));
  REQUIRE(engine.replace(*id, successor(engine, *id, second), {}));
  REQUIRE(engine.process(std::span(tape).subspan(2000, 1000)));
  REQUIRE(tally(engine) > 1000);
  // So does a death.
  const double known = tally(engine);
  REQUIRE(::kill(second->pid(), SIGKILL) == 0);
  REQUIRE(engine.process(std::span(tape).subspan(3000, 1)));
  while (engine.instances()[0]->phase() == InstancePhase::started) {
    zm_event more = Engine::clock_event(engine.now());
    more.kind = ZM_EVENT_RISK;
    REQUIRE(engine.process({&more, 1}));
  }
  CHECK(engine.instances()[0]->died());
  auto third = spawn_worker(worker_options("generation_1"));
  REQUIRE(engine.replace(*id, successor(engine, *id, third), {}));
  REQUIRE(engine.process(std::span(tape).subspan(3001, 999)));
  zm_event end = Engine::session_event(session_end, ended_recording, engine.now());
  REQUIRE(engine.process({&end, 1}));
  engine.drain();
  CHECK(engine.instances()[0]->phase() == InstancePhase::started);
  CHECK(tally(engine) > known);
  CHECK(tally(engine) >
        0.98 * expected);  // it missed what went by while it was dead, and nothing else
  CHECK(tally(engine) < 1.02 * expected);
}
