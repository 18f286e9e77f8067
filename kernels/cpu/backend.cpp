// backend.cpp: the CPU backend. Workers sleep between batches and take chunks from one counter
// while one runs.
#include <zomma/kernels/backend.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace zomma::kernels {
namespace {

class CpuBackend final : public Backend {
 public:
  explicit CpuBackend(unsigned threads) {
    for (unsigned i = 1; i < threads; ++i) workers_.emplace_back([this] { work(); });
  }

  ~CpuBackend() override {
    {
      std::lock_guard lock(mutex_);
      closing_ = true;
    }
    wake_.notify_all();
    for (auto& worker : workers_) worker.join();
  }

  std::string_view name() const override { return "cpu"; }
  unsigned width() const override { return static_cast<unsigned>(workers_.size()) + 1; }

  void for_chunks(std::size_t count, std::size_t grain,
                  const std::function<void(std::size_t, std::size_t)>& body) override {
    if (count == 0) return;
    if (grain == 0) grain = count;
    if (workers_.empty() || count <= grain) {
      for (std::size_t begin = 0; begin < count; begin += grain)
        body(begin, std::min(begin + grain, count));
      return;
    }
    {
      std::lock_guard lock(mutex_);
      body_ = &body;
      count_ = count;
      grain_ = grain;
      next_.store(0, std::memory_order_relaxed);
      busy_ = workers_.size();
      ++batch_;
    }
    wake_.notify_all();
    take_chunks();
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return busy_ == 0; });
  }

 private:
  void take_chunks() {
    for (;;) {
      const std::size_t begin = next_.fetch_add(grain_, std::memory_order_relaxed);
      if (begin >= count_) return;
      (*body_)(begin, std::min(begin + grain_, count_));
    }
  }

  void work() {
    std::uint64_t seen = 0;
    for (;;) {
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return closing_ || batch_ != seen; });
        if (closing_) return;
        seen = batch_;
      }
      take_chunks();
      std::lock_guard lock(mutex_);
      if (--busy_ == 0) done_.notify_one();
    }
  }

  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable wake_, done_;
  const std::function<void(std::size_t, std::size_t)>* body_ = nullptr;
  std::size_t count_ = 0, grain_ = 0, busy_ = 0;
  std::uint64_t batch_ = 0;
  std::atomic<std::size_t> next_{0};
  bool closing_ = false;
};

}  // namespace

std::unique_ptr<Backend> make_cpu_backend(unsigned threads) {
  if (threads == 0) threads = std::max(1u, std::thread::hardware_concurrency());
  return std::make_unique<CpuBackend>(threads);
}

}  // namespace zomma::kernels
