// device_heap.cpp: clients, allocations and the lower rungs of the ladder. Spillable buffers are in
// device_heap_spill.cpp, the queue in device_heap_queue.cpp.
#include "gpu/memory/device_heap.h"

#include <fmt/format.h>

#include <utility>

namespace zomma::gpu {
namespace {
constexpr std::uint64_t most_bytes = ~std::uint64_t{0} - granule_bytes;
}

std::string_view name(Rung rung) {
  constexpr std::string_view names[] = {"take", "reclaim", "trim", "spill",
                                        "wait", "split",   "cpu",  "refuse"};
  return names[static_cast<std::size_t>(rung)];
}

DeviceHeap::DeviceHeap(BlockSource& source, HeapOptions options)
    : source_(source),
      options_(std::move(options)),
      device_(source.memory().device()),
      queue_(options_.queue_limit),
      pinned_(source.memory(), options_.pinned_limit_bytes) {}

ClientId DeviceHeap::open_client(const ClientOptions& options) {
  const std::lock_guard lock(mutex_);
  return ledger_.open(options);
}

Result<RetireReport> DeviceHeap::retire(ClientId client) {
  const std::lock_guard lock(mutex_);
  if (!ledger_.is_open(client)) {
    return Error{Errc::invalid_argument, "retire: this client is not open, or has retired before"};
  }
  refuse_waiting(client);
  // Nothing is given on before the work that may use it is done. Where waiting fails the device is
  // lost or its context has failed: nothing runs there any more.
  RetireReport report;
  report.waited = source_.settle();
  for (Buffer& buffer : buffers_) {
    if (buffer.place == Place::host && buffer.client == client) forget(buffer);
  }
  std::map<std::uint32_t, Leak> by_tag;
  for (const BlockHandle block : blocks_of(client)) {
    const TagId tag = entry(block).tag;
    Leak& leak = by_tag[tag.value];
    leak.tag = ledger_.tag_name(tag);
    ++leak.blocks;
    leak.bytes += source_.bytes(block);
    report.leaked_bytes += source_.bytes(block);
  }
  for (auto& [tag, leak] : by_tag) report.leaks.push_back(std::move(leak));
  for (Buffer& buffer : buffers_) {
    if (buffer.place == Place::device && buffer.client == client) forget(buffer);
  }
  // Which stream used a leaked block last is not known: wait for all of them.
  if (!report.leaks.empty()) {
    for (StreamId id = 1; id <= most_stream_; ++id) {
      if (!source_.has_stream(id)) continue;
      if (auto waited = source_.memory().synchronize(source_.stream(id)); !waited) {
        report.waited = waited;
      }
    }
  }
  for (const BlockHandle block : blocks_of(client)) give_back(block, no_stream);
  ledger_.close(client);
  serve_queue();
  changed_.notify_all();
  return report;
}

TagId DeviceHeap::tag(std::string_view name) {
  const std::lock_guard lock(mutex_);
  return ledger_.tag(name);
}

Result<StreamId> DeviceHeap::add_stream(DriverStream stream) {
  const std::lock_guard lock(mutex_);
  auto id = source_.add_stream(stream);
  if (id && *id > most_stream_) most_stream_ = *id;
  return id;
}

Result<void> DeviceHeap::remove_stream(StreamId stream) {
  const std::lock_guard lock(mutex_);
  auto removed = source_.remove_stream(stream);
  if (!removed && removed.error().code == Errc::invalid_argument) return removed;
  for (Buffer& buffer : buffers_) {
    if (buffer.stream == stream) buffer.stream = no_stream;
  }
  serve_queue();
  return removed;
}

Result<void> DeviceHeap::check(ClientId client, const AllocationRequest& request) {
  if (!ledger_.is_open(client)) {
    return Error{
        Errc::invalid_argument,
        fmt::format("{} bytes asked for by client {}, which is not open: it has retired, or "
                    "never was",
                    request.bytes, client.index)};
  }
  const std::uint64_t rounded =
      request.bytes > most_bytes ? request.bytes : whole_granules(request.bytes);
  if (request.tag.value >= ledger_.tags()) {
    return Error{Errc::invalid_argument, fmt::format("tag {} is not one of the {} known here",
                                                     request.tag.value, ledger_.tags())};
  }
  if (ledger_.within_budget(client, rounded)) return {};
  ledger_.count_refusal(client);
  const ClientUse& use = ledger_.use(client);
  return Error{Errc::refused,
               fmt::format("{} asks for {} bytes ({}) and holds {} of its budget of {}: raise the "
                           "budget or ask for less",
                           use.name, request.bytes, ledger_.tag_name(request.tag), use.used_bytes,
                           use.budget_bytes)};
}

Result<Allocation> DeviceHeap::take(ClientId client, const AllocationRequest& request) {
  if (!passes_over(Rung::take)) {
    auto block = source_.allocate(request.bytes, request.stream, request.alignment);
    if (block) return enter(*block, client, request);
    ++counts_[static_cast<std::size_t>(Rung::take)].tried;
    return block.error();
  }
  ++counts_[static_cast<std::size_t>(Rung::take)].tried;
  return Error{Errc::exhausted, "injected: no memory"};
}

bool DeviceHeap::passes_over(Rung rung) {
  const auto at = static_cast<std::size_t>(rung);
  if (injected_[at] == 0) [[likely]]
    return false;
  --injected_[at];
  ++counts_[at].injected;
  return true;
}

Result<Allocation> DeviceHeap::allocate(ClientId client, const AllocationRequest& request) {
  const std::lock_guard lock(mutex_);
  // The common case by itself: in budget, nobody waits, and there is room.
  if (queue_.empty() && injected_[0] == 0 && request.bytes <= most_bytes &&
      request.tag.value < ledger_.tags() && ledger_.is_open(client) &&
      ledger_.within_budget(client, whole_granules(request.bytes))) [[likely]] {
    auto block = source_.allocate(request.bytes, request.stream, request.alignment);
    if (block) [[likely]]
      return enter(*block, client, request);
  }
  return climb(client, request);
}

Allocation DeviceHeap::enter(BlockHandle block, ClientId client, const AllocationRequest& request) {
  RungCount& count = counts_[static_cast<std::size_t>(Rung::take)];
  ++count.tried;
  ++count.helped;
  source_.set_note(block, Ledger::Entry{client.index, request.tag}.note());
  ledger_.enter(client, source_.bytes(block));
  return {block, device_, source_.address(block), request.bytes};
}

std::vector<BlockHandle> DeviceHeap::blocks_of(ClientId client) const {
  std::vector<BlockHandle> blocks;
  source_.visit([&](BlockHandle block) {
    if (entry(block).client == client.index) blocks.push_back(block);
  });
  return blocks;
}

Result<Allocation> DeviceHeap::climb(ClientId client, const AllocationRequest& request) {
  if (auto checked = check(client, request); !checked) return checked.error();
  if (!queue_.empty() && queue_.waiting().front().priority >= ledger_.priority(client)) {
    return Error{Errc::exhausted,
                 fmt::format("{} bytes: {} requests of the same or greater priority wait before it",
                             request.bytes, queue_.size())};
  }
  auto got = take(client, request);
  if (got || got.error().code != Errc::exhausted) [[likely]]
    return got;

  const auto attempt = [&](Rung rung, auto&& help) {
    RungCount& count = counts_[static_cast<std::size_t>(rung)];
    ++count.tried;
    if (passes_over(rung)) return false;
    // Repeated as long as it frees something: one evicted buffer may not be enough.
    while (help()) {
      got = take(client, request);
      if (got) ++count.helped;
      if (got || got.error().code != Errc::exhausted) return true;
      if (rung != Rung::spill) break;
    }
    return false;
  };
  if (attempt(Rung::reclaim, [&] { return static_cast<bool>(source_.settle()); })) return got;
  if (attempt(Rung::trim, [&] { return trim_all(), true; })) return got;
  if (attempt(Rung::spill, [&] { return spill_one(client); })) return got;
  return got;
}

void DeviceHeap::trim_all() {
  for (const auto& trimmer : options_.trimmers) trimmer();
  pinned_.trim();
  (void)source_.trim(0);
}

void DeviceHeap::give_back(BlockHandle block, StreamId last_used_in) {
  ledger_.leave(entry(block), source_.bytes(block));
  source_.free(block, last_used_in);
}

Result<void> DeviceHeap::not_live(const Allocation& allocation) const {
  const auto bad = [&](std::string_view why) {
    return Error{Errc::invalid_argument,
                 fmt::format("block {} at {:#x}, {} bytes: {}", allocation.block.node,
                             allocation.address, allocation.bytes, why)};
  };
  if (allocation.device != device_) {
    return bad(
        fmt::format("it belongs to device {}, not to device {}", allocation.device, device_));
  }
  switch (source_.state(allocation.block)) {
    case HandleState::foreign:
      return bad("this heap never gave it out");
    case HandleState::stale:
      return bad("it was freed before");
    case HandleState::live:
      break;
  }
  if (source_.address(allocation.block) != allocation.address) {
    return bad("its address is not that of the block with this handle");
  }
  if (entry(allocation.block).spillable) return bad("it is spillable: drop the buffer instead");
  return {};
}

Result<void> DeviceHeap::free(const Allocation& allocation, StreamId last_used_in) {
  const std::lock_guard lock(mutex_);
  if (auto live = not_live(allocation); !live) return live;
  if (!source_.has_stream(last_used_in)) {
    return Error{Errc::invalid_argument,
                 fmt::format("block {} freed in stream {}, which is not open",
                             allocation.block.node, last_used_in)};
  }
  give_back(allocation.block, last_used_in);
  if (!queue_.empty()) [[unlikely]]
    serve_queue();
  return {};
}

void DeviceHeap::inject(Rung rung, std::uint32_t times) {
  const std::lock_guard lock(mutex_);
  injected_[static_cast<std::size_t>(rung)] = times;
}

std::array<RungCount, rungs> DeviceHeap::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

bool DeviceHeap::try_rung(Rung rung) {
  const std::lock_guard lock(mutex_);
  ++counts_[static_cast<std::size_t>(rung)].tried;
  return passes_over(rung);
}

void DeviceHeap::rung_helped(Rung rung) {
  const std::lock_guard lock(mutex_);
  ++counts_[static_cast<std::size_t>(rung)].helped;
}

MemoryFigures DeviceHeap::figures() const {
  const std::lock_guard lock(mutex_);
  return source_.figures();
}

std::vector<ClientUse> DeviceHeap::clients() const {
  const std::lock_guard lock(mutex_);
  return ledger_.clients();
}

std::uint64_t DeviceHeap::pinned_bytes() const {
  const std::lock_guard lock(mutex_);
  return pinned_.pinned_bytes();
}

std::size_t DeviceHeap::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

Result<HeapBlock> HeapBlock::allocate(DeviceHeap& heap, ClientId client,
                                      const AllocationRequest& request) {
  auto got = heap.allocate(client, request);
  if (!got) return got.error();
  HeapBlock block;
  block.heap_ = &heap;
  block.allocation_ = *got;
  block.stream_ = request.stream;
  return block;
}

HeapBlock::HeapBlock(HeapBlock&& other) noexcept
    : heap_(std::exchange(other.heap_, nullptr)),
      allocation_(other.allocation_),
      stream_(other.stream_) {}

HeapBlock& HeapBlock::operator=(HeapBlock&& other) noexcept {
  std::swap(heap_, other.heap_);
  std::swap(allocation_, other.allocation_);
  std::swap(stream_, other.stream_);
  return *this;
}

HeapBlock::~HeapBlock() {
  if (heap_ != nullptr) (void)heap_->free(allocation_, stream_);
}

}  // namespace zomma::gpu
