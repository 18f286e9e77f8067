// pool_backend.cpp: BlockSource by the driver's pools.
#include "gpu/memory/pool_backend.h"

#include <fmt/format.h>

#include <bit>

namespace zomma::gpu {

namespace {
constexpr auto ok = DriverStatus::ok;
}

class PoolBackend::Current {
 public:
  explicit Current(const PoolBackend& pool)
      : api_(*pool.api_), status_(api_.cuCtxPushCurrent(pool.context_)) {}
  Current(const Current&) = delete;
  Current& operator=(const Current&) = delete;
  ~Current() {
    DriverContext popped = nullptr;
    if (status_ == ok) api_.cuCtxPopCurrent(&popped);
  }

 private:
  const DriverApi& api_;
  DriverStatus status_;
};

std::string PoolBackend::name() const { return fmt::format("the pool of GPU {}", device_); }

Result<std::unique_ptr<PoolBackend>> PoolBackend::create(const DriverApi& api, DeviceOrdinal device,
                                                         DriverContext context,
                                                         DeviceMemory& memory,
                                                         std::uint64_t capacity_bytes) {
  std::unique_ptr<PoolBackend> backend(
      new PoolBackend(api, device, context, memory, capacity_bytes));
  const Current current(*backend);
  int has_pools = 0;
  auto status = api.cuDeviceGetAttribute(&has_pools, DeviceAttribute::memory_pools, device);
  if (status != ok) return describe(api, status, fmt::format("asking GPU {} what it can", device));
  if (has_pools == 0) {
    return Error{Errc::unsupported,
                 fmt::format("GPU {} has no memory pools; use the arena", device)};
  }
  PoolProperties properties;
  properties.location = {LocationType::device, device};
  status = api.cuMemPoolCreate(&backend->pool_, &properties);
  if (status != ok) return describe(api, status, fmt::format("making a pool on GPU {}", device));
  std::uint64_t keep_all = ~std::uint64_t{0};
  status = api.cuMemPoolSetAttribute(backend->pool_, PoolAttribute::release_threshold, &keep_all);
  if (status != ok) return describe(api, status, fmt::format("setting up {}", backend->name()));
  DriverStream own = nullptr;
  status = api.cuStreamCreateWithPriority(&own, stream_non_blocking, 0);
  if (status != ok) return describe(api, status, fmt::format("a stream for {}", backend->name()));
  backend->streams_.push_back({own, false});
  return backend;
}

PoolBackend::~PoolBackend() {
  const Current current(*this);
  for (const Stream& stream : streams_) {
    if (stream.open) api_->cuStreamSynchronize(stream.stream);
  }
  for (const Node& node : nodes_) {
    if (node.live) api_->cuMemFreeAsync(node.address, streams_[0].stream);
  }
  if (!streams_.empty()) {
    api_->cuStreamSynchronize(streams_[0].stream);
    api_->cuStreamDestroy(streams_[0].stream);
  }
  if (pool_ != nullptr) api_->cuMemPoolDestroy(pool_);
}

Result<StreamId> PoolBackend::add_stream(DriverStream stream) {
  for (std::size_t id = 1; id < streams_.size(); ++id) {
    if (streams_[id].open) continue;
    streams_[id] = {stream, true};
    return static_cast<StreamId>(id);
  }
  if (streams_.size() > 0xFFFF) {
    return Error{Errc::exhausted, fmt::format("{} has {} streams open, the most there can be",
                                              name(), streams_.size() - 1)};
  }
  streams_.push_back({stream, true});
  return static_cast<StreamId>(streams_.size() - 1);
}

Result<void> PoolBackend::remove_stream(StreamId stream) {
  if (stream == no_stream || !has_stream(stream)) {
    return Error{Errc::invalid_argument,
                 fmt::format("stream {} of {} is not open", stream, name())};
  }
  auto waited = memory_->synchronize(streams_[stream].stream);
  streams_[stream].open = false;
  return waited;
}

Result<BlockHandle> PoolBackend::allocate(std::uint64_t bytes, StreamId stream,
                                          std::uint64_t alignment) {
  if (bytes == 0 || !std::has_single_bit(alignment) || !has_stream(stream)) {
    return Error{
        Errc::invalid_argument,
        fmt::format("a block of {} bytes aligned to {} for stream {} from {}: wanted at least "
                    "one byte, a power of two, an open stream",
                    bytes, alignment, stream, name())};
  }
  if (alignment > granule_bytes) {
    return Error{Errc::unsupported,
                 fmt::format("{} aligns to {} bytes; {} asked for: use the arena", name(),
                             granule_bytes, alignment)};
  }
  if (bytes > capacity_ || whole_granules(bytes) > capacity_ - taken_) {
    return Error{Errc::exhausted, fmt::format("no room for {} bytes in {}: {} of {} taken", bytes,
                                              name(), taken_, capacity_)};
  }
  const Current current(*this);
  DeviceAddress address = 0;
  auto status = api_->cuMemAllocFromPoolAsync(&address, whole_granules(bytes), pool_,
                                              streams_[stream].stream);
  // A block for no stream is to be usable by all at once.
  if (status == ok && stream == no_stream) {
    status = api_->cuStreamSynchronize(streams_[0].stream);
    if (status != ok) api_->cuMemFreeAsync(address, streams_[0].stream);
  }
  if (status != ok) return describe(*api_, status, fmt::format("{} bytes from {}", bytes, name()));
  if (spare_.empty()) {
    spare_.push_back(static_cast<std::uint32_t>(nodes_.size()));
    nodes_.emplace_back();
  }
  const std::uint32_t node = spare_.back();
  spare_.pop_back();
  nodes_[node].address = address;
  nodes_[node].bytes = whole_granules(bytes);
  nodes_[node].live = true;
  nodes_[node].note = {};
  taken_ += nodes_[node].bytes;
  return BlockHandle{node, nodes_[node].generation};
}

void PoolBackend::free(BlockHandle block, StreamId stream) {
  const Current current(*this);
  Node& node = nodes_[block.node];
  api_->cuMemFreeAsync(node.address, streams_[stream].stream);
  taken_ -= node.bytes;
  node.live = false;
  ++node.generation;
  spare_.push_back(block.node);
}

HandleState PoolBackend::state(BlockHandle block) const {
  if (block.node >= nodes_.size() || block.generation > nodes_[block.node].generation) {
    return HandleState::foreign;
  }
  const Node& node = nodes_[block.node];
  return node.live && node.generation == block.generation ? HandleState::live : HandleState::stale;
}

Result<void> PoolBackend::settle() {
  for (std::size_t id = 0; id < streams_.size(); ++id) {
    if (id != 0 && !streams_[id].open) continue;
    if (auto waited = memory_->synchronize(streams_[id].stream); !waited) return waited;
  }
  return {};
}

std::uint64_t PoolBackend::reserved() const {
  std::uint64_t bytes = 0;
  api_->cuMemPoolGetAttribute(pool_, PoolAttribute::reserved_current, &bytes);
  return bytes;
}

Result<std::uint64_t> PoolBackend::trim(std::uint64_t keep_bytes) {
  if (auto settled = settle(); !settled) return settled.error();
  const Current current(*this);
  const std::uint64_t before = reserved();
  const auto status = api_->cuMemPoolTrimTo(pool_, keep_bytes);
  if (status != ok) return describe(*api_, status, fmt::format("trimming {}", name()));
  const std::uint64_t after = reserved();
  return before > after ? before - after : 0;
}

MemoryFigures PoolBackend::figures() const {
  const Current current(*this);
  MemoryFigures figures;
  figures.capacity_bytes = capacity_;
  figures.taken_bytes = taken_;
  figures.reserved_bytes = reserved();
  figures.idle_bytes = figures.reserved_bytes > taken_ ? figures.reserved_bytes - taken_ : 0;
  figures.largest_free_bytes =
      capacity_ > figures.reserved_bytes ? capacity_ - figures.reserved_bytes : 0;
  return figures;
}

}  // namespace zomma::gpu
