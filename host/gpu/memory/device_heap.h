// device_heap.h: the memory of one device as its users see it: budgets and a ledger over a block
// source, and what is done, step by step, when memory is lacking. Thread-safe: one lock.
//
// The ladder. A request that finds no room (take) makes the heap wait for what streams have freed
// (reclaim), have others give back what they hold unused (trim), move buffers of lesser priority to
// pinned host memory (spill), wait in a queue until a deadline (wait). A batch then is halved
// (split), goes to the processor (cpu), or fails with a reason (refuse): batch.h. Nothing ends the
// process.
#pragma once

#include <array>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "gpu/memory/allocation_queue.h"
#include "gpu/memory/block_source.h"
#include "gpu/memory/ledger.h"
#include "gpu/memory/pinned_pool.h"

namespace zomma::gpu {

enum class Rung : std::uint8_t { take, reclaim, trim, spill, wait, split, cpu, refuse };
constexpr std::size_t rungs = 8;
std::string_view name(Rung rung);

struct RungCount {
  std::uint64_t tried = 0, helped = 0, injected = 0;
  RungCount& operator+=(const RungCount& other) {
    tried += other.tried, helped += other.helped, injected += other.injected;
    return *this;
  }
};

// A block and the device it is on. A plain value: copy it, but free it once.
struct Allocation {
  BlockHandle block;
  int device = -1;
  DeviceAddress address = 0;
  std::uint64_t bytes = 0;  // as asked for
};

// A buffer that may be moved to host memory while nobody holds it.
struct SpillId {
  std::uint32_t index = 0xFFFF'FFFFu;
  std::uint32_t generation = 0;
};

struct RetireReport {
  std::uint64_t leaked_bytes = 0;
  std::vector<Leak> leaks;
  Result<void> waited;  // an error: the device is lost, or its context has failed
};

class DeviceHeap;

// A place in the queue. Whoever drops it before the answer leaves the queue, and a block that had
// come for it goes back: a caller that fails on its way leaks nothing. The heap outlives it.
class HeapTicket {
 public:
  HeapTicket() = default;
  HeapTicket(HeapTicket&& other) noexcept
      : heap_(std::exchange(other.heap_, nullptr)), ticket_(other.ticket_) {}
  HeapTicket& operator=(HeapTicket&& other) noexcept {
    std::swap(heap_, other.heap_);
    std::swap(ticket_, other.ticket_);
    return *this;
  }
  ~HeapTicket();

 private:
  friend class DeviceHeap;
  HeapTicket(DeviceHeap& heap, Ticket ticket) : heap_(&heap), ticket_(ticket) {}
  DeviceHeap* heap_ = nullptr;
  Ticket ticket_ = 0;
};

struct HeapOptions {
  std::size_t queue_limit = 256;
  std::uint64_t pinned_limit_bytes = std::uint64_t{1} << 30;
  // Each frees what it can of the device's memory and answers how many bytes: other pools' trims.
  // Called with the heap's lock held.
  std::vector<std::function<std::uint64_t()>> trimmers;
  std::function<Nanoseconds()> clock = monotonic_now;
};

class DeviceHeap {
 public:
  // `source` outlives the heap, and nobody else uses it.
  explicit DeviceHeap(BlockSource& source, HeapOptions options = {});
  DeviceHeap(const DeviceHeap&) = delete;
  DeviceHeap& operator=(const DeviceHeap&) = delete;

  ClientId open_client(const ClientOptions& options);
  // Frees all the client holds, after its streams' work, and names it. Its waiting requests fail.
  // Errc::invalid_argument: not open. A device that is lost is emptied all the same.
  Result<RetireReport> retire(ClientId client);
  TagId tag(std::string_view name);
  Result<StreamId> add_stream(DriverStream stream);
  Result<void> remove_stream(StreamId stream);

  // The ladder up to and with spill; does not wait in the queue.
  // Errc::refused: over the client's own budget (no other client notices). Errc::exhausted: no
  // memory. Errc::invalid_argument: a size, alignment, stream or client that cannot be.
  Result<Allocation> allocate(ClientId client, const AllocationRequest& request);
  // Waits in the queue as well. Errc::timeout: the deadline passed.
  Result<Allocation> allocate_before(ClientId client, const AllocationRequest& request,
                                     Nanoseconds deadline);
  // The same without blocking: a place in the queue. Errc::exhausted: the queue is full.
  Result<HeapTicket> enqueue(ClientId client, const AllocationRequest& request,
                             Nanoseconds deadline);
  // What became of it: null while it waits. An answer is given once.
  std::optional<Result<Allocation>> poll(const HeapTicket& ticket);

