// However a worker ends, the host hears a sentence and goes on.
#include <catch2/catch.hpp>

#include <dirent.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include <zomma/ext/state.h>

#include "plugin/instance.h"
#include "recorder.h"
#include "sins.h"
#include "workers.h"

using namespace zomma;
using namespace zomma::test;

namespace {

struct Victim {
  std::shared_ptr<WorkerProcess> worker;
  Recorder recorder;
  std::unique_ptr<Instance> instance;

  explicit Victim(WorkerOptions options = worker_options("worker_sinner"))
      : worker(spawn_worker(options)) {
    auto created = Instance::create(InstanceId{0}, "sinner", worker->factory(), nullptr, recorder);
    if (!created || !(*created)->activate({}, {}) || !(*created)->start())
      throw std::runtime_error("the sinner does not start");
    instance = std::move(*created);
  }
  bool hears(Sin sin) {
    zm_event trade{};
    trade.kind = ZM_EVENT_TRADE;
    trade.u.trade.trade_id = static_cast<std::uint64_t>(sin);
    return instance->deliver({&trade, 1});
  }
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::size_t entries(const char* folder) {
  std::size_t count = 0;
  DIR* directory = opendir(folder);
  while (readdir(directory) != nullptr) ++count;
  closedir(directory);
  return count;
}

std::size_t shared_mappings() {
  std::ifstream maps("/proc/self/maps");
  std::size_t count = 0;
  for (std::string line; std::getline(maps, line);) count += contains(line, "zomma-worker") ? 1 : 0;
  return count;
}

bool no_children() {
  siginfo_t info{};
  return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == -1 && errno == ECHILD;
}

}  // namespace

#if defined(__SANITIZE_ADDRESS__)  // which reports such faults itself and exits
constexpr const char* segfault = "exited with status 1";
constexpr const char* overflow = "exited with status 1";
#else
constexpr const char* segfault = "killed by signal 11 (SEGV: Segmentation fault)";
constexpr const char* overflow = "killed by signal 11";
#endif

TEST_CASE(
    "a crash names the signal and the last event, and later hooks fail with the same sentence") {
  struct Case {
    Sin sin;
    const char* how;
  };
  const Case all[] = {{Sin::segfault, segfault},
                      {Sin::abort, "killed by signal 6 (ABRT: Aborted)"},
                      {Sin::stack_overflow, overflow},
                      {Sin::exit, "exited with status 7"}};
  for (const Case& one : all) {
    Victim victim;
    REQUIRE(victim.hears(Sin::none));
    REQUIRE(victim.hears(Sin::none));
    CHECK(!victim.hears(one.sin));
    const std::string sentence = victim.instance->error();
    CHECK(contains(sentence, one.how));
    CHECK(contains(sentence, "on_events"));
    CHECK(contains(sentence, "number 3"));
    CHECK(!victim.worker->alive());
    CHECK(contains(victim.worker->exit_description(), one.how));
    CHECK(!victim.hears(Sin::none));
    const auto quiesced = victim.instance->quiesce({});
    REQUIRE(!quiesced);
    CHECK(contains(quiesced.error().message, one.how));
    victim.instance->end();
  }
  CHECK(no_children());
}

TEST_CASE("a worker that loops, or stops, is killed at its deadline") {
  for (const Sin sin : {Sin::loop, Sin::stop}) {
    WorkerOptions options = worker_options("worker_sinner");
    options.deadline = Nanoseconds{60'000'000};
    Victim victim(options);
    REQUIRE(victim.hears(Sin::none));
    CHECK(!victim.hears(sin));
    CHECK(contains(victim.instance->error(), "did not answer within 60 ms in on_events"));
    CHECK(!victim.worker->alive());
    CHECK(contains(victim.worker->exit_description(), "killed by signal 9"));
  }
  CHECK(no_children());
}

TEST_CASE(
    "a plugin that overwrites the shared memory is caught at it or is none the wiser; the host "
    "goes on") {
  for (int round = 0; round < 30; ++round) {
    WorkerOptions options = worker_options("worker_sinner");
    options.deadline = Nanoseconds{60'000'000};
    Victim victim(options);
    for (int i = 0; i < 5; ++i)
      if (!victim.hears(Sin::scribble))
        CHECK(contains(victim.instance->error(), "the worker process"));
  }
}

TEST_CASE("no answer of a worker that writes nonsense crashes, hangs or misleads the host") {
  std::size_t caught = 0, accepted = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    WorkerOptions options = worker_options("worker_sinner");
    options.program = ZOMMA_TEST_ROGUE;
    options.deadline = Nanoseconds{60'000'000};
    Victim victim(options);
    victim.recorder.open_orders_there = 10;
    for (std::uint64_t step = 0; step < 10; ++step) {
      zm_event event{};
      event.kind = ZM_EVENT_TRADE;
      event.u.trade.trade_id = seed * 1000 + step;
      if (!victim.instance->deliver({&event, 1})) {
        // Either the rogue's own status, or the sentence about its end.
        if (victim.worker->alive()) continue;
        ++caught;
        REQUIRE(contains(victim.instance->error(), "the worker process"));
        break;
      }
      ++accepted;
    }
    (void)victim.instance->save(ZM_STATE_CHECKPOINT);
  }
  CHECK(caught > 200);
  CHECK(accepted > 50);
}

