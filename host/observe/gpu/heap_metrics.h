// heap_metrics.h: what is lent of each device's memory as Prometheus series: use, fragmentation,
// the rungs of the ladder, and each instance's account. docs/reference/gpu.md lists them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "gpu/lending/device_store.h"
#include "gpu/lending/pricing_service.h"
#include "observe/metrics/metrics.h"

namespace zomma {

class HeapMetrics {
 public:
  explicit HeapMetrics(Metrics& metrics) : metrics_(metrics) {}

  // Takes over the heaps that are open. What was open before and is not any more reads 0. One
  // thread at a time: the sampler's.
  void update(const std::vector<gpu::HeapReport>& heaps);
  // Where the host's own batches were priced.
  void update(const gpu::PricingCounts& counts);

 private:
  void update_heap(const gpu::HeapReport& heap, const MetricLabels& labels);
  void update_clients(const gpu::HeapReport& heap, const MetricLabels& labels);
  void gauge(const char* name, const char* help, const MetricLabels& labels, double value);

  Metrics& metrics_;
  std::map<std::string, gpu::HeapReport> known_;  // by uuid, as last told
};

}  // namespace zomma
