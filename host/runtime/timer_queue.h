// timer_queue.h: the strategies' one-shot timers on engine time. Deterministic: equal times fire in
// the order of arming. No allocation once the capacity given at construction is reached by nobody.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "base/archive.h"
#include "base/types.h"

namespace zomma {

struct Timer {
  std::int64_t due_ns;
  std::uint64_t id;
  std::uint64_t cookie;
  InstanceId instance;
  std::uint32_t reserved{};
};

class TimerQueue {
 public:
  static constexpr Nanoseconds never{std::numeric_limits<std::int64_t>::max()};

  explicit TimerQueue(std::size_t capacity = 1024) { heap_.reserve(capacity); }

  std::uint64_t arm(InstanceId instance, Nanoseconds due, std::uint64_t cookie);
  // False if there is no such timer of this instance.
  bool cancel(InstanceId instance, std::uint64_t id);
  Nanoseconds next_due() const { return heap_.empty() ? never : Nanoseconds{heap_.front().due_ns}; }
  Timer pop();
  std::size_t count(InstanceId instance) const;
  // Forgets every timer of an instance that has gone.
  void drop(InstanceId instance);

  void save(ArchiveWriter& out) const;
  void load(ArchiveReader& in);

 private:
  std::vector<Timer> heap_;  // a min-heap by (due, id)
  std::uint64_t next_id_ = 1;
};

}  // namespace zomma
