#include "runtime/command_queue.h"

#include <algorithm>
#include <chrono>

namespace zomma {

Result<std::string> CommandQueue::ask(Work work, Nanoseconds timeout) {
  const auto command = std::make_shared<Command>();
  command->work = std::move(work);
  std::unique_lock lock(mutex_);
  if (closed_) return Error{Errc::refused, "the run is over"};
  waiting_.push_back(command);
  pending_.store(static_cast<std::uint32_t>(waiting_.size()), std::memory_order_relaxed);
  const bool in_time = answered_.wait_for(lock, std::chrono::nanoseconds(timeout.value),
                                          [&] { return command->taken; });
  if (!in_time) {
    std::erase(waiting_, command);
    pending_.store(static_cast<std::uint32_t>(waiting_.size()), std::memory_order_relaxed);
    return Error{Errc::busy, "the engine did not come to it in time; nothing was changed"};
  }
  answered_.wait(lock, [&] { return command->done; });  // it has begun: its answer is what happened
  return command->answer;
}

void CommandQueue::run() {
  std::unique_lock lock(mutex_);
  while (!waiting_.empty()) {
    const auto command = waiting_.front();
    waiting_.pop_front();
    command->taken = true;
    lock.unlock();
    auto answer = command->work();
    lock.lock();
    command->answer = std::move(answer);
    command->done = true;
    answered_.notify_all();
  }
  pending_.store(0, std::memory_order_relaxed);
}

void CommandQueue::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (const auto& command : waiting_) {
    command->taken = command->done = true;
    command->answer = Error{Errc::refused, "the run is over"};
  }
  waiting_.clear();
  pending_.store(0, std::memory_order_relaxed);
  answered_.notify_all();
}

}  // namespace zomma
