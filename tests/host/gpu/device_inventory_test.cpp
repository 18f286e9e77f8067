// device_inventory_test.cpp: which devices are found, with and without drivers, and how they are
// joined.
#include <catch2/catch.hpp>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>

#include "fakes/gpu/world.h"
#include "gpu/inventory.h"

using namespace zomma;
using namespace zomma::gpu;
using fake_gpu::World;

namespace {

namespace fs = std::filesystem;

// A /sys of our own, gone at the end of the test.
struct FakeSysfs {
  fs::path root = fs::temp_directory_path() / "zomma_inventory_test_sysfs";
  FakeSysfs() {
    fs::remove_all(root);
    fs::create_directories(root / "bus/pci/devices");
  }
  ~FakeSysfs() { fs::remove_all(root); }

  void write(const std::string& device, const std::string& file, const std::string& text) const {
    const fs::path path = root / "bus/pci/devices" / device / file;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text << '\n';
  }
  void bind(const std::string& device, const std::string& driver) const {
    fs::create_symlink("../../../bus/pci/drivers/" + driver,
                       root / "bus/pci/devices" / device / "driver");
  }
};

DiscoveryPlaces with_fakes(const FakeSysfs& sysfs) {
  return {ZOMMA_FAKE_LIBCUDA, ZOMMA_FAKE_LIBNVML, sysfs.root.string()};
}
DiscoveryPlaces without_nvidia(const FakeSysfs& sysfs) {
  return {"no-libcuda.so.1", "no-libnvml.so.1", sysfs.root.string(), "no-rsmi.so", "no-ze.so"};
}

}  // namespace

TEST_CASE("NVIDIA devices are described with memory, compute and place") {
  const FakeSysfs sysfs;
  auto scenario = fake_gpu::with_devices(2);
  scenario.devices[1].name = "NVIDIA H200";
  scenario.devices[1].memory_bytes = std::uint64_t{141} << 30;
  scenario.devices[1].pci_bus = 0x3b;
  scenario.devices[1].numa_node = 1;
  World::instance().play(scenario);
  const Inventory found = discover(with_fakes(sysfs));
  CHECK(found.cuda_version == 13000);
  CHECK(found.driver_release == "580.65.06");
  CHECK(found.notes.empty());
  REQUIRE(found.devices.size() == 2);
  const Device& device = found.devices[1];
  CHECK(device.name == "NVIDIA H200");
  CHECK(device.uuid == "GPU-00000000-0000-0000-0000-000000000001");
  CHECK(device.pci == "0000:3b:00.0");
  CHECK(device.memory_bytes == std::uint64_t{141} << 30);
  CHECK(device.capability_major == 9);
  CHECK(device.multiprocessors == 132);
  CHECK(device.clock_hertz == 1.98e9);
  CHECK(device.memory_bytes_per_second == Approx(2 * 2.619e9 * 6144 / 8));
  CHECK(device.numa_node == 1);
  CHECK(device.virtual_memory);
}

TEST_CASE("devices joined by NVLink are told from those that meet at the host") {
  const FakeSysfs sysfs;
  auto scenario = fake_gpu::with_devices(3);
  scenario.links = {{0, 1, 18, 20}, {1, 2, 0, 30}};
  World::instance().play(scenario);
  const Inventory found = discover(with_fakes(sysfs));
  REQUIRE(found.links.size() == 3);
  CHECK(found.links[0].path == "nvlink");
  CHECK(found.links[0].nvlinks == 18);
  CHECK(found.links[0].peer_access);
  CHECK(found.links[1].path == "system");  // 0 and 2
  CHECK_FALSE(found.links[1].peer_access);
  CHECK(found.links[2].path == "host bridge");
  CHECK(found.links[2].peer_access);
}

TEST_CASE("without any driver there are no devices, and the notes say why") {
  const FakeSysfs sysfs;
  const Inventory found = discover(without_nvidia(sysfs));
  CHECK(found.devices.empty());
  CHECK_FALSE(found.cuda_version);
  REQUIRE(found.notes.size() == 1);
  CHECK(found.notes[0].find("no GPU driver: no-libcuda.so.1") == 0);
}

TEST_CASE("an NVIDIA device on the bus that no driver serves is pointed out") {
  const FakeSysfs sysfs;
  sysfs.write("0000:3b:00.0", "vendor", "0x10de");
  sysfs.write("0000:3b:00.0", "class", "0x030200");
  const Inventory found = discover(without_nvidia(sysfs));
  CHECK(found.devices.empty());
  REQUIRE(found.notes.size() == 2);
  CHECK(found.notes[1].find("an NVIDIA device is at 0000:3b:00.0") == 0);
}

