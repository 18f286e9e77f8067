// driver_memory.cpp: DeviceMemory by the CUDA driver. Unwinds what a call that failed half-way did.
#include "gpu/memory/driver_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace zomma::gpu {

namespace {
constexpr auto ok = DriverStatus::ok;
constexpr std::size_t least_chunk = std::size_t{2} << 20;
}  // namespace

class DriverMemory::Current {
 public:
  explicit Current(const DriverMemory& memory) : api_(*memory.api_) {
    status_ = api_.cuCtxPushCurrent(memory.context_);
  }
  Current(const Current&) = delete;
  Current& operator=(const Current&) = delete;
  ~Current() {
    DriverContext popped = nullptr;
    if (status_ == ok) api_.cuCtxPopCurrent(&popped);
  }

 private:
  const DriverApi& api_;
  DriverStatus status_;
};

Result<DriverMemory> DriverMemory::create(const DriverApi& api, DeviceOrdinal device,
                                          DriverContext context) {
  DriverMemory memory(api, device, context);
  const Current current(memory);
  int can_map = 0;
  auto status =
      api.cuDeviceGetAttribute(&can_map, DeviceAttribute::virtual_memory_management, device);
  if (status != ok)
    return describe(api, status, fmt::format("asking {} what it can", memory.name()));
  memory.can_map_ = can_map != 0;
  const auto properties = memory.properties();
  if (memory.can_map_)
    status = api.cuMemGetAllocationGranularity(&memory.chunk_, &properties,
                                               GranularityKind::recommended);
  if (status != ok) return describe(api, status, fmt::format("chunk size of {}", memory.name()));
  memory.chunk_ = std::max(memory.chunk_, least_chunk);
  status = api.cuEventCreate(&memory.event_, event_disable_timing);
  if (status != ok) return describe(api, status, fmt::format("event on {}", memory.name()));
  return memory;
}

DriverMemory::DriverMemory(DriverMemory&& other) noexcept
    : api_(other.api_),
      device_(other.device_),
      context_(other.context_),
      can_map_(other.can_map_),
      chunk_(other.chunk_),
      event_(std::exchange(other.event_, nullptr)) {}

DriverMemory::~DriverMemory() {
  if (event_ == nullptr) return;
  const Current current(*this);
  api_->cuEventDestroy(event_);
}

std::string DriverMemory::name() const { return fmt::format("GPU {}", device_); }

AllocationProperties DriverMemory::properties() const {
  AllocationProperties properties;
  properties.location = {LocationType::device, device_};
  return properties;
}

Result<DeviceAddress> DriverMemory::reserve(std::size_t bytes) {
  if (!can_map_) {
    return Error{Errc::unsupported,
                 fmt::format("{} cannot map memory on demand; use the driver's pools", name())};
  }
  const Current current(*this);
  DeviceAddress address = 0;
  const auto status = api_->cuMemAddressReserve(&address, bytes, chunk_, 0, 0);
  if (status == ok) return address;
  return describe(*api_, status,
                  fmt::format("reserving {} bytes of addresses on {}", bytes, name()));
}

void DriverMemory::unreserve(DeviceAddress address, std::size_t bytes) {
  const Current current(*this);
  api_->cuMemAddressFree(address, bytes);
}

Result<PhysicalHandle> DriverMemory::create_chunk() {
  const Current current(*this);
  PhysicalHandle handle = 0;
  const auto wanted = properties();
  const auto status = api_->cuMemCreate(&handle, chunk_, &wanted, 0);
  if (status == ok) return handle;
  return describe(*api_, status, fmt::format("cuMemCreate of {} bytes on {}", chunk_, name()));
}

void DriverMemory::destroy_chunk(PhysicalHandle chunk) {
  const Current current(*this);
  api_->cuMemRelease(chunk);
}

Result<void> DriverMemory::map(DeviceAddress address, PhysicalHandle chunk) {
  const Current current(*this);
  auto status = api_->cuMemMap(address, chunk_, 0, chunk, 0);
  if (status != ok) return describe(*api_, status, fmt::format("mapping a chunk on {}", name()));
  const AccessDescription access{{LocationType::device, device_}, AccessRights::read_write};
  status = api_->cuMemSetAccess(address, chunk_, &access, 1);
  if (status == ok) return {};
  api_->cuMemUnmap(address, chunk_);
  return describe(*api_, status, fmt::format("making a chunk accessible on {}", name()));
}

void DriverMemory::unmap(DeviceAddress address) {
  const Current current(*this);
  api_->cuMemUnmap(address, chunk_);
}

Result<void*> DriverMemory::pin(std::size_t bytes) {
  const Current current(*this);
  void* address = nullptr;
  const auto status = api_->cuMemHostAlloc(&address, bytes, host_alloc_portable);
  if (status == ok) return address;
  return describe(*api_, status, fmt::format("pinning {} bytes of host memory", bytes));
}

void DriverMemory::unpin(void* address) {
  const Current current(*this);
  api_->cuMemFreeHost(address);
}

Result<void> DriverMemory::copy_to_host(void* to, DeviceAddress from, std::size_t bytes,
                                        DriverStream stream) {
  const Current current(*this);
  const auto status = api_->cuMemcpyDtoHAsync(to, from, bytes, stream);
  if (status == ok) return {};
  return describe(*api_, status, fmt::format("copying {} bytes from {}", bytes, name()));
}

Result<void> DriverMemory::copy_to_device(DeviceAddress to, const void* from, std::size_t bytes,
                                          DriverStream stream) {
  const Current current(*this);
  const auto status = api_->cuMemcpyHtoDAsync(to, from, bytes, stream);
  if (status == ok) return {};
  return describe(*api_, status, fmt::format("copying {} bytes to {}", bytes, name()));
}

Result<void> DriverMemory::order_after(DriverStream later, DriverStream earlier) {
  const Current current(*this);
  auto status = api_->cuEventRecord(event_, earlier);
  if (status == ok) status = api_->cuStreamWaitEvent(later, event_, 0);
  if (status == ok) return {};
  return describe(*api_, status, fmt::format("ordering two streams of {}", name()));
}

bool DriverMemory::drained(DriverStream stream) {
  const Current current(*this);
  return api_->cuStreamQuery(stream) == ok;
}

Result<void> DriverMemory::synchronize(DriverStream stream) {
  const Current current(*this);
  const auto status = api_->cuStreamSynchronize(stream);
  if (status == ok) return {};
  return describe(*api_, status, fmt::format("waiting for a stream of {}", name()));
}

}  // namespace zomma::gpu
