// reader.h: a journal's records in order, across segments, plain or compressed, finished or still
// being written. Every CRC is verified. Reads only, takes no lock, and may run in any process
// beside the writer.
//
//   while (reader.next(record) == ReadStatus::record) use(record);
//
// Records lie in mapped memory; nothing is copied, except payloads that were written in chunks and
// compressed segments.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "journal/position.h"
#include "journal/records.h"
#include "journal/segment_image.h"

namespace zomma {

// Valid until the reader's next call.
struct JournalRecord {
  RecordType type{};
  std::span<const std::byte> payload;
  JournalPosition at;

  // The payload as the fixed struct its type promises; null if the size is another one.
  template <class T>
  const T* as() const {
    return payload.size() == sizeof(T) ? reinterpret_cast<const T*>(payload.data()) : nullptr;
  }
};

enum class ReadStatus : std::uint8_t {
  record,  // here it is
  end,     // nothing more for now; a living writer may add to it: ask again
  damage   // damage() says what and where; stays so until skip_damage()
};

struct JournalDamage {
  JournalPosition at;
  std::string reason;
  std::uint64_t lost_bytes = 0;      // from `at` to the end of that segment
  std::uint64_t first_lost_seq = 0;  // inputs known to be lost; both 0: none, or not known
  std::uint64_t last_lost_seq = 0;   // 0 with a first: up to the journal's end
};

class JournalReader {
 public:
  // At the first record. Errors: not_found (no journal there), incompatible, corrupt (a foreign
  // file), io.
  static Result<JournalReader> open(const std::string& directory);

  // The next record. A torn tail (the unfinished last record of a writer that died) counts as the
  // end, not as damage.
  ReadStatus next(JournalRecord& record) {
    if (fast_next(record)) return ReadStatus::record;
    return slow_next(record);
  }

  const JournalDamage& damage() const { return damage_; }
  // Goes on at the next segment that can be read. False if there is none, or no damage to skip.
  bool skip_damage();

  // Where the newest complete snapshot starts, if any.
  Result<std::optional<JournalPosition>> newest_snapshot() const;
  // Goes there: the next record is that snapshot, and what follows is the tail. False (and nowhere)
  // if there is none.
  Result<bool> seek_newest_snapshot();
  // To a position that a record had, or the start of a segment (offset 0).
  Result<void> seek(JournalPosition at);
  // To the last segment that starts at or before input `seq`; so the first record read is at or
  // before it.
  Result<void> seek_input(std::uint64_t seq);

  // Where the next record is or will be.
  JournalPosition position() const { return {image_.number, cursor_}; }
  // Of the last input read (0 before the first).
  std::uint64_t last_seq() const { return last_seq_; }
  // Bytes of an unfinished last record, once next() returned end. A writer's open() will cut them.
  std::uint64_t torn_bytes() const { return torn_bytes_; }
  // Chunked payloads whose writer died before the last chunk; skipped.
  std::uint64_t abandoned_groups() const { return abandoned_groups_; }

 private:
  JournalReader() = default;
  bool fast_next(JournalRecord& record);
  ReadStatus slow_next(JournalRecord& record);
  ReadStatus at_tail(const char* fault);
  ReadStatus report(JournalPosition at, std::string reason, std::uint64_t lost_bytes);
  ReadStatus report_here(std::string reason);
  bool take(std::uint8_t kind, std::span<const std::byte> payload, JournalRecord& record);
  Result<std::optional<JournalReader>> at_newest_snapshot() const;
  Result<bool> successor_in_use() const;
  Result<void> enter(std::uint64_t number);
  bool writer_alive() const;

  std::string directory_;
  SegmentImage image_;
  std::uint64_t cursor_ = 0;
  std::uint64_t last_seq_ = 0;
  std::uint64_t known_before_ = 0;  // the last input before the current segment, by its header
  bool seq_known_ = true;           // false after a seek into the middle, until an input is read
  bool damaged_ = false;
  bool in_group_ = false;
  std::uint8_t group_type_ = 0;
  std::uint64_t torn_bytes_ = 0;
  JournalPosition tail_checked_;  // found to be the end: no records behind it
  std::uint64_t abandoned_groups_ = 0;
  std::vector<std::byte> group_;  // chunks put together
  JournalPosition group_at_;
  JournalDamage damage_;
};

inline bool JournalReader::fast_next(JournalRecord& record) {
  namespace format = journal_format;
  const std::uint64_t size = image_.bytes.size();
  if (in_group_ || damaged_ || cursor_ + format::word_bytes > size) return false;
  const std::byte* const at = image_.bytes.data() + cursor_;
  const format::Word word{image_.load_word(cursor_)};
  const std::uint32_t length = word.length();
  const std::uint8_t kind = word.kind();
  // Only whole records here; zero, chunks and the end record take the slow way.
  if (kind == 0 || kind >= format::end_kind) return false;
  const std::uint64_t next = cursor_ + format::word_bytes + format::padded(length);
  if (next > size) return false;
  const std::byte* const payload = at + format::word_bytes;
  if (format::record_crc(image_.header.salt, cursor_, length, kind, payload) != word.crc())
    return false;
  record.type = static_cast<RecordType>(kind);
  record.payload = {payload, length};
  record.at = {image_.number, cursor_};
  if (record.type == RecordType::input && length >= 8) last_seq_ = load_le<std::uint64_t>(payload);
  cursor_ = next;
  return true;
}

}  // namespace zomma
