// memory_dlpack_test.cpp: tensors out and in, what is refused, and NumPy where it is installed.
#include <catch2/catch.hpp>

#include <sys/wait.h>
#include <cstdlib>
#include <limits>
#include <string>

#include "gpu/memory/arena.h"
#include "gpu/memory/device_heap.h"
#include "gpu/memory/dlpack.h"
#include "gpu/memory/host_memory.h"

using namespace zomma;
using namespace zomma::gpu;

namespace {

double values[12] = {};

TensorView matrix() {
  TensorView view;
  view.data = values;
  view.shape = {3, 4};
  return view;
}

}  // namespace

TEST_CASE("a tensor that went out and came back is the same memory, freed once at the end") {
  int released = 0;
  {
    auto exported = export_tensor(matrix(), [&] { ++released; });
    REQUIRE(exported);
    CHECK((*exported)->version.major == 1);
    CHECK((*exported)->tensor.strides[0] == 4);
    const auto imported = ImportedTensor::from(*exported);
    REQUIRE(imported);
    CHECK(imported->view().data == values);
    CHECK(imported->view().elements() == 12);
    CHECK(imported->view().element_bytes() == 8);
    CHECK(imported->compact());
    const ImportedTensor copy = *imported;
    CHECK(released == 0);
  }
  CHECK(released == 1);
}

TEST_CASE(
    "device memory goes out with its device, and its block is freed when the receiver lets go") {
  HostMemory memory = HostMemory::create(4 << 20, 1).value();
  Arena arena = Arena::create(memory, {4 << 20, 4}).value();
  DeviceHeap heap(arena);
  const ClientId client = heap.open_client({"wheel", 1 << 20, 0});
  const Allocation block = heap.allocate(client, {1024, no_stream, {}, 256}).value();
  TensorView view;
  view.data = reinterpret_cast<void*>(block.address);
  view.device = {dlpack::device_cuda, block.device};
  view.type = {dlpack::code_float, 32, 1};
  view.shape = {256};
  auto exported = export_legacy_tensor(view, [&] { (void)heap.free(block); });
  REQUIRE(exported);
  CHECK((*exported)->tensor.device.type == 2);
  CHECK((*exported)->tensor.device.id == 1);
  CHECK(heap.figures().taken_bytes == 1024);
  (*exported)->deleter(*exported);
  CHECK(heap.figures().taken_bytes == 0);
}

TEST_CASE("a view of every other column is not compact") {
  TensorView view = matrix();
  view.shape = {3, 2};
  view.strides = {4, 2};
  CHECK_FALSE(ImportedTensor::from(*export_tensor(view, {}))->compact());
  view.shape = {3, 0};
  CHECK(ImportedTensor::from(*export_tensor(view, {}))->compact());
}

TEST_CASE("read-only is kept by the versioned form and refused by the legacy one") {
  TensorView view = matrix();
  view.read_only = true;
  CHECK(ImportedTensor::from(*export_tensor(view, {}))->view().read_only);
  int released = 0;
  CHECK(export_legacy_tensor(view, [&] { ++released; }).error().code == Errc::unsupported);
  CHECK(released == 1);
}

TEST_CASE("a tensor that cannot be is given back to its library and named") {
  int released = 0;
  const auto refused = [&](auto&& spoil) {
    auto exported = export_tensor(matrix(), [&] { ++released; });
    spoil(**exported);
    const auto imported = ImportedTensor::from(*exported);
    REQUIRE_FALSE(imported);
    return imported.error().code;
  };
  using Managed = dlpack::ManagedTensorVersioned;
  CHECK(refused([](Managed& m) { m.version.major = 2; }) == Errc::incompatible);
  CHECK(refused([](Managed& m) { m.tensor.dimensions = -1; }) == Errc::invalid_argument);
  CHECK(refused([](Managed& m) { m.tensor.dimensions = 1000; }) == Errc::invalid_argument);
  CHECK(refused([](Managed& m) { m.tensor.shape = nullptr; }) == Errc::invalid_argument);
  CHECK(refused([](Managed& m) { m.tensor.shape[0] = -3; }) == Errc::invalid_argument);
  CHECK(refused([](Managed& m) { m.tensor.shape[0] = std::numeric_limits<std::int64_t>::max(); }) ==
        Errc::invalid_argument);
  CHECK(refused([](Managed& m) { m.tensor.data = nullptr; }) == Errc::invalid_argument);
  CHECK(refused([](Managed& m) { m.tensor.type.bits = 0; }) == Errc::invalid_argument);
  CHECK(refused([](Managed& m) { m.tensor.device.type = 77; }) == Errc::invalid_argument);
  CHECK(released == 9);
  CHECK_FALSE(ImportedTensor::from(static_cast<dlpack::ManagedTensor*>(nullptr)));
}

TEST_CASE("NumPy and PyTorch read our tensors and we read theirs, in place") {
  const std::string library = GENERATE("numpy", "torch");
  const std::string script = ZOMMA_SOURCE_DIR "/tests/host/gpu/memory/dlpack_python.py";
  const std::string command = "/usr/bin/python3 " + script + " " ZOMMA_DLPACK_PROBE " " + library;
  const int status = std::system(command.c_str());
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (code == 77 || code == 127) {
    WARN("SKIPPED: /usr/bin/python3 has no " + library + " with from_dlpack");
    return;
  }
  CHECK(code == 0);
}
