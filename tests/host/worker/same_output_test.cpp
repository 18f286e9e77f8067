// A strategy in a worker process gives, byte for byte, what it gives inside the host.
#include <catch2/catch.hpp>

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
