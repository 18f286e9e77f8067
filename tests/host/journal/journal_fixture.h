// journal_fixture.h: a temporary folder and a few records, shared by the journal's tests.
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "journal/reader.h"
#include "journal/writer.h"

namespace zomma::test {

// In memory unless a test is about the disk: thousands of syncs would make it wait for other users
// of the disk.
struct JournalFolder {
  explicit JournalFolder(bool on_disk = false) {
    const bool in_memory = !on_disk && access("/dev/shm", W_OK) == 0;
    std::string name = std::string(in_memory ? "/dev/shm" : "/tmp") + "/zomma_journal_XXXXXX";
    root = mkdtemp(name.data());
    path = root + "/journal";
  }
  ~JournalFolder() { std::filesystem::remove_all(root); }
  std::string root;
  std::string path;  // not there yet
};

inline zm_event input(std::uint64_t seq) {
  zm_event event{};
  event.seq = seq;
  event.ts_ns = static_cast<std::int64_t>(seq * 1000);
  event.kind = ZM_EVENT_ORDER_ADD;
  event.u.order = {seq * 3, static_cast<zm_price>(seq % 977), 100, ~seq};
  return event;
}

inline std::vector<zm_event> inputs(std::uint64_t first, std::uint64_t last) {
  std::vector<zm_event> events;
  for (std::uint64_t seq = first; seq <= last; ++seq) events.push_back(input(seq));
  return events;
}

inline bool same(const zm_event& a, const zm_event& b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}

// Small segments, nothing in the background that a test did not ask for.
inline JournalOptions small_segments(std::uint64_t bytes = 8192, int compression_level = 0) {
  JournalOptions options;
  options.segment_bytes = bytes;
  options.compression_level = compression_level;
  return options;
}

// How far the inputs 1, 2, 3, ... are intact and in order; everything else is skipped. The status
// that ended it in `status`.
inline std::uint64_t intact_inputs(JournalReader& reader, ReadStatus& status) {
  JournalRecord record;
  std::uint64_t last = 0;
  while ((status = reader.next(record)) == ReadStatus::record) {
    if (record.type != RecordType::input) continue;
    const auto* event = record.as<zm_event>();
    if (event == nullptr || !same(*event, input(last + 1))) break;
    ++last;
  }
  return last;
}

inline std::vector<char> read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_bytes(const std::string& path, const std::vector<char>& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace zomma::test