  // Errc::invalid_argument: freed before, never allocated here, another device's, or spillable.
  Result<void> free(const Allocation& allocation, StreamId last_used_in = no_stream);

  // From here on the heap owns the block. `last_used_in` may still work on it.
  Result<SpillId> make_spillable(const Allocation& allocation, StreamId last_used_in);
  // Brings the buffer back if it is away, and keeps it until release. For use in `stream`.
  Result<DeviceAddress> hold(SpillId buffer, StreamId stream);
  Result<void> release(SpillId buffer);
  Result<void> drop(SpillId buffer);

  // The next `times` tries of a rung do nothing, as if it was of no help.
  void inject(Rung rung, std::uint32_t times);
  std::array<RungCount, rungs> counts() const;
  // For the rungs above the heap (batch.h): counts a try, true if it is to be passed over.
  bool try_rung(Rung rung);
  void rung_helped(Rung rung);

  MemoryFigures figures() const;
  std::vector<ClientUse> clients() const;
  std::uint64_t pinned_bytes() const;
  std::size_t waiting() const;
  int device() const { return device_; }

 private:
  friend class HeapTicket;
  struct Answer {
    ClientId client;
    StreamId stream;  // whose earlier work may still use the block
    Result<Allocation> result;
  };
  enum class Place : std::uint8_t { none, device, host };
  struct Buffer {
    Place place = Place::none;
    std::uint32_t generation = 0;
    std::uint32_t holds = 0;
    std::uint64_t last_use = 0;
    Allocation allocation;
    PinnedBlock pinned;
    ClientId client;
    TagId tag;
    StreamId stream = no_stream;
  };

  Result<Allocation> climb(ClientId client, const AllocationRequest& request);
  Result<Allocation> take(ClientId client, const AllocationRequest& request);
  Result<void> check(ClientId client, const AllocationRequest& request);
  bool passes_over(Rung rung);
  void trim_all();
  bool spill_one(ClientId client);
  bool evict(Buffer& buffer);
  Result<void> restore(Buffer& buffer, StreamId stream);
  Result<void> not_live(const Allocation& allocation) const;
  Result<Buffer*> find(SpillId id);
  void forget(Buffer& buffer);
  Allocation enter(BlockHandle block, ClientId client, const AllocationRequest& request);
  void give_back(BlockHandle block, StreamId last_used_in);
  Ledger::Entry entry(BlockHandle block) const { return Ledger::Entry::of(source_.note(block)); }
  void mark_spillable(BlockHandle block);
  std::vector<BlockHandle> blocks_of(ClientId client) const;
  void serve_queue();
  void refuse_waiting(ClientId client);
  void abandon(Ticket ticket);
  Error expired(const WaitingRequest& entry) const;
  bool expire_waiting();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  BlockSource& source_;
  HeapOptions options_;
  int device_;
  Ledger ledger_;
  AllocationQueue queue_;
  std::map<Ticket, Answer> answers_;
  PinnedPool pinned_;
  std::vector<Buffer> buffers_;
  std::uint64_t uses_ = 0;
  StreamId most_stream_ = no_stream;
  std::array<RungCount, rungs> counts_{};
  std::array<std::uint32_t, rungs> injected_{};
};

// A block that frees itself, last used in the stream it was made for.
class HeapBlock {
 public:
  HeapBlock() = default;
  static Result<HeapBlock> allocate(DeviceHeap& heap, ClientId client,
                                    const AllocationRequest& request);
  HeapBlock(HeapBlock&& other) noexcept;
  HeapBlock& operator=(HeapBlock&& other) noexcept;
  ~HeapBlock();
  DeviceAddress address() const { return allocation_.address; }
  std::uint64_t bytes() const { return allocation_.bytes; }
  const Allocation& allocation() const { return allocation_; }

 private:
  DeviceHeap* heap_ = nullptr;
  Allocation allocation_;
  StreamId stream_ = no_stream;
};

}  // namespace zomma::gpu
