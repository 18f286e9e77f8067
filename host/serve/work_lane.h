// work_lane.h: a thread that does one job after the other, away from the server's own thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace zomma::serve {

class WorkLane {
 public:
  explicit WorkLane(std::size_t most_waiting);
  // Ends after the job at work; those that wait are dropped.
  ~WorkLane();

  // False when too many wait already.
  bool add(std::function<void()> job);

 private:
  void work();

  const std::size_t most_waiting_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace zomma::serve
