#include "base/file_descriptor.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace zomma {
namespace {

Errc code_of(int number) {
  switch (number) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return Errc::no_space;
    case ENOENT:
    case ENOTDIR:
      return Errc::not_found;
    case EACCES:
    case EPERM:
    case EROFS:
      return Errc::refused;
    case EEXIST:
    case EBUSY:
    case EAGAIN:
      return Errc::busy;
    case EINVAL:
    case ENAMETOOLONG:
      return Errc::invalid_argument;
    default:
      return Errc::io;
  }
}

}  // namespace

Error system_error(std::string_view doing, std::string_view path, int number) {
  std::string text = "cannot ";
  text.append(doing).append(" ").append(path).append(": ").append(
      std::generic_category().message(number));
  return {code_of(number), std::move(text)};
}

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    close();
    number_ = other.release();
  }
  return *this;
}

Result<FileDescriptor> FileDescriptor::open(const std::string& path, int flags, unsigned mode) {
  int number;
  do {
    number = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (number < 0 && errno == EINTR);
  if (number < 0) return system_error((flags & O_CREAT) != 0 ? "create" : "open", path, errno);
  return FileDescriptor(number);
}

int FileDescriptor::release() { return std::exchange(number_, -1); }

void FileDescriptor::close() {
  if (number_ >= 0) ::close(std::exchange(number_, -1));
}

Result<std::uint64_t> file_size(const FileDescriptor& file, const std::string& path) {
  struct stat status {};
  if (fstat(file.get(), &status) != 0) return system_error("inspect", path, errno);
  return static_cast<std::uint64_t>(status.st_size);
}

Result<void> write_all(const FileDescriptor& file, const std::string& path,
                       std::span<const std::byte> bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t count =
        pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return system_error("write", path, count < 0 ? errno : EIO);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
  return {};
}

Result<std::size_t> read_at(const FileDescriptor& file, const std::string& path,
                            std::span<std::byte> into, std::uint64_t offset) {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t count = pread(file.get(), into.data() + done, into.size() - done,
                                static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("read", path, errno);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

Result<void> sync_directory(const std::string& directory) {
  auto opened = FileDescriptor::open(directory, O_RDONLY | O_DIRECTORY);
  if (!opened) return opened.error();
  if (fsync(opened->get()) != 0) return system_error("sync", directory, errno);
  return {};
}

}  // namespace zomma
