// pool_backend.h: blocks from a stream-ordered pool of the CUDA driver (cuMemAllocFromPoolAsync,
// what cudaMallocAsync uses): for devices that map no memory, and as the yardstick of the arena.
// The driver keeps the streams in order; this keeps the handles.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "gpu/driver_api.h"
#include "gpu/memory/block_source.h"

namespace zomma::gpu {

class PoolBackend final : public BlockSource {
 public:
  // A pool of its own with at most `capacity_bytes` taken, which keeps what is freed until trim.
  // `memory` is of the same device and context; all outlive the pool. Errc::unsupported: the device
  // has no pools (attribute 115).
  static Result<std::unique_ptr<PoolBackend>> create(const DriverApi& api, DeviceOrdinal device,
                                                     DriverContext context, DeviceMemory& memory,
                                                     std::uint64_t capacity_bytes);
  ~PoolBackend() override;

  Result<StreamId> add_stream(DriverStream stream) override;
  Result<void> remove_stream(StreamId stream) override;
  bool has_stream(StreamId id) const override {
    return id == no_stream || (id < streams_.size() && streams_[id].open);
  }
  DriverStream stream(StreamId id) const override { return streams_[id].stream; }

  // The driver aligns to 256 bytes; a greater alignment is refused as Errc::unsupported.
  Result<BlockHandle> allocate(std::uint64_t bytes, StreamId stream,
                               std::uint64_t alignment) override;
  void free(BlockHandle block, StreamId stream) override;
  HandleState state(BlockHandle block) const override;
  DeviceAddress address(BlockHandle block) const override { return nodes_[block.node].address; }
  std::uint64_t bytes(BlockHandle block) const override { return nodes_[block.node].bytes; }
  BlockNote note(BlockHandle block) const override { return nodes_[block.node].note; }
  void set_note(BlockHandle block, BlockNote note) override { nodes_[block.node].note = note; }
  void visit(const std::function<void(BlockHandle)>& visitor) const override {
    for (std::uint32_t node = 0; node < nodes_.size(); ++node)
      if (nodes_[node].live) visitor({node, nodes_[node].generation});
  }
  Result<void> settle() override;
  Result<std::uint64_t> trim(std::uint64_t keep_bytes) override;
  // The driver does not tell where its free memory lies: what it has not reserved yet counts as one
  // block, so the fragmentation is an upper bound.
  MemoryFigures figures() const override;
  DeviceMemory& memory() const override { return *memory_; }

 private:
  struct Node {
    DeviceAddress address = 0;
    std::uint64_t bytes = 0;
    std::uint32_t generation = 0;
    bool live = false;
    BlockNote note;
  };
  struct Stream {
    DriverStream stream = nullptr;
    bool open = false;
  };
  class Current;
  PoolBackend(const DriverApi& api, DeviceOrdinal device, DriverContext context,
              DeviceMemory& memory, std::uint64_t capacity)
      : api_(&api), device_(device), context_(context), memory_(&memory), capacity_(capacity) {}
  std::uint64_t reserved() const;
  std::string name() const;

  const DriverApi* api_;
  DeviceOrdinal device_;
  DriverContext context_;
  DeviceMemory* memory_;
  std::uint64_t capacity_;
  DriverPool pool_ = nullptr;
  std::uint64_t taken_ = 0;
  // streams_[0] is the pool's own: blocks for no stream are made and freed in it.
  std::vector<Stream> streams_;
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> spare_;
};

}  // namespace zomma::gpu
