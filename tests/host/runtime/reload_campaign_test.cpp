// Thousands of changes of code under load, good ones and failing ones: the strategy never misses an
// event, no order is sent twice or left without an owner, and the process does not grow.
// ZOMMA_RELOADS says how many (a short run by default).
#include <fmt/core.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/clock.h"
#include "base/random.h"
#include "tape.h"

using namespace zomma;
using namespace zomma::test;

namespace {

std::size_t wanted_reloads() {
  const char* wanted = std::getenv("ZOMMA_RELOADS");
  return wanted != nullptr ? static_cast<std::size_t>(std::atoll(wanted)) : 400;
}

// Counts orders and what they are told, and keeps nothing else: a campaign must not grow by its own
// records.
class CountingLog final : public EngineLog {
 public:
  std::uint64_t generations = 0;
  std::set<double> codes;
  std::uint64_t last_order = 0, duplicates = 0;

  bool inputs(std::span<const zm_event> events) override {
    for (const zm_event& event : events) generations += event.kind == event_generation;
    return true;
  }
  bool intent(const IntentRecord& record) override {
    if (record.intent.kind != ZM_INTENT_NEW || record.result.status != ZM_OK) return true;
    duplicates += record.result.order_id <= last_order;  // the host's numbers only rise
    last_order = record.result.order_id;
    return true;
  }
  bool order(const OrderRecord&) override { return true; }
  bool given_state(std::span<const std::byte>) override { return true; }
  bool signal(const SignalRecord& record) override {
    codes.insert(record.value);
    return true;
  }
};

std::size_t entries(const char* folder) {
  std::error_code code;
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder, code),
                                                std::filesystem::directory_iterator()));
}

std::size_t mapped_images() {
  std::ifstream maps("/proc/self/maps");
  std::set<std::string> files;
  for (std::string line; std::getline(maps, line);)
    if (const auto at = line.find("/tmp/zomma-"); at != std::string::npos)
      files.insert(line.substr(at));
  return files.size();
}

std::size_t resident_kib() {
  std::ifstream statm("/proc/self/statm");
  std::size_t total = 0, resident = 0;
  statm >> total >> resident;
  return resident * 4;
}

// Nanoseconds, sorted once.
struct Times {
  std::vector<std::int64_t> all;
  double us(double quantile) {
    std::sort(all.begin(), all.end());
    return static_cast<double>(
               all[static_cast<std::size_t>(quantile * static_cast<double>(all.size() - 1))]) *
           1e-3;
  }
};

struct Campaign {
  CountingLog log;
  Engine engine{test_settings(), log};
  InstanceId id;
  std::vector<zm_event> tape;
  std::size_t at = 0;
  Times pause, whole;

  explicit Campaign(const std::string& first)
      : id(add_strategy(engine, first)), tape(random_tape(99, 200'000)) {
    REQUIRE(engine.start(tape_start));
  }
  void trade(std::size_t events) {
    const std::int64_t later = engine.now().value - tape[at].ts_ns;
    std::vector<zm_event> slice;
    for (std::size_t i = 0; i < events; ++i, at = (at + 1) % tape.size()) {
      slice.push_back(tape[at]);
      if (later > 0) slice.back().ts_ns += later;
      if (slice.size() > 1)
        slice.back().ts_ns = std::max(slice.back().ts_ns, slice[slice.size() - 2].ts_ns);
    }
    REQUIRE(engine.process(slice));
  }
  bool change(const std::string& plugin) {
    const std::int64_t started = monotonic_now().value;
    auto image = load_plugin(plugin);
    REQUIRE(image);
    const zm_strategy_factory& factory = image->factory();
    auto candidate =
        prepare_candidate(engine.candidate_request(id), factory, image, engine.instruments(), 256);
    image.reset();
    if (!candidate) return false;
    const std::int64_t paused = monotonic_now().value;
    const auto done = engine.replace(id, std::move(*candidate), {});
    const std::int64_t resumed = monotonic_now().value;
    engine.take_retired();
    if (done) {
      pause.all.push_back(resumed - paused);
      whole.all.push_back(monotonic_now().value - started);
    }
    return static_cast<bool>(done);
  }
};

}  // namespace

