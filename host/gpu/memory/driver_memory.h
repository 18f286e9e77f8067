// driver_memory.h: a CUDA device's memory through the driver's virtual memory calls (CUDA 10.2 and
// later): cuMemAddressReserve, cuMemCreate, cuMemMap, cuMemSetAccess.
#pragma once

#include <vector>

#include "gpu/driver_api.h"
#include "gpu/memory/device_memory.h"

namespace zomma::gpu {

class DriverMemory final : public DeviceMemory {
 public:
  // `api` and `context` outlive the object. A device that maps no memory (attribute 102) is served
  // but for reserve, which answers Errc::unsupported: use the driver's pools (pool_backend.h).
  static Result<DriverMemory> create(const DriverApi& api, DeviceOrdinal device,
                                     DriverContext context);
  DriverMemory(DriverMemory&& other) noexcept;
  DriverMemory& operator=(DriverMemory&&) = delete;
  ~DriverMemory() override;

  bool can_map() const { return can_map_; }
  std::string name() const override;
  int device() const override { return device_; }
  std::size_t chunk_bytes() const override { return chunk_; }
  Result<DeviceAddress> reserve(std::size_t bytes) override;
  void unreserve(DeviceAddress address, std::size_t bytes) override;
  Result<PhysicalHandle> create_chunk() override;
  void destroy_chunk(PhysicalHandle chunk) override;
  Result<void> map(DeviceAddress address, PhysicalHandle chunk) override;
  void unmap(DeviceAddress address) override;
  Result<void*> pin(std::size_t bytes) override;
  void unpin(void* address) override;
  Result<void> copy_to_host(void* to, DeviceAddress from, std::size_t bytes,
                            DriverStream stream) override;
  Result<void> copy_to_device(DeviceAddress to, const void* from, std::size_t bytes,
                              DriverStream stream) override;
  Result<void> order_after(DriverStream later, DriverStream earlier) override;
  bool drained(DriverStream stream) override;
  Result<void> synchronize(DriverStream stream) override;

 private:
  DriverMemory(const DriverApi& api, DeviceOrdinal device, DriverContext context)
      : api_(&api), device_(device), context_(context) {}
  // Every call runs with the device's context current, whatever the thread had before.
  class Current;
  AllocationProperties properties() const;

  const DriverApi* api_;
  DeviceOrdinal device_;
  DriverContext context_;
  bool can_map_ = true;
  std::size_t chunk_ = 0;
  DriverEvent event_ = nullptr;  // reused: a wait keeps the recording it saw
};

}  // namespace zomma::gpu
