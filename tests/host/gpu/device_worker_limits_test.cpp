// device_worker_limits_test.cpp: limits of a worker as MPS's variables and as files of a control
// group.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <string>

#include "gpu/worker_limits.h"

using namespace zomma;
using namespace zomma::gpu;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path = fs::temp_directory_path() / "zomma_worker_limits_test";
  Folder() {
    fs::remove_all(path);
    fs::create_directories(path);
  }
  ~Folder() { fs::remove_all(path); }
};

}  // namespace

TEST_CASE("GPU limits become the variables of CUDA and MPS") {
  WorkerGpuLimits limits;
  limits.devices = {"GPU-a", "GPU-b"};
  limits.compute = 0.25;
  limits.memory = {{0, std::uint64_t{1} << 30}, {1, (std::uint64_t{512} << 20) + 5}};
  limits.mps_directory = "/run/mps";
  const auto environment = environment_of(limits);
  REQUIRE(environment);
  CHECK(*environment == Environment{{"CUDA_VISIBLE_DEVICES", "GPU-a,GPU-b"},
                                    {"CUDA_MPS_PIPE_DIRECTORY", "/run/mps"},
                                    {"CUDA_MPS_ACTIVE_THREAD_PERCENTAGE", "25"},
                                    {"CUDA_MPS_PINNED_DEVICE_MEM_LIMIT", "0=1024M,1=512M"}});
  CHECK(environment_of({})->empty());
}

TEST_CASE("a GPU limit out of range is refused by name") {
  WorkerGpuLimits limits;
  for (const double share : {0.0, -1.0, 1.01, std::numeric_limits<double>::quiet_NaN()}) {
    limits.compute = share;
    const auto refused = environment_of(limits);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find("compute share") != std::string::npos);
  }
  limits.compute = 1;
  limits.memory = {{0, 1000}};
  CHECK_FALSE(environment_of(limits));
  limits.memory = {{1, 1 << 30}};
  CHECK(environment_of(limits));
  limits.devices = {"GPU-a"};
  CHECK_FALSE(environment_of(limits));
}

TEST_CASE("limits that need MPS are refused where its daemon does not run") {
  const Folder folder;
  WorkerGpuLimits limits;
  limits.mps_directory = folder.path.string();
  CHECK(check_mps(limits));  // nothing to limit
  limits.compute = 0.5;
  const auto refused = check_mps(limits);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::not_found);
  CHECK(refused.error().message.find("nvidia-cuda-mps-control -d") != std::string::npos);
  std::ofstream(folder.path / "control") << "";
  CHECK(check_mps(limits));
}

TEST_CASE("a control group whose controllers are off is refused with the file and the reason") {
  const Folder folder;  // a plain folder: the kernel makes no files in it
  CgroupLimits limits;
  limits.memory_bytes = 1 << 30;
  const auto refused = WorkerCgroup::create(folder.path, "alpha", limits);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::not_found);
  CHECK(refused.error().message.find("memory.max") != std::string::npos);
  CHECK(refused.error().message.find("cgroup.subtree_control") != std::string::npos);
  CHECK_FALSE(fs::exists(folder.path / "alpha"));
}

TEST_CASE("a control group without limits is made, takes processes, and goes") {
  const Folder folder;
  const fs::path path = folder.path / "alpha";
  {
    auto group = WorkerCgroup::create(folder.path, "alpha", {});
    REQUIRE(group);
    CHECK(fs::is_directory(path));
    CHECK_FALSE(WorkerCgroup::create(folder.path / "none", "alpha", {}));
    std::ofstream(path / "cgroup.procs") << "";
    std::ofstream(path / "memory.events") << "low 0\noom 3\noom_kill 2\n";
    CHECK(group->add(1234));
    std::string written;
    std::ifstream(path / "cgroup.procs") >> written;
    CHECK(written == "1234");
    CHECK(group->out_of_memory_kills() == 2);
    fs::remove(path / "cgroup.procs");
    fs::remove(path / "memory.events");
  }
  CHECK_FALSE(fs::exists(path));
}

TEST_CASE("limits and names of control groups that cannot be are refused") {
  const Folder folder;
  CHECK_FALSE(WorkerCgroup::create(folder.path, "../alpha", {}));
  CHECK_FALSE(WorkerCgroup::create(folder.path, "", {}));
  CgroupLimits limits;
  limits.processors = 0;
  CHECK_FALSE(WorkerCgroup::create(folder.path, "alpha", limits));
  limits = {};
  limits.memory_bytes = 10;
  CHECK_FALSE(WorkerCgroup::create(folder.path, "alpha", limits));
  CHECK(fs::is_empty(folder.path));
}
