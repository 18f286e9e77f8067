// allocation_queue.h: requests that wait for memory: greater priority first, first come first
// served among equals, each until its deadline. Bounded: a queue that only grows helps nobody. It
// tells no time: whoever asks says what time it is. Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/types.h"
#include "gpu/memory/block_source.h"
#include "gpu/memory/ledger.h"

namespace zomma::gpu {

struct AllocationRequest {
  std::uint64_t bytes = 0;
  StreamId stream = no_stream;
  TagId tag;
  std::uint64_t alignment = granule_bytes;
};

using Ticket = std::uint64_t;

struct WaitingRequest {
  Ticket ticket = 0;
  ClientId client;
  int priority = 0;
  Nanoseconds deadline;
  AllocationRequest request;
};

class AllocationQueue {
 public:
  explicit AllocationQueue(std::size_t limit) : limit_(limit) {}

  // Null: the queue is full.
  std::optional<Ticket> push(ClientId client, int priority, Nanoseconds deadline,
                             const AllocationRequest& request) {
    if (waiting_.size() >= limit_) return std::nullopt;
    auto at = waiting_.begin();
    while (at != waiting_.end() && at->priority >= priority) ++at;
    waiting_.insert(at, {++last_, client, priority, deadline, request});
    return last_;
  }

  bool empty() const { return waiting_.empty(); }
  std::size_t size() const { return waiting_.size(); }
  // In the order of service.
  const std::deque<WaitingRequest>& waiting() const { return waiting_; }
  void erase(std::size_t index) {
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(index));
  }

  bool erase_ticket(Ticket ticket) {
    return !extract([&](const WaitingRequest& entry) { return entry.ticket == ticket; }).empty();
  }

  // Takes out those whose deadline is at or before `now`, in the order of service.
  std::vector<WaitingRequest> expire(Nanoseconds now) {
    return extract([&](const WaitingRequest& entry) { return entry.deadline <= now; });
  }
  std::vector<WaitingRequest> cancel(ClientId client) {
    return extract([&](const WaitingRequest& entry) { return entry.client == client; });
  }

 private:
  template <class Predicate>
  std::vector<WaitingRequest> extract(Predicate&& goes) {
    std::vector<WaitingRequest> gone;
    for (std::size_t i = 0; i < waiting_.size();) {
      if (goes(waiting_[i])) {
        gone.push_back(waiting_[i]);
        erase(i);
      } else {
        ++i;
      }
    }
    return gone;
  }

  std::size_t limit_;
  Ticket last_ = 0;
  std::deque<WaitingRequest> waiting_;
};

}  // namespace zomma::gpu
