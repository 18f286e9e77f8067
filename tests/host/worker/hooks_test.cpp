// Every hook and every extension function crosses to the worker and back unchanged: one plugin that
// calls them all, run inline and in a worker, against an engine that writes down what it hears.
#include <catch2/catch.hpp>

#include <cstring>

#include <zomma/ext/state.h>

#include "plugin/instance.h"
#include "recorder.h"
#include "workers.h"

using namespace zomma;
using namespace zomma::test;

namespace {

struct Heard {
  std::vector<std::string> lines;
  std::vector<ParameterInfo> parameters;
  std::vector<std::byte> state;
  std::uint64_t subscribe = 0;
  std::uint32_t schema = 0;
  std::string error;
};

zm_event event_of(std::uint16_t kind, std::int64_t ts) {
  zm_event event{};
  event.kind = kind;
  event.ts_ns = ts;
  return event;
}

// A whole life: parameters, activation, events, a batch longer than one message, quiesce, save,
// load, resume, a fault.
Heard live(const zm_strategy_factory& factory, std::shared_ptr<PluginImage> image) {
  Recorder recorder;
  Heard heard;
  auto created = Instance::create(InstanceId{0}, "caller", factory, std::move(image), recorder);
  REQUIRE(created);
  Instance& instance = **created;
  heard.parameters = instance.parameters();
  heard.subscribe = instance.subscribe();
  heard.schema = instance.state_schema();
  const std::vector<std::uint32_t> instruments{1, 0};
  REQUIRE(instance.activate(instruments, Nanoseconds{77}));
  REQUIRE(instance.start());
  zm_event quote = event_of(ZM_EVENT_QUOTE, 100);
  quote.u.quote = {5, 6, 7, 8};
  REQUIRE(instance.deliver({&quote, 1}));
  std::vector<zm_event> trades;
  for (std::uint64_t i = 0; i < 5000; ++i) {
    trades.push_back(event_of(ZM_EVENT_TRADE, 200 + static_cast<std::int64_t>(i)));
    trades.back().u.trade.trade_id = i;
  }
  REQUIRE(instance.deliver(trades));
  zm_event parameter = event_of(ZM_EVENT_PARAMETER, 9000);
  parameter.u.parameter.index = 1;
  parameter.u.parameter.value.integer = 250;
  REQUIRE(instance.deliver({&parameter, 1}));
  REQUIRE(instance.deliver({&quote, 1}));
  REQUIRE(instance.quiesce(Nanoseconds{123'456}));
  auto saved = instance.save(ZM_STATE_CHECKPOINT);
  REQUIRE(saved);
  REQUIRE(instance.load(*saved, ZM_STATE_RELOAD));
  REQUIRE(instance.resume());
  StateEnvelope newer = *saved, cut = *saved, foreign = *saved;
  newer.schema = newer.min_reader = saved->schema + 1;
  cut.bytes.resize(1000);
  foreign.plugin = "somebody.else";
  CHECK(!instance.load(newer, ZM_STATE_RELOAD));
  CHECK(!instance.load(cut, ZM_STATE_RELOAD));
  CHECK(!instance.load(foreign, ZM_STATE_RELOAD));
  heard.state = instance.save(ZM_STATE_CLONE)->bytes;
  zm_event level = event_of(ZM_EVENT_LEVEL, 10'000);
  CHECK(!instance.deliver({&level, 1}));
  heard.error = instance.error();
  instance.end();
  heard.lines = std::move(recorder.heard);
  return heard;
}

}  // namespace

TEST_CASE("every hook and every call of a strategy is the same inline and in a worker") {
  const auto image = load_plugin("worker_caller");
  REQUIRE(image);
  const Heard inside = live(image->factory(), image);
  const auto worker = spawn_worker(worker_options("worker_caller"));
  const Heard outside = live(worker->factory(), std::shared_ptr<PluginImage>(worker, nullptr));

  CHECK(inside.lines.size() > 2000);
  REQUIRE(inside.lines.size() == outside.lines.size());
  for (std::size_t i = 0; i < inside.lines.size(); ++i)
    REQUIRE(inside.lines[i] == outside.lines[i]);
  CHECK(inside.state == outside.state);
  CHECK(inside.state.size() > 300'000);
  CHECK(inside.subscribe == outside.subscribe);
  CHECK(inside.schema == outside.schema);
  CHECK(inside.error == "the book is not for me");
  CHECK(outside.error == inside.error);
  REQUIRE(inside.parameters.size() == 3);
  REQUIRE(outside.parameters.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(inside.parameters[i].name == outside.parameters[i].name);
    CHECK(inside.parameters[i].unit == outside.parameters[i].unit);
    CHECK(inside.parameters[i].description == outside.parameters[i].description);
    CHECK(inside.parameters[i].type == outside.parameters[i].type);
    CHECK(inside.parameters[i].flags == outside.parameters[i].flags);
    CHECK(inside.parameters[i].default_value == outside.parameters[i].default_value);
    CHECK(inside.parameters[i].minimum == outside.parameters[i].minimum);
    CHECK(inside.parameters[i].maximum == outside.parameters[i].maximum);
  }
  CHECK(std::strcmp(worker->factory().desc->id, "test.caller") == 0);
  CHECK(std::strcmp(worker->factory().desc->version, "1.2.3") == 0);
}

TEST_CASE("a worker runs one instance at a time, and another after it") {
  const auto worker = spawn_worker(worker_options("worker_caller"));
  Recorder recorder;
  auto first = Instance::create(InstanceId{0}, "first", worker->factory(), nullptr, recorder);
  REQUIRE(first);
  const auto second =
      Instance::create(InstanceId{1}, "second", worker->factory(), nullptr, recorder);
  REQUIRE(!second);
  CHECK(second.error().message.find("one process, one instance") != std::string::npos);
  (*first)->end();
  CHECK(Instance::create(InstanceId{1}, "second", worker->factory(), nullptr, recorder));
}

TEST_CASE("an exception through a C hook is the same status and sentence as inline") {
  const auto worker = spawn_worker(worker_options("throws_c"));
  Recorder recorder;
  auto instance = Instance::create(InstanceId{0}, "throws", worker->factory(), nullptr, recorder);
  REQUIRE(instance);
  REQUIRE((*instance)->activate({}, {}));
  REQUIRE((*instance)->start());
  zm_event event{};
  CHECK(!(*instance)->deliver({&event, 1}));
  CHECK((*instance)->error() == "an exception that is not a std::exception left the plugin");
  CHECK(worker->alive());
}
