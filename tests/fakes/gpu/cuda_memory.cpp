// cuda_memory.cpp: the fake driver's memory: plain blocks, reserved ranges with physical memory
// mapped into them (each device's is one memory file), stream-ordered pools. Copies check that the
// device side is memory that was allocated, mapped and made accessible.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>

#include "fakes/gpu/fake_cuda.h"

using namespace zomma::fake_gpu;

namespace {

constexpr std::uint64_t granularity = std::uint64_t{2} << 20;
constexpr std::uint64_t poison_up_to = std::uint64_t{1} << 20;  // bytes

struct Block {
  std::uint64_t bytes = 0;
  int device = 0;
  CUmemPoolHandle_st* pool = nullptr;  // null: cuMemAlloc
};
struct Physical {
  std::uint64_t bytes = 0;
  int device = 0;
  std::uint64_t offset = 0;  // in the device's memory file
  int mappings = 0;
  bool released = false;
};
struct Mapping {
  std::uint64_t bytes = 0;
  PhysicalHandle handle = 0;
  bool accessible = false;
};
struct MemoryFile {
  int descriptor = -1;
  std::uint64_t end = 0;  // offsets are never used twice, so the file has holes
};

struct Memory {
  std::uint64_t epoch = 0;
  std::map<std::uint64_t, Block> blocks;
  std::map<std::uint64_t, std::uint64_t> reserved;  // address -> bytes
  std::map<std::uint64_t, Mapping> mappings;
  std::map<PhysicalHandle, Physical> physical;
  std::map<int, MemoryFile> files;
  std::vector<std::unique_ptr<CUmemPoolHandle_st>> pools;
  std::map<int, CUmemPoolHandle_st*> default_pools;
  std::map<void*, std::uint64_t> pinned;
  PhysicalHandle next_handle = 1;
};

void release_all(Memory& memory) {
  for (const auto& [address, block] : memory.blocks)
    munmap(reinterpret_cast<void*>(address), block.bytes);
  for (const auto& [address, bytes] : memory.reserved)
    munmap(reinterpret_cast<void*>(address), bytes);
  for (const auto& [address, bytes] : memory.pinned) std::free(address);
  for (const auto& [device, file] : memory.files) close(file.descriptor);
}

Memory& all() {
  static auto* here = new Memory;
  if (here->epoch != World::instance().epoch()) {
    release_all(*here);
    *here = Memory{};
    here->epoch = World::instance().epoch();
  }
  return *here;
}

std::uint64_t round_up(std::uint64_t bytes, std::uint64_t to) { return (bytes + to - 1) / to * to; }

void* map_anonymous(std::uint64_t bytes, int protection) {
  void* memory =
      mmap(nullptr, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? nullptr : memory;
}

// Fresh device memory holds anything but zeroes, so that nobody relies on them.
std::uint64_t new_block(int device, std::uint64_t bytes, CUmemPoolHandle_st* pool) {
  void* memory = map_anonymous(round_up(bytes, 4096), PROT_READ | PROT_WRITE);
  if (memory == nullptr) return 0;
  if (bytes <= poison_up_to) std::memset(memory, 0xA5, bytes);
  const auto address = reinterpret_cast<std::uint64_t>(memory);
  all().blocks[address] = {bytes, device, pool};
  return address;
}

MemoryFile& file_of(int device) {
  MemoryFile& file = all().files[device];
  if (file.descriptor < 0) file.descriptor = memfd_create("fake-gpu", MFD_CLOEXEC);
  return file;
}

void drop_if_unused(PhysicalHandle handle) {
  const auto found = all().physical.find(handle);
  const Physical physical = found->second;
  if (!physical.released || physical.mappings > 0) return;
  fallocate(file_of(physical.device).descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
            static_cast<off_t>(physical.offset), static_cast<off_t>(physical.bytes));
  World::instance().give(physical.device, physical.bytes);
  all().physical.erase(found);
}

bool inside_reservation(std::uint64_t address, std::uint64_t bytes) {
  const auto after = all().reserved.upper_bound(address);
  if (after == all().reserved.begin()) return false;
  const auto& [begin, length] = *std::prev(after);
  return address - begin + bytes <= length;
}

// The mappings that exactly fill [address, address + bytes); empty where they do not.
std::vector<std::uint64_t> mappings_in(std::uint64_t address, std::uint64_t bytes) {
  std::vector<std::uint64_t> found;
  std::uint64_t at = address;
  while (at < address + bytes) {
    const auto mapping = all().mappings.find(at);
    if (mapping == all().mappings.end()) return {};
    found.push_back(at);
    at += mapping->second.bytes;
  }
  return at == address + bytes ? found : std::vector<std::uint64_t>{};
}

DriverStatus copy(CUstream_st* stream, void* to, const void* from, std::uint64_t bytes,
                  bool to_device, bool from_device) {
  return enqueue(stream, [=] {
    if ((to_device && !is_device_memory(reinterpret_cast<std::uint64_t>(to), bytes)) ||
        (from_device && !is_device_memory(reinterpret_cast<std::uint64_t>(from), bytes)))
      return fault(DriverStatus::illegal_address);
    std::memmove(to, from, bytes);
  });
}

void* pointer(DeviceAddress address) { return reinterpret_cast<void*>(address); }

// Gives back what a pool holds beyond `keep`.
void trim(CUmemPoolHandle_st& pool, std::uint64_t keep) {
  const std::uint64_t target = std::max(pool.used, keep);
  if (pool.reserved <= target) return;
  World::instance().give(pool.device, pool.reserved - target);
  pool.reserved = target;
}

bool grow(CUmemPoolHandle_st& pool, std::uint64_t bytes) {
  if (pool.used + bytes > pool.reserved) {
    const std::uint64_t more = round_up(pool.used + bytes - pool.reserved, granularity);
    if (!World::instance().take(pool.device, more)) return false;
    pool.reserved += more;
  }
  pool.used += bytes;
  pool.used_high = std::max(pool.used_high, pool.used);
  pool.reserved_high = std::max(pool.reserved_high, pool.reserved);
  return true;
}

}  // namespace

namespace zomma::fake_gpu {

bool is_device_memory(std::uint64_t address, std::uint64_t bytes) {
  if (bytes == 0) return true;
  const auto block = all().blocks.upper_bound(address);
  if (block != all().blocks.begin()) {
    const auto& [begin, known] = *std::prev(block);
    if (address - begin + bytes <= known.bytes) return true;
  }
  std::uint64_t at = address;
  while (at < address + bytes) {
    const auto after = all().mappings.upper_bound(at);
    if (after == all().mappings.begin()) return false;
    const auto& [begin, mapping] = *std::prev(after);
    if (at >= begin + mapping.bytes || !mapping.accessible) return false;
    at = begin + mapping.bytes;
  }
  return true;
}

}  // namespace zomma::fake_gpu

DriverStatus cuMemGetInfo_v2(std::size_t* free, std::size_t* total) {
  ZOMMA_FAKE_CALL();
  const int device = current_device();
  *total = World::instance().scenario().devices[static_cast<std::size_t>(device)].memory_bytes;
  *free = *total - World::instance().state(device).used_bytes;
  return DriverStatus::ok;
}

DriverStatus cuMemAlloc_v2(DeviceAddress* address, std::size_t bytes) {
  ZOMMA_FAKE_CALL();
  if (bytes == 0) return DriverStatus::invalid_value;
  if (!World::instance().take(current_device(), bytes)) return DriverStatus::out_of_memory;
  *address = new_block(current_device(), bytes, nullptr);
  return *address != 0 ? DriverStatus::ok : DriverStatus::out_of_memory;
}
DriverStatus cuMemFree_v2(DeviceAddress address) {
  ZOMMA_FAKE_CALL();
  if (address == 0) return DriverStatus::ok;
  drain_all();  // cuMemFree waits for the device
  const auto found = all().blocks.find(address);
  if (found == all().blocks.end()) return DriverStatus::invalid_value;
  const Block block = found->second;
  if (block.pool != nullptr)
    block.pool->used -= block.bytes;
  else
    World::instance().give(block.device, block.bytes);
  munmap(pointer(address), round_up(block.bytes, 4096));
  all().blocks.erase(found);
  return DriverStatus::ok;
}
DriverStatus cuMemHostAlloc(void** address, std::size_t bytes, unsigned) {
  ZOMMA_FAKE_CALL();
  if (bytes == 0) return DriverStatus::invalid_value;
  *address = std::aligned_alloc(4096, round_up(bytes, 4096));
  if (*address == nullptr) return DriverStatus::out_of_memory;
  all().pinned[*address] = bytes;
  return DriverStatus::ok;
}
DriverStatus cuMemFreeHost(void* address) {
  ZOMMA_FAKE_CALL();
  if (all().pinned.erase(address) == 0) return DriverStatus::invalid_value;
  std::free(address);
  return DriverStatus::ok;
}

DriverStatus cuMemcpyHtoDAsync_v2(DeviceAddress to, const void* from, std::size_t bytes,
                                  DriverStream stream) {
  ZOMMA_FAKE_CALL();
  return copy(stream, pointer(to), from, bytes, true, false);
}
DriverStatus cuMemcpyDtoHAsync_v2(void* to, DeviceAddress from, std::size_t bytes,
                                  DriverStream stream) {
  ZOMMA_FAKE_CALL();
  return copy(stream, to, pointer(from), bytes, false, true);
}
DriverStatus cuMemcpyDtoDAsync_v2(DeviceAddress to, DeviceAddress from, std::size_t bytes,
                                  DriverStream stream) {
  ZOMMA_FAKE_CALL();
  return copy(stream, pointer(to), pointer(from), bytes, true, true);
}
DriverStatus cuMemcpyPeerAsync(DeviceAddress to, DriverContext, DeviceAddress from, DriverContext,
                               std::size_t bytes, DriverStream stream) {
  ZOMMA_FAKE_CALL();
  return copy(stream, pointer(to), pointer(from), bytes, true, true);
}
DriverStatus cuMemsetD8Async(DeviceAddress to, unsigned char value, std::size_t bytes,
                             DriverStream stream) {
  ZOMMA_FAKE_CALL();
  return enqueue(stream, [=] {
    if (!is_device_memory(to, bytes)) return fault(DriverStatus::illegal_address);
    std::memset(pointer(to), value, bytes);
  });
}

DriverStatus cuMemGetAllocationGranularity(std::size_t* bytes, const AllocationProperties*,
                                           GranularityKind) {
  ZOMMA_FAKE_CALL();
  *bytes = granularity;
  return DriverStatus::ok;
}
DriverStatus cuMemAddressReserve(DeviceAddress* address, std::size_t bytes, std::size_t alignment,
                                 DeviceAddress, unsigned long long flags) {
  ZOMMA_FAKE_CALL();
  if (bytes == 0 || bytes % granularity != 0 || flags != 0) return DriverStatus::invalid_value;
  const std::uint64_t aligned = std::max<std::uint64_t>(alignment, granularity);
  const std::uint64_t with_slack = bytes + aligned;
  void* memory = map_anonymous(with_slack, PROT_NONE);
  if (memory == nullptr) return DriverStatus::out_of_memory;
  const auto begin = reinterpret_cast<std::uint64_t>(memory);
  *address = round_up(begin, aligned);
  if (*address > begin) munmap(memory, *address - begin);
  const std::uint64_t end = *address + bytes;
  if (end < begin + with_slack) munmap(pointer(end), begin + with_slack - end);
  all().reserved[*address] = bytes;
  return DriverStatus::ok;
}
DriverStatus cuMemAddressFree(DeviceAddress address, std::size_t bytes) {
  ZOMMA_FAKE_CALL();
  const auto found = all().reserved.find(address);
  if (found == all().reserved.end() || found->second != bytes) return DriverStatus::invalid_value;
  const auto mapped = all().mappings.lower_bound(address);
  if (mapped != all().mappings.end() && mapped->first < address + bytes)
    return DriverStatus::invalid_value;
  munmap(pointer(address), bytes);
  all().reserved.erase(found);
  return DriverStatus::ok;
}
DriverStatus cuMemCreate(PhysicalHandle* handle, std::size_t bytes,
                         const AllocationProperties* properties, unsigned long long flags) {
  ZOMMA_FAKE_CALL();
  const int device = properties->location.id;
  if (bytes == 0 || bytes % granularity != 0 || flags != 0 ||
      properties->type != AllocationType::pinned ||
      properties->location.type != LocationType::device || device < 0 ||
      device >= World::instance().device_count())
    return DriverStatus::invalid_value;
  if (!World::instance().take(device, bytes)) return DriverStatus::out_of_memory;
  MemoryFile& file = file_of(device);
  if (file.descriptor < 0 ||
      ftruncate(file.descriptor, static_cast<off_t>(file.end + bytes)) != 0) {
    World::instance().give(device, bytes);
    return DriverStatus::out_of_memory;
  }
  *handle = all().next_handle++;
  all().physical[*handle] = {bytes, device, file.end, 0, false};
  file.end += bytes;
  return DriverStatus::ok;
}
DriverStatus cuMemRelease(PhysicalHandle handle) {
  ZOMMA_FAKE_CALL();
  const auto found = all().physical.find(handle);
  if (found == all().physical.end() || found->second.released) return DriverStatus::invalid_value;
  found->second.released = true;  // the memory lives on while it is mapped
  drop_if_unused(handle);
  return DriverStatus::ok;
}
DriverStatus cuMemMap(DeviceAddress address, std::size_t bytes, std::size_t offset,
                      PhysicalHandle handle, unsigned long long flags) {
  ZOMMA_FAKE_CALL();
  const auto found = all().physical.find(handle);
  if (found == all().physical.end() || found->second.released || offset != 0 || flags != 0 ||
      bytes != found->second.bytes || address % granularity != 0 ||
      !inside_reservation(address, bytes))
    return DriverStatus::invalid_value;
  const auto next = all().mappings.upper_bound(address);
  if ((next != all().mappings.end() && next->first < address + bytes) ||
      (next != all().mappings.begin() &&
       std::prev(next)->first + std::prev(next)->second.bytes > address))
    return DriverStatus::invalid_value;
  Physical& physical = found->second;
  if (mmap(pointer(address), bytes, PROT_NONE, MAP_SHARED | MAP_FIXED,
           file_of(physical.device).descriptor, static_cast<off_t>(physical.offset)) == MAP_FAILED)
    return DriverStatus::out_of_memory;
  ++physical.mappings;
  all().mappings[address] = {bytes, handle, false};
  return DriverStatus::ok;
}
DriverStatus cuMemUnmap(DeviceAddress address, std::size_t bytes) {
  ZOMMA_FAKE_CALL();
  const auto found = mappings_in(address, bytes);
  if (found.empty()) return DriverStatus::invalid_value;
  for (const std::uint64_t at : found) {
    const Mapping mapping = all().mappings.at(at);
    mmap(pointer(at), mapping.bytes, PROT_NONE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    all().mappings.erase(at);
    --all().physical.at(mapping.handle).mappings;
    drop_if_unused(mapping.handle);
  }
  return DriverStatus::ok;
}
DriverStatus cuMemSetAccess(DeviceAddress address, std::size_t bytes,
                            const AccessDescription* descriptions, std::size_t count) {
  ZOMMA_FAKE_CALL();
  const auto found = mappings_in(address, bytes);
  if (found.empty() || count == 0) return DriverStatus::invalid_value;
  const bool accessible = descriptions[0].rights == AccessRights::read_write;
  if (mprotect(pointer(address), bytes, accessible ? PROT_READ | PROT_WRITE : PROT_NONE) != 0)
    return DriverStatus::out_of_memory;
  for (const std::uint64_t at : found) all().mappings.at(at).accessible = accessible;
  return DriverStatus::ok;
}

DriverStatus cuMemPoolCreate(DriverPool* pool, const PoolProperties* properties) {
  ZOMMA_FAKE_CALL();
  if (properties->type != AllocationType::pinned ||
      properties->location.type != LocationType::device || properties->location.id < 0 ||
      properties->location.id >= World::instance().device_count())
    return DriverStatus::invalid_value;
  auto made = std::make_unique<CUmemPoolHandle_st>();
  made->device = properties->location.id;
  *pool = made.get();
  all().pools.push_back(std::move(made));
  return DriverStatus::ok;
}
DriverStatus cuMemPoolDestroy(DriverPool pool) {
  ZOMMA_FAKE_CALL();
  if (pool->used > 0) return DriverStatus::invalid_value;
  trim(*pool, 0);
  std::erase_if(all().pools, [&](const auto& known) { return known.get() == pool; });
  return DriverStatus::ok;
}
DriverStatus cuDeviceGetDefaultMemPool(DriverPool* pool, DeviceOrdinal device) {
  ZOMMA_FAKE_CALL(false);
  CUmemPoolHandle_st*& known = all().default_pools[device];
  if (known == nullptr) {
    all().pools.push_back(std::make_unique<CUmemPoolHandle_st>());
    known = all().pools.back().get();
    known->device = device;
  }
  *pool = known;
  return DriverStatus::ok;
}
DriverStatus cuMemPoolSetAttribute(DriverPool pool, PoolAttribute attribute, void* value) {
  ZOMMA_FAKE_CALL(false);
  switch (attribute) {
    case PoolAttribute::release_threshold:
      pool->threshold = *static_cast<std::uint64_t*>(value);
      break;
    case PoolAttribute::reserved_high:
      pool->reserved_high = pool->reserved;
      break;
    case PoolAttribute::used_high:
      pool->used_high = pool->used;
      break;
    case PoolAttribute::reserved_current:
    case PoolAttribute::used_current:
      return DriverStatus::invalid_value;
    default:
      break;
  }
  return DriverStatus::ok;
}
DriverStatus cuMemPoolGetAttribute(DriverPool pool, PoolAttribute attribute, void* value) {
  ZOMMA_FAKE_CALL(false);
  auto& bytes = *static_cast<std::uint64_t*>(value);
  switch (attribute) {
    case PoolAttribute::release_threshold:
      bytes = pool->threshold;
      break;
    case PoolAttribute::reserved_current:
      bytes = pool->reserved;
      break;
    case PoolAttribute::reserved_high:
      bytes = pool->reserved_high;
      break;
    case PoolAttribute::used_current:
      bytes = pool->used;
      break;
    case PoolAttribute::used_high:
      bytes = pool->used_high;
      break;
    default:
      *static_cast<int*>(value) = 1;
      break;
  }
  return DriverStatus::ok;
}
DriverStatus cuMemPoolTrimTo(DriverPool pool, std::size_t bytes_to_keep) {
  ZOMMA_FAKE_CALL(false);
  trim(*pool, bytes_to_keep);
  return DriverStatus::ok;
}
DriverStatus cuMemAllocFromPoolAsync(DeviceAddress* address, std::size_t bytes, DriverPool pool,
                                     DriverStream) {
  ZOMMA_FAKE_CALL();
  if (bytes == 0) return DriverStatus::invalid_value;
  if (!grow(*pool, bytes)) return DriverStatus::out_of_memory;
  *address = new_block(pool->device, bytes, pool);
  return *address != 0 ? DriverStatus::ok : DriverStatus::out_of_memory;
}
DriverStatus cuMemFreeAsync(DeviceAddress address, DriverStream stream) {
  ZOMMA_FAKE_CALL();
  const auto found = all().blocks.find(address);
  if (found == all().blocks.end()) return DriverStatus::invalid_value;
  // In stream order: work queued before may still use the block.
  return enqueue(stream, [address] {
    const auto freed = all().blocks.find(address);
    if (freed == all().blocks.end()) return fault(DriverStatus::invalid_value);
    const Block block = freed->second;
    munmap(pointer(address), round_up(block.bytes, 4096));
    all().blocks.erase(freed);
    if (block.pool == nullptr) return World::instance().give(block.device, block.bytes);
    block.pool->used -= block.bytes;
    trim(*block.pool, block.pool->threshold);
  });
}
