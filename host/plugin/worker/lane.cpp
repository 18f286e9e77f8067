#include "plugin/worker/lane.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "base/clock.h"

namespace zomma::worker {
namespace {

// The memory is shared between processes, so the private forms of the calls would not meet.
void futex_wake(std::atomic<std::uint32_t>& word) {
  syscall(SYS_futex, &word, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}
void futex_wait(std::atomic<std::uint32_t>& word, std::uint32_t value, const timespec* timeout) {
  syscall(SYS_futex, &word, FUTEX_WAIT, value, timeout, nullptr, 0);
}

void copy(std::byte* to, std::span<const std::byte> from) {
  if (!from.empty()) std::memcpy(to, from.data(), from.size());
}

constexpr int spins_per_look_at_clock = 64;
constexpr std::uint32_t whole_spin_every = 32;  // waits

}  // namespace

void Outbox::send(std::uint32_t kind, std::uint32_t number, std::span<std::byte> area,
                  std::span<const std::byte> notes, std::span<const std::byte> body) {
  const std::size_t length = notes.size() + body.size();
  std::byte* to = length <= bell_->small.size() ? bell_->small.data() : area.data();
  copy(to, notes);
  copy(to + notes.size(), body);
  bell_->kind.store(kind, std::memory_order_relaxed);
  bell_->number.store(number, std::memory_order_relaxed);
  bell_->notes.store(static_cast<std::uint32_t>(notes.size()), std::memory_order_relaxed);
  bell_->length.store(static_cast<std::uint32_t>(length), std::memory_order_relaxed);
  // In one total order with the receiver's `sleeping` and its second look at `seq`: one of the two
  // sees the other.
  bell_->seq.store(++seq_, std::memory_order_seq_cst);
  if (bell_->sleeping.load(std::memory_order_seq_cst) != 0) futex_wake(bell_->seq);
}

bool Inbox::spin() {
  const bool came = look(++waits_ % whole_spin_every == 0 ? most_ : budget_);
  budget_.value = came ? std::min(most_.value, budget_.value * 2 + 1) : budget_.value / 2;
  return came;
}

bool Inbox::look(Nanoseconds budget) const {
  Nanoseconds since{-1};
  for (;;) {
    for (int i = 0; i < spins_per_look_at_clock; ++i) {
      if (ready()) return true;
      __builtin_ia32_pause();
    }
    const Nanoseconds now = monotonic_now();
    if (since.value < 0) since = now;
    if (now - since >= budget) return ready();
  }
}

void Inbox::sleep(Nanoseconds timeout) const {
  bell_->sleeping.store(1, std::memory_order_seq_cst);
  if (bell_->seq.load(std::memory_order_seq_cst) == taken_) {
    const timespec limit{timeout.value / 1'000'000'000, timeout.value % 1'000'000'000};
    futex_wait(bell_->seq, taken_, timeout.value < 0 ? nullptr : &limit);
  }
  bell_->sleeping.store(0, std::memory_order_relaxed);
}

std::optional<Message> Inbox::take(std::span<const std::byte> area,
                                   std::span<std::byte> private_copy) {
  const std::uint32_t seq = bell_->seq.load(std::memory_order_acquire);
  if (seq != taken_ + 1) return std::nullopt;
  taken_ = seq;
  Message message;
  message.kind = bell_->kind.load(std::memory_order_relaxed);
  message.number = bell_->number.load(std::memory_order_relaxed);
  const std::size_t notes = bell_->notes.load(std::memory_order_relaxed);
  const std::size_t length = bell_->length.load(std::memory_order_relaxed);
  if (length > area.size() || notes > length) return std::nullopt;
  std::span<const std::byte> bytes = length <= bell_->small.size()
                                         ? std::span<const std::byte>(bell_->small).first(length)
                                         : area.first(length);
  if (!private_copy.empty()) {
    copy(private_copy.data(), bytes);
    bytes = private_copy.first(length);
  }
  message.notes = bytes.first(notes);
  message.body = bytes.subspan(notes);
  return message;
}

}  // namespace zomma::worker
