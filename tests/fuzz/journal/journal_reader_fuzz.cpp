// Arbitrary bytes as the files of a journal: the reader, its searches and the repair at opening
// must take anything. What must hold: no crash, every call ends, the reader never delivers more
// after damage than it was asked to, and a journal that was settled (its tail cut and sealed) reads
// without damage, with the same records as before.
//
// First byte: how the rest becomes files. Low two bits: 0 raw, 1 the segment headers' CRCs are
// corrected, 2 and 3 those of the records too. Bit 2: the first file is a compressed one. Bit 3:
// two segments, cut where the second byte says (/256).
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "journal/catch_up.h"
#include "journal/existing_journal.h"
#include "journal/format.h"
#include "journal/reader.h"
#include "journal/segment_image.h"

#include <fcntl.h>

namespace {

using namespace zomma;
namespace format = zomma::journal_format;

struct Folder {
  Folder() {
    const char* const root = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    path = std::string(root) + "/zomma_journal_fuzz_" + std::to_string(getpid());
    std::filesystem::create_directories(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path;
};

// Makes bytes pass the checks they would never pass by chance, so that what lies behind is reached.
void correct(std::vector<std::byte>& bytes, std::uint64_t number, bool records) {
  if (bytes.size() < format::header_bytes) return;
  format::SegmentHeader header;
  std::memcpy(&header, bytes.data(), sizeof header);
  header.magic = format::magic;
  header.version = journal_format_version;
  header.size = sizeof header;
  header.journal = 1;
  header.number = number;
  header.crc = format::header_crc(header);
  std::memcpy(bytes.data(), &header, sizeof header);
  bytes.resize(bytes.size() / 8 * 8);
  for (std::size_t at = format::header_bytes; records && at + format::word_bytes <= bytes.size();) {
    const format::Word word{load_le<std::uint64_t>(bytes.data() + at)};
    // Lengths of whole records are kept small, or the first would take all.
    const std::uint32_t length = word.length() % 257;
    const std::size_t next = at + format::word_bytes + format::padded(length);
    if (word.bits == 0 || next > bytes.size()) break;
    const auto crc = format::record_crc(header.salt, at, length, word.kind(),
                                        bytes.data() + at + format::word_bytes);
    store_le(bytes.data() + at, format::make_word(crc, length, word.kind()));
    at = next;
  }
}

void put_file(const std::string& path, const std::vector<std::byte>& bytes) {
  const auto file = FileDescriptor::open(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file || !write_all(*file, path, bytes, 0)) std::abort();
}

struct Seen {
  std::uint64_t records = 0;
  std::uint64_t sum = 0;
  bool damaged = false;
};

Seen read_prefix(JournalReader& reader) {
  Seen seen;
  JournalRecord record;
  ReadStatus status;
  while ((status = reader.next(record)) == ReadStatus::record) {
    ++seen.records;
    for (const auto byte : record.payload)
      seen.sum = seen.sum * 31 + static_cast<std::uint64_t>(byte);
  }
  seen.damaged = status == ReadStatus::damage;
  return seen;
}

void read_every_way(const std::string& path) {
  if (auto reader = JournalReader::open(path)) {
    do {
      (void)read_prefix(*reader);
    } while (reader->skip_damage());
    if (const auto at = reader->newest_snapshot(); at && at->has_value()) {
      JournalRecord record;
      if (!reader->seek(**at) || reader->next(record) != ReadStatus::record ||
          record.type != RecordType::snapshot) {
        std::abort();
      }
    }
    (void)reader->seek({1, 64});
    (void)read_prefix(*reader);
  }
  if (auto inputs = CatchUpReader::open(path, 2, 5)) {
    while (const auto* event = inputs->next()) {
      if (event->seq + 1 != inputs->next_seq()) std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Folder folder;
  if (size < 2) return 0;
  const unsigned mode = data[0];
  const std::size_t rest = size - 2;
  const std::size_t cut = (mode & 8) != 0 ? rest * data[1] / 256 : rest;
  const auto* const bytes = reinterpret_cast<const std::byte*>(data + 2);
  std::vector<std::byte> first(bytes, bytes + cut), second(bytes + cut, bytes + rest);
  if ((mode & 3) != 0 && (mode & 4) == 0) correct(first, 1, (mode & 2) != 0);
  if ((mode & 3) != 0) correct(second, 2, (mode & 2) != 0);
  for (const auto& entry : std::filesystem::directory_iterator(folder.path))
    std::filesystem::remove(entry.path());
  put_file((mode & 4) != 0 ? compressed_segment_path(folder.path, 1) : segment_path(folder.path, 1),
           first);
  if ((mode & 8) != 0) put_file(segment_path(folder.path, 2), second);

  read_every_way(folder.path);
  Seen before;
  if (auto reader = JournalReader::open(folder.path)) before = read_prefix(*reader);
  JournalOptions options;
  options.drop_records_behind_damage = true;
  const auto settled = settle_existing_journal(folder.path, options);
  if (settled && settled->report.existing && (mode & 8) == 0) {
    auto reader = JournalReader::open(folder.path);
    if (!reader) std::abort();
    const Seen after = read_prefix(*reader);
    if (after.damaged || after.records != before.records || after.sum != before.sum) std::abort();
  }
  return 0;
}
