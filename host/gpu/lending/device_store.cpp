#include "gpu/lending/device_store.h"

#include <algorithm>
#include <boost/json.hpp>

#include "gpu/memory/arena.h"
#include "gpu/memory/pool_backend.h"

namespace zomma::gpu {
namespace {

namespace json = boost::json;

// Addresses are plenty; four times the memory leaves a long range free beside any pattern of use.
constexpr unsigned address_factor = 4;

Result<std::unique_ptr<BlockSource>> open_source(const Context& context, DriverMemory& memory,
                                                 MemoryBackend backend, std::uint64_t capacity) {
  if (backend == MemoryBackend::pool) {
    auto pool =
        PoolBackend::create(context.api(), context.device(), context.handle(), memory, capacity);
    if (!pool) return pool.error();
    return std::unique_ptr<BlockSource>(std::move(*pool));
  }
  auto arena = Arena::create(memory, {capacity, address_factor});
  if (!arena) return arena.error();
  return std::unique_ptr<BlockSource>(std::make_unique<Arena>(std::move(*arena)));
}

json::object rungs_json(const HeapReport& heap) {
  json::object to;
  for (std::size_t i = 0; i < rungs; ++i)
    to[name(static_cast<Rung>(i))] = {{"tried", heap.counts[i].tried},
                                      {"helped", heap.counts[i].helped}};
  return to;
}

json::array clients_json(const HeapReport& heap) {
  json::array to;
  for (const ClientUse& client : heap.clients)
    to.push_back({{"name", client.name},
                  {"budget_bytes", client.budget_bytes},
                  {"used_bytes", client.used_bytes},
                  {"peak_bytes", client.peak_bytes},
                  {"blocks", client.blocks},
                  {"refused", client.refused}});
  return to;
}

}  // namespace

std::string_view name(MemoryBackend backend) {
  return backend == MemoryBackend::heap ? "heap" : "pool";
}

Result<std::unique_ptr<DeviceStore>> DeviceStore::open(std::shared_ptr<Context> context,
                                                       std::uint64_t most_bytes,
                                                       const LendingSettings& settings) {
  auto memory = DriverMemory::create(context->api(), context->device(), context->handle());
  if (!memory) return memory.error();
  std::unique_ptr<DeviceStore> store(new DeviceStore(std::move(context), std::move(*memory)));
  store->backend_ = store->memory_.can_map() ? settings.backend : MemoryBackend::pool;
  const std::uint64_t capacity =
      settings.memory_bytes == 0 ? most_bytes : std::min(settings.memory_bytes, most_bytes);
  auto source = open_source(*store->context_, store->memory_, store->backend_, capacity);
  if (!source) return source.error();
  store->source_ = std::move(*source);
  HeapOptions options;
  options.queue_limit = settings.queue;
  options.pinned_limit_bytes = settings.pinned_bytes;
  store->heap_ = std::make_unique<DeviceHeap>(*store->source_, std::move(options));
  return store;
}

HeapReport DeviceStore::report() const {
  HeapReport report;
  report.backend = backend_;
  report.figures = heap_->figures();
  report.counts = heap_->counts();
  report.clients = heap_->clients();
  report.pinned_bytes = heap_->pinned_bytes();
  report.waiting = heap_->waiting();
  return report;
}

std::string heaps_json(const std::vector<HeapReport>& heaps) {
  json::array to;
  for (const HeapReport& heap : heaps)
    to.push_back({{"gpu", heap.gpu},
                  {"uuid", heap.uuid},
                  {"backend", name(heap.backend)},
                  {"capacity_bytes", heap.figures.capacity_bytes},
                  {"taken_bytes", heap.figures.taken_bytes},
                  {"reserved_bytes", heap.figures.reserved_bytes},
                  {"idle_bytes", heap.figures.idle_bytes},
                  {"largest_free_bytes", heap.figures.largest_free_bytes},
                  {"fragmentation", heap.figures.fragmentation()},
                  {"pinned_bytes", heap.pinned_bytes},
                  {"waiting", heap.waiting},
                  {"clients", clients_json(heap)},
                  {"rungs", rungs_json(heap)}});
  return json::serialize(to);
}

}  // namespace zomma::gpu
