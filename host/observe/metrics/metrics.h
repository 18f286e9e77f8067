// metrics.h: numbers for operators. The engine updates plain relaxed atomics; the scrape reads them
// when it likes and turns them into Prometheus text. Updating: no allocation, lock, exception or
// system call.
//
// A handle is valid as long as its Metrics. A default-made handle writes to nowhere, so a part may
// run unmeasured.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace zomma {

namespace metrics_detail {
// One thread writes a cell, so a load and a store do; no locked instruction on the hot path.
inline std::atomic<std::uint64_t> nowhere_count;
inline std::atomic<double> nowhere_value;
// Bucket i holds observations below 2^(i + first_bucket_bits) ns: 64 ns, 128 ns, ... 34 s; the last
// is open above.
constexpr int first_bucket_bits = 6;
constexpr std::size_t bucket_count = 31;
struct HistogramCells {
  std::array<std::atomic<std::uint64_t>, bucket_count> buckets{};
  std::atomic<std::uint64_t> sum_ns{0};
};
inline HistogramCells nowhere_histogram;
}  // namespace metrics_detail

// Only grows. One writing thread per counter.
class Counter {
 public:
  void add(std::uint64_t amount = 1) {
    cell_->store(cell_->load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  // Takes over a total counted elsewhere (a decoder's counters), which only rises.
  void set_total(std::uint64_t total) { cell_->store(total, std::memory_order_relaxed); }
  std::uint64_t value() const { return cell_->load(std::memory_order_relaxed); }

 private:
  friend class Metrics;
  std::atomic<std::uint64_t>* cell_ = &metrics_detail::nowhere_count;
};

// Goes up and down. Any thread.
class Gauge {
 public:
  void set(double value) { cell_->store(value, std::memory_order_relaxed); }
  double value() const { return cell_->load(std::memory_order_relaxed); }

 private:
  friend class Metrics;
  std::atomic<double>* cell_ = &metrics_detail::nowhere_value;
};

// Durations in power-of-two buckets, exported in seconds. One writing thread per histogram.
class LatencyHistogram {
 public:
  void observe(std::int64_t ns) {
    const auto value = static_cast<std::uint64_t>(ns < 0 ? 0 : ns);
    const int bits = 64 - std::countl_zero(value);
    const int index = bits - metrics_detail::first_bucket_bits;
    constexpr int last = static_cast<int>(metrics_detail::bucket_count) - 1;
    bump(cells_->buckets[static_cast<std::size_t>(index < 0 ? 0 : index > last ? last : index)], 1);
    bump(cells_->sum_ns, value);
  }

 private:
  friend class Metrics;
  static void bump(std::atomic<std::uint64_t>& cell, std::uint64_t by) {
    cell.store(cell.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }
  metrics_detail::HistogramCells* cells_ = &metrics_detail::nowhere_histogram;
};

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

// Where metrics are registered and read out. Registering and reading lock, updating does not.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // `name`: [a-zA-Z_][a-zA-Z0-9_]*, a counter's ends in _total, a histogram's in _seconds. The same
  // name and labels give the same handle; a name that is already another kind, or a name or label
  // that is none, is Errc::invalid_argument.
  Result<Counter> counter(const std::string& name, const std::string& help,
                          const MetricLabels& labels = {});
  Result<Gauge> gauge(const std::string& name, const std::string& help,
                      const MetricLabels& labels = {});
  Result<LatencyHistogram> latency(const std::string& name, const std::string& help,
                                   const MetricLabels& labels = {});

  // Prometheus text exposition format 0.0.4. Any thread.
  std::string expose() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace zomma
