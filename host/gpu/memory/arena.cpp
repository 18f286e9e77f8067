// arena.cpp: where a block goes, which chunk comes to lie under it, and who may have it when.
#include "gpu/memory/arena.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

namespace zomma::gpu {

Result<Arena> Arena::create(DeviceMemory& memory, const ArenaOptions& options) {
  const std::uint64_t chunk = memory.chunk_bytes();
  const std::uint64_t capacity = options.capacity_bytes / chunk;
  const std::uint64_t most = std::uint64_t{Tlsf::max_granules} * granule_bytes / chunk;
  if (capacity == 0 || capacity > most || chunk % granule_bytes != 0) {
    return Error{Errc::invalid_argument,
                 fmt::format("an arena of {} bytes on {}: from one chunk of {} bytes to {} chunks",
                             options.capacity_bytes, memory.name(), chunk, most)};
  }
  // Fewer addresses do as well, at the price of fragmentation.
  for (std::uint64_t factor = std::max(1u, options.address_factor);; factor /= 2) {
    const std::uint64_t chunks = std::min(capacity * factor, most);
    auto base = memory.reserve(chunks * chunk);
    if (base) return Arena(memory, *base, chunks * (chunk / granule_bytes), capacity);
    if (factor == 1) return base.error();
  }
}

Arena::Arena(DeviceMemory& memory, DeviceAddress base, std::uint64_t granules,
             std::uint64_t capacity)
    : memory_(&memory),
      base_(base),
      index_(static_cast<std::uint32_t>(granules),
             static_cast<std::uint32_t>(memory.chunk_bytes() / granule_bytes)),
      chunk_shift_(static_cast<unsigned>(std::countr_zero(memory.chunk_bytes() / granule_bytes))),
      capacity_(capacity),
      chunks_(granules >> chunk_shift_),
      streams_(1) {}

Arena::Arena(Arena&& other) noexcept
    : memory_(std::exchange(other.memory_, nullptr)),
      base_(other.base_),
      index_(std::move(other.index_)),
      chunk_shift_(other.chunk_shift_),
      capacity_(other.capacity_),
      mapped_(other.mapped_),
      used_(other.used_),
      chunks_(std::move(other.chunks_)),
      idle_cursor_(other.idle_cursor_),
      streams_(std::move(other.streams_)),
      frees_(other.frees_),
      counters_(other.counters_) {}

Arena::~Arena() {
  if (memory_ == nullptr) return;
  for (const Stream& stream : streams_) {
    if (stream.open) (void)memory_->synchronize(stream.stream);
  }
  for (std::size_t chunk = 0; chunk < chunks_.size(); ++chunk) {
    if (chunks_[chunk].physical == unmapped) continue;
    memory_->unmap(base_ + chunk * memory_->chunk_bytes());
    memory_->destroy_chunk(chunks_[chunk].physical);
  }
  memory_->unreserve(base_, chunks_.size() * memory_->chunk_bytes());
}

Result<StreamId> Arena::add_stream(DriverStream stream) {
  for (std::size_t id = 1; id < streams_.size(); ++id) {
    if (streams_[id].open) continue;
    // The lane of a stream that went is empty, and nobody may rely on having waited for it.
    streams_[id] = Stream{stream, true, 0, {}};
    for (Stream& other : streams_) {
      if (id < other.ordered.size()) other.ordered[id] = 0;
    }
    return static_cast<StreamId>(id);
  }
  if (streams_.size() > 0xFFFF) {
    return Error{Errc::exhausted, fmt::format("{} has {} streams open, the most there can be",
                                              memory_->name(), streams_.size() - 1)};
  }
  streams_.push_back(Stream{stream, true, 0, {}});
  return index_.add_lane();
}

Result<void> Arena::remove_stream(StreamId stream) {
  if (stream == no_stream || !has_stream(stream)) {
    return Error{Errc::invalid_argument,
                 fmt::format("stream {} of {} is not open", stream, memory_->name())};
  }
  auto waited = memory_->synchronize(streams_[stream].stream);
  ++counters_.waits;
  index_.merge_into_common(stream);
  streams_[stream].open = false;
  return waited;
}

Result<BlockHandle> Arena::allocate(std::uint64_t bytes, StreamId stream, std::uint64_t alignment) {
  if (bytes == 0 || !std::has_single_bit(alignment) || alignment > memory_->chunk_bytes() ||
      !has_stream(stream)) {
    return Error{
        Errc::invalid_argument,
        fmt::format("a block of {} bytes aligned to {} for stream {} on {}: wanted at least "
                    "one byte, a power of two up to {}, an open stream",
                    bytes, alignment, stream, memory_->name(), memory_->chunk_bytes())};
  }
  const auto none = [&](std::string_view why) {
    return Error{
        Errc::exhausted,
        fmt::format("no room for {} bytes on {}: {} ({} of {} taken)", bytes, memory_->name(), why,
                    index_.taken_granules() * granule_bytes, capacity_ * memory_->chunk_bytes())};
  };
  if (bytes > capacity_ * memory_->chunk_bytes()) return none("it is more than the whole arena");
  const auto count = static_cast<std::uint32_t>((bytes + granule_bytes - 1) / granule_bytes);
  const auto step =
      static_cast<std::uint32_t>(std::max(alignment / granule_bytes, std::uint64_t{1}));

  auto block = index_.allocate(count, step, stream);
  if (block && !needs_chunks(*block)) [[likely]] {
    hold(index_.range(*block));
    return *block;
  }
  // From here on it is slow anyway: use what has become free before another chunk is mapped.
  if (block) index_.free(*block);
  collect();
  if (worth_borrowing(stream)) {
    auto borrowed = borrow(count, step, stream);
    if (!borrowed) return borrowed.error();
    if (*borrowed) return **borrowed;
  }
  std::string why = "no free range is long enough";
  for (const bool last : {false, true}) {
    block = index_.allocate(count, step, stream);
    if (block) {
      auto backed = back(*block);
      if (backed) return *block;
      if (backed.error().code != Errc::exhausted) return backed.error();
      why = backed.error().message;
    }
    if (last) break;
    auto borrowed = borrow(count, step, stream);
    if (!borrowed) return borrowed.error();
    if (*borrowed) return **borrowed;
    if (auto settled = settle(); !settled) return settled.error();
  }
  return none(why);
}

void Arena::free(BlockHandle block, StreamId stream) {
  let_go(index_.range(block));
  index_.free(block, stream);
  streams_[stream].freed = ++frees_;
}

bool Arena::needs_chunks(BlockHandle block) const {
  const GranuleRange range = index_.range(block);
  for (std::size_t at = chunk_of(range.first); at <= chunk_of(range.end() - 1); ++at) {
    if (chunks_[at].physical == unmapped) return true;
  }
  return false;
}

// Another stream's free memory is left alone, so that streams do not wait for each other, as long
// as all of it is little beside what is in use.
bool Arena::worth_borrowing(StreamId stream) const {
  std::uint64_t elsewhere = 0;
  for (std::size_t lane = 1; lane < index_.lanes(); ++lane) {
    if (lane != stream) elsewhere += index_.lane_granules(static_cast<Tlsf::Lane>(lane));
  }
  return elsewhere * 25 > index_.taken_granules();
}

Result<std::optional<BlockHandle>> Arena::borrow(std::uint32_t count, std::uint32_t alignment,
                                                 StreamId stream) {
  for (std::size_t lane = 1; lane < index_.lanes(); ++lane) {
    const auto from = static_cast<StreamId>(lane);
    if (from == stream || index_.lane_empty(from)) continue;
    const auto block = index_.allocate_from(from, count, alignment);
    if (!block) continue;
    Stream& own = streams_[stream];
    own.ordered.resize(streams_.size());
    if (own.ordered[from] < streams_[from].freed) {
      auto ordered = stream == no_stream ? memory_->synchronize(streams_[from].stream)
                                         : memory_->order_after(own.stream, streams_[from].stream);
      if (!ordered) {
        index_.free(*block, from);
        return ordered.error();
      }
      ++(stream == no_stream ? counters_.waits : counters_.events);
      own.ordered[from] = streams_[from].freed;
    }
    hold(index_.range(*block));
    return std::optional(*block);
  }
  return std::optional<BlockHandle>();
}

bool Arena::collect() {
  bool any = false;
  for (std::size_t lane = 1; lane < index_.lanes(); ++lane) {
    const auto id = static_cast<StreamId>(lane);
    if (index_.lane_empty(id) || !memory_->drained(streams_[id].stream)) continue;
    index_.merge_into_common(id);
    any = true;
  }
  return any;
}

Result<void> Arena::settle() {
  for (std::size_t lane = 1; lane < index_.lanes(); ++lane) {
    const auto id = static_cast<StreamId>(lane);
    if (index_.lane_empty(id)) continue;
    if (!memory_->drained(streams_[id].stream)) {
      ++counters_.waits;
      if (auto waited = memory_->synchronize(streams_[id].stream); !waited) return waited;
    }
    index_.merge_into_common(id);
  }
  return {};
}

// Maps a chunk wherever the block has none; on error the block is given back.
Result<void> Arena::back(BlockHandle block) {
  const GranuleRange range = index_.range(block);
  hold(range);
  for (std::size_t at = chunk_of(range.first); at <= chunk_of(range.end() - 1); ++at) {
    if (chunks_[at].physical != unmapped) continue;
    auto chunk = obtain_chunk();
    Result<void> mapped = chunk ? memory_->map(base_ + at * memory_->chunk_bytes(), *chunk)
                                : Result<void>(chunk.error());
    if (mapped) {
      chunks_[at].physical = *chunk;
      ++mapped_;
      continue;
    }
    if (chunk) {
      memory_->destroy_chunk(*chunk);
      ++counters_.chunks_destroyed;
    }
    let_go(range);
    index_.free(block);  // nobody has used it, so it is everybody's
    return mapped;
  }
  return {};
}

Result<PhysicalHandle> Arena::obtain_chunk() {
  Error why{Errc::exhausted, "its chunks are all in use"};
  if (mapped_ < capacity_) {
    auto made = memory_->create_chunk();
    if (made) {
      ++counters_.chunks_created;
      return made;
    }
    if (made.error().code != Errc::exhausted) return made;
    why = made.error();
  }
  if (auto settled = settle(); !settled) return settled.error();
  const std::size_t idle = find_idle();
  if (idle == chunks_.size()) return why;
  const PhysicalHandle chunk = chunks_[idle].physical;
  take_away(idle);
  ++counters_.chunks_moved;
  return chunk;
}

void Arena::hold(GranuleRange range) {
  for (std::size_t at = chunk_of(range.first); at <= chunk_of(range.end() - 1); ++at) {
    if (chunks_[at].blocks++ == 0) ++used_;
  }
}

void Arena::let_go(GranuleRange range) {
  for (std::size_t at = chunk_of(range.first); at <= chunk_of(range.end() - 1); ++at) {
    if (--chunks_[at].blocks == 0) --used_;
  }
}

void Arena::take_away(std::size_t chunk) {
  memory_->unmap(base_ + chunk * memory_->chunk_bytes());
  chunks_[chunk].physical = unmapped;
  --mapped_;
}

// From where the last one was found, once around: a chunk that moves is found in constant time on
// average.
std::size_t Arena::find_idle() {
  for (std::size_t step = 0; step < chunks_.size(); ++step) {
    const std::size_t at = (idle_cursor_ + step) % chunks_.size();
    if (chunks_[at].physical != unmapped && chunks_[at].blocks == 0) {
      idle_cursor_ = at;
      return at;
    }
  }
  return chunks_.size();
}

Result<std::uint64_t> Arena::trim(std::uint64_t keep_bytes) {
  const std::uint64_t keep = keep_bytes / memory_->chunk_bytes();
  if (mapped_ <= std::max(keep, used_)) return std::uint64_t{0};
  if (auto settled = settle(); !settled) return settled.error();
  std::uint64_t given = 0;
  for (std::size_t at = chunks_.size(); at-- > 0 && mapped_ > keep;) {
    if (chunks_[at].physical == unmapped || chunks_[at].blocks != 0) continue;
    const PhysicalHandle chunk = chunks_[at].physical;
    take_away(at);
    memory_->destroy_chunk(chunk);
    ++counters_.chunks_destroyed;
    given += memory_->chunk_bytes();
  }
  return given;
}

MemoryFigures Arena::figures() const {
  const std::uint64_t chunk = memory_->chunk_bytes();
  const std::uint64_t spare = capacity_ - std::min(capacity_, used_);
  MemoryFigures figures;
  figures.capacity_bytes = capacity_ * chunk;
  figures.taken_bytes = index_.taken_granules() * granule_bytes;
  figures.reserved_bytes = mapped_ * chunk;
  figures.idle_bytes = (mapped_ - std::min(mapped_, used_)) * chunk;
  // A free range is usable at its two ends, where a block shares its chunk, and in between as far
  // as there are chunks without blocks to map there.
  index_.for_each([&](GranuleRange range, bool taken, Tlsf::Lane, BlockHandle) {
    if (taken) return;
    const std::uint64_t first = std::uint64_t{range.first} * granule_bytes;
    const std::uint64_t end = std::uint64_t{range.end()} * granule_bytes;
    const std::uint64_t inner_first = (first + chunk - 1) / chunk, inner_end = end / chunk;
    std::uint64_t usable = end - first;
    if (inner_first < inner_end && inner_end - inner_first > spare) {
      usable = std::max(inner_first * chunk - first, end - inner_end * chunk) + spare * chunk;
    }
    figures.largest_free_bytes = std::max(figures.largest_free_bytes, usable);
  });
  return figures;
}

}  // namespace zomma::gpu