TEST_CASE("a strategy is replaced again and again, by good code and bad, and loses nothing") {
  const std::size_t reloads = wanted_reloads();
  Campaign campaign("generation_1");
  const std::vector<std::string> faults{"refuses_init", "refuses_activate", "refuses_start",
                                        "refuses_load", "throws_load",      "throws_soon"};
  Random random(4);
  std::size_t injected = 0, resident = 0, threads = 0, files = 0;
  for (std::size_t i = 0; i < reloads; ++i) {
    campaign.trade(60 + random.below(60));
    REQUIRE(campaign.change(i % 2 == 0 ? "generation_1b" : "generation_1"));
    if (i % 10 == 9) {
      campaign.trade(20);
      const std::string& sin = faults[random.below(faults.size())];
      CHECK(campaign.change("generation_" + sin) == (sin == "throws_soon"));
      campaign.trade(200);  // long enough for it to die and to be rolled back
      ++injected;
    }
    REQUIRE(campaign.engine.instances()[0]->phase() ==
            InstancePhase::started);  // the fixture faults at a gap or a duplicate
    if (i == reloads / 4) {
      resident = resident_kib();
      threads = entries("/proc/self/task");
      files = entries("/proc/self/fd");
    }
  }
  CHECK(campaign.log.generations >= reloads);
  CHECK(campaign.log.duplicates == 0);
  CHECK(campaign.log.codes.count(1.0) == 1);
  CHECK(campaign.log.codes.count(5.0) == 1);
  CHECK(entries("/proc/self/task") == threads);
  CHECK(entries("/proc/self/fd") == files);
  CHECK(mapped_images() <= 2);
  CHECK(resident_kib() < resident + 8 * 1024);
  zm_event end = Engine::session_event(session_end, ended_recording, campaign.engine.now());
  campaign.engine.process({&end, 1});
  campaign.engine.drain();
  CHECK(campaign.engine.open_orders_on(InstrumentId{0}) == 0);
  fmt::print(
      "{} reloads, {} injected faults, {} roll-backs; pause p50 {:.1f} us, p99 {:.1f} us; whole "
      "p50 {:.2f} ms, p99 {:.2f} ms; {} MiB resident\n",
      reloads, injected, campaign.engine.stats().roll_backs, campaign.pause.us(0.5),
      campaign.pause.us(0.99), campaign.whole.us(0.5) * 1e-3, campaign.whole.us(0.99) * 1e-3,
      resident_kib() / 1024);
}

TEST_CASE("a mebibyte of state is handed over as well") {
  Campaign campaign("generation_1m");
  for (std::size_t i = 0; i < std::min<std::size_t>(wanted_reloads() / 4, 1000); ++i) {
    campaign.trade(50);
    REQUIRE(campaign.change(i % 2 == 0 ? "generation_2m" : "generation_1m"));
  }
  CHECK(campaign.engine.instances()[0]->phase() == InstancePhase::started);
  fmt::print("1 MiB of state: pause p50 {:.1f} us, p99 {:.1f} us; whole p99 {:.2f} ms\n",
             campaign.pause.us(0.5), campaign.pause.us(0.99), campaign.whole.us(0.99) * 1e-3);
}

TEST_CASE("images with flipped bits or cut short never reach the loader unless they are whole") {
  std::ifstream file(std::string(ZOMMA_TEST_PLUGINS) + "/generation_1.so", std::ios::binary);
  const std::string good((std::istreambuf_iterator<char>(file)), {});
  REQUIRE(good.size() > 10'000);
  const std::string path = "/tmp/zomma-engine-test/damaged.so";
  std::filesystem::create_directories("/tmp/zomma-engine-test");
  auto pinned = PluginImage::load(
      {std::string(ZOMMA_TEST_PLUGINS) + "/generation_1.so", "/tmp/zomma-engine-test", ""});
  REQUIRE(pinned);
  Random random(6);
  const std::size_t cases = std::max<std::size_t>(1000, wanted_reloads() / 10);
  for (std::size_t i = 0; i < cases; ++i) {
    std::string bad = good;
    if (i % 3 == 0) bad.resize(random.below(bad.size()));
    for (int flip = 0; flip < 8 && !bad.empty(); ++flip)
      bad[random.below(bad.size())] ^= static_cast<char>(1 << random.below(8));
    std::ofstream(path, std::ios::binary | std::ios::trunc)
        .write(bad.data(), static_cast<std::streamsize>(bad.size()));
    const auto image = PluginImage::load({path, "/tmp/zomma-engine-test", (*pinned)->sha256()});
    REQUIRE(!image);
  }
}
