// device_loans_test.cpp: what a strategy borrows of a GPU through ext/draft/gpu.h: it works, it has
// limits, it is no use to another, and it all comes back when the instance goes.
#include <catch2/catch.hpp>

#include "borrower.h"

using namespace borrowing;

TEST_CASE("where no GPU is lent a strategy finds no devices and every call says unsupported") {
  Borrower none(nullptr);
  zm_gpu_stream stream{};
  CHECK(api.device_count(&none.host) == 0);
  CHECK(api.open_stream(&none.host, 0, 0, &stream) == ZM_E_UNSUPPORTED);
}

TEST_CASE("a strategy sees what devices there are") {
  Borrower borrower(fake_lender(fake_gpu::with_devices(2)));
  CHECK(api.device_count(&borrower.host) == 2);
  zm_gpu_device device{};
  CHECK(api.device(&borrower.host, 1, &device) == ZM_E_ARGUMENT);  // size not set
  device.size = sizeof device;
  REQUIRE(api.device(&borrower.host, 1, &device) == ZM_OK);
  CHECK(std::string(device.name) == "Fake GPU 1");
  CHECK(device.capability_major == 9);
  CHECK(device.memory_bytes == std::uint64_t{16} << 30);
  CHECK(api.device(&borrower.host, 2, &device) == ZM_E_ARGUMENT);
}

TEST_CASE("upload, launch by name and download run in stream order") {
  auto scenario = fake_gpu::with_devices(1);
  scenario.deferred = GENERATE(false, true);
  Borrower borrower(fake_lender(scenario));
  Adder adder(&borrower.host);
  CHECK(adder.up() == ZM_OK);
  CHECK(adder.launch(10) == ZM_OK);
  CHECK(adder.launch(0.5) == ZM_OK);
  CHECK(adder.down() == ZM_OK);
  CHECK(api.synchronize(&borrower.host, adder.stream) == ZM_OK);
  CHECK(adder.values == std::vector<double>{11.5, 12.5, 13.5, 14.5});
}

TEST_CASE("what was captured runs each time its graph is launched, not before") {
  Borrower borrower(fake_lender());
  Adder adder(&borrower.host);
  zm_gpu_graph graph{};
  CHECK(api.end_capture(&borrower.host, adder.stream, &graph) == ZM_E_STATE);
  REQUIRE(api.begin_capture(&borrower.host, adder.stream) == ZM_OK);
  CHECK(api.begin_capture(&borrower.host, adder.stream) == ZM_E_STATE);
  CHECK(api.synchronize(&borrower.host, adder.stream) == ZM_E_STATE);
  CHECK(adder.launch(1) == ZM_OK);
  CHECK(adder.launch(2) == ZM_OK);
  REQUIRE(api.end_capture(&borrower.host, adder.stream, &graph) == ZM_OK);
  adder.up();
  adder.down();
  api.synchronize(&borrower.host, adder.stream);
  CHECK(adder.values[0] == 1);
  for (int i = 0; i < 3; ++i) CHECK(api.launch_graph(&borrower.host, graph, adder.stream) == ZM_OK);
  adder.down();
  CHECK(api.synchronize(&borrower.host, adder.stream) == ZM_OK);
  CHECK(adder.values[0] == 10);
}

TEST_CASE("a stream that waits for another's event sees its work") {
  auto scenario = fake_gpu::with_devices(1);
  scenario.deferred = true;
  Borrower borrower(fake_lender(scenario));
  Adder adder(&borrower.host);
  zm_gpu_stream other{};
  zm_gpu_event event{};
  REQUIRE(api.open_stream(&borrower.host, 0, -1, &other) == ZM_OK);
  REQUIRE(api.open_event(&borrower.host, 0, &event) == ZM_OK);
  adder.up();
  adder.launch(1);
  CHECK(api.record(&borrower.host, event, adder.stream) == ZM_OK);
  CHECK(api.wait(&borrower.host, other, event) == ZM_OK);
  std::vector<double> back(4);
  CHECK(api.download(&borrower.host, other, back.data(), adder.memory, 32) == ZM_OK);
  CHECK(api.synchronize(&borrower.host, other) == ZM_OK);
  CHECK(back[0] == 2);
}

TEST_CASE("an instance that goes with everything out leaves nothing on the device") {
  auto scenario = fake_gpu::with_devices(1);
  scenario.deferred = true;  // work is still queued when it goes
  const auto lender = fake_lender(scenario);
  {
    Borrower borrower(lender);
    Adder adder(&borrower.host);
    zm_gpu_event event{};
    zm_gpu_graph graph{};
    zm_gpu_stream capturing{};
    api.open_event(&borrower.host, 0, &event);
    api.begin_capture(&borrower.host, adder.stream);
    adder.launch(1);
    api.end_capture(&borrower.host, adder.stream, &graph);
    api.open_stream(&borrower.host, 0, 0, &capturing);
    api.begin_capture(&borrower.host, capturing);
    adder.up();
    const Loans out = borrower.ledger->out();
    CHECK(out.streams == 2);
    CHECK(out.graphs == 1);
    CHECK(out.memory_bytes == 32);
    const Loans taken = borrower.ledger->reclaim();
    CHECK(taken.streams == 2);
    CHECK(borrower.ledger->out().streams == 0);
    CHECK(nothing_out());
    CHECK(adder.launch(1) == ZM_E_ARGUMENT);  // handles of before are worth nothing
  }
  CHECK(nothing_out());
}

