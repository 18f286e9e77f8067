// instance_tests.cpp: the life of an instance: order of hooks, events, parameters, orders, and the
// same answer every time.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>

#include "base/clock.h"
#include "plugin/check/catalogue.h"
#include "plugin/check/interpose.h"
#include "plugin/check/marker.h"
#include "plugin/check/subject.h"

namespace zomma::check {
namespace {

Outcome failed(std::string message) { return {Status::failed, std::move(message), {}}; }

Outcome create(const Subject& subject) {
  const Library library(subject.path);
  Life first(library, 1), second(library, 2);
  if (first.hooks() == second.hooks())
    return failed("two instances share one hook table: create must make a new instance each time");
  if (first.hooks()->size > 4096)
    return failed(fmt::format("its hook table's size is {}, expected {}", first.hooks()->size,
                              sizeof(zm_strategy)));
  if (first.hooks()->flags != 0)
    return failed(
        fmt::format("its hook table's flags are {:#x}, expected 0", first.hooks()->flags));
  if (first.hooks()->desc == nullptr ||
      std::strcmp(first.hooks()->desc->id, library.factory().desc->id) != 0)
    return failed("its hook table's description is not its factory's");
  return {};
}

Outcome extensions(const Subject& subject) {
  const Library library(subject.path);
  Life life(library, subject.seed);
  if (life.init() != ZM_OK) return {};
  const In in("get_ext");
  for (const char* id : {"zomma.no-such-extension/1", "", "zomma.params/99"})
    if (life.extension<void>(id) != nullptr)
      return failed(fmt::format("get_ext(\"{}\") answers; an unknown extension is null", id));
  if (const auto* api = life.params(); api != nullptr && (api->size < sizeof(zm_params_api) ||
                                                          api->size > 4096 || api->info == nullptr))
    return failed(fmt::format("its params table is {} bytes, expected {}, or has a hole", api->size,
                              sizeof(zm_params_api)));
  if (const auto* api = life.state();
      api != nullptr &&
      (api->size < sizeof(zm_state_api) || api->size > 4096 || !api->save || !api->load))
    return failed(fmt::format("its state table is {} bytes, expected {}, or has a hole", api->size,
                              sizeof(zm_state_api)));
  return {};
}

Outcome bare_host(const Subject& subject) {
  const Library library(subject.path);
  Life::Habits habits;
  habits.host.bare = true;
  Life life(library, subject.seed, habits);
  life.init();  // may refuse; must return
  life.destroy();
  life.require_clean();
  return {};
}

Outcome lifecycle(const Subject& subject) {
  const Library library(subject.path);
  Life life(library, subject.seed);
  life.begin();
  life.run(200);
  if (const zm_status status = life.quiesce(); status != ZM_OK)
    return failed(fmt::format("quiesce answered {}", status));
  life.end();
  life.require_clean();
  return {};
}

Outcome cut_short(const Subject& subject) {
  const Library library(subject.path);
  {
    Life created(library, 1);
    created.destroy();
    created.require_clean();
  }
  {
    Life initialised(library, 1);
    initialised.init();
    initialised.destroy();
    initialised.require_clean();
  }
  Life active(library, 1);
  const std::uint32_t both[] = {0, 1};
  if (active.init() == ZM_OK && active.activate(both) == ZM_OK) active.deactivate();
  active.destroy();
  active.require_clean();
  return {};
}

Outcome odd_activations(const Subject& subject) {
  const Library library(subject.path);
  const std::vector<std::vector<std::uint32_t>> lists{
      {}, {0}, {99}, {0, 0}, {ZM_NO_INSTRUMENT}, std::vector<std::uint32_t>(1000, 1)};
  for (const auto& list : lists) {
    Life life(library, subject.seed);
    if (life.init() != ZM_OK || life.activate(list) != ZM_OK) continue;
    life.start();
    life.run(20);
    life.end();
    life.require_clean();
  }
  return {};
}

Outcome twins(const Subject& subject) {
  const Library library(subject.path);
  Life alone(library, subject.seed);
  alone.begin();
  alone.run(200);
  Life one(library, subject.seed), two(library, subject.seed + 1);
  one.begin();
  two.begin();
  for (int i = 0; i < 10; ++i) {
    one.run(20);
    two.run(20);
  }
  if (one.host().outputs() != alone.host().outputs())
    return failed("an instance behaves differently while another one lives: they share state");
  return {};
}

Outcome parameter_schema(const Subject& subject) {
  const Library library(subject.path);
  Life life(library, subject.seed);
  if (life.init() != ZM_OK) return failed("init refused a full host: " + life.host().error());
  const zm_params_api* api = life.params();
  if (api == nullptr) return {Status::skipped, "it has no parameters", {}};
  if (api->count > 256)
    return failed(fmt::format("it has {} parameters, expected at most 256", api->count));
  const In in("params.info");
  std::set<std::string> names;
  for (std::uint32_t i = 0; i < api->count; ++i) {
    zm_param_info info{};
    info.size = sizeof info;
    if (api->info(life.hooks(), i, &info) != ZM_OK)
      return failed(fmt::format("params.info refuses index {} of {}", i, api->count));
    if (!info.name || !info.unit || !info.description)
      return failed(fmt::format("parameter {} has a null text", i));
    const std::string name = info.name;
    const auto good = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    if (name.empty() || name.size() > 64 || !std::all_of(name.begin(), name.end(), good))
      return failed(fmt::format("parameter {}'s name \"{}\" is no TOML key ([a-z0-9_])", i, name));
    if (!names.insert(name).second)
      return failed(fmt::format("two parameters are called {}", name));
    if (info.type > ZM_PARAM_BOOLEAN)
      return failed(fmt::format("parameter {} has type {}, which means nothing", name, info.type));
    if ((info.flags & ~std::uint32_t{ZM_PARAM_LIVE}) != 0)
      return failed(
          fmt::format("parameter {} has flags {:#x}, which mean nothing", name, info.flags));
    if (!std::isfinite(info.minimum) || !std::isfinite(info.maximum) || info.minimum > info.maximum)
      return failed(fmt::format("parameter {}: minimum {} and maximum {} are no range", name,
                                info.minimum, info.maximum));
    if (!(info.default_value >= info.minimum && info.default_value <= info.maximum))
      return failed(fmt::format("parameter {}: its default {} lies outside {}..{}", name,
                                info.default_value, info.minimum, info.maximum));
    if (info.type != ZM_PARAM_REAL && info.default_value != std::floor(info.default_value))
      return failed(
          fmt::format("parameter {}: its default {} is no integer", name, info.default_value));
  }
  zm_param_info info{};
  info.size = sizeof info;
  if (api->info(life.hooks(), api->count, &info) == ZM_OK)
    return failed(fmt::format("params.info accepts index {}, one past its last", api->count));
  return {};
}

Outcome parameter_extremes(const Subject& subject) {
  const Library library(subject.path);
  for (const int which : {-1, 1, 0}) {
    Life life(library, subject.seed);
    life.begin();
    life.run(30);
    life.send_parameters(which);
    life.run(60);
    life.end();
    life.require_clean();
  }
  return {};
}

Outcome unknown_kinds(const Subject& subject) {
  const Library library(subject.path);
  Life life(library, subject.seed);
  life.begin();
  life.run(30);
  for (const unsigned kind :
       {13u, 40u, 90u, 101u, 200u, 65535u, unsigned{ZM_EVENT_CLOCK}, unsigned{ZM_EVENT_RISK},
        unsigned{ZM_EVENT_SESSION}, unsigned{ZM_EVENT_GAP}}) {
    zm_event event{};
    event.ts_ns = tape_begin_ns;
    event.instrument = kind == ZM_EVENT_GAP ? 0 : ZM_NO_INSTRUMENT;
    event.kind = static_cast<std::uint16_t>(kind);
    event.flags = ZM_FLAG_LAST;
    life.deliver({event});
  }
  zm_event strange{};  // a parameter that it does not have, an order it never sent
  strange.ts_ns = tape_begin_ns;
  strange.kind = ZM_EVENT_PARAMETER;
  strange.u.parameter.index = 100'000;
  life.deliver({strange});
  strange.kind = ZM_EVENT_CANCELED;
  strange.u.order_update = {987654321, 1, 0, 0, 0};
  life.deliver({strange});
  life.end();
  life.require_clean();
  return {};
}

Outcome batch_sizes(const Subject& subject) {
  const Library library(subject.path);
  Life life(library, subject.seed);
  life.begin();
  life.run(20);
  life.deliver({});
  std::vector<zm_event> many(500);
  for (std::size_t i = 0; i < many.size(); ++i) {
    many[i].ts_ns = tape_begin_ns + 10'000'000'000;
    many[i].instrument = static_cast<std::uint32_t>(i % instrument_count);
    many[i].kind = ZM_EVENT_QUOTE;
    many[i].u.quote = {5'999'990, 6'000'010, 1000, 1000};
  }
  many.back().flags = ZM_FLAG_LAST;
  life.deliver(std::move(many));
  life.end();
  life.require_clean();
  return {};
}

Outcome borrowed(const Subject& subject) {
  const Library library(subject.path);
  Life::Habits habits;
  habits.lend_pages = true;
  Life life(library, subject.seed, habits);
  life.begin();
  life.run(300);
  life.end();
  life.require_clean();
  return {};
}

Outcome quiesced(const Subject& subject) {
  const Library library(subject.path);
  Life life(library, subject.seed);
  life.begin();
  life.run(100);
  for (int round = 0; round < 3; ++round) {
    const Nanoseconds begin = monotonic_now();
    const zm_status status = life.quiesce();
    const auto ms = (monotonic_now() - begin).value / 1'000'000;
    if (status != ZM_OK)
      return failed(fmt::format("quiesce answered {}: {}", status, life.host().error()));
    if (ms > 200) return failed(fmt::format("quiesce took {} ms; its deadline was 50", ms));
    life.resume();
    life.run(round == 0 ? 100 : 20);
  }
  life.quiesce();
  life.end();
  life.require_clean();
  return {};
}

Outcome refusing_host(const Subject& subject) {
  const Library library(subject.path);
  Life::Habits habits;
  habits.host.refusing = true;
  Life life(library, subject.seed, habits);
  const std::uint32_t both[] = {0, 1};
  if (life.init() == ZM_OK &&
      life.activate(both) == ZM_OK) {  // a metric refused is reason enough to refuse activation
    life.start();
    life.run(200);
  }
  life.end();
  life.require_clean();
  return {};
}

Outcome replay(const Subject& subject) {
  const Library library(subject.path);
  std::string first;
  for (int run = 0; run < 2; ++run) {
    Life life(library, subject.seed);
    interpose(library.handle());
    shift_clock(run * 7777);
    life.begin();
    life.run(600);
    if (run == 0)
      first = life.host().outputs();
    else if (life.host().outputs() != first)
      return failed(
          "the same events twice in one process gave other orders, timers or signals: a clock, a "
          "random number, an address, or state shared between instances");
    life.end();
  }
  return {};
}

Outcome replay_apart(const Subject& subject) {
  const Library library(subject.path);
  Life life(library, subject.seed);
  life.begin();
  life.run(600);
  Outcome outcome;
  outcome.fingerprint = life.host().outputs();
  return outcome;
}

Outcome fuzz(const Subject& subject) {
  const Library library(subject.path);
  const Nanoseconds begin = monotonic_now();
  const int streams = subject.seconds > 0 ? 1'000'000'000 : 4;
  for (int stream = 0; stream < streams; ++stream) {
    const std::uint64_t seed = subject.seed + static_cast<std::uint64_t>(stream);
    try {
      Life life(library, seed, {}, Tape::Mood::hostile);
      life.begin();
      life.run(250);
      life.end();
      life.require_clean();
    } catch (const Finding& finding) {
      return failed(fmt::format("seed {}: {}", seed, finding.message));
    }
    if (subject.seconds > 0 &&
        static_cast<double>((monotonic_now() - begin).value) > subject.seconds * 1e9)
      break;
  }
  return {};
}

constexpr Test tests[] = {
    {"instance-create", 1, "create makes a new, whole instance each time", create},
    {"instance-extensions", 2, "unknown extensions are null; its own tables are whole", extensions},
    {"instance-bare-host", 3,
     "init returns an error, and does not crash, on a host without extensions", bare_host},
    {"lifecycle", 1,
     "init to destroy with a market in between; every call on its thread and in its phase",
     lifecycle},
    {"lifecycle-cut-short", 2, "an instance may be destroyed at every stage of its life",
     cut_short},
    {"lifecycle-instruments", 3, "any list of instruments is traded or refused", odd_activations},
    {"lifecycle-twins", 5, "two instances do not influence each other", twins},
    {"parameters-schema", 2, "names, types, ranges and defaults of parameters make sense",
     parameter_schema},
    {"parameters-extremes", 3, "it runs with every parameter at its minimum and at its maximum",
     parameter_extremes},
    {"events-unknown", 3, "kinds, parameters and orders it does not know are passed over",
     unknown_kinds},
    {"events-batches", 3, "an empty batch and a batch of 500 events", batch_sizes},
    {"events-borrowed", 4, "the host's events are neither written nor kept", borrowed},
    {"quiesce-resume", 3, "quiesce returns in time and ends all intents until resume", quiesced},
    {"host-refuses", 4, "it lives on when every order, timer and metric is refused", refusing_host},
    {"replay", 5, "the same events give the same outputs", replay},
    {"replay-processes", 5, "the same events give the same outputs in another process",
     replay_apart, true},
    {"fuzz", 6, "any numbers in any order are survived", fuzz},
};

}  // namespace

std::span<const Test> instance_tests() { return tests; }

}  // namespace zomma::check
