// segment_image.h: one journal segment as readable memory, whether its file is plain (mapped) or
// compressed (unpacked). Also the folder's naming: 000001.zj, 000001.zj.zst, writer.lock.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/mapped_file.h"
#include "base/result.h"
#include "journal/format.h"

namespace zomma {

std::string segment_path(const std::string& directory, std::uint64_t number);
std::string compressed_segment_path(const std::string& directory, std::uint64_t number);
std::string lock_path(const std::string& directory);

struct SegmentFiles {
  std::uint64_t number = 0;
  bool plain = false;
  bool compressed = false;
};

// All segments in the folder, ascending, prepared ones included. Errors: not_found, refused, io.
Result<std::vector<SegmentFiles>> list_segments(const std::string& directory);

// Checks magic, version, own CRC and number. `path` is for the message. Errors: corrupt (not a
// segment), incompatible.
Result<void> check_header(const journal_format::SegmentHeader& header, std::uint64_t number,
                          const std::string& path);

// Reads the header of a segment, plain or compressed, without loading it. A prepared segment has
// magic 0 and is no error.
Result<journal_format::SegmentHeader> read_segment_header(const std::string& directory,
                                                          std::uint64_t number);

struct SegmentImage {
  std::uint64_t number = 0;
  journal_format::SegmentHeader
      header{};  // as it was when opened; the hint may be newer in `bytes`
  std::span<const std::byte>
      bytes;  // the whole segment from its header on; a plain one may still be growing inside
  MappedFile file;
  std::vector<std::byte> unpacked;

  // The word at `offset`, which is inside `bytes` and a multiple of 8. Acquire: a payload stored
  // before it is visible.
  std::uint64_t load_word(std::uint64_t offset) const {
    const auto* word = reinterpret_cast<const std::uint64_t*>(bytes.data() + offset);
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
  }
};

// Errors: not_found (no such segment, or only prepared), corrupt, incompatible, io.
Result<SegmentImage> open_segment(const std::string& directory, std::uint64_t number);

enum class RecordState : std::uint8_t { valid, zero, end, bad };

// What is at `offset`; `next` is set for valid and end.
RecordState inspect_record(std::span<const std::byte> segment, std::uint32_t salt,
                           std::uint64_t offset, std::uint64_t& next);

struct TailScan {
  std::uint64_t end = 0;  // just behind the last record that follows from the start without a fault
  bool sealed = false;    // the end record is there; `end` lies behind it
  std::uint64_t last_seq = 0;  // of the last input up to there
  std::uint64_t written_behind =
      0;  // bytes from `end` to the last byte that is not zero: a torn tail, or worse
  std::uint64_t records_behind =
      0;  // intact records behind `end`: then it is damage, not a torn tail
};

// Follows the records of one segment to their end and looks at what lies behind.
TailScan scan_tail(std::span<const std::byte> segment, const journal_format::SegmentHeader& header);

// How many intact records start at or after `offset`, at any multiple of 8.
std::uint64_t count_records_behind(std::span<const std::byte> segment, std::uint32_t salt,
                                   std::uint64_t offset);

}  // namespace zomma
