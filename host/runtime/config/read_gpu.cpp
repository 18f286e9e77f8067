// The parts of the schema that concern GPUs and the limits of worker processes.
#include "runtime/config/read.h"
#include "runtime/config/units.h"

namespace zomma {
namespace {

constexpr std::uint64_t mebibyte = 1u << 20;
constexpr std::uint64_t most_memory = std::uint64_t{1} << 44;
constexpr std::int64_t most_loans = 65535, most_waiting = 1'000'000, most_processes = 4'194'304,
                       most_device = 63, most_batch = 1'000'000'000;
constexpr double least_processors = 0.01, most_processors = 4096;
constexpr double least_share = 0.001;  // of a device's multiprocessors
constexpr Nanoseconds longest_wait{60'000'000'000};

void read_count(Section& section, std::string_view key, std::uint32_t& out, std::int64_t most) {
  std::int64_t value = out;
  if (section.integer(key, value, {0, most})) out = static_cast<std::uint32_t>(value);
}

// One size for each device that the worker sees.
void read_device_memory(Section& table, gpu::WorkerGpuLimits& limits) {
  std::vector<std::string> texts;
  std::vector<TextPosition> at;
  if (!table.texts("gpu_memory", texts, &at)) return;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto bytes = parse_size(texts[i]);
    if (bytes && *bytes >= mebibyte && *bytes <= most_memory)
      limits.memory.emplace_back(static_cast<unsigned>(i), *bytes);
    else
      table.fail(at[i], "gpu_memory", ConfigFault::bad_value, "the string \"" + texts[i] + '"',
                 "a size from \"1MiB\"");
  }
  if (!limits.devices.empty() && texts.size() > limits.devices.size())
    table.bad("gpu_memory", std::to_string(texts.size()) + " sizes",
              "at most one for each of its gpu_devices, which are " +
                  std::to_string(limits.devices.size()));
}

}  // namespace

void read_gpu(Section& root, Config& config) {
  auto section = root.table("gpu");
  if (!section) return;
  gpu::LendingSettings& lending = config.gpu.lending;
  section->boolean("enabled", config.gpu.enabled);
  section->word("backend", lending.backend);
  if (section->size("memory", lending.memory_bytes, 0, most_memory) && lending.memory_bytes != 0 &&
      lending.memory_bytes < 2 * mebibyte)
    section->bad("memory", describe(*section->find("memory")),
                 "at least \"2MiB\", or 0 for all that the device has");
  section->size("pinned_memory", lending.pinned_bytes, 0, most_memory);
  read_count(*section, "queue", lending.queue, most_waiting);
  gpu::PricingSettings& pricing = config.gpu.pricing;
  if (section->word("pricing", pricing.on) && pricing.on == gpu::PricingOn::gpu &&
      !config.gpu.enabled)
    section->bad("pricing", "\"gpu\" beside enabled = false", "\"cpu\", or enabled = true");
  read_count(*section, "pricing_device", pricing.device, most_device);
  read_count(*section, "pricing_batch", pricing.least, most_batch);
  section->finish();
}

void read_loan_limits(Section& plugin, gpu::LoanLimits& limits) {
  auto section = plugin.table("gpu");
  if (!section) return;
  section->size("budget", limits.memory_bytes, 0, most_memory);
  std::int64_t priority = limits.priority;
  if (section->integer("priority", priority, {-1000, 1000}))
    limits.priority = static_cast<int>(priority);
  if (section->duration("wait", limits.wait, Nanoseconds{0}) && limits.wait > longest_wait)
    section->bad("wait", describe(*section->find("wait")), "at most \"1min\"");
  read_count(*section, "streams", limits.streams, most_loans);
  read_count(*section, "events", limits.events, most_loans);
  read_count(*section, "graphs", limits.graphs, most_loans);
  read_count(*section, "libraries", limits.libraries, most_loans);
  section->finish();
}

void read_worker_limits(Section& table, ProcessConfig& process) {
  table.texts("gpu_devices", process.gpu.devices, nullptr);
  double share = 0;
  if (table.real("gpu_compute", share, least_share, 1)) process.gpu.compute = share;
  read_device_memory(table, process.gpu);
  table.path("mps_directory", process.gpu.mps_directory);
  const bool grouped = table.path("cgroup", process.cgroup);
  gpu::CgroupLimits& limits = process.cgroup_limits;
  std::uint64_t memory = 0;
  if (table.size("memory", memory, mebibyte, most_memory)) limits.memory_bytes = memory;
  double processors = 0;
  if (table.real("processors", processors, least_processors, most_processors))
    limits.processors = processors;
  std::int64_t processes = 0;
  if (table.integer("processes", processes, {1, most_processes}))
    limits.processes = static_cast<std::uint32_t>(processes);
  if (grouped || table.has("cgroup")) return;
  for (const std::string_view key : {"memory", "processors", "processes"})
    if (table.has(key))
      table.bad(key, "no cgroup", "`cgroup` beside it: the folder to make the control group in");
}

}  // namespace zomma
