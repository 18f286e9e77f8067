// memory_threads_test.cpp: many threads at one heap. Also meant to be built with -fsanitize=thread.
#include <catch2/catch.hpp>

#include <atomic>
#include <thread>
#include <vector>

#include "base/random.h"
#include "gpu/memory/arena.h"
#include "gpu/memory/device_heap.h"
#include "gpu/memory/host_memory.h"

using namespace zomma;
using namespace zomma::gpu;

namespace {
constexpr std::uint64_t mib = 1 << 20;
constexpr std::uint64_t plenty = ~std::uint64_t{0};
}  // namespace

TEST_CASE("threads that allocate, write, wait and free never share a block, and leave nothing") {
  HostMemory memory = HostMemory::create(16 * mib).value();
  Arena arena = Arena::create(memory, {16 * mib, 4}).value();
  DeviceHeap heap(arena);
  constexpr std::uint64_t workers = 4;
  std::vector<StreamId> streams;
  std::vector<ClientId> clients;
  for (std::uint64_t i = 0; i < workers; ++i) {
    streams.push_back(heap.add_stream(memory.add_stream()).value());
    clients.push_back(heap.open_client({"worker", plenty, static_cast<int>(i % 2)}));
  }
  std::atomic<std::uint64_t> torn{0}, failed{0}, served{0};
  std::vector<std::thread> threads;
  for (std::uint64_t worker = 0; worker < workers; ++worker) {
    threads.emplace_back([&, worker] {
      Random random(worker);
      for (int round = 0; round < 400; ++round) {
        // Together they want more than there is, so some of them wait; none holds two, so none forever.
        const std::uint64_t bytes = 256 * (1 + random.below(6 * mib / 256));
        auto got = heap.allocate_before(clients[worker], {bytes, streams[worker], {}, 256},
                                        monotonic_now() + Nanoseconds{60'000'000'000});
        if (!got) {
          ++failed;
          continue;
        }
        ++served;
        auto* first = reinterpret_cast<std::uint64_t*>(got->address);
        auto* last = first + got->bytes / 8 - 1;
        *first = *last = worker;
        std::this_thread::yield();
        if (*first != worker || *last != worker) ++torn;
        if (!heap.free(*got, streams[worker])) ++torn;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(torn == 0);
  CHECK(failed == 0);
  CHECK(served == workers * 400);
  CHECK(heap.waiting() == 0);
  for (const ClientId client : clients) CHECK(heap.retire(client)->leaks.empty());
  CHECK(heap.figures().taken_bytes == 0);
}
