// device_loans_memory_test.cpp: memory that strategies borrow: one heap a device for all of them,
// budgets, stream order, and whatever call of the driver fails, nothing is lost.
#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

#include "borrower.h"
#include "observe/gpu/heap_metrics.h"

using namespace borrowing;

namespace {

constexpr std::uint64_t mib = std::uint64_t{1} << 20;

fake_gpu::Scenario small_device(std::uint64_t bytes) {
  auto scenario = fake_gpu::with_devices(1);
  scenario.devices[0].memory_bytes = bytes;
  return scenario;
}

LendingSettings on(MemoryBackend backend) {
  LendingSettings settings;
  settings.backend = backend;
  return settings;
}

zm_gpu_stream stream_of(Borrower& borrower) {
  zm_gpu_stream stream{};
  REQUIRE(api.open_stream(&borrower.host, 0, 0, &stream) == ZM_OK);
  return stream;
}

// Everything that a strategy can borrow, used as it is meant to be. True: all of it went well, and
// then the numbers are right. False: something was refused, and the strategy goes on without it.
bool whole_life(Borrower& borrower) {
  const zm_host* host = &borrower.host;
  zm_gpu_stream stream{}, other{};
  zm_gpu_event event{};
  zm_gpu_library library{};
  zm_gpu_kernel kernel{};
  zm_gpu_address kept{}, passing{}, large{};
  zm_gpu_graph graph{};
  bool all = true;
  const auto good = [&](zm_status status) { return all = all && status == ZM_OK, all; };
  std::vector<double> values{1, 2, 3, 4}, back(4);
  good(api.open_stream(host, 0, 0, &stream));
  good(api.open_stream(host, 0, -1, &other));
  good(api.open_event(host, 0, &event));
  good(api.open_library(host, 0, image, &library));
  good(api.find_kernel(host, library, "zomma_test_add", &kernel));
  good(api.allocate(host, 0, 32, &kept));
  good(api.allocate_in(host, stream, 32, &passing));
  good(api.allocate_in(host, other, 3 * mib, &large));
  if (good(api.upload(host, stream, passing, values.data(), 32))) {
    double amount = 1;
    std::uint64_t count = 4;
    void* parameters[] = {&passing, &amount, &count};
    const zm_gpu_launch how{sizeof how, {1, 1, 1}, {4, 1, 1}, 0, parameters};
    good(api.launch(host, kernel, stream, &how));
    good(api.begin_capture(host, stream));
    good(api.launch(host, kernel, stream, &how));
    good(api.end_capture(host, stream, &graph));
    good(api.launch_graph(host, graph, stream));
    good(api.record(host, event, stream));
    good(api.wait(host, other, event));
    good(api.download(host, other, back.data(), passing, 32));
  }
  // Given back in an order of work: the last use of `passing` was in the other stream.
  good(api.release_in(host, passing, other));
  good(api.release_in(host, large, other));
  good(api.allocate_in(host, stream, 2 * mib, &large));
  good(api.release(host, kept));
  good(api.synchronize(host, other));
  good(api.synchronize(host, stream));
  if (all) CHECK(back == std::vector<double>{3, 4, 5, 6});
  return all;
}

}  // namespace

TEST_CASE("instances share one heap of the device, each on its own account") {
  const auto lender = fake_lender();
  CHECK(lender->heaps().empty());
  LoanLimits limits;
  limits.memory_bytes = 4 * mib;
  Borrower wheel(lender, limits), alpha(lender);
  zm_gpu_address block{};
  REQUIRE(api.allocate(&wheel.host, 0, mib, &block) == ZM_OK);
  REQUIRE(api.allocate(&alpha.host, 0, 300, &block) == ZM_OK);
  const auto heaps = lender->heaps();
  REQUIRE(heaps.size() == 1);
  CHECK(heaps[0].backend == MemoryBackend::heap);
  CHECK(heaps[0].uuid == lender->device(0).uuid);
  CHECK(heaps[0].figures.taken_bytes == mib + 512);
  CHECK(heaps[0].figures.reserved_bytes == 2 * mib);
  CHECK(heaps[0].counts[0].helped == 2);
  REQUIRE(heaps[0].clients.size() == 2);
  CHECK(heaps[0].clients[0].budget_bytes == 4 * mib);
  CHECK(heaps[0].clients[0].used_bytes == mib);
  CHECK(heaps[0].clients[1].used_bytes == 512);
  wheel.ledger->reclaim();
  REQUIRE(lender->heaps().size() == 1);
  CHECK(lender->heaps()[0].clients.size() == 1);
  alpha.ledger->reclaim();
  CHECK(lender->heaps().empty());
  CHECK(nothing_out());
  // What the heap counted is not forgotten with it.
  REQUIRE(api.allocate(&alpha.host, 0, 300, &block) == ZM_OK);
  CHECK(lender->heaps()[0].counts[0].helped == 3);
}

