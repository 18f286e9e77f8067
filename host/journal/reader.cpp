#include "journal/reader.h"

#include <fcntl.h>

#include <algorithm>

#include "base/file_lock.h"

namespace zomma {

namespace format = journal_format;

Result<JournalReader> JournalReader::open(const std::string& directory) {
  const auto segments = list_segments(directory);
  if (!segments) return segments.error();
  JournalReader reader;
  reader.directory_ = directory;
  for (const auto& segment : *segments) {
    if (auto entered = reader.enter(segment.number); entered)
      return reader;
    else if (entered.error().code != Errc::not_found)
      return entered.error();
  }
  return Error{Errc::not_found, directory + " holds no journal"};
}

Result<void> JournalReader::enter(std::uint64_t number) {
  auto image = open_segment(directory_, number);
  // Between a look at the plain file and one at the compressed file, the first may have become the
  // second.
  if (!image && image.error().code == Errc::not_found) image = open_segment(directory_, number);
  if (!image) return image.error();
  if (image_.number != 0 && image->header.journal != image_.header.journal) {
    return Error{Errc::corrupt, segment_path(directory_, number) + " belongs to another journal"};
  }
  image_ = std::move(*image);
  cursor_ = format::header_bytes;
  known_before_ = image_.header.first_seq - 1;
  return {};
}

// Whether the writer has gone on to the next segment.
Result<bool> JournalReader::successor_in_use() const {
  const std::uint64_t wanted = image_.number + 1;
  auto header = read_segment_header(directory_, wanted);
  if (!header && header.error().code == Errc::not_found) {
    const auto segments = list_segments(directory_);
    if (!segments) return segments.error();
    if (segments->empty() || segments->back().number <= wanted) return false;
    header =
        read_segment_header(directory_, wanted);  // the writer may have gone on while we looked
    if (!header && header.error().code == Errc::not_found) {
      return Error{Errc::corrupt, segment_path(directory_, wanted) + " is missing"};
    }
  }
  if (!header) return header.error();
  return header->magic != 0;
}

bool JournalReader::writer_alive() const {
  const auto path = lock_path(directory_);
  const auto file = FileDescriptor::open(path, O_RDONLY);
  if (!file) return false;
  const auto locked = is_locked(*file, path);
  return locked && *locked;
}

ReadStatus JournalReader::report(JournalPosition at, std::string reason, std::uint64_t lost_bytes) {
  damaged_ = true;
  damage_ = {at, std::move(reason), lost_bytes, 0, 0};
  const std::uint64_t before = std::max(last_seq_, known_before_);
  if (!seq_known_ && last_seq_ == 0) return ReadStatus::damage;
  // The next readable segment tells where the inputs go on.
  const auto segments = list_segments(directory_);
  if (segments) {
    for (const auto& segment : *segments) {
      if (segment.number <= at.segment) continue;
      const auto header = read_segment_header(directory_, segment.number);
      if (!header || header->magic == 0) continue;
      if (header->first_seq > before + 1) {
        damage_.first_lost_seq = before + 1;
        damage_.last_lost_seq = header->first_seq - 1;
      }
      return ReadStatus::damage;
    }
  }
  damage_.first_lost_seq = before + 1;
  return ReadStatus::damage;
}

ReadStatus JournalReader::report_here(std::string reason) {
  std::uint64_t last = image_.bytes.size();
  while (last > cursor_ && image_.bytes[last - 1] == std::byte{0}) --last;
  return report({image_.number, cursor_}, std::move(reason), last - std::min(last, cursor_));
}

// Nothing, or nothing intact, at the cursor: the end of the journal, or a hole in it.
ReadStatus JournalReader::at_tail(const char* fault) {
  const JournalPosition here{image_.number, cursor_};
  const auto followed = successor_in_use();
  if (!followed) return report_here(std::string(fault) + "; and " + followed.error().message);
  if (*followed) {
    // The writer seals a segment before it begins the next: look once more before calling it
    // damage.
    std::uint64_t after = 0;
    const auto state = inspect_record(image_.bytes, image_.header.salt, cursor_, after);
    if (state == RecordState::valid || state == RecordState::end) return ReadStatus::record;
    return report_here(fault);
  }
  if (tail_checked_ != here) {
    if (!writer_alive()) {
      const auto behind = count_records_behind(image_.bytes, image_.header.salt, cursor_);
      if (behind != 0) {
        return report_here(std::string(fault) + ", with " + std::to_string(behind) +
                           " intact records behind it");
      }
    }
    tail_checked_ = here;
    std::uint64_t last = image_.bytes.size();
    while (last > cursor_ && image_.bytes[last - 1] == std::byte{0}) --last;
    torn_bytes_ = last - std::min(last, cursor_);
  }
  return ReadStatus::end;
}

// True when `record` is complete.
bool JournalReader::take(std::uint8_t kind, std::span<const std::byte> payload,
                         JournalRecord& record) {
  const std::uint8_t type = kind & format::type_bits;
  const JournalPosition at{image_.number, cursor_};
  const bool continues = (kind & format::continued) != 0;
  if (!continues) {
    if (in_group_) ++abandoned_groups_;
    in_group_ = false;
    if ((kind & format::more) == 0) {
      record = {static_cast<RecordType>(type), payload, at};
      if (record.type == RecordType::input && payload.size() >= 8)
        last_seq_ = load_le<std::uint64_t>(payload.data());
      return true;
    }
    in_group_ = true;
    group_.clear();
    group_at_ = at;
    group_type_ = type;
  } else if (!in_group_ || group_type_ != type) {
    if (in_group_) ++abandoned_groups_;
    in_group_ = false;
    return false;  // its beginning is lost
  }
  group_.insert(group_.end(), payload.begin(), payload.end());
  if ((kind & format::more) != 0) return false;
  in_group_ = false;
  record = {static_cast<RecordType>(type), group_, group_at_};
  return true;
}

ReadStatus JournalReader::slow_next(JournalRecord& record) {
  for (;;) {
    if (damaged_) return ReadStatus::damage;
    std::uint64_t next = cursor_;
    switch (inspect_record(image_.bytes, image_.header.salt, cursor_, next)) {
      case RecordState::valid: {
        const format::Word word{image_.load_word(cursor_)};
        const auto payload = image_.bytes.subspan(cursor_ + format::word_bytes, word.length());
        const bool complete = take(word.kind(), payload, record);
        cursor_ = next;
        if (complete) return ReadStatus::record;
        break;
      }
      case RecordState::end: {
        const std::uint64_t following = image_.number + 1;
        const auto in_use = successor_in_use();
        if (in_use && !*in_use) return ReadStatus::end;
        if (!in_use) return report({following, 0}, in_use.error().message, 0);
        if (auto entered = enter(following); !entered)
          return report({following, 0}, entered.error().message, 0);
        break;
      }
      case RecordState::zero:
        if (const auto status = at_tail("the records stop without an end record");
            status != ReadStatus::record)
          return status;
        break;
      case RecordState::bad:
        if (const auto status = at_tail("a record's CRC is wrong"); status != ReadStatus::record)
          return status;
        break;
    }
  }
}

bool JournalReader::skip_damage() {
  if (!damaged_) return false;
  const auto segments = list_segments(directory_);
  if (!segments) return false;
  for (const auto& segment : *segments) {
    if (segment.number <= damage_.at.segment || !enter(segment.number)) continue;
    if (in_group_) ++abandoned_groups_;
    in_group_ = damaged_ = false;
    return true;
  }
  return false;
}

// The newest header's hint is the answer unless the disk lost what it points to; then an older one
// may still hold.
Result<std::optional<JournalReader>> JournalReader::at_newest_snapshot() const {
  const auto segments = list_segments(directory_);
  if (!segments) return segments.error();
  std::uint64_t tried = 0;
  for (auto segment = segments->rbegin(); segment != segments->rend(); ++segment) {
    const auto header = read_segment_header(directory_, segment->number);
    if (!header || header->magic == 0) continue;
    const std::uint64_t hint = header->newest_snapshot;
    if (hint == 0 || hint == tried) continue;
    tried = hint;
    const JournalPosition at{format::packed_segment(hint), format::packed_offset(hint)};
    JournalReader trial;
    trial.directory_ = directory_;
    JournalRecord record;
    if (trial.seek(at) && trial.next(record) == ReadStatus::record &&
        record.type == RecordType::snapshot && record.at == at && trial.seek(at)) {
      return std::optional(std::move(trial));
    }
  }
  return std::optional<JournalReader>();
}

Result<std::optional<JournalPosition>> JournalReader::newest_snapshot() const {
  const auto found = at_newest_snapshot();
  if (!found) return found.error();
  return found->has_value() ? std::optional((*found)->position()) : std::nullopt;
}

Result<bool> JournalReader::seek_newest_snapshot() {
  auto found = at_newest_snapshot();
  if (!found) return found.error();
  if (!found->has_value()) return false;
  *this = std::move(**found);
  return true;
}

Result<void> JournalReader::seek(JournalPosition at) {
  if (at.offset == 0) at.offset = format::header_bytes;
  if (at.segment != image_.number || image_.bytes.empty()) {
    if (auto entered = enter(at.segment); !entered) return entered;
  }
  if (at.offset < format::header_bytes || at.offset > image_.bytes.size() || at.offset % 8 != 0) {
    return Error{Errc::invalid_argument,
                 "no record of journal " + directory_ + " can start at " + to_string(at)};
  }
  cursor_ = at.offset;
  seq_known_ = at.offset == format::header_bytes;
  known_before_ = image_.header.first_seq - 1;
  last_seq_ = torn_bytes_ = 0;
  damaged_ = in_group_ = false;
  tail_checked_ = {};
  return {};
}

Result<void> JournalReader::seek_input(std::uint64_t seq) {
  const auto segments = list_segments(directory_);
  if (!segments) return segments.error();
  std::uint64_t first = 0;
  for (auto segment = segments->rbegin(); segment != segments->rend(); ++segment) {
    const auto header = read_segment_header(directory_, segment->number);
    if (!header || header->magic == 0) continue;
    first = segment->number;
    if (header->first_seq <= seq) return seek({segment->number, 0});
  }
  if (first == 0) return Error{Errc::not_found, directory_ + " holds no journal"};
  return Error{Errc::not_found, "input " + std::to_string(seq) + " is older than journal " +
                                    directory_ + ", which starts in segment " +
                                    std::to_string(first)};
}

}  // namespace zomma
