#include "plugin/check/interpose.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string_view>

namespace zomma::check {
namespace {

std::atomic<bool> counting{false};
thread_local int host_depth = 0;
std::atomic<std::uint64_t> allocations, largest, total, clocks, randoms, blocks;
std::atomic<std::int64_t> ahead{0};

void note_allocation(std::uint64_t bytes) {
  if (!counting.load(std::memory_order_relaxed) || host_depth > 0) return;
  ++allocations;
  total += bytes;
  if (bytes > largest) largest = bytes;
}
void note(std::atomic<std::uint64_t>& counter) {
  if (counting.load(std::memory_order_relaxed) && host_depth == 0) ++counter;
}

void* on_malloc(std::size_t size) {
  note_allocation(size);
  return std::malloc(size);
}
void* on_calloc(std::size_t n, std::size_t size) {
  note_allocation(n * size);
  return std::calloc(n, size);
}
void* on_realloc(void* old, std::size_t size) {
  note_allocation(size);
  return std::realloc(old, size);
}
void* on_aligned_alloc(std::size_t align, std::size_t size) {
  note_allocation(size);
  return ::aligned_alloc(align, size);
}
int on_posix_memalign(void** out, std::size_t align, std::size_t size) {
  note_allocation(size);
  return ::posix_memalign(out, align, size);
}
void* on_mmap(void* at, std::size_t size, int protection, int flags, int file, off_t offset) {
  note_allocation(size);
  return ::mmap(at, size, protection, flags, file, offset);
}
int on_clock_gettime(clockid_t id, timespec* out) {
  note(clocks);
  const int result = ::clock_gettime(id, out);
  out->tv_sec += ahead;
  return result;
}
int on_gettimeofday(timeval* out, void*) {
  note(clocks);
  const int result = ::gettimeofday(out, nullptr);
  out->tv_sec += ahead;
  return result;
}
std::time_t on_time(std::time_t* out) {
  note(clocks);
  const std::time_t now = std::time(nullptr) + ahead;
  if (out != nullptr) *out = now;
  return now;
}
int on_rand() {
  note(randoms);
  return std::rand();
}
long on_random() {
  note(randoms);
  return ::random();
}
ssize_t on_getrandom(void* out, std::size_t size, unsigned flags) {
  note(randoms);
  return ::getrandom(out, size, flags);
}
int on_nanosleep(const timespec* wanted, timespec* rest) {
  note(blocks);
  return ::nanosleep(wanted, rest);
}
int on_clock_nanosleep(clockid_t id, int flags, const timespec* wanted, timespec* rest) {
  note(blocks);
  return ::clock_nanosleep(id, flags, wanted, rest);
}
int on_usleep(useconds_t wanted) {
  note(blocks);
  return ::usleep(wanted);
}
FILE* on_fopen(const char* path, const char* mode) {
  note(blocks);
  return std::fopen(path, mode);
}
ssize_t on_write(int file, const void* data, std::size_t size) {
  note(blocks);
  return ::write(file, data, size);
}
ssize_t on_read(int file, void* data, std::size_t size) {
  note(blocks);
  return ::read(file, data, size);
}

struct Replacement {
  std::string_view symbol;
  void* with;
};
template <class Function>
void* address(Function* function) {
  return reinterpret_cast<void*>(function);
}
const Replacement replacements[] = {{"malloc", address(on_malloc)},
                                    {"calloc", address(on_calloc)},
                                    {"realloc", address(on_realloc)},
                                    {"aligned_alloc", address(on_aligned_alloc)},
                                    {"posix_memalign", address(on_posix_memalign)},
                                    {"mmap", address(on_mmap)},
                                    {"mmap64", address(on_mmap)},
                                    {"clock_gettime", address(on_clock_gettime)},
                                    {"gettimeofday", address(on_gettimeofday)},
                                    {"time", address(on_time)},
                                    {"rand", address(on_rand)},
                                    {"random", address(on_random)},
                                    {"getrandom", address(on_getrandom)},
                                    {"nanosleep", address(on_nanosleep)},
                                    {"clock_nanosleep", address(on_clock_nanosleep)},
                                    {"usleep", address(on_usleep)},
                                    {"fopen", address(on_fopen)},
                                    {"write", address(on_write)},
                                    {"read", address(on_read)}};

int patch(const link_map& image, const Elf64_Rela* table, std::size_t count,
          const Elf64_Sym* symbols, const char* names) {
  int done = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto type = ELF64_R_TYPE(table[i].r_info);
    if (type != R_X86_64_JUMP_SLOT && type != R_X86_64_GLOB_DAT) continue;
    const std::string_view name = names + symbols[ELF64_R_SYM(table[i].r_info)].st_name;
    for (const Replacement& replacement : replacements) {
      if (replacement.symbol != name) continue;
      auto* slot = reinterpret_cast<void**>(image.l_addr + table[i].r_offset);
      const auto page = reinterpret_cast<std::uintptr_t>(slot) & ~std::uintptr_t{4095};
      if (::mprotect(reinterpret_cast<void*>(page), 8192, PROT_READ | PROT_WRITE) != 0 &&
          ::mprotect(reinterpret_cast<void*>(page), 4096, PROT_READ | PROT_WRITE) != 0)
        continue;
      *slot = replacement.with;
      ++done;
    }
  }
  return done;
}

int patch_image(const link_map& image) {
  const Elf64_Rela *rela = nullptr, *jumps = nullptr;
  std::size_t rela_size = 0, jumps_size = 0;
  const Elf64_Sym* symbols = nullptr;
  const char* names = nullptr;
  for (const Elf64_Dyn* entry = image.l_ld; entry->d_tag != DT_NULL; ++entry) {
    switch (entry->d_tag) {
      case DT_RELA:
        rela = reinterpret_cast<const Elf64_Rela*>(entry->d_un.d_ptr);
        break;
      case DT_RELASZ:
        rela_size = entry->d_un.d_val;
        break;
      case DT_JMPREL:
        jumps = reinterpret_cast<const Elf64_Rela*>(entry->d_un.d_ptr);
        break;
      case DT_PLTRELSZ:
        jumps_size = entry->d_un.d_val;
        break;
      case DT_SYMTAB:
        symbols = reinterpret_cast<const Elf64_Sym*>(entry->d_un.d_ptr);
        break;
      case DT_STRTAB:
        names = reinterpret_cast<const char*>(entry->d_un.d_ptr);
        break;
      default:
        break;
    }
  }
  if (symbols == nullptr || names == nullptr) return 0;
  return (rela == nullptr ? 0
                          : patch(image, rela, rela_size / sizeof(Elf64_Rela), symbols, names)) +
         (jumps == nullptr ? 0
                           : patch(image, jumps, jumps_size / sizeof(Elf64_Rela), symbols, names));
}

}  // namespace

HostSide::HostSide() { ++host_depth; }
HostSide::~HostSide() { --host_depth; }

int interpose(void* handle) {
  link_map* plugin = nullptr;
  if (::dlinfo(handle, RTLD_DI_LINKMAP, &plugin) != 0) return 0;
  int replaced = patch_image(*plugin);
  // Lazy entries of libstdc++ that are resolved already are patched as well; those still lazy
  // resolve past this table.
  for (const link_map* image = plugin; image != nullptr; image = image->l_prev)
    if (std::strstr(image->l_name, "libstdc++.so") != nullptr) replaced += patch_image(*image);
  return replaced;
}

void begin_counting() {
  allocations = largest = total = clocks = randoms = blocks = 0;
  counting = true;
}
Asked end_counting() {
  counting = false;
  return {allocations, largest, total, clocks, randoms, blocks};
}
void shift_clock(std::int64_t seconds) { ahead = seconds; }

}  // namespace zomma::check
