// Rolling, compression and its crash points, and the lock against a second writer.
#include <catch2/catch.hpp>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "host/journal/journal_fixture.h"
#include "journal/compression.h"
#include "journal/format.h"
#include "journal/segment_image.h"

namespace zomma {

using namespace test;
namespace fs = std::filesystem;

namespace {

// A journal of several finished, uncompressed segments; the inputs 1..400.
void write_plain(const JournalFolder& folder) {
  auto writer = JournalWriter::open(folder.path, small_segments(8192));
  REQUIRE(writer);
  REQUIRE((*writer)->append_inputs(inputs(1, 400)));
  REQUIRE((*writer)->close());
}

void compress(const JournalFolder& folder, std::uint64_t number) {
  auto compressor = SegmentCompressor::start(folder.path, number, 3);
  REQUIRE(compressor);
  for (;;) {
    const auto done = compressor->step();
    REQUIRE(done);
    if (*done) break;
  }
}

void check_intact(const JournalFolder& folder, std::uint64_t last) {
  auto reader = JournalReader::open(folder.path);
  REQUIRE(reader);
  ReadStatus status{};
  CHECK(intact_inputs(*reader, status) == last);
  CHECK(status == ReadStatus::end);
}

bool settled(const JournalFolder& folder) {
  for (const auto& entry : fs::directory_iterator(folder.path)) {
    if (entry.path().extension() == ".tmp") return false;
  }
  return true;
}

}  // namespace

TEST_CASE("a compressed segment is the same segment, smaller, and readable by any zstd tool") {
  JournalFolder folder;
  write_plain(folder);
  const auto before = read_bytes(segment_path(folder.path, 2));
  compress(folder, 2);
  CHECK_FALSE(fs::exists(segment_path(folder.path, 2)));
  const auto packed = compressed_segment_path(folder.path, 2);
  CHECK(fs::file_size(packed) < before.size() / 2);
  const auto after = unpack_segment(packed);
  REQUIRE(after);
  REQUIRE(after->size() == before.size());
  CHECK(std::memcmp(after->data(), before.data(), before.size()) == 0);
  const auto header = read_segment_header(folder.path, 2);
  REQUIRE(header);
  CHECK(header->number == 2);
  check_intact(folder, 400);
}

TEST_CASE("rolled segments are compressed in the background while writing and reading go on") {
  JournalFolder folder(true);
  auto writer = JournalWriter::open(folder.path, small_segments(1 << 16, 1));
  REQUIRE(writer);
  auto reader = JournalReader::open(folder.path);
  REQUIRE(reader);
  JournalRecord record;
  std::uint64_t read = 0;
  for (std::uint64_t seq = 1; seq <= 50'000; seq += 10) {
    REQUIRE((*writer)->append_inputs(inputs(seq, seq + 9)));
    // Far behind the writer, so that it meets plain, vanishing and compressed segments.
    if (seq > 5000) {
      for (int i = 0; i < 10; ++i) {
        REQUIRE(reader->next(record) == ReadStatus::record);
        REQUIRE(same(*record.as<zm_event>(), input(++read)));
      }
    }
  }
  while ((*writer)->stats().segments_compressed < 10) std::this_thread::yield();
  const auto stats = (*writer)->stats();
  CHECK(stats.compressed_to_bytes < stats.compressed_from_bytes / 2);
  while (reader->next(record) == ReadStatus::record)
    REQUIRE(same(*record.as<zm_event>(), input(++read)));
  CHECK(read == 50'000);
  REQUIRE((*writer)->close());
  CHECK(settled(folder));
  check_intact(folder, 50'000);
}

TEST_CASE(
    "a compression that died at any point leaves a readable journal, and the next writer finishes "
    "it") {
  JournalFolder folder;
  write_plain(folder);
  const auto plain = segment_path(folder.path, 2);
  const auto packed = compressed_segment_path(folder.path, 2);
  const auto original = read_bytes(plain);

  SECTION("while the temporary file grew") {
    write_bytes(packed + ".tmp", std::vector<char>(500, 'x'));
  }
  SECTION("between renaming the new and removing the old") {
    compress(folder, 2);
    write_bytes(plain, original);
  }
  SECTION("after all was done") { compress(folder, 2); }
  check_intact(folder, 400);
  {
    auto writer = JournalWriter::open(folder.path, small_segments(8192, 1));
    REQUIRE(writer);
    CHECK((*writer)->opened().last_seq == 400);
    REQUIRE((*writer)->append_inputs(inputs(401, 450)));
    while (fs::exists(plain) || fs::exists(segment_path(folder.path, 1))) std::this_thread::yield();
  }
  CHECK(settled(folder));
  CHECK(fs::exists(packed));
  check_intact(folder, 450);
}

TEST_CASE("a compressed segment that is damaged or cut is reported, not believed") {
  JournalFolder folder;
  write_plain(folder);
  const auto original = read_bytes(segment_path(folder.path, 2));
  compress(folder, 2);
  const auto packed = compressed_segment_path(folder.path, 2);
  const auto whole = read_bytes(packed);
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    auto cut = whole;
    cut.resize(size);
    write_bytes(packed, cut);
    REQUIRE_FALSE(unpack_segment(packed));
  }
  for (std::size_t at = 0; at < whole.size(); at += 5) {
    auto flipped = whole;
    flipped[at] ^= 16;
    write_bytes(packed, flipped);
    const auto bytes = unpack_segment(packed);
    // Bits without meaning, and the copy of the header in front, may change; the content may not.
    if (bytes) REQUIRE(std::memcmp(bytes->data(), original.data(), original.size()) == 0);
  }
  auto flipped = whole;
  flipped[whole.size() / 2] ^= 16;
  write_bytes(packed, flipped);
  auto reader = JournalReader::open(folder.path);
  REQUIRE(reader);
  ReadStatus status{};
  intact_inputs(*reader, status);
  REQUIRE(status == ReadStatus::damage);
  CHECK(reader->damage().at.segment == 2);
  CHECK(reader->damage().last_lost_seq == read_segment_header(folder.path, 3)->first_seq - 1);
  CHECK(reader->skip_damage());
}

TEST_CASE("a second writer is refused and told who the first one is") {
  JournalFolder folder;
  auto first = JournalWriter::open(folder.path, small_segments());
  REQUIRE(first);
  const auto second = JournalWriter::open(folder.path, small_segments());
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Errc::busy);
  CHECK(second.error().message.find("process " + std::to_string(getpid())) != std::string::npos);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const auto other = JournalWriter::open(folder.path, small_segments());
    _exit(!other && other.error().code == Errc::busy ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(status == 0);
  REQUIRE((*first)->close());
  CHECK(JournalWriter::open(folder.path, small_segments()));
}

TEST_CASE("an orderly close gives back what was reserved") {
  JournalFolder folder;
  {
    auto writer = JournalWriter::open(folder.path);
    REQUIRE(writer);
    REQUIRE((*writer)->append_inputs(inputs(1, 10)));
    REQUIRE((*writer)->close());
  }
  std::uint64_t bytes = 0, files = 0;
  for (const auto& entry : fs::directory_iterator(folder.path)) {
    if (entry.path().extension() != ".zj") continue;
    bytes += entry.file_size();
    ++files;
  }
  CHECK(files == 1);
  CHECK(bytes == journal_format::header_bytes + 10 * 72 + journal_format::end_bytes);
}

TEST_CASE("with sync_ms the written data goes to the disk while writing") {
  JournalFolder folder(true);
  auto options = small_segments(1 << 16);
  options.sync_ms = 1;
  auto writer = JournalWriter::open(folder.path, options);
  REQUIRE(writer);
  std::uint64_t seq = 0;
  while ((*writer)->stats().syncs < 3) {
    REQUIRE((*writer)->append_inputs(inputs(seq + 1, seq + 1)));
    ++seq;
  }
  REQUIRE((*writer)->close());
  check_intact(folder, seq);
}

}  // namespace zomma