#if !defined(__SANITIZE_ADDRESS__)
TEST_CASE("a worker beyond its memory limit gets bad_alloc, not the machine's memory") {
  WorkerOptions options = worker_options("worker_sinner");
  options.memory_limit = 512u << 20;
  Victim victim(options);
  REQUIRE(victim.hears(Sin::none));
  CHECK(!victim.hears(Sin::hog));
  CHECK(victim.instance->error() == "std::bad_alloc");
  CHECK(victim.worker->alive());
}
#endif

TEST_CASE("a worker whose plugin closes every descriptor goes on, or dies alone") {
  Victim victim;
  victim.hears(Sin::close_all);
  victim.instance->end();
  Victim next;  // the host still has all it needs for another one
  CHECK(next.worker->alive());
}

TEST_CASE("other threads of a plugin may log; what needs the host's state is refused to them") {
  Victim victim;
  REQUIRE(victim.hears(Sin::foreign_thread));
  REQUIRE(victim.recorder.heard.size() == 2);
  CHECK(contains(victim.recorder.heard[0], "from a thread of my own"));
  CHECK(contains(victim.recorder.heard[1], "refused"));
}

TEST_CASE(
    "an image that ends the process while it is loaded, no image and no program are errors, not "
    "deaths") {
  const auto early = WorkerProcess::spawn(worker_options("worker_exits_early"));
  REQUIRE(!early);
  CHECK(contains(early.error().message, "exited with status 42 in loading"));
  const auto nothing = WorkerProcess::spawn(worker_options("not_there"));
  REQUIRE(!nothing);
  CHECK(contains(nothing.error().message, "cannot open shared object file"));
  WorkerOptions options = worker_options("worker_sinner");
  options.program = "/not/there";
  const auto no_program = WorkerProcess::spawn(options);
  REQUIRE(!no_program);
  CHECK(contains(no_program.error().message, "/not/there"));
  options.program = "/bin/true";
  const auto no_worker = WorkerProcess::spawn(options);
  REQUIRE(!no_worker);
  CHECK(contains(no_worker.error().message, "exited with status 0 in loading"));
  CHECK(no_children());
}

TEST_CASE("a worker that cannot be pinned says so; one that can, is") {
  WorkerOptions options = worker_options("worker_sinner");
  options.core = 1000;
  const auto refused = WorkerProcess::spawn(options);
  REQUIRE(!refused);
  CHECK(contains(refused.error().message, "core 1000"));
  options.core = 0;
  const auto pinned = spawn_worker(options);
  cpu_set_t cores;
  REQUIRE(sched_getaffinity(pinned->pid(), sizeof cores, &cores) == 0);
  CHECK(CPU_COUNT(&cores) == 1);
  CHECK(CPU_ISSET(0, &cores));
}

// The death is an input of its own, so the inputs behind it have other numbers.
std::vector<std::string> without_numbers(std::vector<std::string> outputs) {
  for (std::string& output : outputs)
    if (output[0] == 'i')
      output.replace(1, sizeof IntentRecord::seq, sizeof IntentRecord::seq, '\0');
  return outputs;
}

