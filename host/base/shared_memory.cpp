#include "base/shared_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/file_lock.h"

namespace zomma {
namespace {

Result<void> check_name(const std::string& name) {
  const bool good = name.size() > 1 && name.size() < 250 && name[0] == '/' &&
                    name.find('/', 1) == std::string::npos;
  if (good) return {};
  return Error{
      Errc::invalid_argument,
      "shared memory name '" + name + "': expected one '/', first, then 1 to 248 other characters"};
}

// Whether `name` still means the object behind `file`.
bool names(const std::string& name, const FileDescriptor& file) {
  const FileDescriptor there(shm_open(name.c_str(), O_RDONLY | O_CLOEXEC, 0));
  struct stat ours {
  }, theirs{};
  return there.valid() && fstat(file.get(), &ours) == 0 && fstat(there.get(), &theirs) == 0 &&
         ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev;
}

// A new object that nobody else owns, locked. A dead owner's object of the same name is removed
// first.
Result<FileDescriptor> claim(const std::string& name) {
  for (;;) {
    FileDescriptor file(shm_open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (!file.valid()) return system_error("create shared memory", name, errno);
    const auto locked = lock_file(file, name);
    if (!locked) return locked.error();
    if (!*locked) {
      return Error{Errc::busy, "shared memory " + name +
                                   " belongs to a running process; stop it or choose another name"};
    }
    if (!names(name, file)) continue;  // removed between opening and locking
    const auto size = file_size(file, name);
    if (!size) return size.error();
    if (*size == 0) return file;
    shm_unlink(name.c_str());  // left behind; its readers keep their mapping
  }
}

}  // namespace

SharedMemory::SharedMemory(SharedMemory&& other) noexcept
    : file_(std::move(other.file_)),
      name_(std::move(other.name_)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      owner_(std::exchange(other.owner_, false)) {}

SharedMemory& SharedMemory::operator=(SharedMemory&& other) noexcept {
  if (this != &other) {
    release();
    file_ = std::move(other.file_);
    name_ = std::move(other.name_);
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
    owner_ = std::exchange(other.owner_, false);
  }
  return *this;
}

SharedMemory::~SharedMemory() { release(); }

void SharedMemory::release() {
  if (owner_ && names(name_, file_)) shm_unlink(name_.c_str());
  owner_ = false;
  if (data_ != nullptr) munmap(std::exchange(data_, nullptr), size_);
  file_.close();
}

Result<SharedMemory> SharedMemory::create(const std::string& name, std::size_t size) {
  if (const auto good = check_name(name); !good) return good.error();
  if (size == 0) return Error{Errc::invalid_argument, "shared memory " + name + ": size 0"};
  auto file = claim(name);
  if (!file) return file.error();
  SharedMemory result;
  result.file_ = std::move(*file);
  result.name_ = name;
  result.owner_ = true;
  const int failure = posix_fallocate(result.file_.get(), 0, static_cast<off_t>(size));
  if (failure != 0) {
    return system_error("reserve " + std::to_string(size) + " bytes of shared memory", name,
                        failure);
  }
  void* const address =
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, result.file_.get(), 0);
  if (address == MAP_FAILED) return system_error("map shared memory", name, errno);
  result.data_ = static_cast<std::byte*>(address);
  result.size_ = size;
  return result;
}

Result<SharedMemory> SharedMemory::open_read_only(const std::string& name) {
  if (const auto good = check_name(name); !good) return good.error();
  SharedMemory result;
  result.file_ = FileDescriptor(shm_open(name.c_str(), O_RDONLY | O_CLOEXEC, 0));
  if (!result.file_.valid()) return system_error("open shared memory", name, errno);
  const auto size = file_size(result.file_, name);
  if (!size) return size.error();
  if (*size == 0) return Error{Errc::not_found, "shared memory " + name + " is not set up yet"};
  void* const address = mmap(nullptr, *size, PROT_READ, MAP_SHARED, result.file_.get(), 0);
  if (address == MAP_FAILED) return system_error("map shared memory", name, errno);
  result.name_ = name;
  result.data_ = static_cast<std::byte*>(address);
  result.size_ = *size;
  return result;
}

bool SharedMemory::owner_alive() const {
  const auto locked = is_locked(file_, name_);
  return locked && *locked;
}

bool SharedMemory::current() const { return names(name_, file_); }

}  // namespace zomma
