// writer.h: the append-only journal, written by one thread. A record that append() returned true
// for survives the death of the process at any later instant; with `sync_ms` it also survives the
// death of the machine after that time.
//
// Hot path (append, append_inputs): no allocation, lock, exception or system call: records are
// stored into memory-mapped, preallocated, prefaulted files. A background thread prepares the next
// segment ahead, and syncs and compresses the old.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>

#include "base/result.h"
#include "journal/position.h"
#include "journal/records.h"

namespace zomma {

struct JournalOptions {
  std::uint64_t segment_bytes = 64u << 20;  // 4 KiB to 16 GiB; a file never grows beyond
  int sync_ms =
      0;  // at most this long until written data is on the disk; 0: the operating system decides
  int compression_level = 1;  // zstd level of rolled segments, 1 to 19; 0: they stay as they are
  // Opening a journal whose last segment holds intact records BEHIND a damaged one is refused,
  // because continuing would drop them. True drops them (OpenReport says how many).
  bool drop_records_behind_damage = false;
};

// What open() found.
struct OpenReport {
  bool existing = false;        // there was a journal
  std::uint64_t last_seq = 0;   // of the last input in it
  std::uint64_t cut_bytes = 0;  // written after the last intact record, now gone: a torn tail
  JournalPosition cut_at{};     // where that was
  // Intact records behind the damage; only with drop_records_behind_damage.
  std::uint64_t dropped_records = 0;
};

// For metrics; counts since open().
struct JournalStats {
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;  // with record headers and padding
  std::uint64_t segments_rolled = 0;
  std::uint64_t segments_compressed = 0;
  std::uint64_t compressed_from_bytes = 0;
  std::uint64_t compressed_to_bytes = 0;
  std::uint64_t syncs = 0;
  bool next_segment_ready = false;  // space beyond the current segment is already reserved
  std::uint64_t stalls = 0;         // appends that waited for the next segment to be made
};

class JournalWriter {
 public:
  // Creates `directory` and a new journal in it, or continues the one that is there: the torn tail
  // of its last segment is cut, and a new segment begun. Errors: busy (another process writes it;
  // the message names its pid), refused (no rights), no_space, incompatible (written by a newer
  // version), corrupt (foreign file, damage before intact records).
  static Result<std::unique_ptr<JournalWriter>> open(const std::string& directory,
                                                     const JournalOptions& options = {});
  // Closes; errors are lost, so call close() first where they matter.
  ~JournalWriter();
  JournalWriter(const JournalWriter&) = delete;
  JournalWriter& operator=(const JournalWriter&) = delete;

  // [writer thread] All of them: true when the record is in the journal. False when the journal has
  // failed (trouble() says why); from then on nothing is accepted, so what was written stays a
  // prefix without holes. Any size from 0 up; beyond 1 MiB (or a quarter of a segment) it is
  // written in chunks that a reader puts together, and is not there for a reader before its last
  // chunk is. An `input` starts with its seq; inputs are contiguous.
  [[nodiscard]] bool append(RecordType type, const void* payload, std::size_t size) noexcept;
  [[nodiscard]] bool append(RecordType type, std::span<const std::byte> payload) noexcept {
    return append(type, payload.data(), payload.size());
  }
  template <class T>
  requires std::is_trivially_copyable_v<T>
  [[nodiscard]] bool append_struct(RecordType type, const T& record) noexcept {
    return append(type, &record, sizeof record);
  }
  // One `input` record per event. False may leave a first part of them in the journal.
  [[nodiscard]] bool append_inputs(std::span<const zm_event> events) noexcept;

  // [writer thread] Ends the journal in order: seals the segment, frees what was reserved, and, if
  // `sync_ms` is not 0, waits for the disk. Segments still waiting for compression are left to the
  // next open().
  Result<void> close();

  // [any thread] Why appends fail or will soon: a full disk shows here while the current segment
  // still has room.
  std::optional<Error> trouble() const;
  // [any thread]
  JournalStats stats() const;
  // [writer thread] Where the next record will be, unless it needs a new segment.
  JournalPosition position() const;
  // [writer thread] Of the last input appended, also by earlier writers; 0 if there is none.
  std::uint64_t last_seq() const;

  const OpenReport& opened() const;
  const std::string& directory() const;

 private:
  struct State;
  explicit JournalWriter(std::unique_ptr<State> state);
  bool append_record(std::uint8_t kind, const void* payload, std::size_t size) noexcept;
  bool append_chunks(RecordType type, const std::byte* payload, std::size_t size,
                     std::uint64_t& start) noexcept;
  bool roll(std::size_t room_wanted) noexcept;

  std::unique_ptr<State> state_;
};

}  // namespace zomma
