// mapped_file.h: a file as memory, unmapped when it goes out of scope.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace zomma {

class MappedFile {
 public:
  MappedFile() = default;
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  // A new file of `size` zero bytes, all its disk blocks reserved, mapped for reading and writing.
  // Because the blocks are there, a full disk shows here as Errc::no_space and never later as
  // SIGBUS. An existing file is an error (busy).
  static Result<MappedFile> create(const std::string& path, std::size_t size);
  // An existing file, whole, as it is now. An empty file gives an empty mapping.
  static Result<MappedFile> open_read_only(const std::string& path);

  std::byte* data() { return data_; }
  const std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }
  std::span<const std::byte> bytes() const { return {data_, size_}; }
  const FileDescriptor& file() const { return file_; }

  // Makes pages [from, from + size) present and writable, so that touching them later causes no
  // page fault. Never fails; without support in the kernel (before Linux 5.14) it does nothing.
  void populate(std::size_t from, std::size_t size);
  // Writes [from, from + size) to the disk and waits.
  Result<void> sync(std::size_t from, std::size_t size, const std::string& path);
  // Expected access: once, front to back.
  void advise_sequential();

 private:
  void unmap();

  FileDescriptor file_;
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace zomma
