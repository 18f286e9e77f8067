// host_buffers.h: an instance's named memory, lent by the host. Copied from generation to
// generation and into snapshots.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <zomma/abi.h>

#include "base/archive.h"
#include "base/file_descriptor.h"

namespace zomma {

class HostBuffers {
 public:
  static constexpr std::size_t alignment = 64;

  HostBuffers() = default;
  explicit HostBuffers(std::uint64_t limit) : limit_(limit) {}
  void set_limit(std::uint64_t bytes) { limit_ = bytes; }

  // As zm_buffers_api.adopt.
  zm_status adopt(std::string_view name, std::uint64_t bytes, void*& memory);
  // The same, in memory that another process can map: `file` is its descriptor, ours, its size
  // sealed. ZM_E_FAILED where the system has no such memory left.
  zm_status adopt_shared(std::string_view name, std::uint64_t bytes, void*& memory, int& file);
  bool restored(std::string_view name) const;

  // Fills every buffer that `from` has under the same name and with the same size.
  void fill_from(const HostBuffers& from);
  // Copies, without a limit: what is kept of an instance that has ended.
  HostBuffers copy() const;

  std::uint64_t bytes() const { return used_; }
  bool empty() const { return buffers_.empty(); }
  void save(ArchiveWriter& out) const;
  static HostBuffers load(ArchiveReader& in);

 private:
  struct Release {
    std::uint64_t mapped;  // bytes of a mapping; 0: from the heap
    void operator()(std::byte* memory) const;
  };
  using Memory = std::unique_ptr<std::byte, Release>;
  struct Buffer {
    std::string name;
    Memory memory;
    std::uint64_t bytes;
    bool restored;
    FileDescriptor file;  // of shared memory
  };
  const Buffer* find(std::string_view name) const;
  zm_status may_add(std::string_view name, std::uint64_t bytes) const;
  Buffer& add(std::string_view name, std::uint64_t bytes);

  std::vector<Buffer> buffers_;
  std::uint64_t used_ = 0, limit_ = std::uint64_t{256} << 20;
};

}  // namespace zomma
