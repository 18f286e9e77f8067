#include "journal/segment_image.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <string_view>

#include "journal/compression.h"

namespace zomma {

namespace format = journal_format;

namespace {

constexpr std::string_view plain_suffix = ".zj";
constexpr std::string_view compressed_suffix = ".zj.zst";

std::string numbered_path(const std::string& directory, std::uint64_t number,
                          std::string_view suffix) {
  char digits[24];
  std::snprintf(digits, sizeof digits, "%06llu", static_cast<unsigned long long>(number));
  return directory + "/" + digits + std::string(suffix);
}

// The number in "NNNNNN" + suffix, or 0. At least six digits, written as segment_path writes them.
std::uint64_t number_of(std::string_view name, std::string_view suffix) {
  if (name.size() < suffix.size() + 6 || !name.ends_with(suffix)) return 0;
  const auto digits = name.substr(0, name.size() - suffix.size());
  if (digits.size() > 9 || (digits.size() > 6 && digits[0] == '0')) return 0;
  std::uint64_t number = 0;
  for (const char digit : digits) {
    if (digit < '0' || digit > '9') return 0;
    number = number * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  return number;
}

Result<format::SegmentHeader> read_plain_header(const std::string& path) {
  const auto file = FileDescriptor::open(path, O_RDONLY);
  if (!file) return file.error();
  // A writer may be filling it in: the magic comes last, so a second look settles what the first
  // saw half done.
  format::SegmentHeader header{};
  for (int attempt = 0; attempt < 2; ++attempt) {
    header = {};
    const auto count = read_at(*file, path, std::as_writable_bytes(std::span(&header, 1)), 0);
    if (!count) return count.error();
    if (header.magic == format::magic && header.crc == format::header_crc(header)) break;
  }
  return header;
}

}  // namespace

std::string segment_path(const std::string& directory, std::uint64_t number) {
  return numbered_path(directory, number, plain_suffix);
}
std::string compressed_segment_path(const std::string& directory, std::uint64_t number) {
  return numbered_path(directory, number, compressed_suffix);
}
std::string lock_path(const std::string& directory) { return directory + "/writer.lock"; }

Result<std::vector<SegmentFiles>> list_segments(const std::string& directory) {
  DIR* const opened = opendir(directory.c_str());
  if (opened == nullptr) return system_error("list journal", directory, errno);
  std::map<std::uint64_t, SegmentFiles> found;
  while (const dirent* entry = readdir(opened)) {
    if (const auto number = number_of(entry->d_name, plain_suffix)) found[number].plain = true;
    if (const auto number = number_of(entry->d_name, compressed_suffix))
      found[number].compressed = true;
  }
  closedir(opened);
  std::vector<SegmentFiles> segments;
  for (const auto& [number, files] : found)
    segments.push_back({number, files.plain, files.compressed});
  return segments;
}

Result<void> check_header(const format::SegmentHeader& header, std::uint64_t number,
                          const std::string& path) {
  if (header.magic != format::magic)
    return Error{Errc::corrupt, path + " is not a Zomma journal segment (wrong magic)"};
  if (header.version > journal_format_version) {
    return Error{Errc::incompatible,
                 path + " has journal format " + std::to_string(header.version) +
                     "; this program reads up to " + std::to_string(journal_format_version) +
                     ": use the newer program that wrote it"};
  }
  if (header.crc != format::header_crc(header) || header.version == 0 ||
      header.size != sizeof header) {
    return Error{Errc::corrupt, path + ": the segment header is damaged"};
  }
  if (header.number != number) {
    return Error{Errc::corrupt,
                 path + " holds segment " + std::to_string(header.number) + "; was it renamed?"};
  }
  return {};
}

Result<format::SegmentHeader> read_segment_header(const std::string& directory,
                                                  std::uint64_t number) {
  const auto path = segment_path(directory, number);
  auto header = read_plain_header(path);
  if (header) {
    if (header->magic == 0) return header;
    if (const auto good = check_header(*header, number, path); !good) return good.error();
    return header;
  }
  if (header.error().code != Errc::not_found) return header;
  const auto compressed = compressed_segment_path(directory, number);
  const auto info = read_packed_info(compressed);
  if (!info) return info.error();
  if (const auto good = check_header(info->header, number, compressed); !good) return good.error();
  return info->header;
}

Result<SegmentImage> open_segment(const std::string& directory, std::uint64_t number) {
  SegmentImage image;
  image.number = number;
  auto path = segment_path(directory, number);
  auto file = MappedFile::open_read_only(path);
  if (file) {
    image.file = std::move(*file);
    image.bytes = image.file.bytes();
  } else if (file.error().code == Errc::not_found) {
    path = compressed_segment_path(directory, number);
    auto unpacked = unpack_segment(path);
    if (!unpacked) return unpacked.error();
    image.unpacked = std::move(*unpacked);
    image.bytes = image.unpacked;
  } else {
    return file.error();
  }
  if (image.bytes.size() < format::header_bytes) {
    if (image.bytes.empty()) return Error{Errc::not_found, path + " is not in use yet"};
    return Error{Errc::corrupt, path + " is too short for a journal segment"};
  }
  if (image.load_word(0) == 0) return Error{Errc::not_found, path + " is not in use yet"};
  std::memcpy(&image.header, image.bytes.data(), sizeof image.header);
  if (const auto good = check_header(image.header, number, path); !good) return good.error();
  return image;
}

namespace {

format::Word word_at(std::span<const std::byte> segment, std::uint64_t offset) {
  return {__atomic_load_n(reinterpret_cast<const std::uint64_t*>(segment.data() + offset),
                          __ATOMIC_ACQUIRE)};
}

bool known_kind(std::uint8_t kind) {
  if (kind == format::end_kind) return true;
  const std::uint8_t type = kind & format::type_bits;
  return type >= static_cast<std::uint8_t>(RecordType::meta) && type < format::end_kind;
}

}  // namespace

RecordState inspect_record(std::span<const std::byte> segment, std::uint32_t salt,
                           std::uint64_t offset, std::uint64_t& next) {
  if (offset + format::word_bytes > segment.size()) return RecordState::zero;
  const format::Word word = word_at(segment, offset);
  if (word.bits == 0) return RecordState::zero;
  if (!known_kind(word.kind())) return RecordState::bad;
  const std::uint64_t end = offset + format::word_bytes + format::padded(word.length());
  if (end > segment.size()) return RecordState::bad;
  const std::byte* const payload = segment.data() + offset + format::word_bytes;
  if (format::record_crc(salt, offset, word.length(), word.kind(), payload) != word.crc())
    return RecordState::bad;
  next = end;
  if (word.kind() != format::end_kind) return RecordState::valid;
  return word.length() == sizeof(format::EndRecord) ? RecordState::end : RecordState::bad;
}

std::uint64_t count_records_behind(std::span<const std::byte> segment, std::uint32_t salt,
                                   std::uint64_t offset) {
  // Garbage can claim any length at any offset; two passes and a budget keep the search linear in
  // what matters.
  constexpr std::uint32_t small_record = 4096;
  constexpr std::uint64_t large_budget = std::uint64_t{1} << 30;
  std::uint64_t spent = 0;
  for (const bool large : {false, true}) {
    std::uint64_t found = 0;
    for (std::uint64_t at = offset; at + format::word_bytes <= segment.size();) {
      const format::Word word = word_at(segment, at);
      const bool wanted = word.bits != 0 && known_kind(word.kind()) &&
                          (found != 0 || large == (word.length() > small_record)) &&
                          at + format::word_bytes + word.length() <= segment.size();
      std::uint64_t next = at + 8;
      if (wanted) {
        if (word.length() > small_record) spent += word.length();
        if (spent > large_budget) return found;
        const auto state = inspect_record(segment, salt, at, next);
        if (state == RecordState::valid || state == RecordState::end) {
          ++found;
        } else {
          next = at + 8;
        }
      }
      at = next;
    }
    if (found != 0) return found;
  }
  return 0;
}

TailScan scan_tail(std::span<const std::byte> segment, const format::SegmentHeader& header) {
  TailScan scan;
  scan.end = format::header_bytes;
  scan.last_seq = header.first_seq - 1;
  for (;;) {
    std::uint64_t next = scan.end;
    const auto state = inspect_record(segment, header.salt, scan.end, next);
    if (state == RecordState::zero || state == RecordState::bad) break;
    if (state == RecordState::valid &&
        word_at(segment, scan.end).kind() == static_cast<std::uint8_t>(RecordType::input) &&
        next - scan.end >= format::word_bytes + 8) {
      scan.last_seq = load_le<std::uint64_t>(segment.data() + scan.end + format::word_bytes);
    }
    scan.end = next;
    if (state == RecordState::end) {
      scan.sealed = true;
      return scan;
    }
  }
  std::uint64_t last = segment.size();
  while (last > scan.end && segment[last - 1] == std::byte{0}) --last;
  scan.written_behind = last > scan.end ? last - scan.end : 0;
  if (scan.written_behind != 0)
    scan.records_behind = count_records_behind(segment, header.salt, scan.end);
  return scan;
}

}  // namespace zomma
