#include "journal/existing_journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "journal/compression.h"
#include "journal/segment_image.h"

namespace zomma {

namespace format = journal_format;

namespace {

// A segment with an empty header was prepared only, unless the disk lost its first block: then
// something follows.
Result<bool> remove_if_unused(const std::string& path) {
  auto file = MappedFile::open_read_only(path);
  if (!file) return file.error();
  const auto bytes = file->bytes();
  if (bytes.size() >= 8 && load_le<std::uint64_t>(bytes.data()) != 0) return false;
  const bool unused =
      std::all_of(bytes.begin(), bytes.end(), [](std::byte byte) { return byte == std::byte{0}; });
  if (!unused) {
    return Error{
        Errc::corrupt,
        path + " has no segment header but is not empty; move it away to continue without it"};
  }
  if (unlink(path.c_str()) != 0) return system_error("remove", path, errno);
  return true;
}

Result<void> refuse_dropping(const std::string& path, const TailScan& scan) {
  return Error{Errc::corrupt, path + ": damaged at offset " + std::to_string(scan.end) + ", with " +
                                  std::to_string(scan.records_behind) +
                                  " intact records behind it; restore the file, or open with "
                                  "drop_records_behind_damage to continue from before the damage"};
}

// Writes the end record over whatever follows the last intact record, then trims. A reader that
// waits at the end sees the end record before the file shrinks.
Result<void> seal(const std::string& path, const SegmentImage& image, const TailScan& scan) {
  const auto file = FileDescriptor::open(path, O_RDWR);
  if (!file) return file.error();
  struct {
    std::uint64_t word;
    format::EndRecord end;
  } record{0, {scan.last_seq, 0}};
  const auto crc = format::record_crc(image.header.salt, scan.end, sizeof record.end,
                                      format::end_kind, &record.end);
  record.word = format::make_word(crc, sizeof record.end, format::end_kind);
  auto result = write_all(*file, path, std::as_bytes(std::span(&record, 1)), scan.end);
  if (!result) return result;
  if (ftruncate(file->get(), static_cast<off_t>(scan.end + sizeof record)) != 0) {
    return system_error("trim", path, errno);
  }
  if (fsync(file->get()) != 0) return system_error("sync", path, errno);
  return {};
}

Result<void> settle_last(const std::string& directory, std::uint64_t number, bool plain,
                         const JournalOptions& options, ExistingJournal& existing) {
  auto image = open_segment(directory, number);
  if (!image) return image.error();
  const TailScan scan = scan_tail(image->bytes, image->header);
  existing.report.existing = true;
  existing.report.last_seq = scan.last_seq;
  existing.journal = image->header.journal;
  existing.newest_snapshot = image->header.newest_snapshot;
  const auto path =
      plain ? segment_path(directory, number) : compressed_segment_path(directory, number);
  if (scan.sealed) return {};
  if (!plain) return Error{Errc::corrupt, path + " has no end record"};
  existing.report.cut_at = {number, scan.end};
  existing.report.cut_bytes = scan.written_behind;
  existing.report.dropped_records = scan.records_behind;
  if (scan.records_behind != 0 && !options.drop_records_behind_damage)
    return refuse_dropping(path, scan);
  return seal(path, *image, scan);
}

}  // namespace

Result<ExistingJournal> settle_existing_journal(const std::string& directory,
                                                const JournalOptions& options) {
  auto listed = list_segments(directory);
  if (!listed) return listed.error();
  auto segments = std::move(*listed);
  while (!segments.empty() && segments.back().plain && !segments.back().compressed) {
    const auto removed = remove_if_unused(segment_path(directory, segments.back().number));
    if (!removed) return removed.error();
    if (!*removed) break;
    segments.pop_back();
  }
  ExistingJournal existing;
  if (segments.empty()) return existing;
  for (const auto& segment : segments) {
    const auto header = read_segment_header(directory, segment.number);
    if (!header) return header.error();
    if (segment.plain) existing.uncompressed.push_back(segment.number);
  }
  const auto& last = segments.back();
  if (auto settled = settle_last(directory, last.number, last.plain, options, existing); !settled) {
    return settled.error();
  }
  existing.next_number = last.number + 1;
  return existing;
}

}  // namespace zomma
