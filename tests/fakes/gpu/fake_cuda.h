// fake_cuda.h: what the parts of the fake libcuda.so.1 share. Device memory is memory of this
// process; a stream is a queue of closures; a kernel is the CPU version of the same name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "fakes/gpu/world.h"
#include "gpu/driver_api.h"

// The driver's functions are global, and their types the host's.
using namespace zomma::gpu;

// Every function of the host's table, as the host's types have it: a fake of another shape does not
// compile.
extern "C" {
#define ZOMMA_FAKE_DECLARE(member, symbol, arguments) \
  __attribute__((visibility("default"))) DriverStatus symbol arguments;
ZOMMA_DRIVER_FUNCTIONS(ZOMMA_FAKE_DECLARE)
#undef ZOMMA_FAKE_DECLARE
}

// The handles behind the driver's tags.
struct CUctx_st {
  int device = 0;
};
struct CUevent_st {
  std::uint64_t recorded = 0, completed = 0;  // tickets
  CUstream_st* stream = nullptr;              // where it was recorded last
  std::int64_t completed_at_ns = 0;
  bool timed = true;
};
struct Operation {
  std::function<void()> run;
  CUevent_st* wait_for = nullptr;  // not before this event has completed `ticket`
  std::uint64_t ticket = 0;
};
struct CUgraph_st {
  std::vector<Operation> operations;
};
struct CUgraphExec_st {
  std::vector<Operation> operations;
};
struct CUstream_st {
  int device = 0;
  std::deque<Operation> queue;
  std::unique_ptr<CUgraph_st> capture;
};
struct CUmemPoolHandle_st {
  int device = 0;
  std::uint64_t threshold = 0, reserved = 0, reserved_high = 0, used = 0, used_high = 0;
};

namespace zomma::fake_gpu {

// Opens a fake function: null to go on, else the status to return. `needs_context` is what the
// driver checks for most calls.
std::optional<DriverStatus> open_call(const char* function, bool needs_context = true);
#define ZOMMA_FAKE_CALL(...)                                                               \
  const std::lock_guard fake_lock(zomma::fake_gpu::World::instance().mutex());             \
  if (const auto failed = zomma::fake_gpu::open_call(__func__ __VA_OPT__(, ) __VA_ARGS__)) \
  return *failed

// The device of this thread's current context.
int current_device();

// Puts work into a stream (null: the default one): runs it at once, or in a deferred scenario when
// somebody waits; in a capture it becomes part of the graph.
DriverStatus enqueue(CUstream_st* stream, Operation operation);
inline DriverStatus enqueue(CUstream_st* stream, std::function<void()> run) {
  return enqueue(stream, Operation{std::move(run), nullptr, 0});
}
// Runs what waits in one stream, or in all of them.
void drain(CUstream_st& stream);
void drain_all();
// What an asynchronous operation found, reported by the next wait, as the driver does.
void fault(DriverStatus status);

// True where every byte is device memory that may be used.
bool is_device_memory(std::uint64_t address, std::uint64_t bytes);

// The CPU version of a kernel: its parameters' sizes and what it does with them.
struct HostKernel {
  std::vector<std::size_t> parameter_bytes;
  std::function<void(void** parameters)> run;
};
// Null where there is none.
const HostKernel* find_host_kernel(std::string_view name);

}  // namespace zomma::fake_gpu