TEST_CASE("one instance cannot use or return what was lent to another") {
  const auto lender = fake_lender();
  Borrower first(lender), second(lender);
  Adder adder(&first.host);
  CHECK(api.synchronize(&second.host, adder.stream) == ZM_E_ARGUMENT);
  CHECK(api.close_stream(&second.host, adder.stream) == ZM_E_ARGUMENT);
  CHECK(api.release(&second.host, adder.memory) == ZM_E_ARGUMENT);
  zm_gpu_stream own{};
  REQUIRE(api.open_stream(&second.host, 0, 0, &own) == ZM_OK);
  double value = 0;
  CHECK(api.download(&second.host, own, &value, adder.memory, 8) == ZM_E_ARGUMENT);
}

TEST_CASE("copies outside of what was lent are refused") {
  Borrower borrower(fake_lender());
  Adder adder(&borrower.host);
  double value = 0;
  const auto upload = [&](std::uint64_t offset, std::uint64_t bytes) {
    return api.upload(&borrower.host, adder.stream, adder.memory + offset, &value, bytes);
  };
  CHECK(upload(24, 8) == ZM_OK);
  CHECK(upload(25, 8) == ZM_E_ARGUMENT);
  CHECK(upload(0, UINT64_MAX) == ZM_E_ARGUMENT);
  CHECK(upload(32, 8) == ZM_E_ARGUMENT);
}

TEST_CASE("each kind of loan has its limit, and room comes back with a return") {
  LoanLimits limits;
  limits.streams = 1;
  limits.events = 2;
  limits.memory_bytes = 1024;
  Borrower borrower(fake_lender(), limits);
  zm_gpu_stream stream{}, more{};
  zm_gpu_event event{};
  zm_gpu_address memory{}, rest{};
  CHECK(api.open_stream(&borrower.host, 0, 0, &stream) == ZM_OK);
  CHECK(api.open_stream(&borrower.host, 0, 0, &more) == ZM_E_QUOTA);
  CHECK(api.close_stream(&borrower.host, stream) == ZM_OK);
  CHECK(api.open_stream(&borrower.host, 0, 0, &more) == ZM_OK);
  CHECK(api.open_event(&borrower.host, 0, &event) == ZM_OK);
  CHECK(api.open_event(&borrower.host, 0, &event) == ZM_OK);
  CHECK(api.open_event(&borrower.host, 0, &event) == ZM_E_QUOTA);
  CHECK(borrower.error.find("its 2 events are all out") != std::string::npos);
  CHECK(api.allocate(&borrower.host, 0, 600, &memory) == ZM_OK);  // three granules of the four
  CHECK(api.allocate(&borrower.host, 0, 257, &rest) == ZM_E_QUOTA);
  CHECK(borrower.error.find("holds 768 of its budget of 1024") != std::string::npos);
  CHECK(api.allocate(&borrower.host, 0, UINT64_MAX, &rest) == ZM_E_QUOTA);
  CHECK(api.release(&borrower.host, memory) == ZM_OK);
  CHECK(api.allocate(&borrower.host, 0, 1024, &rest) == ZM_OK);
}

TEST_CASE("an unhealthy device gets no new work until it is well again; its sibling goes on") {
  const auto lender = fake_lender(fake_gpu::with_devices(2));
  Borrower borrower(lender);
  Adder adder(&borrower.host);
  HealthSnapshot snapshot;
  snapshot.devices.resize(1);
  snapshot.devices[0].uuid = lender->device(0).uuid;
  snapshot.devices[0].verdict = Verdict::unhealthy;
  lender->follow(snapshot);
  zm_gpu_stream stream{};
  CHECK(adder.launch(1) == ZM_E_BUSY);
  CHECK(api.open_stream(&borrower.host, 0, 0, &stream) == ZM_E_BUSY);
  CHECK(api.open_stream(&borrower.host, 1, 0, &stream) == ZM_OK);
  CHECK(api.synchronize(&borrower.host, adder.stream) == ZM_OK);
  snapshot.devices[0].verdict = Verdict::well;
  lender->follow(snapshot);
  CHECK(adder.launch(1) == ZM_OK);
}

TEST_CASE(
    "a kernel's fault is told as a failure with the driver's word, and the ledger still empties") {
  Borrower borrower(fake_lender());
  Adder adder(&borrower.host);
  adder.memory = 0x1000;  // not the device's
  CHECK(adder.launch(1) == ZM_OK);
  CHECK(api.synchronize(&borrower.host, adder.stream) == ZM_E_FAILED);
  CHECK(borrower.error.find("CUDA_ERROR_ILLEGAL_ADDRESS") != std::string::npos);
  borrower.ledger->reclaim();
  CHECK(nothing_out());
}
