// arena.h: one device's memory in one long range of addresses. Chunks of physical memory (2 MiB)
// are mapped where blocks lie, and nowhere else: a chunk without a block can be taken away and
// mapped elsewhere, so no free memory is lost for lying in the wrong place.
//
// Stream order: a block freed on a stream may be given to the same stream at once, for its work
// runs in order. It goes to another stream only when the first has nothing left to do, or after the
// second was told to wait for it: the one case in which an event is recorded.
//
// What is not mapped lies in a free range of lane 0 at least a chunk long: chunks are taken away
// only when all lanes have been merged. So a stream's own lane, and a short free range, are always
// mapped.
//
// Not thread-safe. No system or driver call unless a chunk moves or a block changes streams.
#pragma once

#include <cstdint>
#include <vector>

#include "gpu/memory/block_source.h"

namespace zomma::gpu {

struct ArenaOptions {
  std::uint64_t capacity_bytes = 0;  // at most this much physical memory; whole chunks
  // Addresses, as a multiple of the capacity. They cost page tables only where memory is mapped.
  unsigned address_factor = 4;
};

struct ArenaCounters {
  std::uint64_t chunks_created = 0, chunks_moved = 0, chunks_destroyed = 0;
  std::uint64_t events = 0;  // blocks that went from one stream to another's
  std::uint64_t waits = 0;   // the processor waited for a stream
};

class Arena final : public BlockSource {
 public:
  // `memory` outlives the arena. Errc::invalid_argument: less than a chunk. Errc::exhausted: no
  // addresses.
  static Result<Arena> create(DeviceMemory& memory, const ArenaOptions& options);
  Arena(Arena&& other) noexcept;
  Arena& operator=(Arena&&) = delete;
  // Unmaps and gives back all memory; waits for the streams first.
  ~Arena() override;

  Result<StreamId> add_stream(DriverStream stream) override;
  Result<void> remove_stream(StreamId stream) override;
  bool has_stream(StreamId id) const override {
    return id == no_stream || (id < streams_.size() && streams_[id].open);
  }
  DriverStream stream(StreamId id) const override { return streams_[id].stream; }

  // Errc::exhausted: no room, even with every idle chunk moved.
  Result<BlockHandle> allocate(std::uint64_t bytes, StreamId stream,
                               std::uint64_t alignment = granule_bytes) override;
  void free(BlockHandle block, StreamId stream) override;

  HandleState state(BlockHandle block) const override { return index_.state(block); }
  DeviceAddress address(BlockHandle block) const override {
    return base_ + std::uint64_t{index_.range(block).first} * granule_bytes;
  }
  std::uint64_t bytes(BlockHandle block) const override {
    return std::uint64_t{index_.range(block).count} * granule_bytes;
  }

  BlockNote note(BlockHandle block) const override { return index_.note(block); }
  void set_note(BlockHandle block, BlockNote note) override { index_.set_note(block, note); }
  void visit(const std::function<void(BlockHandle)>& visitor) const override {
    index_.for_each([&](GranuleRange, bool taken, Tlsf::Lane, BlockHandle block) {
      if (taken) visitor(block);
    });
  }

  // What streams with nothing left to do have freed becomes everybody's. True: there was something.
  bool collect();
  Result<void> settle() override;
  Result<std::uint64_t> trim(std::uint64_t keep_bytes = 0) override;

  MemoryFigures figures() const override;
  const ArenaCounters& counters() const { return counters_; }
  DeviceMemory& memory() const override { return *memory_; }
  const Tlsf& index() const { return index_; }

 private:
  struct Stream {
    DriverStream stream = nullptr;
    bool open = false;
    std::uint64_t freed = 0;             // number of the last free in it
    std::vector<std::uint64_t> ordered;  // by stream: its frees up to here come before our work
  };
  static constexpr PhysicalHandle unmapped = ~PhysicalHandle{0};
  struct Chunk {
    PhysicalHandle physical = unmapped;
    std::uint32_t blocks = 0;  // that lie in it, whole or in part
  };

  Arena(DeviceMemory& memory, DeviceAddress base, std::uint64_t granules, std::uint64_t capacity);
  Result<std::optional<BlockHandle>> borrow(std::uint32_t count, std::uint32_t alignment,
                                            StreamId stream);
  bool needs_chunks(BlockHandle block) const;
  bool worth_borrowing(StreamId stream) const;
  Result<void> back(BlockHandle block);
  Result<PhysicalHandle> obtain_chunk();
  void hold(GranuleRange range);
  void let_go(GranuleRange range);
  void take_away(std::size_t chunk);
  std::size_t find_idle();
  std::size_t chunk_of(std::uint32_t granule) const { return granule >> chunk_shift_; }

  DeviceMemory* memory_;
  DeviceAddress base_;
  Tlsf index_;
  unsigned chunk_shift_;       // granules to chunks
  std::uint64_t capacity_;     // chunks
  std::uint64_t mapped_ = 0;   // chunks
  std::uint64_t used_ = 0;     // chunks that blocks lie in
  std::vector<Chunk> chunks_;  // of addresses
  std::size_t idle_cursor_ = 0;
  std::vector<Stream> streams_;
  std::uint64_t frees_ = 0;
  ArenaCounters counters_;
};

}  // namespace zomma::gpu
