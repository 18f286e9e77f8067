#include "observe/gpu/heap_metrics.h"

#include <algorithm>

namespace zomma {
namespace {

using gpu::ClientUse;
using gpu::HeapReport;

MetricLabels with(MetricLabels labels, const char* name, std::string_view value) {
  labels.emplace_back(name, value);
  return labels;
}

// Two generations of one strategy may be there at once: one account in the figures.
std::map<std::string, ClientUse> by_name(const std::vector<ClientUse>& clients) {
  std::map<std::string, ClientUse> sums;
  for (const ClientUse& client : clients) {
    ClientUse& sum = sums[client.name];
    sum.name = client.name;
    sum.budget_bytes = std::max(sum.budget_bytes, client.budget_bytes);
    sum.used_bytes += client.used_bytes;
    sum.peak_bytes = std::max(sum.peak_bytes, client.peak_bytes);
    sum.refused += client.refused;
  }
  return sums;
}

// The heap, and its clients, as they read once they are gone.
HeapReport closed(HeapReport heap) {
  heap.figures = {};
  heap.pinned_bytes = heap.waiting = 0;
  heap.clients.clear();
  return heap;
}

}  // namespace

void HeapMetrics::gauge(const char* name, const char* help, const MetricLabels& labels,
                        double value) {
  if (auto cell = metrics_.gauge(name, help, labels)) cell->set(value);
}

void HeapMetrics::update(const std::vector<HeapReport>& heaps) {
  const auto told = [&](const HeapReport& heap) {
    const MetricLabels labels{{"gpu", std::to_string(heap.gpu)}, {"uuid", heap.uuid}};
    update_heap(heap, labels);
    update_clients(heap, labels);
    known_[heap.uuid] = heap;
  };
  for (const HeapReport& heap : heaps) told(heap);
  for (const auto& [uuid, heap] : std::map(known_))
    if (std::none_of(heaps.begin(), heaps.end(),
                     [&uuid = uuid](const HeapReport& open) { return open.uuid == uuid; }))
      told(closed(heap));
}

void HeapMetrics::update(const gpu::PricingCounts& counts) {
  const auto batches = [&](const char* where, std::uint64_t total) {
    if (auto cell =
            metrics_.counter("zomma_gpu_pricing_batches_total",
                             "Batches of options, by where they were priced", {{"where", where}}))
      cell->set_total(total);
  };
  batches("gpu", counts.device);
  batches("cpu", counts.small);
  batches("cpu_fallback", counts.fallbacks);
  if (auto cell = metrics_.counter("zomma_gpu_pricing_splits_total",
                                   "Pieces of batches halved for want of device memory"))
    cell->set_total(counts.splits);
}

void HeapMetrics::update_heap(const HeapReport& heap, const MetricLabels& gpu) {
  const gpu::MemoryFigures& f = heap.figures;
  const auto bytes = [&](const char* name, const char* help, std::uint64_t value) {
    gauge(name, help, gpu, static_cast<double>(value));
  };
  bytes("zomma_gpu_heap_capacity_bytes", "Memory of the device that may be lent", f.capacity_bytes);
  bytes("zomma_gpu_heap_taken_bytes", "Memory lent, in whole granules", f.taken_bytes);
  bytes("zomma_gpu_heap_reserved_bytes", "Memory of the device held for loans", f.reserved_bytes);
  bytes("zomma_gpu_heap_idle_bytes", "Of the memory held, what no loan lies in", f.idle_bytes);
  bytes("zomma_gpu_heap_largest_free_bytes", "The largest loan that there is room for",
        f.largest_free_bytes);
  gauge("zomma_gpu_heap_fragmentation_ratio", "1 - largest free / free", gpu, f.fragmentation());
  bytes("zomma_gpu_heap_pinned_bytes", "Host memory pinned for what was spilled",
        heap.pinned_bytes);
  gauge("zomma_gpu_heap_waiting", "Requests that wait for memory", gpu,
        static_cast<double>(heap.waiting));
  for (std::size_t i = 0; i < gpu::rungs; ++i) {
    const MetricLabels rung = with(gpu, "rung", name(static_cast<gpu::Rung>(i)));
    if (auto tries = metrics_.counter("zomma_gpu_heap_rung_tries_total",
                                      "Steps taken when memory was asked for", rung))
      tries->set_total(heap.counts[i].tried);
    if (auto helps = metrics_.counter("zomma_gpu_heap_rung_helps_total",
                                      "Steps that found the memory asked for", rung))
      helps->set_total(heap.counts[i].helped);
  }
}

void HeapMetrics::update_clients(const HeapReport& heap, const MetricLabels& gpu) {
  std::map<std::string, ClientUse> clients = by_name(heap.clients);
  if (const auto before = known_.find(heap.uuid); before != known_.end())
    for (const ClientUse& client : before->second.clients)
      clients.try_emplace(client.name);  // gone: all zero
  for (const auto& [name, use] : clients) {
    const MetricLabels client = with(gpu, "plugin", name);
    gauge("zomma_gpu_plugin_memory_bytes", "Memory lent to the strategy", client,
          static_cast<double>(use.used_bytes));
    gauge("zomma_gpu_plugin_memory_peak_bytes", "The most that its present generation held", client,
          static_cast<double>(use.peak_bytes));
    gauge("zomma_gpu_plugin_memory_budget_bytes", "The most that the strategy may hold", client,
          static_cast<double>(use.budget_bytes));
    gauge("zomma_gpu_plugin_memory_refused",
          "Requests beyond its budget, of its present generation", client,
          static_cast<double>(use.refused));
  }
}

}  // namespace zomma
