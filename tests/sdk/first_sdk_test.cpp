// A plugin built with the first released SDK runs on this host: every slot that it knew answers,
// every event it counted on arrives, its state survives a change of code. The binary is a fixture;
// nothing here compiles it again.
#include <catch2/catch.hpp>

#include <fstream>
#include <map>
#include <sstream>

#include "host/runtime/tape.h"

using namespace zomma;
using namespace zomma::test;

namespace {

const std::string fixture =
    std::string(ZOMMA_SOURCE_DIR) + "/tests/sdk/fixtures/sdk-0.1.0/first_sdk.so";

std::shared_ptr<PluginImage> load_fixture() {
  auto image = PluginImage::load({fixture, "/tmp/zomma-first-sdk-test", ""});
  INFO((image ? "" : image.error().message));
  REQUIRE(image);
  return *image;
}

// Keeps the plugin's lines and counts what it emits.
struct Listener final : EngineObserver {
  std::vector<std::string> lines;
  std::size_t signals = 0, warnings = 0;
  void on_log(InstanceId, std::uint32_t level, std::string_view text) override {
    if (level >= ZM_LOG_WARNING)
      ++warnings;
    else if (text.substr(0, 5) == "gaps=")
      lines.emplace_back(text);
  }
  void on_signal(const SignalRecord&) override { ++signals; }
};

// "a=1 b=2" as numbers.
std::map<std::string, long long> numbers(const std::string& line) {
  std::map<std::string, long long> all;
  std::istringstream words(line);
  for (std::string word; words >> word;)
    all[word.substr(0, word.find('='))] = std::stoll(word.substr(word.find('=') + 1));
  return all;
}

void feed(Engine& engine, std::span<zm_event> tape) { REQUIRE(engine.process(tape)); }

}  // namespace

TEST_CASE("a plugin of the first released SDK is recognised without being run") {
  const auto image = load_fixture();
  CHECK(image->note().id == "dev.zomma.first-sdk");
  CHECK(image->note().sdk == "0.1.0");
  CHECK(image->note().abi_major == 1);
  CHECK(image->note().abi_minor == 0);
  CHECK(image->note().state_schema == 3);
}

TEST_CASE(
    "a plugin of the first released SDK trades on this host, and every slot it knew answers") {
  const auto image = load_fixture();
  MemoryLog log;
  Listener listener;
  Engine engine(test_settings(), log, &listener);
  const auto id = engine.add_instance({"old", {0}, OnFault::cancel, {{"every", 3}, {"lean", 0.25}}},
                                      image->factory(), image);
  INFO((id ? "" : id.error().message));
  REQUIRE(id);
  REQUIRE(engine.instances()[0]->parameters().size() == 3);
  CHECK(engine.instances()[0]->parameters()[0].default_value == 0.5);
  CHECK(engine.instances()[0]->parameters()[2].type == ZM_PARAM_BOOLEAN);
  CHECK(engine.instances()[0]->parameters()[2].flags == 0);

  REQUIRE(engine.start(tape_start));
  auto tape = random_tape(21, 6000);
  const std::span<zm_event> whole(tape);
  feed(engine, whole.first(3000));
  REQUIRE_FALSE(listener.lines.empty());
  const auto before = numbers(listener.lines.back());
  CHECK(before.at("restored") == 0);

  // The same code takes its place, with its state, its buffer and its timer.
  auto candidate = prepare_candidate(engine.candidate_request(*id), image->factory(),
                                     load_fixture(), engine.instruments(), 256);
  INFO((candidate ? "" : candidate.error().message));
  REQUIRE(candidate);
  const auto replaced = engine.replace(*id, std::move(*candidate), {});
  INFO((replaced ? "" : replaced.error().message));
  REQUIRE(replaced);
  feed(engine, whole.subspan(3000));

  INFO(engine.instances()[0]->error());
  CHECK(engine.instances()[0]->phase() == InstancePhase::started);
  CHECK(listener.warnings == 0);
  CHECK(engine.health_reports().size() == 0);
  CHECK(listener.signals > 5000);
  const auto after = numbers(listener.lines.back());
  INFO(listener.lines.back());
  CHECK(after.at("gaps") == 0);
  CHECK(after.at("restored") == 1);
  CHECK(after.at("every") == 3);
  CHECK(after.at("equity") == 1);
  CHECK(after.at("timers") == static_cast<long long>(listener.lines.size()));
  for (const char* grows : {"quotes", "trades", "bests", "updates", "fills", "replaced", "canceled",
                            "accepted", "buffer", "parameters"}) {
    INFO(grows);
    CHECK(before.at(grows) > 0);
    CHECK(after.at(grows) > before.at(grows));
  }
  CHECK(after.at("levels") == after.at("quotes"));
  CHECK(after.at("bests") == after.at("quotes"));

  bool counted = false;
  for (const Engine::Metric& metric : engine.metrics())
    if (metric.name == "heard")
      counted = metric.value > 5000 && metric.unit == "events" && metric.kind == ZM_METRIC_COUNTER;
  CHECK(counted);
}
