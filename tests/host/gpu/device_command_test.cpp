// device_command_test.cpp: what `zomma gpu` prints and answers.
#include <catch2/catch.hpp>

#include <boost/json.hpp>
#include <sstream>

#include "cli/gpu_command.h"
#include "fakes/gpu/world.h"

using namespace zomma;
using fake_gpu::World;

namespace {

struct Answer {
  int status;
  std::string text;
};

Answer zomma_gpu(cli::GpuCommand command) {
  std::ostringstream out;
  const int status = cli::gpu_command(command, out);
  return {status, out.str()};
}

cli::GpuCommand with_fakes() {
  return {false, 0, {ZOMMA_FAKE_LIBCUDA, ZOMMA_FAKE_LIBNVML, "/nowhere"}, {}};
}
cli::GpuCommand without_driver() {
  return {false, 0, {"no-libcuda.so.1", "no-nvml.so.1", "/nowhere"}, {}};
}

}  // namespace

TEST_CASE("zomma gpu shows each device with its health") {
  auto scenario = fake_gpu::with_devices(2);
  scenario.devices[1].temperature_celsius = {90};
  scenario.links = {{0, 1, 18, 20}};
  World::instance().play(scenario);
  const Answer answer = zomma_gpu(with_fakes());
  CHECK(answer.status == 0);
  CHECK(answer.text ==
        "NVIDIA driver 580.65.06, CUDA 13.0\n"
        "NVIDIA 0  Fake GPU 0  0000:01:00.0  16.0 GiB  compute 9.0, 132 multiprocessors  numa node "
        "0\n"
        "  well  40 C  120 W of 700 W  0.0 GiB in use  0 % busy\n"
        "NVIDIA 1  Fake GPU 1  0000:02:00.0  16.0 GiB  compute 9.0, 132 multiprocessors  numa node "
        "0\n"
        "  degraded  90 C  120 W of 700 W  0.0 GiB in use  0 % busy\n"
        "    90 C, slows down at 87 C\n"
        "0 - 1: nvlink x18\n");
}

TEST_CASE("zomma gpu says plainly that there is no driver, which is no failure") {
  const Answer answer = zomma_gpu(without_driver());
  CHECK(answer.status == 0);
  CHECK(answer.text.find(
            "no GPU: everything runs on the CPU\nnote: no GPU driver: no-libcuda.so.1") == 0);
}

TEST_CASE("zomma gpu fails where more devices are required than are fit for work") {
  auto scenario = fake_gpu::with_devices(2);
  World::instance().play(scenario);
  auto command = with_fakes();
  command.require = 2;
  CHECK(zomma_gpu(command).status == 0);
  command.require = 3;
  CHECK(zomma_gpu(command).status == 1);
  command = without_driver();
  command.require = 1;
  CHECK(zomma_gpu(command).status == 1);
}

TEST_CASE("zomma gpu fails on an unhealthy device") {
  auto scenario = fake_gpu::with_devices(2);
  scenario.devices[0].uncorrected_errors = {2};
  World::instance().play(scenario);
  const Answer answer = zomma_gpu(with_fakes());
  CHECK(answer.status == 1);
  CHECK(answer.text.find("  unhealthy  40 C") != std::string::npos);
}

TEST_CASE("zomma gpu shows what a running host lends, by strategy") {
  auto command = without_driver();
  command.lent = boost::json::parse(R"([{"gpu":0,"uuid":"GPU-a","backend":"heap",
    "capacity_bytes":17179869184,"taken_bytes":3145728,"reserved_bytes":4194304,"idle_bytes":0,
    "largest_free_bytes":1048576,"fragmentation":0.25,"pinned_bytes":0,"waiting":0,
    "clients":[{"name":"wheel","budget_bytes":8388608,"used_bytes":3145728,"peak_bytes":4194304,
                "blocks":2,"refused":1}],
    "rungs":{"take":{"tried":7,"helped":6},"reclaim":{"tried":1,"helped":0},
             "trim":{"tried":0,"helped":0}}}])");
  const std::string text = zomma_gpu(command).text;
  CHECK(text.substr(text.find("memory lent")) ==
        "memory lent of GPU 0 (heap)  3.0 MiB of 16.0 GiB lent, 4.0 MiB held, largest free 1.0 "
        "MiB, fragmentation 25.0 %\n"
        "  wheel  3.0 MiB of its 8.0 MiB, at most 4.0 MiB, 2 blocks, 1 refused\n"
        "  helped of tried:  take 6/7  reclaim 0/1\n");
  command.lent = boost::json::array();
  CHECK(zomma_gpu(command).text.find("lends no GPU memory now") != std::string::npos);
  command.lent = boost::json::parse(R"([{"gpu":"first"}])");
  CHECK(zomma_gpu(command).text.find("of another version") != std::string::npos);
}

TEST_CASE("zomma gpu --json has the inventory and the health, or null without NVML") {
  World::instance().play(fake_gpu::with_devices(1));
  auto command = with_fakes();
  command.json = true;
  auto root = boost::json::parse(zomma_gpu(command).text).as_object();
  CHECK(root.at("inventory").as_object().at("devices").as_array().size() == 1);
  CHECK(root.at("health").as_object().at("devices").as_array().size() == 1);
  command = without_driver();
  command.json = true;
  root = boost::json::parse(zomma_gpu(command).text).as_object();
  CHECK(root.at("health").is_null());
}