TEST_CASE("an AMD device is found with its memory and sensors") {
  const FakeSysfs sysfs;
  const std::string at = "0000:c1:00.0";
  sysfs.write(at, "vendor", "0x1002");
  sysfs.write(at, "class", "0x120000");
  sysfs.write(at, "device", "0x74a1");
  sysfs.write(at, "product_name", "AMD Instinct MI300X");
  sysfs.write(at, "unique_id", "1a2b3c4d5e6f7081");
  sysfs.write(at, "numa_node", "1");
  sysfs.write(at, "mem_info_vram_total", "206141652992");
  sysfs.write(at, "mem_info_vram_used", "1048576");
  sysfs.write(at, "hwmon/hwmon5/temp1_input", "41000");
  sysfs.write(at, "hwmon/hwmon5/power1_average", "152000000");
  sysfs.bind(at, "amdgpu");
  const Inventory found = discover(without_nvidia(sysfs));
  REQUIRE(found.devices.size() == 1);
  const Device& device = found.devices[0];
  CHECK(device.vendor == Vendor::amd);
  CHECK(device.name == "AMD Instinct MI300X");
  CHECK(device.kernel_driver == "amdgpu");
  CHECK(device.pci == at);
  CHECK(device.numa_node == 1);
  CHECK(device.memory_bytes == 206141652992);
  CHECK(device.memory_used_bytes == 1048576);
  CHECK(device.temperature_celsius == 41.0);
  CHECK(device.power_watts == 152.0);
}

TEST_CASE("Intel devices count by themselves, and one without a kernel driver is pointed out") {
  const FakeSysfs sysfs;
  for (const char* at : {"0000:03:00.0", "0000:04:00.0"}) {
    sysfs.write(at, "vendor", "0x8086");
    sysfs.write(at, "class", "0x038000");
    sysfs.write(at, "device", "0x0bd5");
  }
  sysfs.write("0000:03:00.0", "drm/card1/lmem_total_bytes", "51539607552");
  sysfs.bind("0000:03:00.0", "xe");
  // A network card of the same vendor is no GPU.
  sysfs.write("0000:05:00.0", "vendor", "0x8086");
  sysfs.write("0000:05:00.0", "class", "0x020000");
  const Inventory found = discover(without_nvidia(sysfs));
  REQUIRE(found.devices.size() == 2);
  CHECK(found.devices[0].memory_bytes == 51539607552);
  CHECK(found.devices[1].index == 1);
  CHECK(found.devices[1].name == "Intel 0x0bd5");
  CHECK(found.notes.back() == "no kernel driver serves the Intel device at 0000:04:00.0");
}

TEST_CASE("ROCm-SMI and Level Zero tell name and memory of the devices that sysfs shows") {
  const FakeSysfs sysfs;
  for (const char* at : {"0000:c1:00.0", "0000:c2:00.0"}) {
    sysfs.write(at, "vendor", "0x1002");
    sysfs.write(at, "class", "0x120000");
    sysfs.write(at, "device", "0x74a1");
  }
  sysfs.write("0000:03:00.0", "vendor", "0x8086");
  sysfs.write("0000:03:00.0", "class", "0x038000");
  auto places = without_nvidia(sysfs);
  places.rocm_smi = places.level_zero = ZOMMA_FAKE_VENDORS;
  const Inventory found = discover(places);
  REQUIRE(found.devices.size() == 3);
  CHECK(found.devices[0].name == "Fake Data Center GPU");
  CHECK(found.devices[0].clock_hertz == 1.6e9);
  CHECK(found.devices[0].memory_bytes == std::uint64_t{48} << 30);
  CHECK(found.devices[1].name == "Fake Instinct");
  CHECK(found.devices[1].memory_bytes == std::uint64_t{192} << 30);
  CHECK(found.devices[1].memory_used_bytes == std::uint64_t{3} << 30);
  CHECK(found.devices[2].name == "AMD 0x74a1");  // the library does not know this one
}

TEST_CASE("a damaged file of sysfs leaves its field empty") {
  const FakeSysfs sysfs;
  const std::string at = "0000:c1:00.0";
  sysfs.write(at, "vendor", "0x1002");
  sysfs.write(at, "class", "0x030000");
  sysfs.write(at, "mem_info_vram_total", "12x");
  sysfs.write(at, "numa_node", "");
  sysfs.write("0000:c2:00.0", "vendor", "banana");
  sysfs.write("0000:c2:00.0", "class", "0x030000");
  const Inventory found = discover(without_nvidia(sysfs));
  REQUIRE(found.devices.size() == 1);
  CHECK(found.devices[0].memory_bytes == 0);
  CHECK(found.devices[0].numa_node == -1);
}

TEST_CASE("a driver whose NVML is missing still shows its devices, with a note") {
  const FakeSysfs sysfs;
  World::instance().play(fake_gpu::with_devices(1));
  const Inventory found = discover({ZOMMA_FAKE_LIBCUDA, "no-libnvml.so.1", sysfs.root.string()});
  CHECK(found.devices.size() == 1);
  REQUIRE(found.notes.size() == 1);
  CHECK(found.notes[0].find("no NVML: no-libnvml.so.1") == 0);
}

TEST_CASE("the inventory as JSON says what was found and what is missing") {
  const FakeSysfs sysfs;
  World::instance().play(fake_gpu::with_devices(2));
  const auto root = boost::json::parse(inventory_json(discover(with_fakes(sysfs)))).as_object();
  CHECK(root.at("driver").as_object().at("cuda") == "13.0");
  CHECK(root.at("devices").as_array()[0].as_object().at("compute_capability") == "9.0");
  CHECK(root.at("links").as_array().size() == 1);
  CHECK(root.at("notes").as_array().empty());
}
