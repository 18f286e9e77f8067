#include "gpu/loans.h"

#include <algorithm>
#include <utility>

namespace zomma::gpu {

Result<std::shared_ptr<Lender>> Lender::open(const std::string& libcuda) {
  auto api = load_driver(libcuda);
  if (!api) return api.error();
  if (const auto started = initialise(*api); !started) return started.error();
  Inventory found;
  detail::add_nvidia(*api, found);
  if (found.devices.empty())
    return Error{Errc::not_found,
                 found.notes.empty() ? "the GPU driver shows no device" : found.notes.front()};
  if (found.devices.size() > most_devices) found.devices.resize(most_devices);
  std::shared_ptr<Lender> lender(new Lender);
  lender->api_ = std::move(*api);
  lender->devices_ = std::move(found.devices);
  lender->contexts_.resize(lender->devices_.size());
  return lender;
}

Result<std::shared_ptr<Context>> Lender::context(unsigned index) {
  const std::lock_guard lock(mutex_);
  if (auto known = contexts_[index].lock()) return known;
  auto opened = Context::open(api_, static_cast<int>(devices_[index].index));
  if (opened) contexts_[index] = *opened;
  return opened;
}

void Lender::follow(const HealthSnapshot& snapshot) {
  for (unsigned i = 0; i < devices_.size(); ++i)
    for (const DeviceHealth& health : snapshot.devices)
      if (health.uuid == devices_[i].uuid)
        unfit_[i].store(health.verdict == Verdict::unhealthy, std::memory_order_relaxed);
}

std::shared_ptr<Lender> LenderSource::get() {
  const std::lock_guard lock(mutex_);
  if (tried_) return lender_;
  tried_ = true;
  auto opened = Lender::open(libcuda_);
  if (opened)
    lender_ = std::move(*opened);
  else
    why_not_ = opened.error().message;
  return lender_;
}

std::string LenderSource::why_not() const {
  const std::lock_guard lock(mutex_);
  return why_not_;
}

void LenderSource::follow(const HealthSnapshot& snapshot) {
  const std::lock_guard lock(mutex_);
  if (lender_) lender_->follow(snapshot);
}

LoanBook::LoanBook(std::shared_ptr<Lender> lender, LoanLimits limits)
    : lender_(std::move(lender)), limits_(limits), contexts_(lender_->device_count()) {}

LoanBook::~LoanBook() { reclaim(); }

Loans LoanBook::out() const {
  const auto count = [](const auto& shelf) { return static_cast<std::uint32_t>(shelf.size()); };
  return {count(streams_),   count(events_), count(graphs_),
          count(libraries_), count(memory_), memory_bytes_};
}

template <class Handle>
LoanBook::Loan<Handle>* LoanBook::find(Shelf<Handle>& shelf, Handle handle) {
  const auto found = std::find_if(shelf.begin(), shelf.end(),
                                  [&](const Loan<Handle>& loan) { return loan.handle == handle; });
  return found == shelf.end() ? nullptr : &*found;
}

template <class Handle>
void LoanBook::strike_out(Shelf<Handle>& shelf, Handle handle) {
  std::erase_if(shelf, [&](const Loan<Handle>& loan) { return loan.handle == handle; });
}

zm_status LoanBook::enter(std::uint32_t device, const Context*& to) {
  if (device >= lender_->device_count()) return ZM_E_ARGUMENT;
  if (!lender_->fit(device)) return ZM_E_BUSY;
  if (!contexts_[device]) {
    auto opened = lender_->context(device);
    if (!opened) {
      error_ = opened.error().message;
      return opened.error().code == Errc::exhausted ? ZM_E_QUOTA : ZM_E_FAILED;
    }
    contexts_[device] = std::move(*opened);
  }
  to = contexts_[device].get();
  return ZM_OK;
}

zm_status LoanBook::answer(const Context& context, DriverStatus status, const char* what) {
  switch (status) {
    case DriverStatus::ok:
      return ZM_OK;
    case DriverStatus::out_of_memory:
      return ZM_E_QUOTA;
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

template <class Body>
zm_status LoanBook::on(std::uint32_t device, const char* what, Body body) {
  const Context& context = *contexts_[device];
  const ContextScope scope(context);
  return answer(context, scope.status() == DriverStatus::ok ? body(context.api()) : scope.status(),
                what);
}

// --- streams ---
zm_status LoanBook::open_stream(std::uint32_t device, std::int32_t priority, DriverStream& to) {
  const Context* context = nullptr;
  if (const zm_status entered = enter(device, context); entered != ZM_OK) return entered;
  if (streams_.size() >= limits_.streams) return ZM_E_QUOTA;
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
  const auto* loan = find(streams_, stream);
  if (loan == nullptr) return ZM_E_ARGUMENT;
  if (loan->capturing) return ZM_E_STATE;
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
  if (events_.size() >= limits_.events) return ZM_E_QUOTA;
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
  if (graphs_.size() >= limits_.graphs) return ZM_E_QUOTA;
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
  if (libraries_.size() >= limits_.libraries) return ZM_E_QUOTA;
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

// --- memory ---
zm_status LoanBook::allocate(std::uint32_t device, std::uint64_t bytes, DeviceAddress& to) {
  const Context* context = nullptr;
  if (bytes == 0) return ZM_E_ARGUMENT;
  if (const zm_status entered = enter(device, context); entered != ZM_OK) return entered;
  if (bytes > limits_.memory_bytes || memory_bytes_ > limits_.memory_bytes - bytes)
    return ZM_E_QUOTA;
  const zm_status made =
      on(device, "taking memory", [&](const DriverApi& api) { return api.cuMemAlloc(&to, bytes); });
  if (made != ZM_OK) return made;
  memory_.push_back({to, device, false, {}, bytes});
  memory_bytes_ += bytes;
  return ZM_OK;
}

zm_status LoanBook::release(DeviceAddress address) {
  const auto* loan = find(memory_, address);
  if (loan == nullptr) return ZM_E_ARGUMENT;
  const zm_status freed = on(loan->device, "giving memory back",
                             [&](const DriverApi& api) { return api.cuMemFree(address); });
  memory_bytes_ -= loan->bytes;
  strike_out(memory_, address);
  return freed;
}

const LoanBook::Loan<DeviceAddress>* LoanBook::block_of(DeviceAddress address,
                                                        std::uint64_t bytes) const {
  for (const auto& loan : memory_)
    if (address >= loan.handle && bytes <= loan.bytes &&
        address - loan.handle <= loan.bytes - bytes)
      return &loan;
  return nullptr;
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

// --- the end ---
void LoanBook::reclaim_device(std::uint32_t device, const Context& context) {
  const ContextScope scope(context);
  if (scope.status() != DriverStatus::ok) return;
  const DriverApi& api = context.api();
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
  each(memory_, [&](auto& loan) { api.cuMemFree(loan.handle); });
  each(events_, [&](auto& loan) { api.cuEventDestroy(loan.handle); });
  each(streams_, [&](auto& loan) { api.cuStreamDestroy(loan.handle); });
}

Loans LoanBook::reclaim() {
  const Loans taken = out();
  for (std::uint32_t device = 0; device < contexts_.size(); ++device)
    if (contexts_[device]) reclaim_device(device, *contexts_[device]);
  streams_.clear();
  events_.clear();
  graphs_.clear();
  libraries_.clear();
  memory_.clear();
  memory_bytes_ = 0;
  for (auto& context : contexts_) context.reset();
  return taken;
}

}  // namespace zomma::gpu
