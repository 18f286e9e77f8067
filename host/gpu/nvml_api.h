// nvml_api.h: NVIDIA's management library (NVML) as a table of functions, filled from
// libnvidia-ml.so.1 at run time; types and codes declared by hand. Management only: sensors, error
// counts, events. Nothing here starts a context on a device.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

struct nvmlDevice_st;
struct nvmlEventSet_st;

namespace zomma::gpu {

using NvmlDevice = nvmlDevice_st*;
using NvmlEventSet = nvmlEventSet_st*;

// nvmlReturn_t: those that the host tells apart.
enum class NvmlStatus : int {
  ok = 0,
  uninitialised = 1,
  invalid_argument = 2,
  not_supported = 3,
  no_permission = 4,
  not_found = 6,
  driver_not_loaded = 9,
  timeout = 10,
  library_not_found = 12,
  function_not_found = 13,
  gpu_is_lost = 15,
  reset_required = 16,
  version_mismatch = 18,
  unknown = 999
};

struct NvmlMemory {
  unsigned long long total, free, used;  // bytes
};
struct NvmlUtilisation {
  unsigned gpu, memory;  // percent
};
struct NvmlPci {
  char legacy_bus_id[16];
  unsigned domain, bus, device, device_and_vendor, subsystem;
  char bus_id[32];
};
struct NvmlEvent {
  NvmlDevice device;
  unsigned long long type, data;  // data: the Xid
  unsigned gpu_instance, compute_instance;
};

constexpr int nvml_temperature_gpu = 0;
enum class NvmlThreshold : int { shutdown = 0, slowdown = 1, memory_max = 2, gpu_max = 3 };
enum class NvmlClock : int { graphics = 0, sm = 1, memory = 2 };
enum class NvmlErrorKind : int { corrected = 0, uncorrected = 1 };
constexpr int nvml_since_driver_load = 0;         // NVML_VOLATILE_ECC
constexpr unsigned long long nvml_event_xid = 8;  // nvmlEventTypeXidCriticalError
constexpr unsigned nvml_most_links = 18;          // NVML_NVLINK_MAX_LINKS

// F(member, exported symbol, arguments). A function that this driver lacks stays null.
#define ZOMMA_NVML_FUNCTIONS(F)                                                                    \
  F(init, nvmlInit_v2, ())                                                                         \
  F(shutdown, nvmlShutdown, ())                                                                    \
  F(driver_release, nvmlSystemGetDriverVersion, (char* text, unsigned capacity))                   \
  F(device_count, nvmlDeviceGetCount_v2, (unsigned* count))                                        \
  F(device, nvmlDeviceGetHandleByIndex_v2, (unsigned index, NvmlDevice* device))                   \
  F(uuid, nvmlDeviceGetUUID, (NvmlDevice device, char* text, unsigned capacity))                   \
  F(name, nvmlDeviceGetName, (NvmlDevice device, char* text, unsigned capacity))                   \
  F(pci, nvmlDeviceGetPciInfo_v3, (NvmlDevice device, NvmlPci * pci))                              \
  F(memory, nvmlDeviceGetMemoryInfo, (NvmlDevice device, NvmlMemory * memory))                     \
  F(utilisation, nvmlDeviceGetUtilizationRates, (NvmlDevice device, NvmlUtilisation * rates))      \
  F(temperature, nvmlDeviceGetTemperature, (NvmlDevice device, int sensor, unsigned* celsius))     \
  F(threshold, nvmlDeviceGetTemperatureThreshold,                                                  \
    (NvmlDevice device, NvmlThreshold threshold, unsigned* celsius))                               \
  F(power, nvmlDeviceGetPowerUsage, (NvmlDevice device, unsigned* milliwatts))                     \
  F(power_limit, nvmlDeviceGetEnforcedPowerLimit, (NvmlDevice device, unsigned* milliwatts))       \
  F(energy, nvmlDeviceGetTotalEnergyConsumption,                                                   \
    (NvmlDevice device, unsigned long long* millijoules))                                          \
  F(clock, nvmlDeviceGetClockInfo, (NvmlDevice device, NvmlClock clock, unsigned* mhz))            \
  F(throttle_reasons, nvmlDeviceGetCurrentClocksThrottleReasons,                                   \
    (NvmlDevice device, unsigned long long* reasons))                                              \
  F(ecc_errors, nvmlDeviceGetTotalEccErrors,                                                       \
    (NvmlDevice device, NvmlErrorKind kind, int counter, unsigned long long* count))               \
  F(retirement_pending, nvmlDeviceGetRetiredPagesPendingStatus, (NvmlDevice device, int* pending)) \
  F(remapped_rows, nvmlDeviceGetRemappedRows,                                                      \
    (NvmlDevice device, unsigned* corrected, unsigned* uncorrected, unsigned* pending,             \
     unsigned* failed))                                                                            \
  F(pcie_replays, nvmlDeviceGetPcieReplayCounter, (NvmlDevice device, unsigned* count))            \
  F(pcie_generation, nvmlDeviceGetCurrPcieLinkGeneration, (NvmlDevice device, unsigned* value))    \
  F(pcie_width, nvmlDeviceGetCurrPcieLinkWidth, (NvmlDevice device, unsigned* value))              \
  F(common_ancestor, nvmlDeviceGetTopologyCommonAncestor,                                          \
    (NvmlDevice first, NvmlDevice second, int* level))                                             \
  F(link_state, nvmlDeviceGetNvLinkState, (NvmlDevice device, unsigned link, int* active))         \
  F(link_peer, nvmlDeviceGetNvLinkRemotePciInfo_v2,                                                \
    (NvmlDevice device, unsigned link, NvmlPci* pci))                                              \
  F(create_event_set, nvmlEventSetCreate, (NvmlEventSet * set))                                    \
  F(register_events, nvmlDeviceRegisterEvents,                                                     \
    (NvmlDevice device, unsigned long long types, NvmlEventSet set))                               \
  F(wait_event, nvmlEventSetWait_v2, (NvmlEventSet set, NvmlEvent * event, unsigned timeout_ms))   \
  F(free_event_set, nvmlEventSetFree, (NvmlEventSet set))

struct NvmlApi {
#define ZOMMA_NVML_MEMBER(member, symbol, arguments) NvmlStatus(*member) arguments = nullptr;
  ZOMMA_NVML_FUNCTIONS(ZOMMA_NVML_MEMBER)
#undef ZOMMA_NVML_MEMBER
  const char* (*error_text)(NvmlStatus) = nullptr;  // nvmlErrorString
  std::string path;                                 // the library it came from
};

// $ZOMMA_LIBNVML, or libnvidia-ml.so.1 by the dynamic loader's rules.
std::string default_nvml_path();

// Opens the library at `path` (empty: default_nvml_path()), which stays loaded, and initialises it.
// Errc::not_found: no such library, or the driver is not loaded. Errc::incompatible: it lacks one
// of the functions without which there are no devices (named), or does not fit the kernel module.
// Any thread.
Result<NvmlApi> load_nvml(const std::string& path = {});

// What a failed call means and what to do.
Error describe(const NvmlApi& api, NvmlStatus status, std::string_view what);

}  // namespace zomma::gpu
