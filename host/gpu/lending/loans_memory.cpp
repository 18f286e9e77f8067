// loans_memory.cpp: memory of the device's heap, copies to and from it, and the end of all loans.
#include <fmt/format.h>

#include "base/clock.h"
#include "gpu/lending/loans.h"

namespace zomma::gpu {

zm_status LoanBook::enter_store(std::uint32_t device) {
  const Context* context = nullptr;
  if (const zm_status entered = enter(device, context); entered != ZM_OK) return entered;
  DeviceLoans& held = devices_[device];
  if (held.store) return ZM_OK;
  auto store = lender_->store(device);
  if (!store) return answer(store.error());
  held.store = std::move(*store);
  held.client = held.store->heap().open_client({name_, limits_.memory_bytes, limits_.priority});
  return ZM_OK;
}

zm_status LoanBook::take(std::uint32_t device, std::uint64_t bytes, StreamId stream,
                         DeviceAddress& to) {
  DeviceLoans& held = devices_[device];
  DeviceHeap& heap = held.store->heap();
  const AllocationRequest request{bytes, stream, {}, granule_bytes};
  auto got = limits_.wait.value > 0
                 ? heap.allocate_before(held.client, request, monotonic_now() + limits_.wait)
                 : heap.allocate(held.client, request);
  if (!got) return answer(got.error());
  to = got->address;
  memory_.emplace(to, Block{device, *got});
  memory_bytes_ += bytes;
  return ZM_OK;
}

zm_status LoanBook::allocate(std::uint32_t device, std::uint64_t bytes, DeviceAddress& to) {
  if (bytes == 0) return ZM_E_ARGUMENT;
  if (const zm_status entered = enter_store(device); entered != ZM_OK) return entered;
  return take(device, bytes, no_stream, to);
}

zm_status LoanBook::allocate_in(DriverStream stream, std::uint64_t bytes, DeviceAddress& to) {
  auto* loan = find(streams_, stream);
  if (bytes == 0 || loan == nullptr) return ZM_E_ARGUMENT;
  if (const zm_status entered = enter_store(loan->device); entered != ZM_OK) return entered;
  if (const zm_status shown = show_to_heap(*loan); shown != ZM_OK) return shown;
  return take(loan->device, bytes, loan->in_heap, to);
}

// Which of its streams used the block last the host cannot know, so it waits for all work. Where
// that fails the context has failed, and the block is free all the same.
zm_status LoanBook::release(DeviceAddress address) {
  const auto found = memory_.find(address);
  if (found == memory_.end()) return ZM_E_ARGUMENT;
  const Block block = found->second;
  const zm_status waited = on(block.device, "giving memory back",
                              [](const DriverApi& api) { return api.cuCtxSynchronize(); });
  auto freed = devices_[block.device].store->heap().free(block.allocation, no_stream);
  memory_bytes_ -= block.allocation.bytes;
  memory_.erase(found);
  return freed ? waited : answer(freed.error());
}

zm_status LoanBook::release_in(DeviceAddress address, DriverStream stream) {
  const auto found = memory_.find(address);
  auto* loan = find(streams_, stream);
  if (found == memory_.end() || loan == nullptr || loan->device != found->second.device)
    return ZM_E_ARGUMENT;
  if (const zm_status shown = show_to_heap(*loan); shown != ZM_OK) return shown;
  const Block block = found->second;
  auto freed = devices_[block.device].store->heap().free(block.allocation, loan->in_heap);
  memory_bytes_ -= block.allocation.bytes;
  memory_.erase(found);
  return freed ? zm_status{ZM_OK} : answer(freed.error());
}

zm_status LoanBook::show_to_heap(Loan<DriverStream>& stream) {
  if (stream.capturing) return ZM_E_STATE;
  if (stream.in_heap != no_stream) return ZM_OK;
  auto id = devices_[stream.device].store->heap().add_stream(stream.handle);
  if (!id) return answer(id.error());
  stream.in_heap = *id;
  return ZM_OK;
}

zm_status LoanBook::hide_from_heap(Loan<DriverStream>& stream) {
  if (stream.in_heap == no_stream) return ZM_OK;
  auto hidden = devices_[stream.device].store->heap().remove_stream(stream.in_heap);
  stream.in_heap = no_stream;
  return hidden ? zm_status{ZM_OK} : answer(hidden.error());
}

const LoanBook::Block* LoanBook::block_of(DeviceAddress address, std::uint64_t bytes) const {
  const auto after = memory_.upper_bound(address);
  if (after == memory_.begin()) return nullptr;
  const auto& [begin, block] = *std::prev(after);
  const std::uint64_t length = block.allocation.bytes;
  return bytes <= length && address - begin <= length - bytes ? &block : nullptr;
}

zm_status LoanBook::upload(DriverStream stream, DeviceAddress to, const void* data,
                           std::uint64_t bytes) {
  const auto* on_stream = find(streams_, stream);
  if (on_stream == nullptr || data == nullptr || block_of(to, bytes) == nullptr)
    return ZM_E_ARGUMENT;
  return on(on_stream->device, "copying to the device",
            [&](const DriverApi& api) { return api.cuMemcpyHtoDAsync(to, data, bytes, stream); });
}

zm_status LoanBook::download(DriverStream stream, void* data, DeviceAddress from,
                             std::uint64_t bytes) {
  const auto* on_stream = find(streams_, stream);
  if (on_stream == nullptr || data == nullptr || block_of(from, bytes) == nullptr)
    return ZM_E_ARGUMENT;
  return on(on_stream->device, "copying from the device",
            [&](const DriverApi& api) { return api.cuMemcpyDtoHAsync(data, from, bytes, stream); });
}

void LoanBook::reclaim_device(std::uint32_t device) {
  const DeviceLoans& held = devices_[device];
  const ContextScope scope(*held.context);
  const DriverApi& api = held.context->api();
  const auto each = [device](auto& shelf, auto body) {
    for (auto& loan : shelf)
      if (loan.device == device) body(loan);
  };
  // Work first, then what it works with. Statuses are of no use here: what is lost is lost.
  each(streams_, [&](auto& loan) {
    DriverGraph graph = nullptr;
    if (loan.capturing && api.cuStreamEndCapture(loan.handle, &graph) == DriverStatus::ok)
      api.cuGraphDestroy(graph);
    api.cuStreamSynchronize(loan.handle);
  });
  each(graphs_, [&](auto& loan) { api.cuGraphExecDestroy(loan.handle); });
  each(libraries_, [&](auto& loan) { api.cuLibraryUnload(loan.handle); });
  each(streams_, [&](auto& loan) { hide_from_heap(loan); });
  if (held.store) (void)held.store->heap().retire(held.client);
  each(events_, [&](auto& loan) { api.cuEventDestroy(loan.handle); });
  each(streams_, [&](auto& loan) { api.cuStreamDestroy(loan.handle); });
}

Loans LoanBook::reclaim() {
  const Loans taken = out();
  for (std::uint32_t device = 0; device < devices_.size(); ++device) {
    if (devices_[device].context) reclaim_device(device);
    devices_[device] = {};
  }
  streams_.clear();
  events_.clear();
  graphs_.clear();
  libraries_.clear();
  memory_.clear();
  memory_bytes_ = 0;
  return taken;
}

}  // namespace zomma::gpu
