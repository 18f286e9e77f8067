#include "market/bus/shared_bus.h"

#include <unistd.h>

#include <algorithm>
#include <bit>
#include <new>

#include "base/clock.h"
#include "base/random.h"
#include "base/shared_copy.h"

namespace zomma {
namespace {

constexpr std::size_t header_bytes = 4096;
constexpr std::uint64_t min_capacity = 64;
constexpr std::uint64_t max_capacity = std::uint64_t{1} << 26;

const zm_event* slots_of(const std::byte* memory) {
  return reinterpret_cast<const zm_event*>(memory + header_bytes);
}

}  // namespace

Result<BusWriter> BusWriter::create(const std::string& name, std::size_t capacity,
                                    std::uint64_t first_seq) {
  if (capacity == 0 || capacity > max_capacity) {
    return Error{Errc::invalid_argument, "bus " + name + ": capacity " + std::to_string(capacity) +
                                             "; expected 1 to " + std::to_string(max_capacity) +
                                             " events"};
  }
  if (first_seq == 0)
    return Error{Errc::invalid_argument, "bus " + name + ": events are numbered from 1, not 0"};
  const std::uint64_t slots = std::bit_ceil(std::max<std::uint64_t>(capacity, min_capacity));
  auto memory = SharedMemory::create(name, header_bytes + slots * sizeof(zm_event));
  if (!memory) return memory.error();
  auto* const header = new (memory->writable_data()) BusHeader{};
  header->version = BusHeader::version_value;
  header->slot_bytes = sizeof(zm_event);
  header->capacity = slots;
  header->created_ns = wall_now().value;
  header->writer_pid = getpid();
  header->session =
      SplitMix64(static_cast<std::uint64_t>(header->created_ns ^ header->writer_pid << 40))();
  header->first_seq = first_seq;
  header->claimed.store(first_seq - 1, std::memory_order_relaxed);
  header->published.store(first_seq - 1, std::memory_order_relaxed);
  header->magic.store(BusHeader::magic_value, std::memory_order_release);
  return BusWriter(std::move(*memory), first_seq);
}

BusWriter::BusWriter(SharedMemory memory, std::uint64_t first_seq)
    : memory_(std::move(memory)),
      header_(reinterpret_cast<BusHeader*>(memory_.writable_data())),
      slots_(reinterpret_cast<zm_event*>(memory_.writable_data() + header_bytes)),
      mask_(header_->capacity - 1),
      next_seq_(first_seq) {}

BusWriter::~BusWriter() {
  if (memory_.writable_data() != nullptr) header_->closed.store(1, std::memory_order_release);
}

bool BusWriter::publish(std::span<const zm_event> events) noexcept {
  if (events.empty()) return true;
  if (events.front().seq != next_seq_ || events.back().seq != next_seq_ + events.size() - 1)
    return false;
  const std::uint64_t capacity = mask_ + 1;
  while (!events.empty()) {
    const std::uint64_t first = next_seq_;
    const std::uint64_t slot = first & mask_;
    const std::uint64_t count =
        std::min({static_cast<std::uint64_t>(events.size()), capacity / 4, capacity - slot});
    header_->claimed.store(first + count - 1, std::memory_order_release);
    before_shared_write();
    copy_to_shared(slots_ + slot, events.data(), count);
    header_->published.store(first + count - 1, std::memory_order_release);
    next_seq_ = first + count;
    events = events.subspan(count);
  }
  return true;
}

Result<BusReader> BusReader::open(const std::string& name, From from) {
  auto memory = SharedMemory::open_read_only(name);
  if (!memory) return memory.error();
  const auto fail = [&](Errc code, const std::string& what) {
    return Error{code, "bus " + name + ": " + what};
  };
  if (memory->size() < header_bytes) return fail(Errc::corrupt, "too small for a header");
  const auto* const header = reinterpret_cast<const BusHeader*>(memory->data());
  const std::uint64_t magic = header->magic.load(std::memory_order_acquire);
  if (magic == 0) return fail(Errc::not_found, "not set up yet");
  if (magic != BusHeader::magic_value)
    return fail(Errc::corrupt, "this shared memory is no Zomma bus");
  if (header->version != BusHeader::version_value || header->slot_bytes != sizeof(zm_event)) {
    return fail(Errc::incompatible, "version " + std::to_string(header->version) +
                                        " with events of " + std::to_string(header->slot_bytes) +
                                        " bytes; this program reads version " +
                                        std::to_string(BusHeader::version_value) + " with 64");
  }
  const std::uint64_t capacity = header->capacity;
  if (!std::has_single_bit(capacity) || capacity < min_capacity || capacity > max_capacity ||
      memory->size() != header_bytes + capacity * sizeof(zm_event)) {
    return fail(Errc::corrupt, "its capacity does not fit its size");
  }
  return BusReader(std::move(*memory), from);
}

BusReader::BusReader(SharedMemory memory, From from)
    : memory_(std::move(memory)),
      header_(reinterpret_cast<const BusHeader*>(memory_.data())),
      slots_(slots_of(memory_.data())),
      mask_(header_->capacity - 1) {
  const std::uint64_t published = header_->published.load(std::memory_order_acquire);
  const std::uint64_t claimed = header_->claimed.load(std::memory_order_acquire);
  const std::uint64_t oldest = claimed > mask_ + 1 ? claimed - mask_ : 1;
  next_seq_ = from == From::newest ? published + 1 : std::max(oldest, header_->first_seq);
}

// Copies from `from` on; what survives whole is moved to the front of `out`. `from` becomes the
// first of these, or what follows the range if nothing survived.
std::size_t BusReader::copy_whole(std::uint64_t& from, std::uint64_t published,
                                  std::span<zm_event> out) noexcept {
  const std::uint64_t capacity = mask_ + 1;
  const std::uint64_t count = std::min<std::uint64_t>(out.size(), published - from + 1);
  const std::uint64_t slot = from & mask_;
  const std::uint64_t run = std::min(count, capacity - slot);
  copy_from_shared(out.data(), slots_ + slot, run);
  if (run != count) copy_from_shared(out.data() + run, slots_, count - run);
  after_shared_read();
  const std::uint64_t claimed = header_->claimed.load(std::memory_order_acquire);
  if (claimed < from + capacity) return count;
  const std::uint64_t whole = std::min(claimed - capacity + 1, from + count);
  const std::uint64_t lost = whole - from;
  std::copy(out.begin() + lost, out.begin() + count, out.begin());
  from = whole;
  return count - lost;
}

Poll BusReader::poll(std::span<zm_event> out) noexcept {
  const std::uint64_t published = header_->published.load(std::memory_order_acquire);
  if (published < next_seq_ || out.empty()) return {};
  const std::uint64_t capacity = mask_ + 1;
  const std::uint64_t wanted = next_seq_;
  std::uint64_t from = std::max(wanted, header_->first_seq);
  if (published - from >= capacity) from = published - capacity + 1;
  Poll result;
  result.count = copy_whole(from, published, out);
  if (result.count == 0) {
    // Overtaken while copying: leave the producer a quarter of the ring, so that the next attempt
    // comes through.
    const std::uint64_t now = header_->published.load(std::memory_order_acquire);
    from = std::max(from, now - capacity / 4 * 3);
    result.count = from <= now ? copy_whole(from, now, out) : 0;
  }
  if (from != wanted) result.overrun = Overrun{wanted, from - 1};
  next_seq_ = from + result.count;
  return result;
}

ProducerState BusReader::producer() const {
  if (header_->closed.load(std::memory_order_acquire) != 0) return ProducerState::closed;
  // Asked in this order: a producer that dies and is replaced between the questions is seen as
  // replaced.
  const bool alive = memory_.owner_alive();
  if (alive) return ProducerState::alive;
  if (header_->closed.load(std::memory_order_acquire) != 0) return ProducerState::closed;
  return memory_.current() ? ProducerState::dead : ProducerState::replaced;
}

}  // namespace zomma
