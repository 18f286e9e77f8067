// loans.cpp: streams, events, graphs and kernels. Memory, and the end: loans_memory.cpp.
#include "gpu/lending/loans.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace zomma::gpu {
namespace {

std::string all_out(const char* kind, std::uint32_t limit) {
  return fmt::format("its {} {} are all out: give some back, or raise `{}` in its table `gpu`",
                     limit, kind, kind);
}

}  // namespace

LoanBook::LoanBook(std::shared_ptr<Lender> lender, LoanLimits limits, std::string name)
    : lender_(std::move(lender)),
      limits_(limits),
      name_(std::move(name)),
      devices_(lender_->device_count()) {}

LoanBook::~LoanBook() { reclaim(); }

Loans LoanBook::out() const {
  const auto count = [](const auto& shelf) { return static_cast<std::uint32_t>(shelf.size()); };
  return {count(streams_),   count(events_), count(graphs_),
          count(libraries_), count(memory_), memory_bytes_};
}

template <class Handle>
void LoanBook::strike_out(Shelf<Handle>& shelf, Handle handle) {
  std::erase_if(shelf, [&](const Loan<Handle>& loan) { return loan.handle == handle; });
}

zm_status LoanBook::enter(std::uint32_t device, const Context*& to) {
  if (device >= lender_->device_count()) return ZM_E_ARGUMENT;
  if (!lender_->fit(device)) return ZM_E_BUSY;
  auto& held = devices_[device].context;
  if (!held) {
    auto opened = lender_->context(device);
    if (!opened) return answer(opened.error());
    held = std::move(*opened);
  }
  to = held.get();
  return ZM_OK;
}

zm_status LoanBook::quota(std::string why) {
  error_ = name_ + ": " + std::move(why);
  return ZM_E_QUOTA;
}

zm_status LoanBook::answer(const Error& error) {
  error_ = error.message;
  switch (error.code) {
    case Errc::refused:
    case Errc::exhausted:
    case Errc::timeout:
      return ZM_E_QUOTA;
    case Errc::invalid_argument:
      return ZM_E_ARGUMENT;
    default:
      return ZM_E_FAILED;
  }
}

zm_status LoanBook::answer(const Context& context, DriverStatus status, const char* what) {
  switch (status) {
    case DriverStatus::ok:
      return ZM_OK;
    case DriverStatus::out_of_memory:
      return quota(context.error(status, what).message);
    case DriverStatus::not_found:
      return ZM_E_NOT_FOUND;
    case DriverStatus::no_binary_for_gpu:
    case DriverStatus::invalid_image:
      return ZM_E_UNSUPPORTED;
    default:
      break;
  }
  error_ = context.error(status, what).message;
  return ZM_E_FAILED;
}

// --- streams ---
zm_status LoanBook::open_stream(std::uint32_t device, std::int32_t priority, DriverStream& to) {
  const Context* context = nullptr;
  if (const zm_status entered = enter(device, context); entered != ZM_OK) return entered;
  if (streams_.size() >= limits_.streams) return quota(all_out("streams", limits_.streams));
  const zm_status made = on(device, "making a stream", [&](const DriverApi& api) {
    int least = 0, greatest = 0;
    if (const auto status = api.cuCtxGetStreamPriorityRange(&least, &greatest);
        status != DriverStatus::ok)
      return status;
    // Not std::clamp: a device without priorities says 0, 0.
    const int rounded = std::max(greatest, std::min(least, priority));
    return api.cuStreamCreateWithPriority(&to, stream_non_blocking, rounded);
  });
  if (made == ZM_OK) streams_.push_back({to, device});
  return made;
}

