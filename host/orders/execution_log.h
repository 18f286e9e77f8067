// execution_log.h: the executions seen lately, so that one reported twice counts once and one that
// is corrected or cancelled can be taken back. A ring of fixed size with an index; what falls out
// of it is forgotten. Hot path: no allocation.
#pragma once

#include <cstdint>
#include <vector>

#include "base/archive.h"
#include "base/types.h"

namespace zomma {

struct Execution {
  OrderId order;
  std::uint64_t execution_id{};
  Quantity quantity{};  // 0: not a fill, or taken back
  Price price{};
};

class ExecutionLog {
 public:
  // Remembers the last `capacity` (rounded up to a power of two, at least 16).
  explicit ExecutionLog(std::size_t capacity);

  // Null when it was never seen, or too long ago. Valid until the next insert.
  Execution* find(OrderId order, std::uint64_t execution_id);
  // `execution` must not be in the log.
  void insert(const Execution& execution);

  void save(ArchiveWriter& out) const;
  void load(ArchiveReader& in);

 private:
  std::size_t home(OrderId order, std::uint64_t execution_id) const;
  void index_insert(std::uint32_t slot);
  void index_erase(std::uint32_t slot);

  static constexpr std::uint32_t empty = UINT32_MAX;
  std::vector<Execution> ring_;
  std::vector<std::uint32_t> index_;  // open addressing, twice the ring's size
  std::uint64_t written_ = 0;
};

}  // namespace zomma
