#include "observe/gpu/gpu_metrics.h"

#include <cmath>
#include <limits>

namespace zomma {
namespace {

using gpu::DeviceHealth;
using gpu::Verdict;

template <class T>
std::optional<double> number(const std::optional<T>& value) {
  return value ? std::optional<double>(static_cast<double>(*value)) : std::nullopt;
}

MetricLabels with(const MetricLabels& labels, const char* name, std::string value) {
  MetricLabels more = labels;
  more.emplace_back(name, std::move(value));
  return more;
}

}  // namespace

void GpuMetrics::gauge(const char* name, const char* help, const MetricLabels& labels,
                       std::optional<double> value) {
  const std::string key = name + ('/' + labels.front().second);
  if (value)
    told_.insert(key);
  else if (told_.count(key) == 0)
    return;
  if (auto cell = metrics_.gauge(name, help, labels))
    cell->set(value.value_or(std::numeric_limits<double>::quiet_NaN()));
}

void GpuMetrics::total(const char* name, const char* help, const MetricLabels& labels,
                       std::uint64_t value) {
  if (auto cell = metrics_.counter(name, help, labels)) cell->set_total(value);
}

void GpuMetrics::update(const gpu::HealthSnapshot& snapshot) {
  const auto plain = [&](const char* name, const char* help, double value) {
    if (auto cell = metrics_.gauge(name, help)) cell->set(value);
  };
  plain("zomma_gpu_devices", "NVIDIA devices that NVML shows",
        static_cast<double>(snapshot.devices.size()));
  plain("zomma_gpu_sample_duration_seconds", "Time that the last reading of all devices took",
        static_cast<double>(snapshot.took.value) * 1e-9);
  if (auto cell = metrics_.counter("zomma_gpu_samples_total", "Readings of all devices"))
    cell->add();
  for (const DeviceHealth& device : snapshot.devices) update_device(device);
}

void GpuMetrics::update_device(const DeviceHealth& d) {
  const MetricLabels gpu{{"gpu", std::to_string(d.index)}, {"uuid", d.uuid}};
  gauge("zomma_gpu_info", "1; what the device is, in its labels",
        {{"gpu", std::to_string(d.index)}, {"uuid", d.uuid}, {"name", d.name}, {"pci", d.pci}},
        1.0);
  gauge("zomma_gpu_healthy", "1 while the device gets new work", gpu,
        d.verdict == Verdict::unhealthy ? 0.0 : 1.0);
  gauge("zomma_gpu_degraded",
        "1 while the device works, but slower than it should or with a reset due", gpu,
        d.verdict == Verdict::degraded ? 1.0 : 0.0);
  gauge("zomma_gpu_memory_total_bytes", "Memory of the device", gpu, number(d.memory_total_bytes));
  gauge("zomma_gpu_memory_used_bytes", "Memory in use, by any process", gpu,
        number(d.memory_used_bytes));
  gauge("zomma_gpu_memory_free_bytes", "Memory free", gpu, number(d.memory_free_bytes));
  gauge("zomma_gpu_temperature_celsius", "Temperature of the chip", gpu, d.temperature_celsius);
  gauge("zomma_gpu_slowdown_temperature_celsius", "Temperature at which the clocks are held down",
        gpu, d.slowdown_celsius);
  gauge("zomma_gpu_power_watts", "Power drawn", gpu, d.power_watts);
  gauge("zomma_gpu_power_limit_watts", "Power that the device may draw", gpu, d.power_limit_watts);
  gauge("zomma_gpu_utilisation_ratio", "Part of the last sample period in which a kernel ran", gpu,
        d.utilisation);
  gauge("zomma_gpu_memory_utilisation_ratio",
        "Part of the last sample period in which memory was read or written", gpu,
        d.memory_utilisation);
  gauge("zomma_gpu_sm_clock_hertz", "Clock of the multiprocessors", gpu, d.sm_clock_hertz);
  gauge("zomma_gpu_memory_clock_hertz", "Clock of the memory", gpu, d.memory_clock_hertz);
  gauge("zomma_gpu_pcie_link_generation", "Generation of the PCIe link now", gpu,
        number(d.pcie_generation));
  gauge("zomma_gpu_pcie_link_lanes", "Lanes of the PCIe link now", gpu, number(d.pcie_width));
  if (d.energy_joules)
    total("zomma_gpu_energy_joules_total", "Energy used since the driver was loaded", gpu,
          static_cast<std::uint64_t>(std::llround(*d.energy_joules)));
  update_errors(d, gpu);
}

void GpuMetrics::update_errors(const DeviceHealth& d, const MetricLabels& gpu) {
  if (d.throttle_reasons)
    for (const std::uint64_t bit : {gpu::throttle_software_power_cap,
                                    gpu::throttle_hardware_slowdown, gpu::throttle_software_thermal,
                                    gpu::throttle_hardware_thermal, gpu::throttle_power_brake})
      if (auto cell = metrics_.gauge("zomma_gpu_throttled",
                                     "1 while the clocks are held down for the reason",
                                     with(gpu, "reason", gpu::throttle_names(bit).front())))
        cell->set((*d.throttle_reasons & bit) != 0 ? 1 : 0);
  const char* ecc = "zomma_gpu_ecc_errors_total";
  const char* ecc_help = "Memory errors since the driver was loaded";
  if (d.ecc_corrected) total(ecc, ecc_help, with(gpu, "kind", "corrected"), *d.ecc_corrected);
  if (d.ecc_uncorrected) total(ecc, ecc_help, with(gpu, "kind", "uncorrected"), *d.ecc_uncorrected);
  gauge("zomma_gpu_remapped_rows", "Memory rows set aside after uncorrected errors", gpu,
        number(d.remapped_uncorrected));
  gauge("zomma_gpu_remap_failed", "1 after a memory row could not be set aside", gpu,
        number(d.remap_failed));
  if (d.pcie_replays)
    total("zomma_gpu_pcie_replays_total", "Packets that the PCIe link had to send again", gpu,
          *d.pcie_replays);
  for (const auto& [xid, count] : d.xids)
    total("zomma_gpu_xid_errors_total", "Errors that the kernel driver reported, by number",
          with(gpu, "xid", std::to_string(xid)), count);
}

}  // namespace zomma
