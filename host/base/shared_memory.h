// shared_memory.h: named POSIX shared memory with one owner. The owner holds a lock for its
// lifetime, so that a segment left behind by a killed process is recognised and replaced, and
// readers can tell a living owner from a dead one.
#pragma once

#include <cstddef>
#include <string>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace zomma {

class SharedMemory {
 public:
  SharedMemory() = default;
  SharedMemory(SharedMemory&& other) noexcept;
  SharedMemory& operator=(SharedMemory&& other) noexcept;
  // Unmaps; the owner also removes the name, unless another owner has taken it meanwhile.
  ~SharedMemory();

  // `name` starts with '/' and holds no other. Zero-filled, memory reserved (no_space instead of
  // SIGBUS). A segment of that name whose owner is dead is replaced (its readers keep the old one);
  // a living owner is an error (busy).
  static Result<SharedMemory> create(const std::string& name, std::size_t size);
  // Read-only: writing through this mapping kills the writer (SIGSEGV).
  static Result<SharedMemory> open_read_only(const std::string& name);

  std::byte* writable_data() { return owner_ ? data_ : nullptr; }
  const std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }

  // [reader] System calls, so not for the hot path.
  bool owner_alive() const;
  // [reader] Whether the name still means this segment, not a newer one or none.
  bool current() const;

 private:
  void release();

  FileDescriptor file_;
  std::string name_;
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  bool owner_ = false;
};

}  // namespace zomma
