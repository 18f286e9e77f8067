// device_memory.h: what the allocator asks of one device: address space, chunks of physical memory
// mapped into it, pinned host memory, copies, and the order between streams. The CUDA driver answers
// it (driver_memory.h), and so does the memory of this process (host_memory.h).
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"
#include "gpu/driver_types.h"

namespace zomma::gpu {

// Errors: Errc::exhausted where memory is lacking (and only there), other codes as the cause is.
// Calls on one object come from one thread at a time.
class DeviceMemory {
 public:
  virtual ~DeviceMemory() = default;

  // "GPU 0", for messages.
  virtual std::string name() const = 0;
  virtual int device() const = 0;
  // The size of a chunk, and of its alignment in the address space: 2 MiB on today's devices.
  virtual std::size_t chunk_bytes() const = 0;

  // Address space without memory behind it. `bytes` is a multiple of the chunk.
  virtual Result<DeviceAddress> reserve(std::size_t bytes) = 0;
  virtual void unreserve(DeviceAddress address, std::size_t bytes) = 0;
  // A chunk of memory without an address.
  virtual Result<PhysicalHandle> create_chunk() = 0;
  virtual void destroy_chunk(PhysicalHandle chunk) = 0;
  // Puts a chunk at an address of a reservation, readable and writable from the device. On error
  // nothing is mapped.
  virtual Result<void> map(DeviceAddress address, PhysicalHandle chunk) = 0;
  // No work that uses the address may be pending.
  virtual void unmap(DeviceAddress address) = 0;

  // Page-locked host memory.
  virtual Result<void*> pin(std::size_t bytes) = 0;
  virtual void unpin(void* address) = 0;

  // Queued in the stream; the host memory is pinned.
  virtual Result<void> copy_to_host(void* to, DeviceAddress from, std::size_t bytes,
                                    DriverStream stream) = 0;
  virtual Result<void> copy_to_device(DeviceAddress to, const void* from, std::size_t bytes,
                                      DriverStream stream) = 0;

  // What `later` is given from now on runs after all that `earlier` has been given so far. Records an
  // event; the processor does not wait.
  virtual Result<void> order_after(DriverStream later, DriverStream earlier) = 0;
  // Whether the stream has nothing left to do.
  virtual bool drained(DriverStream stream) = 0;
  // Waits until it has.
  virtual Result<void> synchronize(DriverStream stream) = 0;
};

}  // namespace zomma::gpu
