// device_heap_spill.cpp: buffers that give way: to pinned host memory when somebody of greater
// priority (or their own client) needs the room, and back when they are held. Their bytes survive
// every failure: the old place is given up only when the copy is done.
#include <fmt/format.h>

#include "gpu/memory/device_heap.h"

namespace zomma::gpu {

Result<SpillId> DeviceHeap::make_spillable(const Allocation& allocation, StreamId last_used_in) {
  const std::lock_guard lock(mutex_);
  if (auto live = not_live(allocation); !live) return live.error();
  if (!source_.has_stream(last_used_in)) {
    return Error{Errc::invalid_argument, fmt::format("stream {} is not open", last_used_in)};
  }
  std::uint32_t index = 0;
  while (index < buffers_.size() && buffers_[index].place != Place::none) ++index;
  if (index == buffers_.size()) buffers_.emplace_back();
  Buffer& buffer = buffers_[index];
  const Ledger::Entry known = entry(allocation.block);
  buffer.place = Place::device;
  buffer.holds = 0;
  buffer.last_use = ++uses_;
  buffer.allocation = allocation;
  buffer.client = ledger_.owner(known);
  buffer.tag = known.tag;
  buffer.stream = last_used_in;
  mark_spillable(allocation.block);
  return SpillId{index, buffer.generation};
}

void DeviceHeap::mark_spillable(BlockHandle block) {
  Ledger::Entry marked = entry(block);
  marked.spillable = true;
  source_.set_note(block, marked.note());
}

Result<DeviceHeap::Buffer*> DeviceHeap::find(SpillId id) {
  if (id.index >= buffers_.size() || buffers_[id.index].place == Place::none ||
      buffers_[id.index].generation != id.generation) {
    return Error{
        Errc::invalid_argument,
        fmt::format("spillable buffer {} is not here: it was dropped, its client retired, or "
                    "it never was",
                    id.index)};
  }
  return &buffers_[id.index];
}

Result<DeviceAddress> DeviceHeap::hold(SpillId id, StreamId stream) {
  const std::lock_guard lock(mutex_);
  auto found = find(id);
  if (!found) return found.error();
  if (!source_.has_stream(stream)) {
    return Error{Errc::invalid_argument, fmt::format("stream {} is not open", stream)};
  }
  Buffer& buffer = **found;
  if (buffer.place == Place::host) {
    if (auto restored = restore(buffer, stream); !restored) return restored.error();
  } else if (buffer.stream != stream && buffer.stream != no_stream) {
    DeviceMemory& memory = source_.memory();
    auto ordered = stream == no_stream
                       ? memory.synchronize(source_.stream(buffer.stream))
                       : memory.order_after(source_.stream(stream), source_.stream(buffer.stream));
    if (!ordered) return ordered.error();
  }
  buffer.stream = stream;
  buffer.last_use = ++uses_;
  ++buffer.holds;
  return buffer.allocation.address;
}

Result<void> DeviceHeap::release(SpillId id) {
  const std::lock_guard lock(mutex_);
  auto found = find(id);
  if (!found) return found.error();
  if ((*found)->holds == 0) {
    return Error{Errc::invalid_argument,
                 fmt::format("spillable buffer {} is released, but nobody holds it", id.index)};
  }
  --(*found)->holds;
  return {};
}

Result<void> DeviceHeap::drop(SpillId id) {
  const std::lock_guard lock(mutex_);
  auto found = find(id);
  if (!found) return found.error();
  if ((*found)->holds != 0) {
    return Error{Errc::busy,
                 fmt::format("spillable buffer {} is held {} times", id.index, (*found)->holds)};
  }
  forget(**found);
  if (!queue_.empty()) serve_queue();
  return {};
}

// The buffer ends, wherever it is.
void DeviceHeap::forget(Buffer& buffer) {
  if (buffer.place == Place::host) {
    (void)pinned_.free(buffer.pinned);
  } else {
    give_back(buffer.allocation.block, buffer.stream);
  }
  buffer.place = Place::none;
  ++buffer.generation;
}

// Moves one buffer away for `client`: the least priority first, then the longest unused.
bool DeviceHeap::spill_one(ClientId client) {
  const int priority = ledger_.priority(client);
  std::uint64_t tried = 0;  // last uses up to here failed to move
  for (;;) {
    Buffer* victim = nullptr;
    for (Buffer& buffer : buffers_) {
      if (buffer.place != Place::device || buffer.holds != 0 || buffer.last_use <= tried) continue;
      const int own = ledger_.priority(buffer.client);
      if (own >= priority && !(buffer.client == client)) continue;
      if (victim == nullptr || own < ledger_.priority(victim->client) ||
          (own == ledger_.priority(victim->client) && buffer.last_use < victim->last_use)) {
        victim = &buffer;
      }
    }
    if (victim == nullptr) return false;
    if (evict(*victim)) return true;
    tried = victim->last_use;
  }
}

bool DeviceHeap::evict(Buffer& buffer) {
  DeviceMemory& memory = source_.memory();
  auto pinned = pinned_.allocate(buffer.allocation.bytes);
  if (!pinned) return false;
  const DriverStream stream = buffer.stream == no_stream ? nullptr : source_.stream(buffer.stream);
  auto moved = memory.copy_to_host(pinned->address, buffer.allocation.address,
                                   buffer.allocation.bytes, stream);
  if (moved) moved = memory.synchronize(stream);
  if (!moved) {
    (void)pinned_.free(*pinned);
    return false;
  }
  give_back(buffer.allocation.block, no_stream);
  buffer.pinned = *pinned;
  buffer.place = Place::host;
  return true;
}

Result<void> DeviceHeap::restore(Buffer& buffer, StreamId stream) {
  DeviceMemory& memory = source_.memory();
  auto got = climb(buffer.client, {buffer.allocation.bytes, stream, buffer.tag, granule_bytes});
  if (!got) return got.error();
  const DriverStream driver_stream = stream == no_stream ? nullptr : source_.stream(stream);
  auto moved =
      memory.copy_to_device(got->address, buffer.pinned.address, got->bytes, driver_stream);
  // The pinned block is given up below, so the copy has to be over.
  if (moved) moved = memory.synchronize(driver_stream);
  if (!moved) {
    give_back(got->block, stream);
    return moved;
  }
  (void)pinned_.free(buffer.pinned);
  mark_spillable(got->block);
  buffer.allocation = *got;
  buffer.place = Place::device;
  return {};
}

}  // namespace zomma::gpu
