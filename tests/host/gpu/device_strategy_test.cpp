// device_strategy_test.cpp: a strategy that works on a GPU, in the host's process and in one of its
// own.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "fakes/gpu/world.h"
#include "gpu/lending/loans.h"
#include "plugin/image.h"
#include "plugin/instance.h"
#include "plugin/worker/worker.h"
#include "runtime/closed_services.h"

using namespace zomma;
using fake_gpu::World;

namespace {

namespace fs = std::filesystem;
const std::string plugin = std::string(ZOMMA_TEST_PLUGINS) + "/gpu_borrower.so";

struct Life {
  std::vector<Instrument> instruments;
  ClosedServices services{instruments, 8};
  std::unique_ptr<Instance> instance;

  Life(const zm_strategy_factory& factory, std::shared_ptr<PluginImage> image) {
    auto made = Instance::create(InstanceId{0}, "borrower", factory, std::move(image), services);
    if (!made) FAIL(made.error().message);
    instance = std::move(*made);
  }
  std::string activate() {
    const auto active = instance->activate({}, Nanoseconds{1});
    return active ? "active" : active.error().message;
  }
};

Life inline_life() {
  auto image =
      PluginImage::load({plugin, fs::temp_directory_path() / "zomma_gpu_strategy_test", ""});
  if (!image) FAIL(image.error().message);
  const zm_strategy_factory& factory = (*image)->factory();
  return Life(factory, std::move(*image));
}

WorkerOptions worker_options(const std::string& libcuda) {
  WorkerOptions options;
  options.image = plugin;
  options.program = ZOMMA_TEST_WORKER;
  options.arguments.clear();
  options.environment = {{"ZOMMA_LIBCUDA", libcuda}};
  return options;
}

Life worker_life(const WorkerOptions& options) {
  auto worker = WorkerProcess::spawn(options);
  if (!worker) FAIL(worker.error().message);
  const std::shared_ptr<WorkerProcess> kept = std::move(*worker);
  return Life(kept->factory(), std::shared_ptr<PluginImage>(kept, nullptr));
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

// A version 2 control group that this user may make others in; empty where there is none.
fs::path control_groups() {
  for (const char* root : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}) {
    const fs::path probe = fs::path(root) / "zomma-test-probe";
    std::error_code code;
    if (!fs::exists(fs::path(root) / "cgroup.procs", code)) continue;
    if (!fs::create_directory(probe, code)) continue;
    fs::remove(probe, code);
    return root;
  }
  return {};
}

}  // namespace

TEST_CASE("a strategy computes on a lent GPU, and what it kept is taken back when it ends") {
  World::instance().play(fake_gpu::with_devices(1));
  Life life = inline_life();
  life.instance->lend_gpu(std::make_shared<gpu::LenderSource>(ZOMMA_FAKE_LIBCUDA));
  CHECK(life.activate() == "active");
  REQUIRE(life.instance->gpu() != nullptr);
  CHECK(life.instance->gpu()->out().streams == 1);
  CHECK(life.instance->gpu()->out().memory_bytes == 32);
  CHECK(World::instance().state(0).used_bytes > 0);
  life.instance->end();
  CHECK(World::instance().state(0).used_bytes == 0);
  CHECK(World::instance().state(0).contexts == 0);
}

TEST_CASE("a strategy that is lent no GPU hears so, and the driver is not even opened") {
  World::instance().play(fake_gpu::with_devices(1));
  Life none = inline_life();
  CHECK(none.activate().find("no GPU is lent here") != std::string::npos);
  Life missing = inline_life();
  missing.instance->lend_gpu(std::make_shared<gpu::LenderSource>("no-such-libcuda.so.1"));
  CHECK(missing.activate().find("no GPU is lent here") != std::string::npos);
  CHECK(World::instance().calls("cuInit") == 0);
}

TEST_CASE("a strategy in a process of its own works on the GPU that its environment shows") {
  World::instance().play(fake_gpu::with_devices(1));
  Life life = worker_life(worker_options(ZOMMA_FAKE_LIBCUDA));
  CHECK(life.activate() == "active");
  CHECK(World::instance().calls("cuInit") == 0);  // the host's own process took no part
  life.instance->end();
  Life without = worker_life(worker_options("no-such-libcuda.so.1"));
  CHECK(without.activate().find("no GPU is lent here") != std::string::npos);
}

TEST_CASE("the budget that the operator gives holds in a worker process too") {
  WorkerOptions options = worker_options(ZOMMA_FAKE_LIBCUDA);
  options.loans.memory_bytes = 0;
  Life life = worker_life(options);
  const std::string refused = life.activate();
  INFO(refused);
  CHECK(refused.find("holds 0 of its budget of 0") != std::string::npos);
}

TEST_CASE("a worker is started with the variables of its GPU limits") {
  const fs::path pipes = fs::temp_directory_path() / "zomma_mps_test";
  fs::create_directories(pipes);
  WorkerOptions options = worker_options("none");
  options.gpu_limits.devices = {"GPU-a"};
  options.gpu_limits.compute = 0.25;
  options.gpu_limits.memory = {{0, std::uint64_t{1} << 30}};
  options.gpu_limits.mps_directory = pipes.string();
  fs::remove(pipes / "control");
  const auto refused = WorkerProcess::spawn(options);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("no daemon has its pipe in") != std::string::npos);
  std::ofstream(pipes / "control") << "";
  const auto worker = WorkerProcess::spawn(options);
  REQUIRE(worker);
  const std::string variables =
      text_of("/proc/" + std::to_string((*worker)->pid()) + "/environ") + '\0';
  for (const std::string& variable :
       {std::string("CUDA_VISIBLE_DEVICES=GPU-a"),
        std::string("CUDA_MPS_ACTIVE_THREAD_PERCENTAGE=25"),
        std::string("CUDA_MPS_PINNED_DEVICE_MEM_LIMIT=0=1024M"),
        "CUDA_MPS_PIPE_DIRECTORY=" + pipes.string(), std::string("ZOMMA_LIBCUDA=none")}) {
    INFO(variable);
    CHECK(variables.find(variable + '\0') != std::string::npos);
  }
  fs::remove_all(pipes);
}

TEST_CASE("a worker whose control group cannot be made does not run") {
  WorkerOptions options = worker_options("none");
  options.cgroup = "/nowhere";
  options.cgroup_limits.processes = 10;
  const auto refused = WorkerProcess::spawn(options);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::not_found);
  CHECK(refused.error().message.find("making the control group /nowhere/worker-") == 0);
}

TEST_CASE("a worker lives in a control group of its own, which goes with it") {
  const fs::path groups = control_groups();
  if (groups.empty()) {
    WARN("SKIPPED: no version 2 control group in which this user may make one");
    return;
  }
  WorkerOptions options = worker_options("none");
  options.cgroup = groups;
  fs::path own;
  {
    const auto worker = WorkerProcess::spawn(options);
    if (!worker) FAIL(worker.error().message);
    const std::string name = "worker-" + std::to_string((*worker)->pid());
    own = groups / name;
    CHECK(fs::is_directory(own));
    CHECK(text_of("/proc/" + std::to_string((*worker)->pid()) + "/cgroup").find("/" + name) !=
          std::string::npos);
  }
  CHECK_FALSE(fs::exists(own));
}
