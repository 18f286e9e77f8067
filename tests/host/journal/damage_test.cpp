// What a reader and the next writer make of a journal that was cut, or changed behind their back.
#include <catch2/catch.hpp>

#include <fstream>

#include "host/journal/journal_fixture.h"
#include "journal/catch_up.h"
#include "journal/digest.h"
#include "journal/format.h"
#include "journal/segment_image.h"

namespace zomma {

using namespace test;

namespace {

constexpr std::size_t record_bytes = 72;

// A journal as a killed writer leaves it: no end record, zeros behind. Returns the bytes of the
// only segment.
std::vector<char> unfinished_journal(const JournalFolder& folder, std::uint64_t count) {
  {
    auto writer = JournalWriter::open(folder.path, small_segments());
    REQUIRE(writer);
    REQUIRE((*writer)->append_inputs(inputs(1, count)));
    REQUIRE((*writer)->close());
  }
  auto bytes = read_bytes(segment_path(folder.path, 1));
  bytes.resize(bytes.size() - journal_format::end_bytes);
  bytes.resize(8192);
  return bytes;
}

void put_back(const JournalFolder& folder, const std::vector<char>& bytes) {
  std::filesystem::remove_all(folder.path);
  std::filesystem::create_directories(folder.path);
  write_bytes(segment_path(folder.path, 1), bytes);
}

}  // namespace

TEST_CASE("a record torn at any byte is cut, what precedes it stays, and writing goes on") {
  JournalFolder folder;
  constexpr std::uint64_t count = 20;
  const auto whole = unfinished_journal(folder, count);
  const std::size_t last = journal_format::header_bytes + (count - 1) * record_bytes;
  for (const bool file_ends_there : {false, true}) {
    for (std::size_t cut = 0; cut < record_bytes; ++cut) {
      auto bytes = whole;
      std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(last + cut), bytes.end(), '\0');
      if (file_ends_there) bytes.resize(last + cut);
      put_back(folder, bytes);
      // input() ends in bytes that are not zero, so every cut loses something.
      auto reader = JournalReader::open(folder.path);
      REQUIRE(reader);
      ReadStatus status{};
      REQUIRE(intact_inputs(*reader, status) == count - 1);
      REQUIRE(status == ReadStatus::end);
      auto writer = JournalWriter::open(folder.path, small_segments());
      REQUIRE(writer);
      const auto& report = (*writer)->opened();
      REQUIRE(report.existing);
      REQUIRE(report.last_seq == count - 1);
      REQUIRE(report.cut_bytes <= cut);
      REQUIRE((report.cut_bytes > 0) == (cut > 0));
      REQUIRE(report.cut_at == JournalPosition{1, last});
      REQUIRE((*writer)->append_inputs(inputs(count, count + 1)));
      REQUIRE((*writer)->close());
      reader = JournalReader::open(folder.path);
      REQUIRE(reader);
      REQUIRE(intact_inputs(*reader, status) == count + 1);
      REQUIRE(status == ReadStatus::end);
    }
  }
}

TEST_CASE("any flipped bit between header and end is found, and its place and loss are told") {
  JournalFolder folder;
  constexpr std::uint64_t count = 20;
  const auto whole = unfinished_journal(folder, count);
  const std::size_t end = journal_format::header_bytes + (count - 1) * record_bytes;
  for (std::size_t at = journal_format::header_bytes; at < end; ++at) {
    auto bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
    put_back(folder, bytes);
    const std::uint64_t hit = (at - journal_format::header_bytes) / record_bytes;
    auto reader = JournalReader::open(folder.path);
    REQUIRE(reader);
    ReadStatus status{};
    REQUIRE(intact_inputs(*reader, status) == hit);
    REQUIRE(status == ReadStatus::damage);
    const auto& damage = reader->damage();
    REQUIRE(damage.at == JournalPosition{1, journal_format::header_bytes + hit * record_bytes});
    REQUIRE(damage.first_lost_seq == hit + 1);
    REQUIRE(damage.last_lost_seq == 0);
    REQUIRE(damage.lost_bytes == (count - hit) * record_bytes);
    REQUIRE_FALSE(reader->skip_damage());
    // A writer does not drop the intact records behind without being told to.
    const auto refused = JournalWriter::open(folder.path, small_segments());
    REQUIRE_FALSE(refused);
    REQUIRE(refused.error().code == Errc::corrupt);
  }
  auto options = small_segments();
  options.drop_records_behind_damage = true;
  auto writer = JournalWriter::open(folder.path, options);
  REQUIRE(writer);
  CHECK((*writer)->opened().last_seq == count - 2);
  CHECK((*writer)->opened().dropped_records == 1);
}

