// device_strategy_test.cpp: a strategy that works on a GPU, in the host's process and in one of its
// own.
#include <catch2/catch.hpp>

#include <filesystem>
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

Life worker_life(const std::string& libcuda) {
  WorkerOptions options;
  options.image = plugin;
  options.program = ZOMMA_TEST_WORKER;
  options.arguments.clear();
  options.environment = {{"ZOMMA_LIBCUDA", libcuda}};
  auto worker = WorkerProcess::spawn(options);
  if (!worker) FAIL(worker.error().message);
  const std::shared_ptr<WorkerProcess> kept = std::move(*worker);
  return Life(kept->factory(), std::shared_ptr<PluginImage>(kept, nullptr));
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
  Life life = worker_life(ZOMMA_FAKE_LIBCUDA);
  CHECK(life.activate() == "active");
  CHECK(World::instance().calls("cuInit") == 0);  // the host's own process took no part
  life.instance->end();
  Life without = worker_life("no-such-libcuda.so.1");
  CHECK(without.activate().find("no GPU is lent here") != std::string::npos);
}
