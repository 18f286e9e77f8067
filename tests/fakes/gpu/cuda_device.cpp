// cuda_device.cpp: the fake driver's start, devices and contexts.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>

#include "fakes/gpu/fake_cuda.h"

using namespace zomma::fake_gpu;

namespace {

std::uint64_t initialised_epoch = 0;  // the scenario that cuInit was called in

struct CurrentContexts {
  std::uint64_t epoch = 0;
  std::vector<CUctx_st*> stack;
};
thread_local CurrentContexts current;

std::vector<CUctx_st*>& stack() {
  const std::uint64_t epoch = World::instance().epoch();
  if (current.epoch != epoch) current = {epoch, {}};
  return current.stack;
}

CUctx_st* context_of(int device) {
  static std::vector<std::unique_ptr<CUctx_st>> contexts;
  while (contexts.size() <= static_cast<std::size_t>(device)) {
    contexts.push_back(std::make_unique<CUctx_st>());
    contexts.back()->device = static_cast<int>(contexts.size()) - 1;
  }
  return contexts[static_cast<std::size_t>(device)].get();
}

bool known(int device) { return device >= 0 && device < World::instance().device_count(); }
const DeviceSpec& spec(int device) {
  return World::instance().scenario().devices[static_cast<std::size_t>(device)];
}
// nvlinks between two devices, -1 where no link is described.
int nvlinks(int from, int to) {
  for (const LinkSpec& link : World::instance().scenario().links)
    if ((link.first == from && link.second == to) || (link.first == to && link.second == from))
      return link.nvlinks;
  return -1;
}

void copy_text(const std::string& text, char* to, int capacity) {
  if (capacity <= 0) return;
  const std::size_t length = std::min(text.size(), static_cast<std::size_t>(capacity) - 1);
  std::memcpy(to, text.data(), length);
  to[length] = '\0';
}

unsigned hex_value(char c) {
  return static_cast<unsigned>(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
}

}  // namespace

namespace zomma::fake_gpu {

std::optional<DriverStatus> open_call(const char* function, bool needs_context) {
  World& world = World::instance();
  if (const auto status = world.enter(function)) return static_cast<DriverStatus>(*status);
  if (!needs_context) return std::nullopt;
  if (initialised_epoch != world.epoch()) return DriverStatus::not_initialized;
  if (stack().empty() || stack().back() == nullptr) return DriverStatus::invalid_context;
  return std::nullopt;
}

int current_device() { return stack().empty() ? 0 : stack().back()->device; }

}  // namespace zomma::fake_gpu

DriverStatus cuInit(unsigned flags) {
  ZOMMA_FAKE_CALL(false);
  if (flags != 0) return DriverStatus::invalid_value;
  if (World::instance().device_count() == 0) return DriverStatus::no_device;
  initialised_epoch = World::instance().epoch();
  return DriverStatus::ok;
}

DriverStatus cuDriverGetVersion(int* version) {
  ZOMMA_FAKE_CALL(false);
  *version = World::instance().scenario().driver_version;
  return DriverStatus::ok;
}

DriverStatus cuGetErrorName(DriverStatus status, const char** name) {
  switch (status) {
    case DriverStatus::ok:
      *name = "CUDA_SUCCESS";
      break;
    case DriverStatus::invalid_value:
      *name = "CUDA_ERROR_INVALID_VALUE";
      break;
    case DriverStatus::out_of_memory:
      *name = "CUDA_ERROR_OUT_OF_MEMORY";
      break;
    case DriverStatus::not_initialized:
      *name = "CUDA_ERROR_NOT_INITIALIZED";
      break;
    case DriverStatus::no_device:
      *name = "CUDA_ERROR_NO_DEVICE";
      break;
    case DriverStatus::invalid_image:
      *name = "CUDA_ERROR_INVALID_IMAGE";
      break;
    case DriverStatus::no_binary_for_gpu:
      *name = "CUDA_ERROR_NO_BINARY_FOR_GPU";
      break;
    case DriverStatus::not_found:
      *name = "CUDA_ERROR_NOT_FOUND";
      break;
    case DriverStatus::illegal_address:
      *name = "CUDA_ERROR_ILLEGAL_ADDRESS";
      break;
    case DriverStatus::system_driver_mismatch:
      *name = "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH";
      break;
    default:
      *name = "CUDA_ERROR_UNKNOWN";
      break;
  }
  return DriverStatus::ok;
}
DriverStatus cuGetErrorString(DriverStatus status, const char** text) {
  return cuGetErrorName(status, text);
}

DriverStatus cuDeviceGetCount(int* count) {
  ZOMMA_FAKE_CALL(false);
  *count = World::instance().device_count();
  return DriverStatus::ok;
}
DriverStatus cuDeviceGet(DeviceOrdinal* device, int index) {
  ZOMMA_FAKE_CALL(false);
  if (!known(index)) return DriverStatus::invalid_device;
  *device = index;
  return DriverStatus::ok;
}
DriverStatus cuDeviceGetName(char* name, int capacity, DeviceOrdinal device) {
  ZOMMA_FAKE_CALL(false);
  if (!known(device)) return DriverStatus::invalid_device;
  copy_text(spec(device).name, name, capacity);
  return DriverStatus::ok;
}
DriverStatus cuDeviceGetUuid_v2(DeviceUuid* uuid, DeviceOrdinal device) {
  ZOMMA_FAKE_CALL(false);
  if (!known(device)) return DriverStatus::invalid_device;
  std::string digits;
  for (const char c : spec(device).uuid.substr(4))
    if (c != '-') digits += c;
  digits.resize(32, '0');
  for (std::size_t i = 0; i < 16; ++i)
    uuid->bytes[i] =
        static_cast<unsigned char>(hex_value(digits[2 * i]) * 16 + hex_value(digits[2 * i + 1]));
  return DriverStatus::ok;
}
DriverStatus cuDeviceTotalMem_v2(std::size_t* bytes, DeviceOrdinal device) {
  ZOMMA_FAKE_CALL(false);
  if (!known(device)) return DriverStatus::invalid_device;
  *bytes = spec(device).memory_bytes;
  return DriverStatus::ok;
}
DriverStatus cuDeviceGetAttribute(int* value, DeviceAttribute attribute, DeviceOrdinal device) {
  ZOMMA_FAKE_CALL(false);
  if (!known(device)) return DriverStatus::invalid_device;
  const DeviceSpec& s = spec(device);
  switch (attribute) {
    case DeviceAttribute::max_threads_per_block:
      *value = 1024;
      break;
    case DeviceAttribute::max_shared_memory_per_block:
      *value = 49152;
      break;
    case DeviceAttribute::warp_size:
      *value = 32;
      break;
    case DeviceAttribute::clock_khz:
      *value = s.clock_mhz * 1000;
      break;
    case DeviceAttribute::multiprocessor_count:
      *value = s.multiprocessors;
      break;
    case DeviceAttribute::integrated:
      *value = 0;
      break;
    case DeviceAttribute::compute_mode:
      *value = 0;
      break;
    case DeviceAttribute::concurrent_kernels:
      *value = 1;
      break;
    case DeviceAttribute::ecc_enabled:
      *value = s.ecc;
      break;
    case DeviceAttribute::pci_bus_id:
      *value = s.pci_bus;
      break;
    case DeviceAttribute::pci_device_id:
      *value = s.pci_device;
      break;
    case DeviceAttribute::pci_domain_id:
      *value = s.pci_domain;
      break;
    case DeviceAttribute::memory_clock_khz:
      *value = s.memory_clock_mhz * 1000;
      break;
    case DeviceAttribute::memory_bus_bits:
      *value = s.memory_bus_bits;
      break;
    case DeviceAttribute::l2_cache_bytes:
      *value = 50 << 20;
      break;
    case DeviceAttribute::async_engine_count:
      *value = 3;
      break;
    case DeviceAttribute::unified_addressing:
      *value = 1;
      break;
    case DeviceAttribute::compute_capability_major:
      *value = s.capability_major;
      break;
    case DeviceAttribute::compute_capability_minor:
      *value = s.capability_minor;
      break;
    case DeviceAttribute::virtual_memory_management:
      *value = s.maps_memory ? 1 : 0;
      break;
    case DeviceAttribute::memory_pools:
      *value = 1;
      break;
    case DeviceAttribute::host_numa_id:
      *value = s.numa_node;
      break;
    default:
      return DriverStatus::invalid_value;
  }
  return DriverStatus::ok;
}
DriverStatus cuDeviceGetPCIBusId(char* text, int capacity, DeviceOrdinal device) {
  ZOMMA_FAKE_CALL(false);
  if (!known(device)) return DriverStatus::invalid_device;
  char address[32];
  std::snprintf(address, sizeof address, "%04X:%02X:%02X.0", unsigned(spec(device).pci_domain),
                unsigned(spec(device).pci_bus), unsigned(spec(device).pci_device));
  copy_text(address, text, capacity);
  return DriverStatus::ok;
}
DriverStatus cuDeviceCanAccessPeer(int* can, DeviceOrdinal device, DeviceOrdinal peer) {
  ZOMMA_FAKE_CALL(false);
  if (!known(device) || !known(peer)) return DriverStatus::invalid_device;
  *can = device != peer && nvlinks(device, peer) >= 0;
  return DriverStatus::ok;
}
DriverStatus cuDeviceGetP2PAttribute(int* value, PeerAttribute attribute, DeviceOrdinal from,
                                     DeviceOrdinal to) {
  ZOMMA_FAKE_CALL(false);
  if (!known(from) || !known(to) || from == to) return DriverStatus::invalid_device;
  const int links = nvlinks(from, to);
  *value = attribute == PeerAttribute::performance_rank ? (links > 0 ? 0 : 1)
           : attribute == PeerAttribute::access         ? links >= 0
                                                        : links > 0;
  return DriverStatus::ok;
}

DriverStatus cuDevicePrimaryCtxRetain(DriverContext* context, DeviceOrdinal device) {
  ZOMMA_FAKE_CALL(false);
  if (initialised_epoch != World::instance().epoch()) return DriverStatus::not_initialized;
  if (!known(device)) return DriverStatus::invalid_device;
  ++World::instance().state(device).contexts;
  *context = context_of(device);
  return DriverStatus::ok;
}
DriverStatus cuDevicePrimaryCtxRelease_v2(DeviceOrdinal device) {
  ZOMMA_FAKE_CALL(false);
  if (!known(device)) return DriverStatus::invalid_device;
  DeviceState& state = World::instance().state(device);
  if (state.contexts == 0) return DriverStatus::invalid_context;
  if (--state.contexts == 0) drain_all();
  return DriverStatus::ok;
}
DriverStatus cuCtxSetCurrent(DriverContext context) {
  ZOMMA_FAKE_CALL(false);
  if (stack().empty()) stack().push_back(nullptr);
  stack().back() = context;
  return DriverStatus::ok;
}
DriverStatus cuCtxGetCurrent(DriverContext* context) {
  ZOMMA_FAKE_CALL(false);
  *context = stack().empty() ? nullptr : stack().back();
  return DriverStatus::ok;
}
DriverStatus cuCtxPushCurrent_v2(DriverContext context) {
  ZOMMA_FAKE_CALL(false);
  if (context == nullptr) return DriverStatus::invalid_context;
  stack().push_back(context);
  return DriverStatus::ok;
}
DriverStatus cuCtxPopCurrent_v2(DriverContext* context) {
  ZOMMA_FAKE_CALL(false);
  if (stack().empty()) return DriverStatus::invalid_context;
  if (context != nullptr) *context = stack().back();
  stack().pop_back();
  return DriverStatus::ok;
}
DriverStatus cuCtxGetStreamPriorityRange(int* least, int* greatest) {
  ZOMMA_FAKE_CALL();
  *least = 0;
  *greatest = -5;
  return DriverStatus::ok;
}