TEST_CASE(
    "kill -9 at any moment faults the strategy, and the other strategies' output stays the same") {
  const auto tape = random_tape(11, 400);
  MemoryLog alone;
  {
    Engine engine(test_settings(), alone);
    add_strategy(engine, "witness");
    REQUIRE(engine.start(tape_start));
    run_tape(engine, tape, 8);
  }
  std::size_t deaths = 0;
  for (unsigned round = 0; round < 40; ++round) {
    MemoryLog log;
    Engine engine(test_settings(), log);
    add_strategy(engine, "witness");
    auto worker = spawn_worker(worker_options("worker_sinner"));
    REQUIRE(add_worker(engine, "sinner", worker));
    REQUIRE(engine.start(tape_start));
    std::thread killer([&, pid = worker->pid()] {
      for (unsigned i = 0; i < round * 20'000; ++i) __asm__ volatile("");  // later in every round
      kill(pid, SIGKILL);
    });
    auto calm = tape;
    for (zm_event& event : calm)
      if (event.kind == ZM_EVENT_TRADE) event.u.trade.trade_id = 0;
    run_tape(engine, calm, 8);
    killer.join();
    deaths += engine.stats().faults;
    if (engine.stats().faults != 0)
      CHECK(contains(engine.instances()[1]->error(), "killed by signal 9 (KILL: Killed)"));
    REQUIRE((without_numbers(log.outputs) == without_numbers(alone.outputs)));
  }
  CHECK(deaths > 0);
  CHECK(no_children());
}

TEST_CASE("two hundred workers leave no descriptor, process, mapping or memory behind") {
  { Victim warm; }
  const std::size_t descriptors = entries("/proc/self/fd");
  for (int i = 0; i < 200; ++i) {
    if (i % 4 == 0) {
      Victim victim;
      victim.hears(i % 8 == 0 ? Sin::abort : Sin::none);
    } else {
      spawn_worker(worker_options("worker_sinner"));
    }
  }
  CHECK(entries("/proc/self/fd") == descriptors);
  CHECK(shared_mappings() == 0);
  CHECK(no_children());
}

TEST_CASE("a worker outlives the thread that began it, but not the host") {
  int pid_pipe[2];
  REQUIRE(pipe(pid_pipe) == 0);
  const pid_t host = fork();
  if (host == 0) {
    std::shared_ptr<WorkerProcess> worker;
    std::thread([&] { worker = spawn_worker(worker_options("worker_sinner")); }).join();
    Recorder recorder;
    auto instance = Instance::create(InstanceId{0}, "sinner", worker->factory(), nullptr, recorder);
    pid_t pid = worker->alive() && instance ? worker->pid() : 0;
    if (write(pid_pipe[1], &pid, sizeof pid) != sizeof pid) _exit(1);
    zm_event trade{};
    trade.kind = ZM_EVENT_TRADE;
    trade.u.trade.trade_id = static_cast<std::uint64_t>(Sin::loop);
    (*instance)->deliver({&trade, 1});
    _exit(0);
  }
  pid_t worker = 0;
  REQUIRE(read(pid_pipe[0], &worker, sizeof worker) == sizeof worker);
  REQUIRE(worker > 0);
  const int watch = static_cast<int>(syscall(SYS_pidfd_open, worker, 0));
  REQUIRE(watch >= 0);
  kill(host, SIGKILL);
  waitpid(host, nullptr, 0);
  pollfd watched{watch, POLLIN, 0};
  CHECK(poll(&watched, 1, 5000) == 1);
  for (const int fd : {watch, pid_pipe[0], pid_pipe[1]}) close(fd);
}

TEST_CASE("on a single core the two sides still take turns") {
  cpu_set_t before, one;
  REQUIRE(sched_getaffinity(0, sizeof before, &before) == 0);
  CPU_ZERO(&one);
  for (int core = 0; core < CPU_SETSIZE; ++core)
    if (CPU_ISSET(core, &before)) {
      CPU_SET(core, &one);
      break;
    }
  REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
  {
    Victim victim;
    for (int i = 0; i < 500; ++i) REQUIRE(victim.hears(Sin::none));
  }
  REQUIRE(sched_setaffinity(0, sizeof before, &before) == 0);
}
