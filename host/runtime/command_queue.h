// command_queue.h: how other threads get something done on the engine's thread, between two
// packets. The engine looks at one atomic; everything slow is on the asking side.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "base/types.h"

namespace zomma {

class CommandQueue {
 public:
  using Work = std::function<Result<std::string>()>;

  // Has `work` done by the engine's thread and waits for its answer. Errc::busy after `timeout`:
  // then it was not done and never will be. Errc::refused when the run is over. [any thread but the
  // engine's]
  Result<std::string> ask(Work work, Nanoseconds timeout);

  // [engine]
  bool pending() const { return pending_.load(std::memory_order_relaxed) != 0; }
  void run();    // everything that waits, in order
  void close();  // answers what waits, and all that comes, with Errc::refused

 private:
  struct Command {
    Work work;
    bool taken{false}, done{false};
    Result<std::string> answer{std::string()};
  };
  std::atomic<std::uint32_t> pending_{0};
  std::mutex mutex_;
  std::condition_variable answered_;
  std::deque<std::shared_ptr<Command>> waiting_;
  bool closed_ = false;
};

}  // namespace zomma