TEST_CASE(
    "after damage in the middle the reader goes on at the next segment if asked, and says which "
    "inputs are lost") {
  JournalFolder folder;
  {
    auto writer = JournalWriter::open(folder.path, small_segments(4096));
    REQUIRE(writer);
    REQUIRE((*writer)->append_inputs(inputs(1, 200)));
  }
  const auto second = read_segment_header(folder.path, 2);
  const auto third = read_segment_header(folder.path, 3);
  REQUIRE((second && third));
  const auto path = segment_path(folder.path, 2);

  SECTION("a flipped bit") {
    auto bytes = read_bytes(path);
    bytes[journal_format::header_bytes + 10 * record_bytes + 30] ^= 4;
    write_bytes(path, bytes);
    auto reader = JournalReader::open(folder.path);
    REQUIRE(reader);
    ReadStatus status{};
    CHECK(intact_inputs(*reader, status) == second->first_seq + 9);
    REQUIRE(status == ReadStatus::damage);
    JournalRecord record;
    CHECK(reader->next(record) == ReadStatus::damage);  // until it is skipped
    CHECK(reader->damage().at ==
          JournalPosition{2, journal_format::header_bytes + 10 * record_bytes});
    CHECK(reader->damage().first_lost_seq == second->first_seq + 10);
    CHECK(reader->damage().last_lost_seq == third->first_seq - 1);
    REQUIRE(reader->skip_damage());
    REQUIRE(reader->next(record) == ReadStatus::record);
    CHECK(record.as<zm_event>()->seq == third->first_seq);
    CHECK(digest_of_journal(folder.path).error().code == Errc::corrupt);
    auto missed = CatchUpReader::open(folder.path, second->first_seq, third->first_seq);
    REQUIRE(missed);
    while (missed->next() != nullptr) {
    }
    CHECK(missed->damaged());
    CHECK(missed->next_seq() == second->first_seq + 10);
  }
  SECTION("a segment that ends too early") {
    std::filesystem::resize_file(path, journal_format::header_bytes + 10 * record_bytes);
    auto reader = JournalReader::open(folder.path);
    REQUIRE(reader);
    ReadStatus status{};
    CHECK(intact_inputs(*reader, status) == second->first_seq + 9);
    REQUIRE(status == ReadStatus::damage);
    CHECK(reader->damage().last_lost_seq == third->first_seq - 1);
    CHECK(reader->skip_damage());
  }
  SECTION("a missing segment") {
    std::filesystem::remove(path);
    auto reader = JournalReader::open(folder.path);
    REQUIRE(reader);
    ReadStatus status{};
    CHECK(intact_inputs(*reader, status) == second->first_seq - 1);
    REQUIRE(status == ReadStatus::damage);
    CHECK(reader->damage().at == JournalPosition{2, 0});
    CHECK(reader->damage().first_lost_seq == second->first_seq);
    CHECK(reader->damage().last_lost_seq == third->first_seq - 1);
    CHECK(reader->damage().reason.find("000002.zj") != std::string::npos);
    CHECK(reader->skip_damage());
    CHECK(reader->position().segment == 3);
  }
  SECTION("a segment of another journal") {
    JournalFolder other;
    {
      auto writer = JournalWriter::open(other.path, small_segments(4096));
      REQUIRE(writer);
      REQUIRE((*writer)->append_inputs(inputs(1, 200)));
    }
    std::filesystem::copy_file(segment_path(other.path, 2), path,
                               std::filesystem::copy_options::overwrite_existing);
    auto reader = JournalReader::open(folder.path);
    REQUIRE(reader);
    ReadStatus status{};
    CHECK(intact_inputs(*reader, status) == second->first_seq - 1);
    CHECK(status == ReadStatus::damage);
    CHECK(reader->damage().reason.find("another journal") != std::string::npos);
  }
}

