// block_source.h: where blocks of device memory come from: the arena (arena.h), or the driver's own
// stream-ordered pools (pool_backend.h). Not thread-safe: device_heap.h holds the lock.
#pragma once

#include <cstdint>
#include <functional>

#include "gpu/memory/device_memory.h"
#include "gpu/memory/tlsf.h"

namespace zomma::gpu {

constexpr std::uint64_t granule_bytes = 256;
constexpr std::uint64_t whole_granules(std::uint64_t bytes) {
  return (bytes + granule_bytes - 1) / granule_bytes * granule_bytes;
}

// A stream, as a block source counts them, from 1. 0 is no stream: its blocks are idle when freed.
using StreamId = Tlsf::Lane;
constexpr StreamId no_stream = 0;

struct MemoryFigures {
  std::uint64_t capacity_bytes = 0;
  std::uint64_t taken_bytes = 0;     // in live blocks, rounded up to granules
  std::uint64_t reserved_bytes = 0;  // physical memory held for them
  std::uint64_t idle_bytes = 0;      // of that, what could be given back at once
  std::uint64_t largest_free_bytes = 0;
  std::uint64_t free_bytes() const { return capacity_bytes - taken_bytes; }
  // 0: all that is free could be one block. 1: nothing of it could. RMM's definition.
  double fragmentation() const {
    return free_bytes() == 0
               ? 0.0
               : 1.0 - static_cast<double>(largest_free_bytes) / static_cast<double>(free_bytes());
  }
};

class BlockSource {
 public:
  virtual ~BlockSource() = default;

  virtual Result<StreamId> add_stream(DriverStream stream) = 0;
  // The stream will be destroyed: waits for it; what it freed becomes everybody's. It is closed
  // even when waiting fails: then the context has failed and nothing runs in it any more.
  virtual Result<void> remove_stream(StreamId stream) = 0;
  virtual bool has_stream(StreamId stream) const = 0;
  // Of an open stream other than no_stream.
  virtual DriverStream stream(StreamId stream) const = 0;

  // A block for use in `stream`. bytes > 0, alignment a power of two up to a chunk.
  // Errc::invalid_argument: one of them is not. Errc::exhausted: no room.
  virtual Result<BlockHandle> allocate(std::uint64_t bytes, StreamId stream,
                                       std::uint64_t alignment) = 0;
  // A live block, last used in `stream`.
  virtual void free(BlockHandle block, StreamId stream) = 0;

  virtual HandleState state(BlockHandle block) const = 0;
  // Of a live block.
  virtual DeviceAddress address(BlockHandle block) const = 0;
  virtual std::uint64_t bytes(BlockHandle block) const = 0;

  // Of a live block: what its user keeps with it.
  virtual BlockNote note(BlockHandle block) const = 0;
  virtual void set_note(BlockHandle block, BlockNote note) = 0;
  // Every live block.
  virtual void visit(const std::function<void(BlockHandle)>& visitor) const = 0;

  // Waits for all streams; what they freed becomes everybody's.
  virtual Result<void> settle() = 0;
  // Gives unused memory back to the device until at most `keep_bytes` are reserved. Returns bytes.
  virtual Result<std::uint64_t> trim(std::uint64_t keep_bytes) = 0;

  virtual MemoryFigures figures() const = 0;
  virtual DeviceMemory& memory() const = 0;
};

}  // namespace zomma::gpu
