#include "runtime/timer_queue.h"

#include <algorithm>

namespace zomma {
namespace {

bool later(const Timer& a, const Timer& b) {
  return a.due_ns != b.due_ns ? a.due_ns > b.due_ns : a.id > b.id;
}

}  // namespace

std::uint64_t TimerQueue::arm(InstanceId instance, Nanoseconds due, std::uint64_t cookie) {
  heap_.push_back({due.value, next_id_, cookie, instance, 0});
  std::push_heap(heap_.begin(), heap_.end(), later);
  return next_id_++;
}

bool TimerQueue::cancel(InstanceId instance, std::uint64_t id) {
  const auto found = std::find_if(heap_.begin(), heap_.end(), [&](const Timer& timer) {
    return timer.id == id && timer.instance == instance;
  });
  if (found == heap_.end()) return false;
  heap_.erase(found);
  std::make_heap(heap_.begin(), heap_.end(), later);
  return true;
}

Timer TimerQueue::pop() {
  std::pop_heap(heap_.begin(), heap_.end(), later);
  const Timer timer = heap_.back();
  heap_.pop_back();
  return timer;
}

std::size_t TimerQueue::count(InstanceId instance) const {
  return static_cast<std::size_t>(std::count_if(
      heap_.begin(), heap_.end(), [&](const Timer& timer) { return timer.instance == instance; }));
}

void TimerQueue::drop(InstanceId instance) {
  heap_.erase(std::remove_if(heap_.begin(), heap_.end(),
                             [&](const Timer& timer) { return timer.instance == instance; }),
              heap_.end());
  std::make_heap(heap_.begin(), heap_.end(), later);
}

void TimerQueue::save(ArchiveWriter& out) const {
  out.put_vector(heap_);
  out.put(next_id_);
}

void TimerQueue::load(ArchiveReader& in) {
  heap_ = in.get_vector<Timer>();
  next_id_ = in.get<std::uint64_t>();
  std::make_heap(heap_.begin(), heap_.end(), later);
}

}  // namespace zomma
