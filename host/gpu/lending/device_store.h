// device_store.h: the memory of one device as the instances of a process share it: the context, a
// block source over it, and the heap that keeps their budgets. Opened by the first who asks for
// memory, and closed, with every byte given back, when the last who had some is gone.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "gpu/context.h"
#include "gpu/memory/device_heap.h"
#include "gpu/memory/driver_memory.h"
#include "gpu/settings.h"

namespace zomma::gpu {

// One device's heap at one moment.
struct HeapReport {
  std::uint32_t gpu = 0;  // the driver's index of the device
  std::string uuid;
  MemoryBackend backend = MemoryBackend::heap;  // the one in use
  MemoryFigures figures;
  std::array<RungCount, rungs> counts{};  // since the process began, over closed heaps too
  std::vector<ClientUse> clients;
  std::uint64_t pinned_bytes = 0;
  std::uint64_t waiting = 0;  // requests
};

class DeviceStore {
 public:
  // `most_bytes`: of the device. A device that cannot map memory is served by the driver's pools
  // whatever the settings say. Errors as those of DriverMemory, Arena and PoolBackend.
  static Result<std::unique_ptr<DeviceStore>> open(std::shared_ptr<Context> context,
                                                   std::uint64_t most_bytes,
                                                   const LendingSettings& settings);
  DeviceStore(const DeviceStore&) = delete;
  DeviceStore& operator=(const DeviceStore&) = delete;

  DeviceHeap& heap() { return *heap_; }
  // All but gpu and uuid. Walks the heap. [any thread]
  HeapReport report() const;

 private:
  DeviceStore(std::shared_ptr<Context> context, DriverMemory memory)
      : context_(std::move(context)), memory_(std::move(memory)) {}

  std::shared_ptr<Context> context_;
  DriverMemory memory_;
  MemoryBackend backend_ = MemoryBackend::heap;
  std::unique_ptr<BlockSource> source_;
  std::unique_ptr<DeviceHeap> heap_;
};

// [{"gpu":0,"uuid":"GPU-...","backend":"heap","capacity_bytes":...,"clients":[...],"rungs":{...}}]
std::string heaps_json(const std::vector<HeapReport>& heaps);
std::string_view name(MemoryBackend backend);  // "heap", "pool"

}  // namespace zomma::gpu
