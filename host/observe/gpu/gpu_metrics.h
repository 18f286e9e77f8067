// gpu_metrics.h: the devices' health as Prometheus series, in base units (bytes, degrees Celsius,
// watts, hertz, ratios of 1). docs/reference/gpu.md lists them beside DCGM's names.
#pragma once

#include <set>
#include <string>

#include "gpu/health.h"
#include "observe/metrics/metrics.h"

namespace zomma {

class GpuMetrics {
 public:
  explicit GpuMetrics(Metrics& metrics) : metrics_(metrics) {}

  // Takes over a reading. What a device told before and no longer tells becomes NaN. One thread at
  // a time: the sampler's.
  void update(const gpu::HealthSnapshot& snapshot);

 private:
  void update_device(const gpu::DeviceHealth& device);
  void update_errors(const gpu::DeviceHealth& device, const MetricLabels& labels);
  void gauge(const char* name, const char* help, const MetricLabels& labels,
             std::optional<double> value);
  void total(const char* name, const char* help, const MetricLabels& labels, std::uint64_t value);

  Metrics& metrics_;
  std::set<std::string> told_;  // name and device of each gauge that had a value once
};

}  // namespace zomma
