// host_memory.h: the memory of this process in the role of a device. A chunk is 2 MiB of an anonymous
// file, mapped at will, so a chunk that moves keeps its bytes as on a device. Streams hold no work, only
// the count of it: what each has been given, has done, and has waited for. That is enough to find a
// block that was handed on too early.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/file_descriptor.h"
#include "gpu/memory/device_memory.h"

namespace zomma::gpu {

class HostMemory final : public DeviceMemory {
 public:
  // A device of `bytes`, rounded down to whole chunks. Pages are taken when they are written.
  static Result<HostMemory> create(std::uint64_t bytes, int device = 0);

  std::string name() const override;
  int device() const override { return device_; }
  std::size_t chunk_bytes() const override { return chunk; }
  Result<DeviceAddress> reserve(std::size_t bytes) override;
  void unreserve(DeviceAddress address, std::size_t bytes) override;
  Result<PhysicalHandle> create_chunk() override;
  void destroy_chunk(PhysicalHandle handle) override;
  Result<void> map(DeviceAddress address, PhysicalHandle handle) override;
  void unmap(DeviceAddress address) override;
  Result<void*> pin(std::size_t bytes) override;
  void unpin(void* address) override;
  Result<void> copy_to_host(void* to, DeviceAddress from, std::size_t bytes, DriverStream) override;
  Result<void> copy_to_device(DeviceAddress to, const void* from, std::size_t bytes,
                              DriverStream) override;
  Result<void> order_after(DriverStream later, DriverStream earlier) override;
  bool drained(DriverStream stream) override;
  Result<void> synchronize(DriverStream stream) override;

  // A stream; its number counts from 0.
  DriverStream add_stream();
  static std::size_t number(DriverStream stream);
  // Gives the stream a piece of work and returns its ticket, from 1.
  std::uint64_t submit(DriverStream stream);
  // All work given so far is done.
  void complete(DriverStream stream);
  // Whether new work of `stream` surely runs after the piece `ticket` of `other`.
  bool runs_after(DriverStream stream, DriverStream other, std::uint64_t ticket) const;

  std::uint64_t chunks_made() const { return made_; }
  std::uint64_t pinned_blocks() const { return pinned_; }
  std::uint64_t events_recorded() const { return events_; }
  std::uint64_t synchronizations() const { return synchronizations_; }

 private:
  static constexpr std::size_t chunk = std::size_t{2} << 20;
  struct Stream {
    std::uint64_t given = 0, done = 0;
    std::vector<std::uint64_t> waited_for;  // by stream: the last ticket that comes before
  };

  FileDescriptor file_;
  int device_ = 0;
  std::uint64_t capacity_ = 0, next_ = 0;  // chunks
  std::vector<PhysicalHandle> returned_;
  std::vector<std::pair<void*, std::size_t>> pinned_sizes_;
  std::vector<Stream> streams_;
  std::uint64_t made_ = 0, pinned_ = 0, events_ = 0, synchronizations_ = 0;
};

}  // namespace zomma::gpu
