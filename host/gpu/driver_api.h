// driver_api.h: the CUDA driver as a table of functions, filled from libcuda.so.1 at run time. The
// host links no CUDA library: one binary serves machines with and without a GPU, and a test gives
// the table another library.
//
// Members have the driver's names without their version suffix, arguments are the driver's, in its
// order. Every call answers a DriverStatus at once; describe() makes an Error of it. A member is
// never null in a table that load_driver returned.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "gpu/driver_types.h"

// F(member, exported symbol, arguments). The symbols are those of driver 12.0 and later.
#define ZOMMA_DRIVER_FUNCTIONS(F)                                                                  \
  F(cuInit, cuInit, (unsigned flags))                                                              \
  F(cuDriverGetVersion, cuDriverGetVersion, (int* version))                                        \
  F(cuGetErrorName, cuGetErrorName, (DriverStatus status, const char** name))                      \
  F(cuGetErrorString, cuGetErrorString, (DriverStatus status, const char** text))                  \
  F(cuDeviceGetCount, cuDeviceGetCount, (int* count))                                              \
  F(cuDeviceGet, cuDeviceGet, (DeviceOrdinal * device, int index))                                 \
  F(cuDeviceGetName, cuDeviceGetName, (char* name, int capacity, DeviceOrdinal device))            \
  F(cuDeviceGetUuid, cuDeviceGetUuid_v2, (DeviceUuid * uuid, DeviceOrdinal device))                \
  F(cuDeviceTotalMem, cuDeviceTotalMem_v2, (std::size_t * bytes, DeviceOrdinal device))            \
  F(cuDeviceGetAttribute, cuDeviceGetAttribute,                                                    \
    (int* value, DeviceAttribute attribute, DeviceOrdinal device))                                 \
  F(cuDeviceGetPCIBusId, cuDeviceGetPCIBusId, (char* text, int capacity, DeviceOrdinal device))    \
  F(cuDeviceCanAccessPeer, cuDeviceCanAccessPeer,                                                  \
    (int* can, DeviceOrdinal device, DeviceOrdinal peer))                                          \
  F(cuDeviceGetP2PAttribute, cuDeviceGetP2PAttribute,                                              \
    (int* value, PeerAttribute attribute, DeviceOrdinal from, DeviceOrdinal to))                   \
  F(cuDevicePrimaryCtxRetain, cuDevicePrimaryCtxRetain,                                            \
    (DriverContext * context, DeviceOrdinal device))                                               \
  F(cuDevicePrimaryCtxRelease, cuDevicePrimaryCtxRelease_v2, (DeviceOrdinal device))               \
  F(cuCtxSetCurrent, cuCtxSetCurrent, (DriverContext context))                                     \
  F(cuCtxGetCurrent, cuCtxGetCurrent, (DriverContext * context))                                   \
  F(cuCtxPushCurrent, cuCtxPushCurrent_v2, (DriverContext context))                                \
  F(cuCtxPopCurrent, cuCtxPopCurrent_v2, (DriverContext * context))                                \
  F(cuCtxSynchronize, cuCtxSynchronize, ())                                                        \
  F(cuCtxGetStreamPriorityRange, cuCtxGetStreamPriorityRange, (int* least, int* greatest))         \
  F(cuMemGetInfo, cuMemGetInfo_v2, (std::size_t * free, std::size_t * total))                      \
  F(cuMemAlloc, cuMemAlloc_v2, (DeviceAddress * address, std::size_t bytes))                       \
  F(cuMemFree, cuMemFree_v2, (DeviceAddress address))                                              \
  F(cuMemHostAlloc, cuMemHostAlloc, (void** address, std::size_t bytes, unsigned flags))           \
  F(cuMemFreeHost, cuMemFreeHost, (void* address))                                                 \
  F(cuMemcpyHtoDAsync, cuMemcpyHtoDAsync_v2,                                                       \
    (DeviceAddress to, const void* from, std::size_t bytes, DriverStream stream))                  \
  F(cuMemcpyDtoHAsync, cuMemcpyDtoHAsync_v2,                                                       \
    (void* to, DeviceAddress from, std::size_t bytes, DriverStream stream))                        \
  F(cuMemcpyDtoDAsync, cuMemcpyDtoDAsync_v2,                                                       \
    (DeviceAddress to, DeviceAddress from, std::size_t bytes, DriverStream stream))                \
  F(cuMemcpyPeerAsync, cuMemcpyPeerAsync,                                                          \
    (DeviceAddress to, DriverContext to_context, DeviceAddress from, DriverContext from_context,   \
     std::size_t bytes, DriverStream stream))                                                      \
  F(cuMemsetD8Async, cuMemsetD8Async,                                                              \
    (DeviceAddress to, unsigned char value, std::size_t bytes, DriverStream stream))               \
  F(cuMemGetAllocationGranularity, cuMemGetAllocationGranularity,                                  \
    (std::size_t * bytes, const AllocationProperties* properties, GranularityKind kind))           \
  F(cuMemAddressReserve, cuMemAddressReserve,                                                      \
    (DeviceAddress * address, std::size_t bytes, std::size_t alignment, DeviceAddress hint,        \
     unsigned long long flags))                                                                    \
  F(cuMemAddressFree, cuMemAddressFree, (DeviceAddress address, std::size_t bytes))                \
  F(cuMemCreate, cuMemCreate,                                                                      \
    (PhysicalHandle * handle, std::size_t bytes, const AllocationProperties* properties,           \
     unsigned long long flags))                                                                    \
  F(cuMemRelease, cuMemRelease, (PhysicalHandle handle))                                           \
  F(cuMemMap, cuMemMap,                                                                            \
    (DeviceAddress address, std::size_t bytes, std::size_t offset, PhysicalHandle handle,          \
     unsigned long long flags))                                                                    \
  F(cuMemUnmap, cuMemUnmap, (DeviceAddress address, std::size_t bytes))                            \
  F(cuMemSetAccess, cuMemSetAccess,                                                                \
    (DeviceAddress address, std::size_t bytes, const AccessDescription* descriptions,              \
     std::size_t count))                                                                           \
  F(cuDeviceGetDefaultMemPool, cuDeviceGetDefaultMemPool,                                          \
    (DriverPool * pool, DeviceOrdinal device))                                                     \
  F(cuMemPoolCreate, cuMemPoolCreate, (DriverPool * pool, const PoolProperties* properties))       \
  F(cuMemPoolDestroy, cuMemPoolDestroy, (DriverPool pool))                                         \
  F(cuMemPoolSetAttribute, cuMemPoolSetAttribute,                                                  \
    (DriverPool pool, PoolAttribute attribute, void* value))                                       \
  F(cuMemPoolGetAttribute, cuMemPoolGetAttribute,                                                  \
    (DriverPool pool, PoolAttribute attribute, void* value))                                       \
  F(cuMemPoolTrimTo, cuMemPoolTrimTo, (DriverPool pool, std::size_t bytes_to_keep))                \
  F(cuMemAllocFromPoolAsync, cuMemAllocFromPoolAsync,                                              \
    (DeviceAddress * address, std::size_t bytes, DriverPool pool, DriverStream stream))            \
  F(cuMemFreeAsync, cuMemFreeAsync, (DeviceAddress address, DriverStream stream))                  \
  F(cuStreamCreateWithPriority, cuStreamCreateWithPriority,                                        \
    (DriverStream * stream, unsigned flags, int priority))                                         \
  F(cuStreamDestroy, cuStreamDestroy_v2, (DriverStream stream))                                    \
  F(cuStreamSynchronize, cuStreamSynchronize, (DriverStream stream))                               \
  F(cuStreamQuery, cuStreamQuery, (DriverStream stream))                                           \
  F(cuStreamWaitEvent, cuStreamWaitEvent,                                                          \
    (DriverStream stream, DriverEvent event, unsigned flags))                                      \
  F(cuStreamBeginCapture, cuStreamBeginCapture_v2, (DriverStream stream, CaptureMode mode))        \
  F(cuStreamEndCapture, cuStreamEndCapture, (DriverStream stream, DriverGraph * graph))            \
  F(cuStreamIsCapturing, cuStreamIsCapturing, (DriverStream stream, CaptureStatus * status))       \
  F(cuLaunchHostFunc, cuLaunchHostFunc,                                                            \
    (DriverStream stream, void (*function)(void*), void* argument))                                \
  F(cuEventCreate, cuEventCreate, (DriverEvent * event, unsigned flags))                           \
  F(cuEventDestroy, cuEventDestroy_v2, (DriverEvent event))                                        \
  F(cuEventRecord, cuEventRecord, (DriverEvent event, DriverStream stream))                        \
  F(cuEventQuery, cuEventQuery, (DriverEvent event))                                               \
  F(cuEventSynchronize, cuEventSynchronize, (DriverEvent event))                                   \
  F(cuEventElapsedTime, cuEventElapsedTime,                                                        \
    (float* milliseconds, DriverEvent from, DriverEvent to))                                       \
  F(cuGraphInstantiate, cuGraphInstantiateWithFlags,                                               \
    (DriverGraphExec * exec, DriverGraph graph, unsigned long long flags))                         \
  F(cuGraphLaunch, cuGraphLaunch, (DriverGraphExec exec, DriverStream stream))                     \
  F(cuGraphExecDestroy, cuGraphExecDestroy, (DriverGraphExec exec))                                \
  F(cuGraphDestroy, cuGraphDestroy, (DriverGraph graph))                                           \
  F(cuLibraryLoadData, cuLibraryLoadData,                                                          \
    (DriverLibrary * library, const void* image, int* jit_options, void** jit_values,              \
     unsigned jit_count, int* options, void** values, unsigned count))                             \
  F(cuLibraryUnload, cuLibraryUnload, (DriverLibrary library))                                     \
  F(cuLibraryGetKernel, cuLibraryGetKernel,                                                        \
    (DriverKernel * kernel, DriverLibrary library, const char* name))                              \
  F(cuLaunchKernel, cuLaunchKernel,                                                                \
    (DriverFunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, \
     unsigned block_y, unsigned block_z, unsigned shared_bytes, DriverStream stream,               \
     void** parameters, void** extra))

