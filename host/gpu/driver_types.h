// driver_types.h: the types, codes and attribute numbers of the CUDA driver that the host uses,
// declared by hand: no CUDA header is needed to build and none is included. Values and layouts are
// those of the driver's ABI; tests/host/gpu compares them with cuda.h where a toolkit is installed.
#pragma once

#include <cstddef>
#include <cstdint>

// The driver's own tags, so a handle passes to code that includes cuda.h without a cast.
struct CUctx_st;
struct CUstream_st;
struct CUevent_st;
struct CUgraph_st;
struct CUgraphExec_st;
struct CUlib_st;
struct CUkern_st;
struct CUfunc_st;
struct CUmemPoolHandle_st;

namespace zomma::gpu {

using DeviceOrdinal = int;                // CUdevice
using DeviceAddress = std::uint64_t;      // CUdeviceptr
using DriverContext = CUctx_st*;          // CUcontext
using DriverStream = CUstream_st*;        // CUstream; null is the legacy default stream
using DriverEvent = CUevent_st*;          // CUevent
using DriverGraph = CUgraph_st*;          // CUgraph
using DriverGraphExec = CUgraphExec_st*;  // CUgraphExec
using DriverLibrary = CUlib_st*;          // CUlibrary
using DriverKernel = CUkern_st*;          // CUkernel
using DriverFunction = CUfunc_st*;        // CUfunction; a CUkernel may be cast to it for a launch
using DriverPool = CUmemPoolHandle_st*;   // CUmemoryPool
using PhysicalHandle = std::uint64_t;     // CUmemGenericAllocationHandle

// CUresult: those that the host tells apart. The driver may return others.
enum class DriverStatus : int {
  ok = 0,
  invalid_value = 1,
  out_of_memory = 2,
  not_initialized = 3,
  deinitialized = 4,
  stub_library = 34,
  insufficient_driver = 35,
  requires_newer_driver = 36,
  device_unavailable = 46,
  no_device = 100,
  invalid_device = 101,
  invalid_image = 200,
  invalid_context = 201,
  no_binary_for_gpu = 209,
  ecc_uncorrectable = 214,
  nvlink_uncorrectable = 220,
  invalid_handle = 400,
  illegal_state = 401,
  not_found = 500,
  not_ready = 600,
  illegal_address = 700,
  launch_out_of_resources = 701,
  launch_timeout = 702,
  context_is_destroyed = 709,
  assert_failed = 710,
  hardware_stack_error = 714,
  illegal_instruction = 715,
  misaligned_address = 716,
  launch_failed = 719,
  not_permitted = 800,
  not_supported = 801,
  system_not_ready = 802,
  system_driver_mismatch = 803,
  compat_not_supported_on_device = 804,
  mps_connection_failed = 805,
  mps_rpc_failure = 806,
  mps_server_not_ready = 807,
  mps_max_clients_reached = 808,
  mps_max_connections_reached = 809,
  mps_client_terminated = 810,
  stream_capture_unsupported = 900,
  stream_capture_invalidated = 901,
  external_device = 911,
  unknown = 999
};

// CUdevice_attribute.
enum class DeviceAttribute : int {
  max_threads_per_block = 1,
  max_shared_memory_per_block = 8,
  warp_size = 10,
  clock_khz = 13,
  multiprocessor_count = 16,
  integrated = 18,
  compute_mode = 20,
  concurrent_kernels = 31,
  ecc_enabled = 32,
  pci_bus_id = 33,
  pci_device_id = 34,
  memory_clock_khz = 36,
  memory_bus_bits = 37,
  l2_cache_bytes = 38,
  async_engine_count = 40,
  unified_addressing = 41,
  pci_domain_id = 50,
  compute_capability_major = 75,
  compute_capability_minor = 76,
  virtual_memory_management = 102,
  memory_pools = 115,
  host_numa_id = 134
};

// CUdevice_P2PAttribute.
enum class PeerAttribute : int { performance_rank = 1, access = 2, native_atomics = 3 };

struct DeviceUuid {
  unsigned char bytes[16];
};

// CUmemLocation.
enum class LocationType : int { invalid = 0, device = 1, host = 2, host_numa = 3 };
struct MemoryLocation {
  LocationType type = LocationType::device;
  int id = 0;
};

enum class AllocationType : int { invalid = 0, pinned = 1 };
enum class HandleType : int { none = 0, posix_file_descriptor = 1, fabric = 8 };
enum class GranularityKind : int { minimum = 0, recommended = 1 };

// CUmemAllocationProp.
struct AllocationProperties {
  AllocationType type = AllocationType::pinned;
  HandleType requested_handle_types = HandleType::none;
  MemoryLocation location;
  void* win32_metadata = nullptr;
  struct {
    unsigned char compression_type = 0;
    unsigned char gpu_direct_rdma_capable = 0;
    unsigned short usage = 0;
    unsigned char reserved[4] = {};
  } flags;
};

// CUmemAccessDesc.
enum class AccessRights : int { none = 0, read = 1, read_write = 3 };
struct AccessDescription {
  MemoryLocation location;
  AccessRights rights = AccessRights::read_write;
};

// CUmemPoolProps.
struct PoolProperties {
  AllocationType type = AllocationType::pinned;
  HandleType handle_types = HandleType::none;
  MemoryLocation location;
  void* win32_attributes = nullptr;
  std::size_t max_size = 0;  // bytes; 0: the driver's own limit
  unsigned short usage = 0;
  unsigned char reserved[54] = {};
};

// CUmemPool_attribute. The first three take an int, the others a 64-bit count of bytes.
enum class PoolAttribute : int {
  reuse_follow_event_dependencies = 1,
  reuse_allow_opportunistic = 2,
  reuse_allow_internal_dependencies = 3,
  release_threshold = 4,
  reserved_current = 5,
  reserved_high = 6,
  used_current = 7,
  used_high = 8
};

enum class CaptureMode : int { global = 0, thread_local_only = 1, relaxed = 2 };
enum class CaptureStatus : int { none = 0, active = 1, invalidated = 2 };

constexpr unsigned stream_non_blocking = 1;    // CU_STREAM_NON_BLOCKING
constexpr unsigned event_default = 0;          // CU_EVENT_DEFAULT: records time
constexpr unsigned event_blocking_sync = 1;    // CU_EVENT_BLOCKING_SYNC
constexpr unsigned event_disable_timing = 2;   // CU_EVENT_DISABLE_TIMING
constexpr unsigned host_alloc_portable = 1;    // CU_MEMHOSTALLOC_PORTABLE
constexpr unsigned host_alloc_device_map = 2;  // CU_MEMHOSTALLOC_DEVICEMAP

}  // namespace zomma::gpu
