// device_heap_queue.cpp: requests that wait. They are served in order whenever memory is freed: a
// request that does not fit holds up those behind it, so that a large one is not starved by small
// ones.
#include <fmt/format.h>

#include <chrono>

#include "gpu/memory/device_heap.h"

namespace zomma::gpu {

Result<HeapTicket> DeviceHeap::enqueue(ClientId client, const AllocationRequest& request,
                                       Nanoseconds deadline) {
  const std::lock_guard lock(mutex_);
  ++counts_[static_cast<std::size_t>(Rung::wait)].tried;
  if (auto checked = check(client, request); !checked) return checked.error();
  if (passes_over(Rung::wait)) return Error{Errc::exhausted, "injected: no place in the queue"};
  const auto ticket = queue_.push(client, ledger_.priority(client), deadline, request);
  if (!ticket) {
    return Error{Errc::exhausted,
                 fmt::format("{} bytes: {} requests wait already, the most there may "
                             "be",
                             request.bytes, queue_.size())};
  }
  serve_queue();
  return HeapTicket(*this, *ticket);
}

// Its client has gone: an answer that nobody has fetched is worth nothing any more, for the block
// goes back with all the client holds.
void DeviceHeap::refuse_waiting(ClientId client) {
  for (auto& [ticket, answer] : answers_) {
    if (answer.client == client && answer.result) {
      answer.result =
          Error{Errc::refused, fmt::format("{} retired before it took its {} bytes",
                                           ledger_.use(client).name, answer.result->bytes)};
    }
  }
  for (const WaitingRequest& entry : queue_.cancel(client)) {
    answers_.insert_or_assign(
        entry.ticket,
        Answer{client, entry.request.stream,
               Error{Errc::refused, fmt::format("{} retired while it waited for {} bytes",
                                                ledger_.use(client).name, entry.request.bytes)}});
  }
}

void DeviceHeap::abandon(Ticket ticket) {
  const std::lock_guard lock(mutex_);
  if (const auto answer = answers_.find(ticket); answer != answers_.end()) {
    const StreamId stream = answer->second.stream;
    if (answer->second.result)
      give_back(answer->second.result->block, source_.has_stream(stream) ? stream : no_stream);
    answers_.erase(answer);
  } else if (!queue_.erase_ticket(ticket)) {
    return;
  }
  serve_queue();
}

HeapTicket::~HeapTicket() {
  if (heap_ != nullptr) heap_->abandon(ticket_);
}

std::optional<Result<Allocation>> DeviceHeap::poll(const HeapTicket& held) {
  const Ticket ticket = held.ticket_;
  const std::lock_guard lock(mutex_);
  // Who gives up may have stood in the way of a smaller request.
  if (expire_waiting()) serve_queue();
  const auto answer = answers_.find(ticket);
  if (answer == answers_.end()) {
    for (const WaitingRequest& entry : queue_.waiting()) {
      if (entry.ticket == ticket) return std::nullopt;
    }
    return Result<Allocation>(Error{
        Errc::invalid_argument,
        fmt::format("ticket {} does not wait: it was answered before, or never given", ticket)});
  }
  Result<Allocation> result = std::move(answer->second.result);
  answers_.erase(answer);
  return result;
}

Result<Allocation> DeviceHeap::allocate_before(ClientId client, const AllocationRequest& request,
                                               Nanoseconds deadline) {
  {
    const std::lock_guard lock(mutex_);
    auto got = climb(client, request);
    if (got || got.error().code != Errc::exhausted) return got;
    // Waiting cannot help a request that no empty device could serve.
    if (request.bytes > source_.figures().capacity_bytes) return got;
  }
  auto ticket = enqueue(client, request, deadline);
  if (!ticket) return ticket.error();
  for (;;) {
    if (auto answer = poll(*ticket)) return std::move(*answer);
    std::unique_lock lock(mutex_);
    if (answers_.find(ticket->ticket_) != answers_.end()) continue;
    const Nanoseconds left = deadline - options_.clock();
    if (left.value > 0) changed_.wait_for(lock, std::chrono::nanoseconds(left.value));
  }
}

void DeviceHeap::serve_queue() {
  expire_waiting();
  bool any = false;
  for (std::size_t at = 0; at < queue_.size();) {
    const WaitingRequest entry = queue_.waiting()[at];
    // Who is at the limit of its own budget waits for itself alone.
    if (!ledger_.within_budget(entry.client, whole_granules(entry.request.bytes))) {
      ++at;
      continue;
    }
    auto got = take(entry.client, entry.request);
    if (!got && got.error().code == Errc::exhausted) break;
    if (got) ++counts_[static_cast<std::size_t>(Rung::wait)].helped;
    answers_.insert_or_assign(entry.ticket,
                              Answer{entry.client, entry.request.stream, std::move(got)});
    queue_.erase(at);
    any = true;
  }
  if (any) changed_.notify_all();
}

Error DeviceHeap::expired(const WaitingRequest& entry) const {
  return Error{Errc::timeout, fmt::format("{} waited for {} bytes ({}) until its deadline",
                                          ledger_.use(entry.client).name, entry.request.bytes,
                                          ledger_.tag_name(entry.request.tag))};
}

bool DeviceHeap::expire_waiting() {
  if (queue_.empty()) return false;
  bool any = false;
  for (const WaitingRequest& entry : queue_.expire(options_.clock())) {
    answers_.insert_or_assign(entry.ticket,
                              Answer{entry.client, entry.request.stream, expired(entry)});
    any = true;
  }
  if (any) changed_.notify_all();
  return any;
}

}  // namespace zomma::gpu