namespace zomma::gpu {

struct DriverApi {
#define ZOMMA_DRIVER_MEMBER(member, symbol, arguments) DriverStatus(*member) arguments = nullptr;
  ZOMMA_DRIVER_FUNCTIONS(ZOMMA_DRIVER_MEMBER)
#undef ZOMMA_DRIVER_MEMBER
  int version = 0;   // as cuDriverGetVersion: 1000 x major + 10 x minor, 13000 for CUDA 13.0
  std::string path;  // the library it came from
};

// The oldest driver that has every function of the table: CUDA 12.0 (driver 525).
constexpr int oldest_driver = 12000;
// "13.0" for 13000.
std::string version_text(int version);

// Where the driver is looked for when nothing else is said: $ZOMMA_LIBCUDA, or libcuda.so.1 by the
// dynamic loader's rules.
std::string default_driver_path();

// Opens the library at `path` (empty: default_driver_path()) and fills the table; the driver is not
// initialised yet. The library stays loaded until the process ends, for the driver keeps threads.
// Errc::not_found: no such library. Errc::incompatible: older than oldest_driver, or a function is
// missing (named). Any thread.
Result<DriverApi> load_driver(const std::string& path = {});

// cuInit. Errc::not_found: the driver works, but shows no device; other codes as describe().
Result<void> initialise(const DriverApi& api);

// What a failed call means and what to do about it. `what` is what was tried, in words ("cuMemAlloc
// of 1048576 bytes on GPU 0"). Out of memory is Errc::exhausted, a device that has to be reset
// Errc::io, a driver or image that does not fit Errc::incompatible, a wrong argument
// Errc::invalid_argument, all else Errc::internal.
Error describe(const DriverApi& api, DriverStatus status, std::string_view what);

// True where no call of this context can succeed any more: a kernel fault, an ECC error, a device
// that fell off the bus. Only a new process (or a reset) helps.
bool is_sticky(DriverStatus status);

}  // namespace zomma::gpu
