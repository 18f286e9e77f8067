#include "base/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace zomma {
namespace {

Result<std::byte*> map(const FileDescriptor& file, std::size_t size, int protection,
                       const std::string& path) {
  if (size == 0) return static_cast<std::byte*>(nullptr);
  void* const address = mmap(nullptr, size, protection, MAP_SHARED, file.get(), 0);
  if (address == MAP_FAILED) return system_error("map", path, errno);
  return static_cast<std::byte*>(address);
}

}  // namespace

MappedFile::MappedFile(MappedFile&& other) noexcept
    : file_(std::move(other.file_)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  if (this != &other) {
    unmap();
    file_ = std::move(other.file_);
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

MappedFile::~MappedFile() { unmap(); }

void MappedFile::unmap() {
  if (data_ != nullptr) munmap(std::exchange(data_, nullptr), size_);
}

Result<MappedFile> MappedFile::create(const std::string& path, std::size_t size) {
  auto file = FileDescriptor::open(path, O_RDWR | O_CREAT | O_EXCL);
  if (!file) return file.error();
  MappedFile result;
  result.file_ = std::move(*file);
  // Unlike ftruncate this reserves the blocks; it returns its errno.
  const int failure = posix_fallocate(result.file_.get(), 0, static_cast<off_t>(size));
  if (failure != 0) {
    unlink(path.c_str());
    return system_error("reserve " + std::to_string(size) + " bytes for", path, failure);
  }
  auto address = map(result.file_, size, PROT_READ | PROT_WRITE, path);
  if (!address) {
    unlink(path.c_str());
    return address.error();
  }
  result.data_ = *address;
  result.size_ = size;
  return result;
}

Result<MappedFile> MappedFile::open_read_only(const std::string& path) {
  auto file = FileDescriptor::open(path, O_RDONLY);
  if (!file) return file.error();
  const auto size = file_size(*file, path);
  if (!size) return size.error();
  auto address = map(*file, *size, PROT_READ, path);
  if (!address) return address.error();
  MappedFile result;
  result.file_ = std::move(*file);
  result.data_ = *address;
  result.size_ = *size;
  return result;
}

void MappedFile::populate(std::size_t from, std::size_t size) {
#ifdef MADV_POPULATE_WRITE
  constexpr std::size_t page = 4096;
  const std::size_t begin = from / page * page;
  const std::size_t end = std::min(size_, from + size);
  if (begin < end) (void)madvise(data_ + begin, end - begin, MADV_POPULATE_WRITE);
#else
  (void)from;
  (void)size;
#endif
}

Result<void> MappedFile::sync(std::size_t from, std::size_t size, const std::string& path) {
  constexpr std::size_t page = 4096;
  const std::size_t begin = from / page * page;
  const std::size_t end = std::min(size_, from + size);
  if (begin < end && msync(data_ + begin, end - begin, MS_SYNC) != 0)
    return system_error("sync", path, errno);
  return {};
}

void MappedFile::advise_sequential() {
  if (data_ != nullptr) (void)madvise(data_, size_, MADV_SEQUENTIAL);
}

}  // namespace zomma
