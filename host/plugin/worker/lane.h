// lane.h: one direction of the memory a host and a worker share: a doorbell, the bytes beside it,
// and how to wait. Hot path: no allocation, no lock; a system call only if the other side sleeps.
#pragma once

#include "base/types.h"
#include "plugin/worker/wire.h"

namespace zomma::worker {

// The sending end.
class Outbox {
 public:
  explicit Outbox(Doorbell& bell) : bell_(&bell) {}

  // `notes` and `body` are copied, together at most area_size bytes, into `area` unless they fit
  // the doorbell's own line.
  void send(std::uint32_t kind, std::uint32_t number, std::span<std::byte> area,
            std::span<const std::byte> notes, std::span<const std::byte> body);

 private:
  Doorbell* bell_;
  std::uint32_t seq_ = 0;
};

// The receiving end. What the doorbell says is read once and checked; the bytes may still change
// under a reader that does not trust the sender, who then copies them first (`private_copy`).
class Inbox {
 public:
  // `spin`: the longest look before a sleep.
  Inbox(Doorbell& bell, Nanoseconds spin) : bell_(&bell), most_(spin), budget_(spin) {}

  bool ready() const { return bell_->seq.load(std::memory_order_acquire) != taken_; }
  // Looks for a while; true if a message came. The while adapts: where looking is in vain (the
  // other side takes longer, or waits for this very core) it soon becomes a microsecond or two, and
  // now and then the whole spin is tried again.
  bool spin();
  // Sleeps in the kernel until the bell is rung, or for `timeout` (negative: for ever). Wakes early
  // now and then.
  void sleep(Nanoseconds timeout) const;
  // The message that is ready; nothing if its doorbell contradicts itself. `area`: where long
  // bodies are.
  std::optional<Message> take(std::span<const std::byte> area,
                              std::span<std::byte> private_copy = {});

 private:
  bool look(Nanoseconds budget) const;

  Doorbell* bell_;
  std::uint32_t taken_ = 0, waits_ = 0;
  Nanoseconds most_, budget_;
};

}  // namespace zomma::worker
