// file_descriptor.h: an open file that closes itself, and the few file system calls the host makes,
// with errors that name the path, the operation and the cause.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace zomma {

// "cannot DOING PATH: REASON", with the Errc that fits `number` (an errno): ENOSPC and its kin
// become no_space, missing files not_found, missing rights refused, the rest io.
Error system_error(std::string_view doing, std::string_view path, int number);

class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int number) : number_(number) {}
  FileDescriptor(FileDescriptor&& other) noexcept : number_(other.release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor() { close(); }

  // `flags` and `mode` as for open(2); O_CLOEXEC is always added.
  static Result<FileDescriptor> open(const std::string& path, int flags, unsigned mode = 0644);

  int get() const { return number_; }
  bool valid() const { return number_ >= 0; }
  int release();
  void close();

 private:
  int number_ = -1;
};

Result<std::uint64_t> file_size(const FileDescriptor& file, const std::string& path);
// All bytes, at `offset`, or an error; short writes and EINTR are dealt with.
Result<void> write_all(const FileDescriptor& file, const std::string& path,
                       std::span<const std::byte> bytes, std::uint64_t offset);
// Reads until `into` is full or the file ends; returns how many bytes were read.
Result<std::size_t> read_at(const FileDescriptor& file, const std::string& path,
                            std::span<std::byte> into, std::uint64_t offset);
// Makes creations, renames and removals inside `directory` survive a power failure.
Result<void> sync_directory(const std::string& directory);

}  // namespace zomma
