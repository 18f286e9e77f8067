// nvml.cpp: the fake libnvidia-ml.so.1: sensors that read out the scenario's series, one value a
// reading, and an event queue of Xids.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>

#include "fakes/gpu/world.h"
#include "gpu/nvml_api.h"

using namespace zomma::gpu;
using namespace zomma::fake_gpu;

// The host's types again: a fake of another shape does not compile.
extern "C" {
#define ZOMMA_FAKE_DECLARE(member, symbol, arguments) \
  __attribute__((visibility("default"))) NvmlStatus symbol arguments;
ZOMMA_NVML_FUNCTIONS(ZOMMA_FAKE_DECLARE)
#undef ZOMMA_FAKE_DECLARE
__attribute__((visibility("default"))) const char* nvmlErrorString(NvmlStatus status);
}

// Devices are told apart by address alone.
struct nvmlDevice_st {};
struct nvmlEventSet_st {
  std::uint64_t waits = 0;
  std::size_t next = 0;  // the scenario's Xid to tell next
};

namespace {

constexpr std::size_t most_devices = 64;
nvmlDevice_st handles[most_devices];

int index_of(NvmlDevice device) { return static_cast<int>(device - handles); }
const DeviceSpec& spec(NvmlDevice device) {
  return World::instance().scenario().devices[static_cast<std::size_t>(index_of(device))];
}
DeviceState& state(NvmlDevice device) { return World::instance().state(index_of(device)); }
bool known(NvmlDevice device) {
  return device >= handles && index_of(device) < World::instance().device_count();
}

NvmlStatus copy_text(const std::string& text, char* to, unsigned capacity) {
  if (text.size() >= capacity) return NvmlStatus::invalid_argument;
  std::memcpy(to, text.c_str(), text.size() + 1);
  return NvmlStatus::ok;
}

void fill_pci(NvmlDevice device, NvmlPci& pci) {
  const DeviceSpec& s = spec(device);
  pci = {};
  pci.domain = static_cast<unsigned>(s.pci_domain);
  pci.bus = static_cast<unsigned>(s.pci_bus);
  pci.device = static_cast<unsigned>(s.pci_device);
  pci.device_and_vendor = 0x233510DE;
  std::snprintf(pci.bus_id, sizeof pci.bus_id, "%08X:%02X:%02X.0", pci.domain, pci.bus, pci.device);
}

// The other end of a device's link number `link`, counting through the scenario's links; -1: none.
int peer_of(int device, unsigned link) {
  unsigned at = 0;
  for (const LinkSpec& l : World::instance().scenario().links) {
    if (l.first != device && l.second != device) continue;
    at += static_cast<unsigned>(l.nvlinks);
    if (link < at) return l.first == device ? l.second : l.first;
  }
  return -1;
}

}  // namespace

#define ZOMMA_FAKE_CALL()                                    \
  if (const auto failed = World::instance().enter(__func__)) \
    return static_cast<NvmlStatus>(*failed);                 \
  const std::lock_guard fake_lock(World::instance().mutex())
#define ZOMMA_FAKE_DEVICE_CALL() \
  ZOMMA_FAKE_CALL();             \
  if (!known(device)) return NvmlStatus::invalid_argument

