// cuda_stream.cpp: the fake driver's streams, events and graphs.
#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "fakes/gpu/fake_cuda.h"

using namespace zomma::fake_gpu;

namespace {

// What one scenario holds; a new scenario begins with a new one.
struct Streams {
  std::uint64_t epoch = 0;
  std::set<std::unique_ptr<CUstream_st>> streams;  // destroyed with the scenario
  std::vector<std::unique_ptr<CUevent_st>> events;
  std::vector<std::unique_ptr<CUgraph_st>> graphs;
  std::vector<std::unique_ptr<CUgraphExec_st>> executables;
  CUstream_st default_stream;
  std::optional<DriverStatus> fault;
};

Streams& all() {
  static auto* here = new Streams;
  if (here->epoch != World::instance().epoch()) {
    // Closures of the older scenario are dropped unrun: their memory is gone.
    *here = Streams{};
    here->epoch = World::instance().epoch();
  }
  return *here;
}

CUstream_st& resolve(CUstream_st* stream) {
  return stream == nullptr ? all().default_stream : *stream;
}

bool is_done(const CUevent_st& event, std::uint64_t ticket) { return event.completed >= ticket; }

std::int64_t now_ns() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

DriverStatus take_fault() {
  return std::exchange(all().fault, std::nullopt).value_or(DriverStatus::ok);
}

}  // namespace

namespace zomma::fake_gpu {

void fault(DriverStatus status) {
  if (!all().fault) all().fault = status;
}

void drain(CUstream_st& stream) {
  while (!stream.queue.empty()) {
    const Operation operation = std::move(stream.queue.front());
    stream.queue.pop_front();
    if (operation.wait_for != nullptr && !is_done(*operation.wait_for, operation.ticket) &&
        operation.wait_for->stream != nullptr && operation.wait_for->stream != &stream)
      drain(*operation.wait_for->stream);
    if (operation.run) operation.run();
  }
}

void drain_all() {
  drain(all().default_stream);
  for (const auto& stream : all().streams) drain(*stream);
}

DriverStatus enqueue(CUstream_st* to, Operation operation) {
  CUstream_st& stream = resolve(to);
  if (stream.capture) {
    stream.capture->operations.push_back(std::move(operation));
    return DriverStatus::ok;
  }
  // The legacy default stream comes after all work that was queued before.
  if (to == nullptr) drain_all();
  stream.queue.push_back(std::move(operation));
  if (!World::instance().scenario().deferred) drain(stream);
  return DriverStatus::ok;
}

}  // namespace zomma::fake_gpu

DriverStatus cuCtxSynchronize() {
  ZOMMA_FAKE_CALL();
  drain_all();
  return take_fault();
}

DriverStatus cuStreamCreateWithPriority(DriverStream* stream, unsigned flags, int) {
  ZOMMA_FAKE_CALL();
  if (flags > stream_non_blocking) return DriverStatus::invalid_value;
  auto made = std::make_unique<CUstream_st>();
  made->device = current_device();
  *stream = made.get();
  all().streams.insert(std::move(made));
  return DriverStatus::ok;
}
DriverStatus cuStreamDestroy_v2(DriverStream stream) {
  ZOMMA_FAKE_CALL();
  auto& streams = all().streams;
  const auto found = std::find_if(streams.begin(), streams.end(),
                                  [&](const auto& s) { return s.get() == stream; });
  if (found == streams.end()) return DriverStatus::invalid_handle;
  drain(*stream);
  for (const auto& event : all().events)
    if (event->stream == stream) event->stream = nullptr;
  streams.erase(found);
  return DriverStatus::ok;
}
DriverStatus cuStreamSynchronize(DriverStream stream) {
  ZOMMA_FAKE_CALL();
  drain(resolve(stream));
  return take_fault();
}
DriverStatus cuStreamQuery(DriverStream stream) {
  ZOMMA_FAKE_CALL();
  return resolve(stream).queue.empty() ? DriverStatus::ok : DriverStatus::not_ready;
}
DriverStatus cuStreamWaitEvent(DriverStream stream, DriverEvent event, unsigned) {
  ZOMMA_FAKE_CALL();
  return enqueue(stream, Operation{nullptr, event, event->recorded});
}
DriverStatus cuStreamBeginCapture_v2(DriverStream stream, CaptureMode) {
  ZOMMA_FAKE_CALL();
  if (stream == nullptr) return DriverStatus::stream_capture_unsupported;
  if (stream->capture) return DriverStatus::illegal_state;
  stream->capture = std::make_unique<CUgraph_st>();
  return DriverStatus::ok;
}
DriverStatus cuStreamEndCapture(DriverStream stream, DriverGraph* graph) {
  ZOMMA_FAKE_CALL();
  if (stream == nullptr || !stream->capture) return DriverStatus::illegal_state;
  *graph = stream->capture.get();
  all().graphs.push_back(std::move(stream->capture));
  return DriverStatus::ok;
}
DriverStatus cuStreamIsCapturing(DriverStream stream, CaptureStatus* status) {
  ZOMMA_FAKE_CALL();
  *status = resolve(stream).capture ? CaptureStatus::active : CaptureStatus::none;
  return DriverStatus::ok;
}
DriverStatus cuLaunchHostFunc(DriverStream stream, void (*function)(void*), void* argument) {
  ZOMMA_FAKE_CALL();
  return enqueue(stream, [function, argument] { function(argument); });
}

