// format.h: the bytes of a journal segment, version 1. Shared by writer and reader; nobody else
// needs it.
//
//   segment = SegmentHeader, record, record, ..., end record (absent while the segment is written,
//   or after a crash) record  = one 8-byte word {CRC-32C : 32, length : 24, kind : 8}, payload,
//   zeros up to the next multiple of 8
//
// Fresh segments are all zero and the word is stored last, so a word of zero is the end of what was
// written, and whatever instant the process dies at, what precedes is intact. The CRC covers the
// salt of the segment, the record's own offset, length and kind, and the padded payload: bytes that
// are valid elsewhere (an older use of the disk block, a journal inside a payload) are not valid
// here. That makes it safe to look for further records behind a damaged one.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "journal/records.h"

namespace zomma::journal_format {

constexpr std::uint64_t magic = 0x0A4C4E524A4D5A93u;  // "\x93ZMJRNL\n"

struct SegmentHeader {
  std::uint64_t magic;      // stored last; zero = prepared, not in use yet
  std::uint32_t version;    // journal_format_version
  std::uint32_t size;       // sizeof(SegmentHeader)
  std::uint64_t journal;    // the same random number in all segments of one journal
  std::uint64_t number;     // the file's number, from 1
  std::uint64_t first_seq;  // number of the first input that this segment can hold
  std::int64_t created_ns;  // UTC
  std::uint32_t salt;       // start value of every CRC in this segment
  std::uint32_t crc;        // of everything above
  // Where the newest complete snapshot starts, packed by pack_position; 0 = none so far. Inherited
  // from segment to segment, so the newest segment knows it. A hint: what it points to proves
  // itself by its own CRC.
  std::uint64_t newest_snapshot;
  std::uint64_t reserved[8];
};
static_assert(sizeof(SegmentHeader) == 128 && offsetof(SegmentHeader, crc) == 52);
static_assert(offsetof(SegmentHeader, newest_snapshot) == 56);

// Payload of the record that closes a segment.
struct EndRecord {
  std::uint64_t
      last_seq;  // of the last input written before; first_seq - 1 if the segment holds none
  std::uint64_t reserved;
};
static_assert(sizeof(EndRecord) == 16);

constexpr std::size_t header_bytes = sizeof(SegmentHeader);
constexpr std::size_t word_bytes = 8;
constexpr std::size_t end_bytes = word_bytes + sizeof(EndRecord);
constexpr std::size_t max_payload = (1u << 24) - 1;
constexpr std::size_t min_segment_bytes = 4096;
constexpr std::size_t max_segment_bytes = std::size_t{1} << 34;

// The kind byte: a RecordType in the low six bits. A payload too large for one record is a group:
// its first chunk carries `more`, the middle ones `more | continued`, the last one `continued`.
constexpr std::uint8_t type_bits = 0x3F;
constexpr std::uint8_t continued = 0x40;
constexpr std::uint8_t more = 0x80;
constexpr std::uint8_t end_kind = 0x3F;

constexpr std::size_t padded(std::size_t size) { return (size + 7) & ~std::size_t{7}; }

struct Word {
  std::uint64_t bits;
  std::uint32_t crc() const { return static_cast<std::uint32_t>(bits); }
  std::uint32_t length() const { return static_cast<std::uint32_t>(bits >> 32) & 0xFFFFFFu; }
  std::uint8_t kind() const { return static_cast<std::uint8_t>(bits >> 56); }
};

// CRC of a record at `offset` in its segment; `payload` is followed by zeros up to a multiple of 8.
inline std::uint32_t record_crc(std::uint32_t salt, std::uint64_t offset, std::uint32_t length,
                                std::uint8_t kind, const void* payload) {
  const std::uint64_t place =
      (std::uint64_t{kind} << 56 | std::uint64_t{length} << 32) | (offset >> 3);
  const std::uint32_t seeded = crc32c_words(&place, 1, salt);
  const std::size_t words = padded(length) / 8;
  if (length == sizeof(zm_event)) return crc32c_words(payload, sizeof(zm_event) / 8, seeded);
  return words <= 32 ? crc32c_words(payload, words, seeded) : crc32c(payload, words * 8, seeded);
}

inline std::uint64_t make_word(std::uint32_t crc, std::uint32_t length, std::uint8_t kind) {
  return std::uint64_t{kind} << 56 | std::uint64_t{length} << 32 | crc;
}

inline std::uint32_t header_crc(const SegmentHeader& header) {
  return crc32c(&header, offsetof(SegmentHeader, crc));
}

// Segment number and offset in one word, so that it can be replaced in one store.
constexpr int position_offset_bits = 32;  // in units of 8 bytes
inline std::uint64_t pack_position(std::uint64_t segment, std::uint64_t offset) {
  return segment << position_offset_bits | (offset >> 3);
}
inline std::uint64_t packed_segment(std::uint64_t packed) { return packed >> position_offset_bits; }
inline std::uint64_t packed_offset(std::uint64_t packed) { return (packed & 0xFFFFFFFFu) << 3; }

}  // namespace zomma::journal_format
