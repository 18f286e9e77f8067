// compression.h: a finished segment NNNNNN.zj becomes NNNNNN.zj.zst and back. At every instant of
// the change one complete form of the segment lies in the folder. The result is a zstd file any
// tool can unpack, led by a skippable frame with what a reader wants to know without unpacking.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "journal/format.h"

namespace zomma {

struct PackedInfo {
  journal_format::SegmentHeader header;
  std::uint64_t unpacked_bytes;
};
static_assert(sizeof(PackedInfo) == 136);

// One compression, done in small steps so that its thread can look after more urgent work in
// between.
class SegmentCompressor {
 public:
  static Result<SegmentCompressor> start(const std::string& directory, std::uint64_t number,
                                         int level);
  SegmentCompressor(SegmentCompressor&&) noexcept;
  SegmentCompressor& operator=(SegmentCompressor&&) noexcept;
  // Unfinished: removes what it had written.
  ~SegmentCompressor();

  // Compresses about a megabyte more. True when all is done: written, synced, renamed, the original
  // removed.
  Result<bool> step();

  std::uint64_t from_bytes() const;
  std::uint64_t to_bytes() const;

 private:
  struct Work;
  explicit SegmentCompressor(std::unique_ptr<Work> work);
  std::unique_ptr<Work> work_;
};

// Errors: not_found, corrupt (not made by SegmentCompressor), io. The header inside is not checked.
Result<PackedInfo> read_packed_info(const std::string& path);

// The segment as it was before. Errors: as above; corrupt also if zstd finds a fault.
Result<std::vector<std::byte>> unpack_segment(const std::string& path);

}  // namespace zomma
