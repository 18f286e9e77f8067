// pinned_pool.h: page-locked host memory, for copies that do not wait. Pinning costs milliseconds, so it
// is done in slabs, each divided by a Tlsf. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "gpu/memory/device_memory.h"
#include "gpu/memory/tlsf.h"

namespace zomma::gpu {

struct PinnedBlock {
  void* address = nullptr;
  std::uint64_t bytes = 0;  // as asked for
  std::uint32_t slab = 0;
  BlockHandle handle;
};

class PinnedPool {
 public:
  // At most `limit_bytes` are pinned. `memory` outlives the pool.
  PinnedPool(DeviceMemory& memory, std::uint64_t limit_bytes,
             std::uint64_t slab_bytes = std::uint64_t{8} << 20);
  PinnedPool(const PinnedPool&) = delete;
  PinnedPool& operator=(const PinnedPool&) = delete;
  ~PinnedPool();

  // Errc::invalid_argument: 0 bytes. Errc::exhausted: over the limit, or the system pins no more.
  Result<PinnedBlock> allocate(std::uint64_t bytes);
  // Errc::invalid_argument: not a live block of this pool.
  Result<void> free(const PinnedBlock& block);
  // Unpins slabs without a block. Returns bytes.
  std::uint64_t trim();

  std::uint64_t pinned_bytes() const { return pinned_; }
  std::uint64_t taken_bytes() const { return taken_; }

 private:
  struct Slab {
    void* base = nullptr;  // null: given back, and never used again, so old handles stay stale
    std::uint64_t bytes = 0;
    std::unique_ptr<Tlsf> index;
  };
  PinnedBlock block_in(std::uint32_t slab, BlockHandle handle, std::uint64_t bytes);

  DeviceMemory& memory_;
  std::uint64_t limit_, slab_bytes_;
  std::uint64_t pinned_ = 0, taken_ = 0;
  std::vector<Slab> slabs_;
};

}  // namespace zomma::gpu
