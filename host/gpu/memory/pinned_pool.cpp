// pinned_pool.cpp: slabs of pinned memory.
#include "gpu/memory/pinned_pool.h"

#include <fmt/format.h>

#include <algorithm>

#include "gpu/memory/block_source.h"

namespace zomma::gpu {

PinnedPool::PinnedPool(DeviceMemory& memory, std::uint64_t limit_bytes, std::uint64_t slab_bytes)
    : memory_(memory), limit_(limit_bytes), slab_bytes_(std::max(slab_bytes, granule_bytes)) {}

PinnedPool::~PinnedPool() {
  for (const Slab& slab : slabs_) {
    if (slab.base != nullptr) memory_.unpin(slab.base);
  }
}

PinnedBlock PinnedPool::block_in(std::uint32_t slab, BlockHandle handle, std::uint64_t bytes) {
  const GranuleRange range = slabs_[slab].index->range(handle);
  taken_ += std::uint64_t{range.count} * granule_bytes;
  return {static_cast<char*>(slabs_[slab].base) + std::uint64_t{range.first} * granule_bytes, bytes,
          slab, handle};
}

Result<PinnedBlock> PinnedPool::allocate(std::uint64_t bytes) {
  if (bytes == 0) return Error{Errc::invalid_argument, "a pinned block of 0 bytes: ask for at least one"};
  const std::uint64_t rounded =
      bytes > limit_ ? bytes : (bytes + granule_bytes - 1) / granule_bytes * granule_bytes;
  const auto full = [&] {
    return Error{Errc::exhausted,
                 fmt::format("{} bytes of pinned memory asked for, {} of at most {} are pinned", bytes,
                             pinned_, limit_)};
  };
  if (rounded > limit_ || rounded / granule_bytes > Tlsf::max_granules) return full();
  const auto count = static_cast<std::uint32_t>(rounded / granule_bytes);
  for (std::uint32_t slab = 0; slab < slabs_.size(); ++slab) {
    if (slabs_[slab].base == nullptr) continue;
    if (const auto handle = slabs_[slab].index->allocate(count)) {
      return block_in(slab, *handle, bytes);
    }
  }
  // What is left of the limit may hold the request though not a whole slab.
  std::uint64_t wanted = std::max(rounded, slab_bytes_);
  if (pinned_ + wanted > limit_) trim();
  if (pinned_ + wanted > limit_) wanted = rounded;
  if (pinned_ + wanted > limit_) return full();
  auto base = memory_.pin(wanted);
  if (!base && wanted != rounded) base = memory_.pin(wanted = rounded);
  if (!base) return base.error();
  slabs_.push_back(
      {*base, wanted, std::make_unique<Tlsf>(static_cast<std::uint32_t>(wanted / granule_bytes))});
  pinned_ += wanted;
  const auto handle = slabs_.back().index->allocate(count);
  return block_in(static_cast<std::uint32_t>(slabs_.size() - 1), *handle, bytes);
}

Result<void> PinnedPool::free(const PinnedBlock& block) {
  if (block.slab >= slabs_.size() || slabs_[block.slab].base == nullptr ||
      slabs_[block.slab].index->state(block.handle) != HandleState::live) {
    return Error{Errc::invalid_argument,
                 fmt::format("pinned block {} of slab {} is not live here: it was freed before, or is "
                             "another pool's",
                             block.handle.node, block.slab)};
  }
  Tlsf& index = *slabs_[block.slab].index;
  taken_ -= std::uint64_t{index.range(block.handle).count} * granule_bytes;
  index.free(block.handle);
  return {};
}

std::uint64_t PinnedPool::trim() {
  std::uint64_t given = 0;
  for (Slab& slab : slabs_) {
    if (slab.base == nullptr || slab.index->taken_blocks() != 0) continue;
    memory_.unpin(slab.base);
    slab.base = nullptr;
    slab.index.reset();
    given += slab.bytes;
  }
  pinned_ -= given;
  return given;
}

}  // namespace zomma::gpu
