// spsc_ring.h: bounded queue between exactly one producer thread and one consumer thread, without
// locks. Hot path: no allocation, lock, exception or system call. The two sides share a cache line
// only when one of them thinks the ring is full or empty: each keeps a private copy of the other's
// index. Batches cost one release store.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>

namespace zomma {

template <class T>
class SpscRing {
  static_assert(std::is_trivially_copyable_v<T>, "elements are copied as bytes");

 public:
  // Room for `capacity` elements, rounded up to a power of two (at least 2).
  explicit SpscRing(std::size_t capacity)
      : mask_(std::bit_ceil(capacity < 2 ? std::size_t{2} : capacity) - 1),
        slots_(std::make_unique_for_overwrite<T[]>(mask_ + 1)) {}
  SpscRing(const SpscRing&) = delete;
  SpscRing& operator=(const SpscRing&) = delete;

  std::size_t capacity() const { return mask_ + 1; }

  // [producer] False if the ring is full; nothing is written then.
  bool try_push(const T& value) { return push({&value, 1}) == 1; }

  // [producer] Appends as many as fit, all visible at once; returns how many.
  std::size_t push(std::span<const T> values) {
    std::size_t done = 0;
    // At most two runs: up to the end of the array, and from its start.
    while (done < values.size()) {
      const auto room = writable(values.size() - done);
      if (room.empty()) break;
      std::copy_n(values.data() + done, room.size(), room.data());
      reserved_ += room.size();
      done += room.size();
    }
    publish();
    return done;
  }

  // [producer] Contiguous free slots to be filled in place (at most `wanted`), then handed over by
  // commit(n), n <= size.
  std::span<T> writable(std::size_t wanted) {
    std::size_t free = capacity() - static_cast<std::size_t>(reserved_ - known_head_);
    if (free < wanted) {
      known_head_ = head_.load(std::memory_order_acquire);
      free = capacity() - static_cast<std::size_t>(reserved_ - known_head_);
    }
    const std::size_t index = static_cast<std::size_t>(reserved_) & mask_;
    return {slots_.get() + index, std::min({wanted, free, capacity() - index})};
  }
  void commit(std::size_t count) {
    reserved_ += count;
    publish();
  }

  // [consumer] False if the ring is empty.
  bool try_pop(T& value) { return pop({&value, 1}) == 1; }

  // [consumer] Takes as many as there are, up to out.size(); returns how many.
  std::size_t pop(std::span<T> out) {
    std::size_t done = 0;
    while (done < out.size()) {
      const auto ready = readable();
      if (ready.empty()) break;
      const std::size_t count = std::min(ready.size(), out.size() - done);
      std::copy_n(ready.data(), count, out.data() + done);
      release(count);
      done += count;
    }
    return done;
  }

  // [consumer] The oldest elements that lie contiguously, to be read in place, then given back by
  // release(n), n <= size.
  std::span<const T> readable() {
    if (taken_ == known_tail_) known_tail_ = tail_.load(std::memory_order_acquire);
    const std::size_t index = static_cast<std::size_t>(taken_) & mask_;
    const auto ready = static_cast<std::size_t>(known_tail_ - taken_);
    return {slots_.get() + index, std::min(ready, capacity() - index)};
  }
  void release(std::size_t count) {
    taken_ += count;
    head_.store(taken_, std::memory_order_release);
  }

  // [any thread] How many are queued; exact only while neither side moves.
  std::size_t size() const {
    const std::uint64_t head = head_.load(std::memory_order_acquire);
    const std::uint64_t tail = tail_.load(std::memory_order_acquire);
    return static_cast<std::size_t>(tail - head);
  }
  bool empty() const { return size() == 0; }

 private:
  void publish() { tail_.store(reserved_, std::memory_order_release); }

  // Two lines apart: the adjacent-line prefetcher pulls pairs.
  static constexpr std::size_t separation = 128;

  const std::size_t mask_;
  const std::unique_ptr<T[]> slots_;
  alignas(separation) std::atomic<std::uint64_t> tail_{0};  // written by the producer
  alignas(separation) std::uint64_t reserved_{0};           // producer only
  std::uint64_t known_head_{0};                             // producer only
  alignas(separation) std::atomic<std::uint64_t> head_{0};  // written by the consumer
  alignas(separation) std::uint64_t taken_{0};              // consumer only
  std::uint64_t known_tail_{0};                             // consumer only
};

}  // namespace zomma