DriverStatus cuEventCreate(DriverEvent* event, unsigned flags) {
  ZOMMA_FAKE_CALL();
  auto made = std::make_unique<CUevent_st>();
  made->timed = (flags & event_disable_timing) == 0;
  *event = made.get();
  all().events.push_back(std::move(made));
  return DriverStatus::ok;
}
DriverStatus cuEventDestroy_v2(DriverEvent event) {
  ZOMMA_FAKE_CALL();
  auto& events = all().events;
  const auto found =
      std::find_if(events.begin(), events.end(), [&](const auto& e) { return e.get() == event; });
  if (found == events.end()) return DriverStatus::invalid_handle;
  // Work that refers to it may still wait.
  if (event->stream != nullptr) drain(*event->stream);
  drain_all();
  events.erase(found);
  return DriverStatus::ok;
}
DriverStatus cuEventRecord(DriverEvent event, DriverStream stream) {
  ZOMMA_FAKE_CALL();
  const std::uint64_t ticket = ++event->recorded;
  event->stream = &resolve(stream);
  return enqueue(stream, [event, ticket] {
    event->completed = ticket;
    event->completed_at_ns = now_ns();
  });
}
DriverStatus cuEventQuery(DriverEvent event) {
  ZOMMA_FAKE_CALL();
  return is_done(*event, event->recorded) ? DriverStatus::ok : DriverStatus::not_ready;
}
DriverStatus cuEventSynchronize(DriverEvent event) {
  ZOMMA_FAKE_CALL();
  if (event->stream != nullptr && !is_done(*event, event->recorded)) drain(*event->stream);
  return take_fault();
}
DriverStatus cuEventElapsedTime(float* milliseconds, DriverEvent from, DriverEvent to) {
  ZOMMA_FAKE_CALL();
  if (!from->timed || !to->timed) return DriverStatus::invalid_handle;
  if (!is_done(*from, from->recorded) || !is_done(*to, to->recorded))
    return DriverStatus::not_ready;
  *milliseconds = static_cast<float>(to->completed_at_ns - from->completed_at_ns) * 1e-6f;
  return DriverStatus::ok;
}

DriverStatus cuGraphInstantiateWithFlags(DriverGraphExec* exec, DriverGraph graph,
                                         unsigned long long) {
  ZOMMA_FAKE_CALL();
  all().executables.push_back(std::make_unique<CUgraphExec_st>());
  *exec = all().executables.back().get();
  (*exec)->operations = graph->operations;
  return DriverStatus::ok;
}
DriverStatus cuGraphLaunch(DriverGraphExec exec, DriverStream stream) {
  ZOMMA_FAKE_CALL();
  for (const Operation& operation : exec->operations) enqueue(stream, operation);
  return DriverStatus::ok;
}
DriverStatus cuGraphExecDestroy(DriverGraphExec exec) {
  ZOMMA_FAKE_CALL();
  return std::erase_if(all().executables, [&](const auto& e) { return e.get() == exec; }) == 1
             ? DriverStatus::ok
             : DriverStatus::invalid_handle;
}
DriverStatus cuGraphDestroy(DriverGraph graph) {
  ZOMMA_FAKE_CALL();
  return std::erase_if(all().graphs, [&](const auto& g) { return g.get() == graph; }) == 1
             ? DriverStatus::ok
             : DriverStatus::invalid_handle;
}