TEST_CASE("zeros where records were are a hole, not the end, once no writer is at work") {
  JournalFolder folder;
  auto bytes = unfinished_journal(folder, 20);
  std::fill_n(bytes.begin() + journal_format::header_bytes + 5 * record_bytes, record_bytes, '\0');
  put_back(folder, bytes);
  auto reader = JournalReader::open(folder.path);
  REQUIRE(reader);
  ReadStatus status{};
  CHECK(intact_inputs(*reader, status) == 5);
  CHECK(status == ReadStatus::damage);
  CHECK(reader->damage().reason.find("14 intact records") != std::string::npos);
}

TEST_CASE("a chunked payload whose writer died is passed over and counted") {
  JournalFolder folder;
  const std::vector<std::byte> big(20'000, std::byte{1});
  {
    auto writer = JournalWriter::open(folder.path, small_segments(1 << 16));
    REQUIRE(writer);
    REQUIRE((*writer)->append_inputs(inputs(1, 3)));
    REQUIRE((*writer)->append(RecordType::snapshot, big));
  }
  const auto path = segment_path(folder.path, 1);
  auto bytes = read_bytes(path);
  bytes.resize(journal_format::header_bytes + 3 * record_bytes + 18'000);  // into the second chunk
  write_bytes(path, bytes);
  {
    auto writer = JournalWriter::open(folder.path, small_segments(1 << 16));
    REQUIRE(writer);
    CHECK((*writer)->opened().cut_bytes > 0);
    REQUIRE((*writer)->append_inputs(inputs(4, 6)));
  }
  auto reader = JournalReader::open(folder.path);
  REQUIRE(reader);
  CHECK_FALSE(reader->newest_snapshot()->has_value());
  ReadStatus status{};
  CHECK(intact_inputs(*reader, status) == 6);
  CHECK(status == ReadStatus::end);
  CHECK(reader->abandoned_groups() == 1);
}

TEST_CASE("what is not a journal, or not one this program can read, is refused with the reason") {
  JournalFolder folder;
  const auto bytes = unfinished_journal(folder, 3);

  SECTION("nothing there") {
    CHECK(JournalReader::open(folder.root + "/none").error().code == Errc::not_found);
    std::filesystem::remove_all(folder.path);
    std::filesystem::create_directories(folder.path);
    CHECK(JournalReader::open(folder.path).error().code == Errc::not_found);
  }
  SECTION("a foreign file under a segment's name") {
    auto foreign = bytes;
    std::memcpy(foreign.data(), "GIF89a..", 8);
    put_back(folder, foreign);
    for (const auto& error :
         {JournalReader::open(folder.path).error(), JournalWriter::open(folder.path).error()}) {
      CHECK(error.code == Errc::corrupt);
      CHECK(error.message.find("not a Zomma journal") != std::string::npos);
    }
  }
  SECTION("a newer format") {
    auto newer = bytes;
    newer[offsetof(journal_format::SegmentHeader, version)] = 7;
    put_back(folder, newer);
    for (const auto& error :
         {JournalReader::open(folder.path).error(), JournalWriter::open(folder.path).error()}) {
      CHECK(error.code == Errc::incompatible);
      CHECK(error.message.find("journal format 7") != std::string::npos);
    }
  }
  SECTION("a damaged header") {
    auto damaged = bytes;
    damaged[offsetof(journal_format::SegmentHeader, first_seq)] ^= 1;
    put_back(folder, damaged);
    CHECK(JournalReader::open(folder.path).error().code == Errc::corrupt);
    CHECK(JournalWriter::open(folder.path).error().code == Errc::corrupt);
  }
  SECTION("a renamed segment") {
    put_back(folder, bytes);
    std::filesystem::rename(segment_path(folder.path, 1), segment_path(folder.path, 2));
    CHECK(JournalReader::open(folder.path).error().message.find("renamed") != std::string::npos);
  }
  SECTION("a header lost by the disk is not taken for an unused segment") {
    auto lost = bytes;
    std::fill_n(lost.begin(), journal_format::header_bytes, '\0');
    put_back(folder, lost);
    CHECK(JournalWriter::open(folder.path).error().code == Errc::corrupt);
    CHECK(std::filesystem::exists(segment_path(folder.path, 1)));
  }
  SECTION("options out of range") {
    JournalOptions options;
    options.segment_bytes = 100;
    CHECK(JournalWriter::open(folder.path, options).error().code == Errc::invalid_argument);
    options = {};
    options.compression_level = 50;
    CHECK(JournalWriter::open(folder.path, options).error().code == Errc::invalid_argument);
  }
}

}  // namespace zomma
