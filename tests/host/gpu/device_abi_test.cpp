// device_abi_test.cpp: the hand-written types of driver_types.h and functions of driver_api.h have
// the shapes of the toolkit's cuda.h. Built where a toolkit is installed. Nothing here is called.
#include <cuda.h>
#include <catch2/catch.hpp>

#include <cstddef>
#include <type_traits>

#include "gpu/driver_api.h"

using namespace zomma::gpu;

namespace {

// As many arguments, each as large and as much a pointer as the other's: the same call.
template <class Ours, class Theirs>
struct SameCall : std::false_type {};
template <class R, class S, class... A, class... B>
requires(sizeof...(A) == sizeof...(B)) struct SameCall<R (*)(A...), S (*)(B...)>
    : std::bool_constant<sizeof(R) == sizeof(S) && ((sizeof(A) == sizeof(B)) && ...) &&
                         ((std::is_pointer_v<A> == std::is_pointer_v<B>)&&...)> {
};

#define ZOMMA_SAME_CALL(member, symbol, arguments)                                 \
  static_assert(SameCall<decltype(DriverApi::member), decltype(&::symbol)>::value, \
                #symbol " is declared otherwise in cuda.h");
ZOMMA_DRIVER_FUNCTIONS(ZOMMA_SAME_CALL)

constexpr bool is(DriverStatus ours, CUresult theirs) {
  return static_cast<int>(ours) == static_cast<int>(theirs);
}
static_assert(is(DriverStatus::stub_library, CUDA_ERROR_STUB_LIBRARY));
static_assert(is(DriverStatus::requires_newer_driver, CUDA_ERROR_CALL_REQUIRES_NEWER_DRIVER));
static_assert(is(DriverStatus::device_unavailable, CUDA_ERROR_DEVICE_UNAVAILABLE));
static_assert(is(DriverStatus::no_device, CUDA_ERROR_NO_DEVICE));
static_assert(is(DriverStatus::no_binary_for_gpu, CUDA_ERROR_NO_BINARY_FOR_GPU));
static_assert(is(DriverStatus::ecc_uncorrectable, CUDA_ERROR_ECC_UNCORRECTABLE));
static_assert(is(DriverStatus::nvlink_uncorrectable, CUDA_ERROR_NVLINK_UNCORRECTABLE));
static_assert(is(DriverStatus::illegal_address, CUDA_ERROR_ILLEGAL_ADDRESS));
static_assert(is(DriverStatus::launch_failed, CUDA_ERROR_LAUNCH_FAILED));
static_assert(is(DriverStatus::system_driver_mismatch, CUDA_ERROR_SYSTEM_DRIVER_MISMATCH));
static_assert(is(DriverStatus::mps_client_terminated, CUDA_ERROR_MPS_CLIENT_TERMINATED));
static_assert(is(DriverStatus::external_device, CUDA_ERROR_EXTERNAL_DEVICE));

constexpr bool is(DeviceAttribute ours, CUdevice_attribute theirs) {
  return static_cast<int>(ours) == static_cast<int>(theirs);
}
static_assert(is(DeviceAttribute::clock_khz, CU_DEVICE_ATTRIBUTE_CLOCK_RATE));
static_assert(is(DeviceAttribute::multiprocessor_count, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT));
static_assert(is(DeviceAttribute::ecc_enabled, CU_DEVICE_ATTRIBUTE_ECC_ENABLED));
static_assert(is(DeviceAttribute::pci_domain_id, CU_DEVICE_ATTRIBUTE_PCI_DOMAIN_ID));
static_assert(is(DeviceAttribute::memory_bus_bits, CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH));
static_assert(is(DeviceAttribute::l2_cache_bytes, CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE));
static_assert(is(DeviceAttribute::compute_capability_major,
                 CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR));
static_assert(is(DeviceAttribute::virtual_memory_management,
                 CU_DEVICE_ATTRIBUTE_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED));
static_assert(is(DeviceAttribute::memory_pools, CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED));
static_assert(is(DeviceAttribute::host_numa_id, CU_DEVICE_ATTRIBUTE_HOST_NUMA_ID));

static_assert(sizeof(AllocationProperties) == sizeof(CUmemAllocationProp));
static_assert(offsetof(AllocationProperties, location) == offsetof(CUmemAllocationProp, location));
static_assert(offsetof(AllocationProperties, flags) == offsetof(CUmemAllocationProp, allocFlags));
static_assert(sizeof(AccessDescription) == sizeof(CUmemAccessDesc));
static_assert(offsetof(AccessDescription, rights) == offsetof(CUmemAccessDesc, flags));
static_assert(sizeof(PoolProperties) == sizeof(CUmemPoolProps));
static_assert(offsetof(PoolProperties, max_size) == offsetof(CUmemPoolProps, maxSize));
static_assert(offsetof(PoolProperties, usage) == offsetof(CUmemPoolProps, usage));
static_assert(int(PoolAttribute::release_threshold) == CU_MEMPOOL_ATTR_RELEASE_THRESHOLD);
static_assert(int(PoolAttribute::used_high) == CU_MEMPOOL_ATTR_USED_MEM_HIGH);
static_assert(int(AccessRights::read_write) == CU_MEM_ACCESS_FLAGS_PROT_READWRITE);
static_assert(int(LocationType::host_numa) == CU_MEM_LOCATION_TYPE_HOST_NUMA);
static_assert(int(CaptureMode::relaxed) == CU_STREAM_CAPTURE_MODE_RELAXED);
static_assert(stream_non_blocking == CU_STREAM_NON_BLOCKING);
static_assert(event_disable_timing == CU_EVENT_DISABLE_TIMING);
static_assert(host_alloc_device_map == CU_MEMHOSTALLOC_DEVICEMAP);
static_assert(sizeof(DeviceAddress) == sizeof(CUdeviceptr));
static_assert(sizeof(PhysicalHandle) == sizeof(CUmemGenericAllocationHandle));
static_assert(sizeof(DeviceUuid) == sizeof(CUuuid));

}  // namespace

TEST_CASE("the table of driver functions agrees with the toolkit's cuda.h") {
  SUCCEED("checked by the compiler");
}