zm_status LoanBook::close_stream(DriverStream stream) {
  auto* loan = find(streams_, stream);
  if (loan == nullptr) return ZM_E_ARGUMENT;
  if (loan->capturing) return ZM_E_STATE;
  hide_from_heap(*loan);  // a failure shows again below
  const zm_status closed = on(loan->device, "closing a stream", [&](const DriverApi& api) {
    const DriverStatus waited = api.cuStreamSynchronize(stream);
    const DriverStatus destroyed = api.cuStreamDestroy(stream);
    return waited != DriverStatus::ok ? waited : destroyed;
  });
  strike_out(streams_, stream);
  return closed;
}

zm_status LoanBook::synchronize(DriverStream stream) {
  const auto* loan = find(streams_, stream);
  if (loan == nullptr) return ZM_E_ARGUMENT;
  if (loan->capturing) return ZM_E_STATE;
  return on(loan->device, "waiting for a stream",
            [&](const DriverApi& api) { return api.cuStreamSynchronize(stream); });
}

// --- events ---
zm_status LoanBook::open_event(std::uint32_t device, DriverEvent& to) {
  const Context* context = nullptr;
  if (const zm_status entered = enter(device, context); entered != ZM_OK) return entered;
  if (events_.size() >= limits_.events) return quota(all_out("events", limits_.events));
  const zm_status made = on(device, "making an event", [&](const DriverApi& api) {
    return api.cuEventCreate(&to, event_disable_timing);
  });
  if (made == ZM_OK) events_.push_back({to, device});
  return made;
}

zm_status LoanBook::close_event(DriverEvent event) {
  const auto* loan = find(events_, event);
  if (loan == nullptr) return ZM_E_ARGUMENT;
  const zm_status closed = on(loan->device, "closing an event",
                              [&](const DriverApi& api) { return api.cuEventDestroy(event); });
  strike_out(events_, event);
  return closed;
}

zm_status LoanBook::record(DriverEvent event, DriverStream stream) {
  const auto* on_event = find(events_, event);
  const auto* on_stream = find(streams_, stream);
  if (on_event == nullptr || on_stream == nullptr || on_event->device != on_stream->device)
    return ZM_E_ARGUMENT;
  return on(on_stream->device, "recording an event",
            [&](const DriverApi& api) { return api.cuEventRecord(event, stream); });
}

zm_status LoanBook::wait(DriverStream stream, DriverEvent event) {
  const auto* on_stream = find(streams_, stream);
  if (on_stream == nullptr || find(events_, event) == nullptr) return ZM_E_ARGUMENT;
  return on(on_stream->device, "waiting for an event",
            [&](const DriverApi& api) { return api.cuStreamWaitEvent(stream, event, 0); });
}

// --- graphs ---
zm_status LoanBook::begin_capture(DriverStream stream) {
  auto* loan = find(streams_, stream);
  if (loan == nullptr) return ZM_E_ARGUMENT;
  if (loan->capturing) return ZM_E_STATE;
  if (const zm_status hidden = hide_from_heap(*loan); hidden != ZM_OK) return hidden;
  // Other threads of the host go on calling the driver meanwhile.
  const zm_status begun = on(loan->device, "beginning a capture", [&](const DriverApi& api) {
    return api.cuStreamBeginCapture(stream, CaptureMode::thread_local_only);
  });
  loan->capturing = begun == ZM_OK;
  return begun;
}

zm_status LoanBook::end_capture(DriverStream stream, DriverGraphExec& to) {
  auto* loan = find(streams_, stream);
  if (loan == nullptr) return ZM_E_ARGUMENT;
  if (!loan->capturing) return ZM_E_STATE;
  if (graphs_.size() >= limits_.graphs) return quota(all_out("graphs", limits_.graphs));
  loan->capturing = false;
  const zm_status made = on(loan->device, "making a graph", [&](const DriverApi& api) {
    DriverGraph graph = nullptr;
    DriverStatus status = api.cuStreamEndCapture(stream, &graph);
    if (status == DriverStatus::ok) status = api.cuGraphInstantiate(&to, graph, 0);
    if (graph != nullptr) api.cuGraphDestroy(graph);
    return status;
  });
  if (made == ZM_OK) graphs_.push_back({to, loan->device});
  return made;
}