NvmlStatus nvmlInit_v2() {
  ZOMMA_FAKE_CALL();
  return NvmlStatus::ok;
}
NvmlStatus nvmlShutdown() {
  ZOMMA_FAKE_CALL();
  return NvmlStatus::ok;
}
const char* nvmlErrorString(NvmlStatus status) {
  switch (status) {
    case NvmlStatus::ok:
      return "Success";
    case NvmlStatus::driver_not_loaded:
      return "Driver Not Loaded";
    case NvmlStatus::gpu_is_lost:
      return "GPU is lost";
    default:
      return "Unknown Error";
  }
}
NvmlStatus nvmlSystemGetDriverVersion(char* text, unsigned capacity) {
  ZOMMA_FAKE_CALL();
  return copy_text(World::instance().scenario().driver_release, text, capacity);
}
NvmlStatus nvmlDeviceGetCount_v2(unsigned* count) {
  ZOMMA_FAKE_CALL();
  *count = static_cast<unsigned>(World::instance().device_count());
  return NvmlStatus::ok;
}
NvmlStatus nvmlDeviceGetHandleByIndex_v2(unsigned index, NvmlDevice* device) {
  ZOMMA_FAKE_CALL();
  if (index >= most_devices || !known(handles + index)) return NvmlStatus::invalid_argument;
  *device = handles + index;
  return NvmlStatus::ok;
}
NvmlStatus nvmlDeviceGetUUID(NvmlDevice device, char* text, unsigned capacity) {
  ZOMMA_FAKE_DEVICE_CALL();
  return copy_text(spec(device).uuid, text, capacity);
}
NvmlStatus nvmlDeviceGetName(NvmlDevice device, char* text, unsigned capacity) {
  ZOMMA_FAKE_DEVICE_CALL();
  return copy_text(spec(device).name, text, capacity);
}
NvmlStatus nvmlDeviceGetPciInfo_v3(NvmlDevice device, NvmlPci* pci) {
  ZOMMA_FAKE_DEVICE_CALL();
  fill_pci(device, *pci);
  return NvmlStatus::ok;
}
NvmlStatus nvmlDeviceGetMemoryInfo(NvmlDevice device, NvmlMemory* memory) {
  ZOMMA_FAKE_DEVICE_CALL();
  *memory = {spec(device).memory_bytes, spec(device).memory_bytes - state(device).used_bytes,
             state(device).used_bytes};
  return NvmlStatus::ok;
}
NvmlStatus nvmlDeviceGetUtilizationRates(NvmlDevice device, NvmlUtilisation* rates) {
  ZOMMA_FAKE_DEVICE_CALL();
  const auto percent = static_cast<unsigned>(
      World::next(spec(device).utilisation_percent, state(device).utilisation_reads));
  *rates = {percent, percent / 2};
  return NvmlStatus::ok;
}
NvmlStatus nvmlDeviceGetTemperature(NvmlDevice device, int sensor, unsigned* celsius) {
  ZOMMA_FAKE_DEVICE_CALL();
  if (sensor != nvml_temperature_gpu) return NvmlStatus::invalid_argument;
  *celsius = static_cast<unsigned>(
      World::next(spec(device).temperature_celsius, state(device).temperature_reads));
  return NvmlStatus::ok;
}
NvmlStatus nvmlDeviceGetTemperatureThreshold(NvmlDevice device, NvmlThreshold threshold,
                                             unsigned* celsius) {
  ZOMMA_FAKE_DEVICE_CALL();
  switch (threshold) {
    case NvmlThreshold::slowdown:
      *celsius = spec(device).slowdown_celsius;
      break;
    case NvmlThreshold::shutdown:
      *celsius = spec(device).shutdown_celsius;
      break;
    default:
      return NvmlStatus::not_supported;
  }
  return NvmlStatus::ok;
}
NvmlStatus nvmlDeviceGetPowerUsage(NvmlDevice device, unsigned* milliwatts) {
  ZOMMA_FAKE_DEVICE_CALL();
  *milliwatts =
      static_cast<unsigned>(World::next(spec(device).power_milliwatts, state(device).power_reads));
  return NvmlStatus::ok;
}
NvmlStatus nvmlDeviceGetEnforcedPowerLimit(NvmlDevice device, unsigned* milliwatts) {
  ZOMMA_FAKE_DEVICE_CALL();
  *milliwatts = static_cast<unsigned>(spec(device).power_limit_milliwatts);
  return NvmlStatus::ok;
}
NvmlStatus nvmlDeviceGetTotalEnergyConsumption(NvmlDevice device, unsigned long long* millijoules) {
  ZOMMA_FAKE_DEVICE_CALL();
  *millijoules = state(device).power_reads * 1000;
  return NvmlStatus::ok;
}
NvmlStatus nvmlDeviceGetClockInfo(NvmlDevice device, NvmlClock clock, unsigned* mhz) {
  ZOMMA_FAKE_DEVICE_CALL();
  *mhz = static_cast<unsigned>(clock == NvmlClock::memory ? spec(device).memory_clock_mhz
                                                          : spec(device).clock_mhz);
  return NvmlStatus::ok;
}
NvmlStatus nvmlDeviceGetCurrentClocksThrottleReasons(NvmlDevice device,
                                                     unsigned long long* reasons) {
  ZOMMA_FAKE_DEVICE_CALL();
  *reasons = World::next(spec(device).throttle_reasons, state(device).throttle_reads);
  return NvmlStatus::ok;
}
NvmlStatus nvmlDeviceGetTotalEccErrors(NvmlDevice device, NvmlErrorKind kind, int,
                                       unsigned long long* count) {
  ZOMMA_FAKE_DEVICE_CALL();
  if (!spec(device).ecc) return NvmlStatus::not_supported;
  *count = kind == NvmlErrorKind::corrected
               ? World::next(spec(device).corrected_errors, state(device).corrected_reads)
               : World::next(spec(device).uncorrected_errors, state(device).uncorrected_reads);
  return NvmlStatus::ok;
}
NvmlStatus nvmlDeviceGetRetiredPagesPendingStatus(NvmlDevice device, int* pending) {
  ZOMMA_FAKE_DEVICE_CALL();
  *pending = spec(device).retirement_pending;
  return NvmlStatus::ok;
}
NvmlStatus nvmlDeviceGetRemappedRows(NvmlDevice device, unsigned* corrected, unsigned* uncorrected,
                                     unsigned* pending, unsigned* failed) {
  ZOMMA_FAKE_DEVICE_CALL();
  *corrected = 0;
  *uncorrected = spec(device).remapped_uncorrectable;
  *pending = 0;
  *failed = spec(device).remap_failed;
  return NvmlStatus::ok;
}
NvmlStatus nvmlDeviceGetPcieReplayCounter(NvmlDevice device, unsigned* count) {
  ZOMMA_FAKE_DEVICE_CALL();
  *count = 0;
  return NvmlStatus::ok;
}
NvmlStatus nvmlDeviceGetCurrPcieLinkGeneration(NvmlDevice device, unsigned* value) {
  ZOMMA_FAKE_DEVICE_CALL();
  *value = static_cast<unsigned>(spec(device).pcie_generation);
  return NvmlStatus::ok;
}
NvmlStatus nvmlDeviceGetCurrPcieLinkWidth(NvmlDevice device, unsigned* value) {
  ZOMMA_FAKE_DEVICE_CALL();
  *value = static_cast<unsigned>(spec(device).pcie_width);
  return NvmlStatus::ok;
}
NvmlStatus nvmlDeviceGetTopologyCommonAncestor(NvmlDevice first, NvmlDevice second, int* level) {
  ZOMMA_FAKE_CALL();
  if (!known(first) || !known(second)) return NvmlStatus::invalid_argument;
  *level = 50;
  for (const LinkSpec& link : World::instance().scenario().links)
    if ((link.first == index_of(first) && link.second == index_of(second)) ||
        (link.second == index_of(first) && link.first == index_of(second)))
      *level = link.common_ancestor;
  return NvmlStatus::ok;
}
NvmlStatus nvmlDeviceGetNvLinkState(NvmlDevice device, unsigned link, int* active) {
  ZOMMA_FAKE_DEVICE_CALL();
  *active = peer_of(index_of(device), link) >= 0;
  return NvmlStatus::ok;
}
NvmlStatus nvmlDeviceGetNvLinkRemotePciInfo_v2(NvmlDevice device, unsigned link, NvmlPci* pci) {
  ZOMMA_FAKE_DEVICE_CALL();
  const int peer = peer_of(index_of(device), link);
  if (peer < 0) return NvmlStatus::not_supported;
  fill_pci(handles + peer, *pci);
  return NvmlStatus::ok;
}

NvmlStatus nvmlEventSetCreate(NvmlEventSet* set) {
  ZOMMA_FAKE_CALL();
  *set = new nvmlEventSet_st;
  return NvmlStatus::ok;
}
NvmlStatus nvmlDeviceRegisterEvents(NvmlDevice device, unsigned long long, NvmlEventSet) {
  ZOMMA_FAKE_DEVICE_CALL();
  return NvmlStatus::ok;
}
NvmlStatus nvmlEventSetWait_v2(NvmlEventSet set, NvmlEvent* event, unsigned) {
  ZOMMA_FAKE_CALL();
  // The Xids of one wait are told one a call; a call that tells none ends the wait.
  const auto& xids = World::instance().scenario().xids;
  if (set->next < xids.size() && xids[set->next].wait <= set->waits + 1) {
    const XidSpec& xid = xids[set->next++];
    *event = {handles + xid.device, nvml_event_xid, xid.xid, ~0U, ~0U};
    return NvmlStatus::ok;
  }
  ++set->waits;
  return NvmlStatus::timeout;
}
NvmlStatus nvmlEventSetFree(NvmlEventSet set) {
  ZOMMA_FAKE_CALL();
  delete set;
  return NvmlStatus::ok;
}