TEST_CASE("what is lent is in the metrics, and reads 0 once nothing is") {
  const auto lender = fake_lender();
  Metrics metrics;
  HeapMetrics series(metrics);
  LoanLimits limits;
  limits.memory_bytes = 4 * mib;
  // Two generations of one strategy, as while one replaces the other.
  Borrower old(lender, limits, "wheel"), young(lender, limits, "wheel");
  zm_gpu_address block{};
  REQUIRE(api.allocate(&old.host, 0, mib, &block) == ZM_OK);
  REQUIRE(api.allocate(&young.host, 0, 256, &block) == ZM_OK);
  CHECK(api.allocate(&young.host, 0, 5 * mib, &block) == ZM_E_QUOTA);
  series.update(lender->heaps());
  const std::string uuid = R"(uuid="GPU-00000000-0000-0000-0000-000000000000")";
  const auto has = [&](const std::string& line) {
    const std::string text = "\n" + metrics.expose();
    INFO(text);
    CHECK(text.find("\n" + line + "\n") != std::string::npos);
  };
  has("zomma_gpu_heap_capacity_bytes{gpu=\"0\"," + uuid + "} 17179869184");
  has("zomma_gpu_heap_taken_bytes{gpu=\"0\"," + uuid + "} 1048832");
  has("zomma_gpu_heap_reserved_bytes{gpu=\"0\"," + uuid + "} 2097152");
  has("zomma_gpu_heap_rung_helps_total{gpu=\"0\",rung=\"take\"," + uuid + "} 2");
  has("zomma_gpu_plugin_memory_bytes{gpu=\"0\",plugin=\"wheel\"," + uuid + "} 1048832");
  has("zomma_gpu_plugin_memory_budget_bytes{gpu=\"0\",plugin=\"wheel\"," + uuid + "} 4194304");
  has("zomma_gpu_plugin_memory_refused{gpu=\"0\",plugin=\"wheel\"," + uuid + "} 1");
  old.ledger->reclaim();
  young.ledger->reclaim();
  series.update(lender->heaps());
  has("zomma_gpu_heap_taken_bytes{gpu=\"0\"," + uuid + "} 0");
  has("zomma_gpu_heap_rung_helps_total{gpu=\"0\",rung=\"take\"," + uuid + "} 2");
  has("zomma_gpu_plugin_memory_bytes{gpu=\"0\",plugin=\"wheel\"," + uuid + "} 0");
}

TEST_CASE("the operator's backend serves, and pools where a device maps no memory") {
  auto scenario = fake_gpu::with_devices(1);
  const bool maps = GENERATE(true, false);
  const auto asked = GENERATE(MemoryBackend::heap, MemoryBackend::pool);
  scenario.devices[0].maps_memory = maps;
  const auto lender = fake_lender(scenario, on(asked));
  Borrower borrower(lender);
  Adder adder(&borrower.host);
  CHECK(lender->heaps()[0].backend == (maps ? asked : MemoryBackend::pool));
  adder.up();
  adder.launch(1);
  adder.down();
  CHECK(api.synchronize(&borrower.host, adder.stream) == ZM_OK);
  CHECK(adder.values == std::vector<double>{2, 3, 4, 5});
}

TEST_CASE("no more of a device is lent than the operator gives") {
  LendingSettings settings;
  settings.memory_bytes = 4 * mib;
  const auto lender = fake_lender(fake_gpu::with_devices(1), settings);
  Borrower borrower(lender);
  zm_gpu_address block{};
  CHECK(api.allocate(&borrower.host, 0, 5 * mib, &block) == ZM_E_QUOTA);
  CHECK(api.allocate(&borrower.host, 0, 3 * mib, &block) == ZM_OK);
  CHECK(lender->heaps()[0].figures.capacity_bytes == 4 * mib);
}

TEST_CASE("memory given back in a stream goes to that stream's next request without a wait") {
  auto scenario = fake_gpu::with_devices(1);
  scenario.deferred = true;  // nothing is done until somebody waits
  Borrower borrower(fake_lender(scenario));
  const zm_gpu_stream stream = stream_of(borrower), other = stream_of(borrower);
  zm_gpu_address first{}, again{}, elsewhere{}, filler{};
  // With much in use a stream's own free memory is left to it.
  REQUIRE(api.allocate(&borrower.host, 0, 64 * mib, &filler) == ZM_OK);
  REQUIRE(api.allocate_in(&borrower.host, stream, 2 * mib, &first) == ZM_OK);
  double value = 7, back = 0;
  CHECK(api.upload(&borrower.host, stream, first, &value, sizeof value) == ZM_OK);
  const std::uint64_t waits = World::instance().calls("cuStreamSynchronize");
  CHECK(api.release_in(&borrower.host, first, stream) == ZM_OK);
  REQUIRE(api.allocate_in(&borrower.host, other, 2 * mib, &elsewhere) == ZM_OK);
  CHECK(elsewhere != first);  // the first stream may still be at work there
  REQUIRE(api.allocate_in(&borrower.host, stream, 2 * mib, &again) == ZM_OK);
  CHECK(again == first);
  CHECK(World::instance().calls("cuStreamSynchronize") == waits);
  CHECK(api.download(&borrower.host, stream, &back, again, sizeof back) == ZM_OK);
  CHECK(api.synchronize(&borrower.host, stream) == ZM_OK);
  CHECK(back == 7);  // its work ran in order
  CHECK(api.release_in(&borrower.host, first, stream) == ZM_OK);
  CHECK(api.release_in(&borrower.host, first, stream) == ZM_E_ARGUMENT);  // already given back
  CHECK(api.allocate_in(&borrower.host, nullptr, 1, &again) == ZM_E_ARGUMENT);
  CHECK(api.allocate_in(&borrower.host, stream, 0, &again) == ZM_E_ARGUMENT);
}

