#include "market/book/region.h"

#include <sys/mman.h>

#include <algorithm>
#include <new>

namespace zomma {

RegionBytes::RegionBytes(std::size_t bytes, bool huge_pages) : bytes_(bytes) {
  if (bytes == 0) return;
  void* at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) throw std::bad_alloc();
  data_ = at;
  // Advice only: a kernel without huge pages gives small ones.
  if (huge_pages) madvise(data_, bytes_, MADV_HUGEPAGE);
}

RegionBytes::~RegionBytes() {
  if (data_) munmap(data_, bytes_);
}

void RegionBytes::populate(std::size_t bytes) const {
  constexpr std::size_t page = 4096;
  auto* at = static_cast<volatile std::byte*>(data_);
  for (std::size_t offset = 0; offset < std::min(bytes, bytes_); offset += page)
    at[offset] = at[offset];
}

void RegionBytes::reset() const {
  if (data_) madvise(data_, bytes_, MADV_DONTNEED);
}

}  // namespace zomma
