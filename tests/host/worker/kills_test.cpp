// Strategies' processes are killed at random moments with orders live at the simulated exchange:
// after each death every order that the host holds open is open at the exchange and the other way
// round, the positions are the sum of the fills, and the journal replays to the same outputs.
// ZOMMA_KILLS sets how often.
#include <catch2/catch.hpp>

#include <signal.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <thread>

#include "base/clock.h"
#include "workers.h"

using namespace zomma;
using namespace zomma::test;

namespace {

// SIGKILL from another thread, somewhere in the next two milliseconds.
class Assassin {
 public:
  Assassin(pid_t victim, Nanoseconds after)
      : thread_([=] {
          const Nanoseconds until = monotonic_now() + after;
          while (monotonic_now() < until) {
          }
          ::kill(victim, SIGKILL);
        }) {}
  ~Assassin() { thread_.join(); }

 private:
  std::thread thread_;
};

Candidate successor(Engine& engine, InstanceId id, const std::shared_ptr<WorkerProcess>& worker) {
  auto candidate =
      prepare_candidate(engine.candidate_request(id), worker->factory(),
                        std::shared_ptr<PluginImage>(worker, nullptr), engine.instruments(), 256);
  REQUIRE(candidate);
  return std::move(*candidate);
}

zm_quantity filled(const MemoryLog& log) {
  zm_quantity sum = 0;
  std::map<std::uint64_t, bool> sells;
  for (const std::string& output : log.outputs) {
    if (output[0] == 'i') {
      IntentRecord record;
      std::memcpy(&record, output.data() + 1, sizeof record);
      if (record.intent.kind == ZM_INTENT_NEW && record.result.status == ZM_OK)
        sells[record.result.order_id] = record.intent.side == ZM_SIDE_SELL;
    } else if (output[0] == 'o') {
      OrderRecord record;
      std::memcpy(&record, output.data() + 1, sizeof record);
      if (record.event.kind == ZM_EVENT_FILL)
        sum += sells.at(record.event.u.fill.order_id) ? -record.event.u.fill.quantity
                                                      : record.event.u.fill.quantity;
    }
  }
  return sum;
}

}  // namespace

TEST_CASE("a process killed at any moment leaves host and exchange of one mind") {
  const char* asked = std::getenv("ZOMMA_KILLS");
  const int kills = asked == nullptr ? 40 : std::atoi(asked);
  Random random(2026);
  auto tape = random_tape(404, 20'000);
  int done = 0, with_orders = 0;
  while (done < kills) {
    // A new engine now and then keeps the journal in memory small.
    MemoryLog log;
    Engine engine(test_settings(random.below(1000)), log);
    auto worker = spawn_worker(worker_options("generation_1"));
    const OnFault policy = random.below(2) == 0   ? OnFault::cancel
                           : random.below(2) == 0 ? OnFault::hold
                                                  : OnFault::flatten;
    InstanceSettings settings{"generation_1", {0}, policy, {}};
    settings.checkpoint_every = Nanoseconds{200'000'000};
    const auto id = engine.add_instance(settings, worker->factory(),
                                        std::shared_ptr<PluginImage>(worker, nullptr));
    REQUIRE(id);
    REQUIRE(engine.start(tape_start));
    std::vector<zm_event> copy = tape;
    std::size_t at = 0;
    for (int round = 0; round < 20 && done < kills; ++round) {
      {
        Assassin assassin(worker->pid(),
                          Nanoseconds{static_cast<std::int64_t>(random.below(2'000'000))});
        while (engine.instances()[0]->phase() == InstancePhase::started && at < copy.size() - 50) {
          REQUIRE(engine.process(std::span(copy).subspan(at, 1)));
          ++at;
          if (!worker->alive()) REQUIRE(engine.lose(*id, worker->exit_description()));
        }
      }
      if (at >= copy.size() - 50) break;
      ++done;
      with_orders += engine.open_orders_on(InstrumentId{0}) != 0;
      if (random.below(3) != 0) {  // time passes while it is dead
        REQUIRE(engine.process(std::span(copy).subspan(at, 20)));
        at += 20;
      }
      engine.advance(engine.now() + Nanoseconds{50'000'000});  // what was on its way has arrived
      CHECK(engine.orders_agree_with_venue());
      CHECK(engine.position_of(*id, InstrumentId{0}).quantity == filled(log));
      if (policy != OnFault::hold) CHECK(engine.open_orders_on(InstrumentId{0}) == 0);
      worker = spawn_worker(worker_options("generation_1"));
      const auto again = engine.replace(*id, successor(engine, *id, worker), {});
      INFO((again ? "" : again.error().message));
      REQUIRE(again);
    }
    zm_event end = Engine::session_event(session_end, ended_recording, engine.now());
    REQUIRE(engine.process({&end, 1}));
    engine.drain();
    CHECK(engine.orders_agree_with_venue());
    CHECK(engine.open_orders_on(InstrumentId{0}) == 0);
    CHECK(engine.stats().report_anomalies == 0);
  }
  CHECK(done == kills);
  WARN(done << " kills, " << with_orders << " with orders live");
}
