// byte_source.h: a recording's bytes in order, unpacked on the way. The kind (plain, gzip, xz,
// zstd) is told by the first bytes, not by the name. Memory does not grow with the file. Blocking
// system calls: not for a hot path.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"

namespace zomma {

class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // Fills the front of `to` and returns how much; less than all of it only at the end, 0 then.
  // Damage (Errc::corrupt, Errc::truncated with the offset in the file and in the unpacked data,
  // Errc::io) is reported by the first call that finds nothing good in front of it, and by every
  // later call.
  virtual Result<std::size_t> read(std::span<std::byte> to) = 0;
};

// Errc::not_found, refused, io.
Result<std::unique_ptr<ByteSource>> open_byte_source(const std::string& path);

// Bytes in memory, which must outlive the source, unpacked in the same way. `name` appears in
// errors.
Result<std::unique_ptr<ByteSource>> open_byte_source(std::string name,
                                                     std::span<const std::byte> bytes);

}  // namespace zomma
