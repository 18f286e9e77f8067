#include "base/file_lock.h"

#include <fcntl.h>

#include <cerrno>

namespace zomma {
namespace {

struct flock whole_file(short type) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;  // start 0, length 0: all of it; l_pid must be 0 for F_OFD_*
}

}  // namespace

Result<bool> lock_file(const FileDescriptor& file, const std::string& path) {
  struct flock lock = whole_file(F_WRLCK);
  if (fcntl(file.get(), F_OFD_SETLK, &lock) == 0) return true;
  if (errno == EAGAIN || errno == EACCES) return false;
  return system_error("lock", path, errno);
}

Result<bool> is_locked(const FileDescriptor& file, const std::string& path) {
  struct flock lock = whole_file(F_WRLCK);
  if (fcntl(file.get(), F_OFD_GETLK, &lock) != 0)
    return system_error("ask for the lock of", path, errno);
  return lock.l_type != F_UNLCK;
}

}  // namespace zomma