zm_status LoanBook::launch_graph(DriverGraphExec graph, DriverStream stream) {
  const auto* on_graph = find(graphs_, graph);
  const auto* on_stream = find(streams_, stream);
  if (on_graph == nullptr || on_stream == nullptr || on_graph->device != on_stream->device)
    return ZM_E_ARGUMENT;
  if (!lender_->fit(on_stream->device)) return ZM_E_BUSY;
  return on(on_stream->device, "launching a graph",
            [&](const DriverApi& api) { return api.cuGraphLaunch(graph, stream); });
}

zm_status LoanBook::close_graph(DriverGraphExec graph) {
  const auto* loan = find(graphs_, graph);
  if (loan == nullptr) return ZM_E_ARGUMENT;
  const zm_status closed = on(loan->device, "closing a graph",
                              [&](const DriverApi& api) { return api.cuGraphExecDestroy(graph); });
  strike_out(graphs_, graph);
  return closed;
}

// --- kernels ---
zm_status LoanBook::open_library(std::uint32_t device, const void* image, DriverLibrary& to) {
  const Context* context = nullptr;
  if (image == nullptr) return ZM_E_ARGUMENT;
  if (const zm_status entered = enter(device, context); entered != ZM_OK) return entered;
  if (libraries_.size() >= limits_.libraries) return quota(all_out("libraries", limits_.libraries));
  const zm_status made = on(device, "loading kernels", [&](const DriverApi& api) {
    return api.cuLibraryLoadData(&to, image, nullptr, nullptr, 0, nullptr, nullptr, 0);
  });
  if (made == ZM_OK) libraries_.push_back({to, device});
  return made;
}

zm_status LoanBook::close_library(DriverLibrary library) {
  const auto* loan = find(libraries_, library);
  if (loan == nullptr) return ZM_E_ARGUMENT;
  // Work that runs its kernels may be queued anywhere.
  const zm_status closed = on(loan->device, "unloading kernels", [&](const DriverApi& api) {
    const DriverStatus waited = api.cuCtxSynchronize();
    const DriverStatus unloaded = api.cuLibraryUnload(library);
    return waited != DriverStatus::ok ? waited : unloaded;
  });
  strike_out(libraries_, library);
  return closed;
}

zm_status LoanBook::find_kernel(DriverLibrary library, const char* name, DriverKernel& to) {
  auto* loan = find(libraries_, library);
  if (loan == nullptr || name == nullptr) return ZM_E_ARGUMENT;
  const zm_status found = on(loan->device, "finding a kernel", [&](const DriverApi& api) {
    return api.cuLibraryGetKernel(&to, library, name);
  });
  auto& known = loan->kernels;
  if (found == ZM_OK && std::find(known.begin(), known.end(), to) == known.end())
    known.push_back(to);
  return found;
}

zm_status LoanBook::launch(DriverKernel kernel, DriverStream stream, const zm_gpu_launch& how) {
  const auto* on_stream = find(streams_, stream);
  const bool ours = std::any_of(libraries_.begin(), libraries_.end(), [&](const auto& library) {
    return on_stream != nullptr && library.device == on_stream->device &&
           std::find(library.kernels.begin(), library.kernels.end(), kernel) !=
               library.kernels.end();
  });
  if (!ours || how.size < sizeof(zm_gpu_launch)) return ZM_E_ARGUMENT;
  if (!lender_->fit(on_stream->device)) return ZM_E_BUSY;
  return on(on_stream->device, "launching a kernel", [&](const DriverApi& api) {
    return api.cuLaunchKernel(reinterpret_cast<DriverFunction>(kernel), how.grid[0], how.grid[1],
                              how.grid[2], how.block[0], how.block[1], how.block[2],
                              how.shared_bytes, stream, how.parameters, nullptr);
  });
}

}  // namespace zomma::gpu
