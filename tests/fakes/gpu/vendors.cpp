// vendors.cpp: a fake ROCm-SMI and a fake Level Zero in one library: an AMD device at 0000:c1:00.0
// and an Intel one at 0000:03:00.0, with what sysfs does not tell.
#include <cstddef>
#include <cstdint>
#include <cstdio>

#define ZOMMA_EXPORT extern "C" __attribute__((visibility("default")))

ZOMMA_EXPORT int rsmi_init(std::uint64_t) { return 0; }
ZOMMA_EXPORT int rsmi_num_monitor_devices(std::uint32_t* count) { return *count = 1, 0; }
ZOMMA_EXPORT int rsmi_dev_pci_id_get(std::uint32_t, std::uint64_t* id) {
  return *id = 0xc1 << 8, 0;
}
ZOMMA_EXPORT int rsmi_dev_name_get(std::uint32_t, char* name, std::size_t capacity) {
  return std::snprintf(name, capacity, "Fake Instinct"), 0;
}
ZOMMA_EXPORT int rsmi_dev_memory_total_get(std::uint32_t, int kind, std::uint64_t* bytes) {
  return *bytes = std::uint64_t{192} << 30, kind;
}
ZOMMA_EXPORT int rsmi_dev_memory_usage_get(std::uint32_t, int kind, std::uint64_t* bytes) {
  return *bytes = std::uint64_t{3} << 30, kind;
}

// The layouts are those of ze_api.h for 64-bit machines, by offset.
ZOMMA_EXPORT int zeInit(std::uint32_t) { return 0; }
ZOMMA_EXPORT int zeDriverGet(std::uint32_t* count, void**) { return *count = 1, 0; }
ZOMMA_EXPORT int zeDeviceGet(void*, std::uint32_t* count, void**) { return *count = 1, 0; }
ZOMMA_EXPORT int zeDeviceGetProperties(void*, void* to) {
  auto* bytes = static_cast<char*>(to);
  if (*static_cast<int*>(to) != 0x3) return 1;
  *reinterpret_cast<std::uint32_t*>(bytes + 36) = 1600;  // coreClockRate
  std::snprintf(bytes + 112, 256, "Fake Data Center GPU");
  return 0;
}
ZOMMA_EXPORT int zeDevicePciGetPropertiesExt(void*, void* to) {
  auto* bytes = static_cast<char*>(to);
  if (*static_cast<int*>(to) != 0x10008) return 1;
  *reinterpret_cast<std::uint32_t*>(bytes + 20) = 3;  // bus
  return 0;
}
ZOMMA_EXPORT int zeDeviceGetMemoryProperties(void*, std::uint32_t* count, void* to) {
  *count = 1;
  if (to == nullptr) return 0;
  if (*static_cast<int*>(to) != 0x7) return 1;
  *reinterpret_cast<std::uint64_t*>(static_cast<char*>(to) + 32) = std::uint64_t{48} << 30;
  return 0;
}
