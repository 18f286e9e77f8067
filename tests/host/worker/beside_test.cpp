// Whatever one strategy does, the one beside it trades as if it were alone, to the last byte. Every
// misbehaving plugin of tests/plugins lives in a real host here, is reloaded in the middle and
// saved: in a process of its own, and inside the host.
#include <catch2/catch.hpp>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <map>
#include <set>

#include "workers.h"

using namespace zomma;
using namespace zomma::test;

namespace {

// Nothing is drawn by lot: another strategy's orders must not move the dice of this one's.
EngineSettings two_markets() {
  EngineSettings settings = test_settings();
  settings.instruments = {test_instrument(0), test_instrument(1)};
  settings.books = {BookKind::l2, BookKind::l2};
  settings.sim.order = LatencyModel::constant({500'000});
  settings.sim.report = LatencyModel::constant({400'000});
  settings.sim.queue = SimQueueModel::risk_averse;
  ScopeLimits limits;
  limits.max_open_orders = 100;  // as [plugin.NAME.limits] orders
  settings.limits.instances = {{InstanceId{0}, limits}, {InstanceId{1}, limits}};
  return settings;
}

std::vector<zm_event> two_tapes() {
  std::vector<zm_event> tape = random_tape(77, 4000);
  for (std::size_t i = 0; i < tape.size(); ++i) tape[i].instrument = i % 2;
  return tape;
}

// The first strategy's outputs, with orders numbered in its own order: the others take numbers,
// too.
std::vector<std::string> of_the_first(const MemoryLog& log) {
  std::map<std::uint64_t, std::uint64_t> numbers{{0, 0}};
  const auto own = [&](std::uint64_t& id) {
    id = numbers.try_emplace(id, numbers.size()).first->second;
  };
  std::vector<std::string> all;
  const auto keep = [&](char type, const auto& record) {
    all.push_back(type + std::string(reinterpret_cast<const char*>(&record), sizeof record));
  };
  for (const std::string& output : log.outputs) {
    if (output[0] == 'i') {
      IntentRecord record;
      std::memcpy(&record, output.data() + 1, sizeof record);
      if (record.instance != 0) continue;
      record.seq = 0;
      own(record.intent.order_id);
      own(record.result.order_id);
      keep('i', record);
    } else if (output[0] == 'o') {
      OrderRecord record;
      std::memcpy(&record, output.data() + 1, sizeof record);
      if (record.instance != 0) continue;
      own(record.event.u.order_update.order_id);
      keep('o', record);
    } else {
      SignalRecord record;
      std::memcpy(&record, output.data() + 1, sizeof record);
      if (record.instance != 0) continue;
      keep('s', record);
    }
  }
  return all;
}

using Loader = std::function<Result<std::shared_ptr<PluginImage>>()>;

struct Outcome {
  std::vector<std::string> first;
  bool first_well = false, second_faulted = false;
};

// The witness on one market, what `load` gives on the other. Errors are sentences, never silence.
Outcome run_beside(const Loader& load) {
  MemoryLog log;
  Engine engine(two_markets(), log);
  add_strategy(engine, "witness");
  InstanceId second{UINT32_MAX};
  if (load) {
    const auto image = load();
    if (!image) {
      if (image.error().message.empty()) throw std::runtime_error("refused without a word");
    } else {
      InstanceSettings settings{"beside", {1}, OnFault::flatten, {}};
      settings.checkpoint_every = Nanoseconds{500'000'000};
      const auto added = engine.add_instance(settings, (*image)->factory(), *image);
      if (added)
        second = *added;
      else if (added.error().message.empty())
        throw std::runtime_error("refused without a word");
    }
  }
  Outcome outcome;
  auto tape = two_tapes();
  if (!engine.start(tape_start)) {
    // Its activate or start refused: a run begins with all of its strategies or not at all.
    return outcome;
  }
  const std::size_t half = tape.size() / 2;
  engine.process(std::span(tape).first(half));
  if (second.value != UINT32_MAX) {
    if (auto image = load(); image) {
      const zm_strategy_factory& factory = (*image)->factory();
      auto candidate = prepare_candidate(engine.candidate_request(second), factory, *image,
                                         engine.instruments(), 256);
      if (!candidate && candidate.error().message.empty())
        throw std::runtime_error("not prepared without a word");
      if (candidate) {
        const auto replaced = engine.replace(second, std::move(*candidate), {});
        if (!replaced && replaced.error().message.empty())
          throw std::runtime_error("not replaced without a word");
      }
    }
    ArchiveWriter snapshot;
    (void)engine.save(snapshot);
  }
  engine.process(std::span(tape).subspan(half));
  zm_event end = Engine::session_event(session_end, ended_recording, engine.now());
  engine.process({&end, 1});
  engine.drain();
  outcome.first = of_the_first(log);
  outcome.first_well = engine.instances()[0]->phase() == InstancePhase::started;
  outcome.second_faulted = second.value != UINT32_MAX &&
                           engine.instances()[second.value]->phase() == InstancePhase::faulted;
  return outcome;
}

std::vector<std::string> misbehaving() {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(ZOMMA_TEST_PLUGINS)) {
    const std::string name = entry.path().stem().string();
    if (entry.path().extension() == ".so" && name.rfind("generation_", 0) != 0 &&
        name.rfind("worker_", 0) != 0 && name.rfind("lib", 0) != 0)
      names.insert(name);
  }
  return {names.begin(), names.end()};
}

PluginImage::Options image_options(const std::string& name) {
  return {std::string(ZOMMA_TEST_PLUGINS) + "/" + name + ".so", "/tmp/zomma-beside-test", "",
          std::nullopt, std::nullopt};
}

// 0: the witness was not disturbed; 1: it was; 2: the run did not begin; else a signal.
int inside(const std::string& name, const std::vector<std::string>& alone, unsigned seconds) {
  const pid_t child = fork();
  if (child == 0) {
    const rlimit none{0, 0}, space{std::uint64_t{4} << 30, std::uint64_t{4} << 30};
    setrlimit(RLIMIT_CORE, &none);
    setrlimit(RLIMIT_AS, &space);
    std::signal(SIGALRM, SIG_DFL);
    for (const int signal : {SIGSEGV, SIGABRT, SIGFPE, SIGILL, SIGBUS, SIGTERM, SIGINT})
      std::signal(signal, SIG_DFL);
    alarm(seconds);
    std::freopen("/dev/null", "w", stdout);
    std::freopen("/dev/null", "w", stderr);
    try {
      const Outcome outcome = run_beside([&] { return PluginImage::load(image_options(name)); });
      _exit(outcome.first.empty() ? 2 : outcome.first == alone && outcome.first_well ? 0 : 1);
    } catch (...) {
      _exit(1);
    }
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

TEST_CASE("beside a misbehaving strategy in a process of its own, nobody is disturbed") {
  const std::vector<std::string> alone = run_beside({}).first;
  REQUIRE(alone.size() > 300);
  std::size_t lived = 0;
  for (const std::string& name : misbehaving()) {
    CAPTURE(name);
    auto options = image_options(name);
    options.worker = worker_options(name);
    options.worker->deadline = Nanoseconds{150'000'000};
    options.worker->patience = Nanoseconds{600'000'000};
    const Outcome outcome = run_beside([&] { return PluginImage::load(options); });
    if (outcome.first.empty()) continue;
    ++lived;
    CHECK(outcome.first_well);
    CHECK((outcome.first == alone));
  }
  CHECK(lived > 80);
}

TEST_CASE("inside the host, only what kills the process disturbs the others") {
  const std::vector<std::string> alone = run_beside({}).first;
  // These the operating system ends, and the host begins again without them (scenarios/crash.sh),
  // or the validator refuses.
  const std::set<std::string> fatal{"ctor_exits",
                                    "ctor_hangs",
                                    "ctor_segfaults",
                                    "ctor_throws",
                                    "dtor_segfaults",
                                    "events_abort",
                                    "events_divide_by_zero",
                                    "events_hang",
                                    "events_overflow_stack",
                                    "events_segfault",
                                    "extension_for_everything",
                                    "insists_on_orders",
                                    "quiesce_hangs",
                                    "state_save_hangs"};
  for (const std::string& name : misbehaving()) {
    int how = inside(name, alone, 2);
    if (how == 128 + SIGALRM && !fatal.contains(name))
      how = inside(name, alone, 60);  // it may only be slow
    INFO(name << " ended with " << how);
    if (fatal.contains(name))
      CHECK(how != 1);
    else
      CHECK((how == 0 || how == 2));
  }
}
