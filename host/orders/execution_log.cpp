#include "orders/execution_log.h"

#include <algorithm>
#include <bit>

#include "base/random.h"

namespace zomma {

ExecutionLog::ExecutionLog(std::size_t capacity) {
  constexpr std::size_t least = 16, most = std::size_t{1} << 30;
  ring_.resize(std::bit_ceil(std::clamp(capacity, least, most)));
  index_.assign(ring_.size() * 2, empty);
}

std::size_t ExecutionLog::home(OrderId order, std::uint64_t execution_id) const {
  return SplitMix64(order.value * 0x9E3779B97F4A7C15u + execution_id)() & (index_.size() - 1);
}

Execution* ExecutionLog::find(OrderId order, std::uint64_t execution_id) {
  for (std::size_t at = home(order, execution_id); index_[at] != empty;
       at = (at + 1) & (index_.size() - 1)) {
    Execution& execution = ring_[index_[at]];
    if (execution.order == order && execution.execution_id == execution_id) return &execution;
  }
  return nullptr;
}

void ExecutionLog::insert(const Execution& execution) {
  const auto slot = static_cast<std::uint32_t>(written_ & (ring_.size() - 1));
  if (written_ >= ring_.size()) index_erase(slot);
  ring_[slot] = execution;
  index_insert(slot);
  ++written_;
}

void ExecutionLog::index_insert(std::uint32_t slot) {
  std::size_t at = home(ring_[slot].order, ring_[slot].execution_id);
  while (index_[at] != empty) at = (at + 1) & (index_.size() - 1);
  index_[at] = slot;
}

// Closes the gap by moving back what was pushed past it, so that no tombstones gather over a long
// run.
void ExecutionLog::index_erase(std::uint32_t slot) {
  const std::size_t mask = index_.size() - 1;
  std::size_t gap = home(ring_[slot].order, ring_[slot].execution_id);
  while (index_[gap] != slot) gap = (gap + 1) & mask;
  for (std::size_t at = (gap + 1) & mask; index_[at] != empty; at = (at + 1) & mask) {
    const Execution& other = ring_[index_[at]];
    const std::size_t other_home = home(other.order, other.execution_id);
    if (((at - other_home) & mask) >= ((at - gap) & mask)) {
      index_[gap] = index_[at];
      gap = at;
    }
  }
  index_[gap] = empty;
}

void ExecutionLog::save(ArchiveWriter& out) const {
  out.put<std::uint64_t>(ring_.size());
  out.put(written_);
  const std::uint64_t kept = std::min<std::uint64_t>(written_, ring_.size());
  for (std::uint64_t i = written_ - kept; i < written_; ++i) out.put(ring_[i & (ring_.size() - 1)]);
}

void ExecutionLog::load(ArchiveReader& in) {
  if (in.get<std::uint64_t>() != ring_.size()) in.fail();
  const auto written = in.get<std::uint64_t>();
  if (!in.ok()) return;
  std::fill(index_.begin(), index_.end(), empty);
  std::fill(ring_.begin(), ring_.end(), Execution{});
  const std::uint64_t kept = std::min<std::uint64_t>(written, ring_.size());
  written_ = written - kept;
  for (std::uint64_t i = 0; i < kept && in.ok(); ++i) {
    const auto execution = in.get<Execution>();
    // Two alike would make the index lose one of them; nothing that save writes has them.
    if (in.ok() && find(execution.order, execution.execution_id) != nullptr) in.fail();
    if (!in.ok()) return;
    const auto slot = static_cast<std::uint32_t>(written_ & (ring_.size() - 1));
    ring_[slot] = execution;
    index_insert(slot);
    ++written_;
  }
}

}  // namespace zomma
