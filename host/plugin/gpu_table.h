// gpu_table.h: ext/draft/gpu.h as thin shells over a ledger: one table for a strategy in this
// process, one for a strategy in a worker of its own, which differ in where the ledger is.
#pragma once

#include <zomma/ext/draft/gpu.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <string>
#include <string_view>

#include "gpu/lending/loans.h"

namespace zomma {

// `Host` has: static gpu::LoanBook* ledger(const zm_host*), null where no GPU is lent; and
// static void set_error(const zm_host*, std::string_view). No exception leaves: a plugin may be C.
template <class Host>
struct GpuTable {
  template <class Body>
  static zm_status with(const zm_host* host, Body body) noexcept {
    gpu::LoanBook* ledger = Host::ledger(host);
    if (ledger == nullptr) return ZM_E_UNSUPPORTED;
    try {
      const zm_status status = body(*ledger);
      if (status == ZM_E_FAILED || status == ZM_E_QUOTA) Host::set_error(host, ledger->error());
      return status;
    } catch (const std::exception& error) {
      Host::set_error(host, error.what());
      return ZM_E_FAILED;
    }
  }

  // A call that passes its arguments on and hands out nothing.
  template <auto method>
  struct Plain;
  template <class... A, zm_status (gpu::LoanBook::*method)(A...)>
  struct Plain<method> {
    static zm_status call(const zm_host* host, A... arguments) {
      return with(host, [&](gpu::LoanBook& ledger) { return (ledger.*method)(arguments...); });
    }
  };
  // Calls that hand out a handle: not written unless all went well.
  template <class Out, class Body>
  static zm_status lend(const zm_host* host, Out* out, Body body) {
    if (out == nullptr) return ZM_E_ARGUMENT;
    return with(host, [&](gpu::LoanBook& ledger) {
      Out made{};
      const zm_status status = body(ledger, made);
      if (status == ZM_OK) *out = made;
      return status;
    });
  }

  static std::uint32_t device_count(const zm_host* host) {
    const gpu::LoanBook* ledger = Host::ledger(host);
    return ledger == nullptr ? 0 : ledger->lender().device_count();
  }
  static zm_status device(const zm_host* host, std::uint32_t index, zm_gpu_device* out) {
    return with(host, [&](const gpu::LoanBook& ledger) -> zm_status {
      if (out == nullptr || out->size < sizeof(zm_gpu_device) ||
          index >= ledger.lender().device_count())
        return ZM_E_ARGUMENT;
      const gpu::Device& device = ledger.lender().device(index);
      *out = {out->size,
              static_cast<std::uint32_t>(device.capability_major),
              static_cast<std::uint32_t>(device.capability_minor),
              static_cast<std::uint32_t>(device.multiprocessors),
              device.memory_bytes,
              {},
              {}};
      std::memcpy(out->name, device.name.data(),
                  std::min(device.name.size(), sizeof out->name - 1));
      std::memcpy(out->uuid, device.uuid.data(),
                  std::min(device.uuid.size(), sizeof out->uuid - 1));
      return ZM_OK;
    });
  }
  static zm_status open_stream(const zm_host* host, std::uint32_t device, std::int32_t priority,
                               zm_gpu_stream* out) {
    return lend(host, out, [&](auto& l, auto& to) { return l.open_stream(device, priority, to); });
  }
  static zm_status open_event(const zm_host* host, std::uint32_t device, zm_gpu_event* out) {
    return lend(host, out, [&](auto& l, auto& to) { return l.open_event(device, to); });
  }
  static zm_status end_capture(const zm_host* host, zm_gpu_stream stream, zm_gpu_graph* out) {
    return lend(host, out, [&](auto& l, auto& to) { return l.end_capture(stream, to); });
  }
  static zm_status open_library(const zm_host* host, std::uint32_t device, const void* image,
                                zm_gpu_library* out) {
    return lend(host, out, [&](auto& l, auto& to) { return l.open_library(device, image, to); });
  }
  static zm_status find_kernel(const zm_host* host, zm_gpu_library library, const char* name,
                               zm_gpu_kernel* out) {
    return lend(host, out, [&](auto& l, auto& to) { return l.find_kernel(library, name, to); });
  }
  static zm_status launch(const zm_host* host, zm_gpu_kernel kernel, zm_gpu_stream stream,
                          const zm_gpu_launch* how) {
    if (how == nullptr) return ZM_E_ARGUMENT;
    return with(host, [&](gpu::LoanBook& ledger) { return ledger.launch(kernel, stream, *how); });
  }
  static zm_status allocate(const zm_host* host, std::uint32_t device, std::uint64_t bytes,
                            zm_gpu_address* out) {
    return lend(host, out, [&](auto& l, auto& to) { return l.allocate(device, bytes, to); });
  }
  static zm_status allocate_in(const zm_host* host, zm_gpu_stream stream, std::uint64_t bytes,
                               zm_gpu_address* out) {
    return lend(host, out, [&](auto& l, auto& to) { return l.allocate_in(stream, bytes, to); });
  }

  template <auto method>
  static constexpr auto plain = &Plain<method>::call;
  using L = gpu::LoanBook;
  static constexpr zm_gpu_api table{sizeof(zm_gpu_api),
                                    0,
                                    device_count,
                                    device,
                                    open_stream,
                                    plain<&L::close_stream>,
                                    plain<&L::synchronize>,
                                    open_event,
                                    plain<&L::close_event>,
                                    plain<&L::record>,
                                    plain<&L::wait>,
                                    plain<&L::begin_capture>,
                                    end_capture,
                                    plain<&L::launch_graph>,
                                    plain<&L::close_graph>,
                                    open_library,
                                    plain<&L::close_library>,
                                    find_kernel,
                                    launch,
                                    allocate,
                                    plain<&L::release>,
                                    plain<&L::upload>,
                                    plain<&L::download>,
                                    allocate_in,
                                    plain<&L::release_in>};
};

}  // namespace zomma