TEST_CASE("a stream that captures gives and takes no memory, and nobody waits for it") {
  Borrower borrower(fake_lender(small_device(4 * mib)));
  const zm_gpu_stream stream = stream_of(borrower), other = stream_of(borrower);
  zm_gpu_address block{}, more{};
  zm_gpu_graph graph{};
  REQUIRE(api.allocate_in(&borrower.host, stream, 3 * mib, &block) == ZM_OK);
  CHECK(api.release_in(&borrower.host, block, stream) == ZM_OK);
  REQUIRE(api.begin_capture(&borrower.host, stream) == ZM_OK);
  CHECK(api.allocate_in(&borrower.host, stream, 256, &more) == ZM_E_STATE);
  // What it freed before is there for the other, without a question to the capturing stream.
  REQUIRE(api.allocate_in(&borrower.host, other, 3 * mib, &more) == ZM_OK);
  CHECK(api.release_in(&borrower.host, more, stream) == ZM_E_STATE);
  CHECK(api.end_capture(&borrower.host, stream, &graph) == ZM_OK);
  CHECK(api.release_in(&borrower.host, more, stream) == ZM_OK);
}

TEST_CASE("a request waits as long as its instance may, and gets what another gives back") {
  const auto lender = fake_lender(small_device(4 * mib));
  LoanLimits patient;
  patient.wait = Nanoseconds{60'000'000'000};
  Borrower holder(lender), waiter(lender, patient);
  zm_gpu_address held{}, wanted{};
  REQUIRE(api.allocate(&holder.host, 0, 4 * mib, &held) == ZM_OK);
  CHECK(api.allocate(&holder.host, 0, mib, &wanted) == ZM_E_QUOTA);
  std::atomic<zm_status> answer{ZM_E_FAILED};
  std::thread waiting([&] { answer = api.allocate(&waiter.host, 0, 2 * mib, &wanted); });
  while (lender->heaps()[0].waiting == 0) std::this_thread::yield();
  CHECK(api.release(&holder.host, held) == ZM_OK);
  waiting.join();
  CHECK(answer == ZM_OK);
  CHECK(lender->heaps()[0].counts[static_cast<std::size_t>(Rung::wait)].helped == 1);
}

TEST_CASE("whichever driver call of a borrower fails, and how: no crash, and not a byte is lost") {
  const auto backend = GENERATE(MemoryBackend::heap, MemoryBackend::pool);
  const int status = GENERATE(2, 719);  // out of memory; a launch that ended the context for good
  const bool deferred = GENERATE(false, true);
  constexpr std::uint64_t most_calls = 200;
  std::uint64_t failures = 0;
  for (const char* function : {"cuDevicePrimaryCtxRetain",
                               "cuCtxGetStreamPriorityRange",
                               "cuStreamCreateWithPriority",
                               "cuStreamSynchronize",
                               "cuStreamQuery",
                               "cuStreamWaitEvent",
                               "cuStreamBeginCapture_v2",
                               "cuStreamEndCapture",
                               "cuGraphInstantiateWithFlags",
                               "cuGraphLaunch",
                               "cuEventCreate",
                               "cuEventRecord",
                               "cuLibraryLoadData",
                               "cuLibraryGetKernel",
                               "cuLaunchKernel",
                               "cuMemAddressReserve",
                               "cuMemCreate",
                               "cuMemMap",
                               "cuMemSetAccess",
                               "cuMemGetAllocationGranularity",
                               "cuDeviceGetAttribute",
                               "cuMemPoolCreate",
                               "cuMemAllocFromPoolAsync",
                               "cuMemcpyHtoDAsync_v2",
                               "cuMemcpyDtoHAsync_v2",
                               "cuCtxSynchronize"}) {
    for (std::uint64_t call = 1;; ++call) {
      INFO(function << " fails at call " << call << " with " << status);
      REQUIRE(call < most_calls);
      auto scenario = small_device(16 * mib);
      scenario.deferred = deferred;
      scenario.failures = {{function, call, status, false}};
      bool reached = false;
      {
        World::instance().play(scenario);
        auto lender = Lender::open(ZOMMA_FAKE_LIBCUDA, on(backend));
        if (lender) {
          Borrower borrower(std::move(*lender));
          const bool all = whole_life(borrower);
          reached = World::instance().calls(function) >= call;
          CHECK((all || reached));  // nothing is refused without a reason
          borrower.ledger->reclaim();
          failures += !all;
        } else {
          reached = true;
        }
      }
      // A context that has failed for good refuses to free: the driver does, at the process's end.
      if (status == 2) CHECK(nothing_out());
      if (!reached) break;
    }
  }
  CHECK(failures >= 20);
}
