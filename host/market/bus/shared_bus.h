// shared_bus.h: the event stream, broadcast through shared memory to any number of processes. One
// producer that never waits; readers map the memory read-only and keep their place to themselves,
// so no reader can disturb the producer or another.
//
// Hot path (publish, poll): no allocation, lock, exception or system call. A reader that is lapped
// is told exactly which events it missed; it never sees a torn one. Events carry contiguous seq
// numbers, which are also their places: slot = seq modulo capacity.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include <zomma/event.h>

#include "base/result.h"
#include "base/shared_memory.h"

namespace zomma {

// First page of the segment; the slots follow.
struct BusHeader {
  static constexpr std::uint64_t magic_value = 0x0A5355424D5A93u;  // "\x93ZMBUS\n"
  static constexpr std::uint32_t version_value = 1;

  std::atomic<std::uint64_t> magic;  // stored last: everything else is set up
  std::uint32_t version;
  std::uint32_t slot_bytes;  // sizeof(zm_event)
  std::uint64_t capacity;    // slots, a power of two
  std::uint64_t session;     // random; another producer run has another one
  std::int64_t created_ns;   // UTC
  std::int64_t writer_pid;
  std::uint64_t first_seq;  // of the first event this producer publishes
  // One line, written by the producer: `claimed` before slots are overwritten, `published` after
  // they are complete. Both are the number of the last event concerned. An event n is whole if n <=
  // published and claimed < n + capacity.
  alignas(128) std::atomic<std::uint64_t> claimed;
  std::atomic<std::uint64_t> published;
  std::atomic<std::uint32_t> closed;  // 1: ended in order, nothing will follow
};
static_assert(sizeof(BusHeader) <= 4096 && alignof(BusHeader) == 128);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

class BusWriter {
 public:
  // `name` as for shm_open ("/zomma-bus"), `capacity` slots (rounded up to a power of two, 64 to
  // 2^26); the first event published will have the number `first_seq`. Errors: busy (a living
  // producer has this name), invalid_argument, no_space.
  static Result<BusWriter> create(const std::string& name, std::size_t capacity,
                                  std::uint64_t first_seq = 1);
  BusWriter(BusWriter&&) noexcept = default;
  BusWriter& operator=(BusWriter&&) = delete;
  // Marks the end for readers and removes the name.
  ~BusWriter();

  // [producer thread] All visible at once, in batches of at most a quarter of the ring. Their seq
  // must continue the stream; false (nothing published) if they do not.
  [[nodiscard]] bool publish(std::span<const zm_event> events) noexcept;
  [[nodiscard]] bool publish(const zm_event& event) noexcept { return publish({&event, 1}); }

  std::uint64_t next_seq() const { return next_seq_; }
  std::uint64_t capacity() const { return mask_ + 1; }
  std::uint64_t session() const { return header_->session; }

 private:
  BusWriter(SharedMemory memory, std::uint64_t first_seq);

  SharedMemory memory_;
  BusHeader* header_;
  zm_event* slots_;
  std::uint64_t mask_;
  std::uint64_t next_seq_;
};

// Events first_missed..last_missed were overwritten before this reader came to them.
struct Overrun {
  std::uint64_t first_missed = 0;
  std::uint64_t last_missed = 0;
  std::uint64_t count() const { return last_missed - first_missed + 1; }
};

struct Poll {
  std::size_t count = 0;           // events copied; they follow the overrun, if there is one
  std::optional<Overrun> overrun;  // what was missed just before them; tell it even if count is 0
};

enum class ProducerState : std::uint8_t {
  alive,
  closed,   // ended in order
  dead,     // ended without saying so (killed); what was published is still readable
  replaced  // a newer producer has the name: open a new reader
};

class BusReader {
 public:
  enum class From : std::uint8_t { oldest, newest };

  // Errors: not_found (no such bus, or not set up yet), incompatible (other version or slot size),
  // corrupt.
  static Result<BusReader> open(const std::string& name, From from = From::newest);

  // [reader thread] Copies up to out.size() events that follow the ones delivered before. Every
  // event is either delivered or in an overrun, once.
  Poll poll(std::span<zm_event> out) noexcept;

  // [reader thread] Continues at this number: backwards as far as the ring reaches (else the next
  // poll reports what is gone), or forwards.
  void seek(std::uint64_t seq) { next_seq_ = seq; }
  std::uint64_t next_seq() const { return next_seq_; }
  // Of the last event published; next_seq() - 1 behind it = how far this reader lags.
  std::uint64_t published() const { return header_->published.load(std::memory_order_acquire); }

  // System calls: ask when idle.
  ProducerState producer() const;
  std::uint64_t session() const { return header_->session; }
  std::int64_t writer_pid() const { return header_->writer_pid; }
  std::uint64_t capacity() const { return mask_ + 1; }

 private:
  BusReader(SharedMemory memory, From from);
  std::size_t copy_whole(std::uint64_t& from, std::uint64_t published,
                         std::span<zm_event> out) noexcept;

  SharedMemory memory_;
  const BusHeader* header_;
  const zm_event* slots_;
  std::uint64_t mask_;
  std::uint64_t next_seq_;
};

}  // namespace zomma
