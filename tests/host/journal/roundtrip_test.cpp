#include <catch2/catch.hpp>

#include <numeric>

#include "base/random.h"
#include "host/journal/journal_fixture.h"
#include "journal/catch_up.h"
#include "journal/digest.h"

namespace zomma {

using namespace test;

TEST_CASE("records come back in order, with their types, sizes and bytes") {
  JournalFolder folder;
  Random random(1);
  std::vector<std::pair<RecordType, std::vector<std::byte>>> written;
  {
    auto writer = JournalWriter::open(folder.path, small_segments(16'384));
    REQUIRE(writer);
    CHECK_FALSE((*writer)->opened().existing);
    for (int i = 0; i < 2000; ++i) {
      // Every size around the word boundaries, and now and then one that needs chunks.
      std::vector<std::byte> payload(i % 100 == 99 ? random.below(40'000) : random.below(200));
      for (auto& byte : payload) byte = static_cast<std::byte>(random());
      const auto type = static_cast<RecordType>(1 + random.below(8));
      REQUIRE((*writer)->append(type, payload));
      written.emplace_back(type, std::move(payload));
    }
    REQUIRE((*writer)->close());
    CHECK_FALSE((*writer)->append(RecordType::meta, "x", 1));
  }
  auto reader = JournalReader::open(folder.path);
  REQUIRE(reader);
  JournalRecord record;
  JournalPosition before{};
  for (const auto& [type, payload] : written) {
    REQUIRE(reader->next(record) == ReadStatus::record);
    REQUIRE(record.type == type);
    REQUIRE(
        std::equal(payload.begin(), payload.end(), record.payload.begin(), record.payload.end()));
    REQUIRE(record.at > before);
    before = record.at;
  }
  CHECK(reader->next(record) == ReadStatus::end);
  CHECK(reader->torn_bytes() == 0);
  CHECK(reader->position().segment > 5);
}

TEST_CASE("a journal is continued where it ended, as often as it is opened") {
  JournalFolder folder;
  for (std::uint64_t run = 0; run < 5; ++run) {
    auto writer = JournalWriter::open(folder.path, small_segments());
    REQUIRE(writer);
    CHECK((*writer)->opened().last_seq == run * 100);
    CHECK((*writer)->last_seq() == run * 100);
    CHECK((*writer)->opened().cut_bytes == 0);
    REQUIRE((*writer)->append_inputs(inputs(run * 100 + 1, run * 100 + 100)));
    CHECK((*writer)->last_seq() == run * 100 + 100);
  }
  auto reader = JournalReader::open(folder.path);
  REQUIRE(reader);
  ReadStatus status{};
  CHECK(intact_inputs(*reader, status) == 500);
  CHECK(status == ReadStatus::end);
}

TEST_CASE(
    "a reader follows a living writer, across segments and through a half written chunked "
    "payload") {
  JournalFolder folder;
  auto writer = JournalWriter::open(folder.path, small_segments(4096));
  REQUIRE(writer);
  auto reader = JournalReader::open(folder.path);
  REQUIRE(reader);
  JournalRecord record;
  CHECK(reader->next(record) == ReadStatus::end);
  for (std::uint64_t seq = 1; seq <= 500; ++seq) {
    REQUIRE((*writer)->append_inputs(inputs(seq, seq)));
    REQUIRE(reader->next(record) == ReadStatus::record);
    REQUIRE(same(*record.as<zm_event>(), input(seq)));
    REQUIRE(reader->next(record) == ReadStatus::end);
  }
  const std::vector<std::byte> big(50'000, std::byte{9});
  REQUIRE((*writer)->append(RecordType::snapshot, big));
  REQUIRE(reader->next(record) == ReadStatus::record);
  CHECK(record.payload.size() == big.size());
  REQUIRE((*writer)->close());
  CHECK(reader->next(record) == ReadStatus::end);
  // The next run of the writer is followed too.
  writer = JournalWriter::open(folder.path, small_segments(4096));
  REQUIRE(writer);
  REQUIRE((*writer)->append_inputs(inputs(501, 501)));
  REQUIRE(reader->next(record) == ReadStatus::record);
  CHECK(record.as<zm_event>()->seq == 501);
}

TEST_CASE("the newest snapshot is found at once, wherever it lies, and the tail follows it") {
  for (const int compression : {0, 1}) {
    JournalFolder folder;
    std::uint64_t seq = 0;
    const auto write_some = [&](JournalWriter& writer) {
      REQUIRE(writer.append_inputs(inputs(seq + 1, seq + 150)));
      seq += 150;
    };
    {
      auto writer = JournalWriter::open(folder.path, small_segments(8192, compression));
      REQUIRE(writer);
      {
        auto reader = JournalReader::open(folder.path);
        CHECK_FALSE(reader->newest_snapshot()->has_value());
      }
      for (const char mark : {'a', 'b'}) {
        write_some(**writer);
        // Spans several segments.
        REQUIRE((*writer)->append(RecordType::snapshot,
                                  std::vector<std::byte>(30'000, std::byte(mark))));
      }
      write_some(**writer);
    }
    {
      auto writer = JournalWriter::open(folder.path, small_segments(8192, compression));
      REQUIRE(writer);
      write_some(**writer);
    }
    auto reader = JournalReader::open(folder.path);
    REQUIRE(reader);
    const auto at = reader->newest_snapshot();
    REQUIRE(at);
    REQUIRE(at->has_value());
    const auto sought = reader->seek_newest_snapshot();
    REQUIRE(sought);
    REQUIRE(*sought);
    JournalRecord record;
    REQUIRE(reader->next(record) == ReadStatus::record);
    CHECK(record.at == **at);
    CHECK(record.type == RecordType::snapshot);
    CHECK(record.payload.size() == 30'000);
    CHECK(record.payload.back() == std::byte('b'));
    std::uint64_t tail = 0;
    while (reader->next(record) == ReadStatus::record) {
      ++tail;
      REQUIRE(record.as<zm_event>()->seq == 300 + tail);
    }
    CHECK(tail == 300);
  }
}

TEST_CASE("a slow bus reader gets exactly the inputs it missed") {
  JournalFolder folder;
  auto writer = JournalWriter::open(folder.path, small_segments(8192, 1));
  REQUIRE(writer);
  for (std::uint64_t seq = 1; seq <= 1000; ++seq) {
    REQUIRE((*writer)->append_inputs(inputs(seq, seq)));
    REQUIRE((*writer)->append(RecordType::signal, "between", 7));
  }
  const std::pair<std::uint64_t, std::uint64_t> ranges[] = {
      {1, 1}, {1, 1000}, {417, 611}, {1000, 1000}};
  for (const auto& [first, last] : ranges) {
    auto missed = CatchUpReader::open(folder.path, first, last);
    REQUIRE(missed);
    for (std::uint64_t seq = first; seq <= last; ++seq) {
      const auto* event = missed->next();
      REQUIRE(event);
      REQUIRE(same(*event, input(seq)));
    }
    CHECK(missed->next() == nullptr);
    CHECK(missed->done());
  }
  auto ahead = CatchUpReader::open(folder.path, 1000, 1001);
  REQUIRE(ahead);
  REQUIRE(ahead->next());
  CHECK(ahead->next() == nullptr);
  CHECK_FALSE(ahead->done());
  REQUIRE((*writer)->append_inputs(inputs(1001, 1001)));
  REQUIRE(ahead->next());
  CHECK(ahead->done());
  CHECK(CatchUpReader::open(folder.path, 0, 5).error().code == Errc::invalid_argument);
}

TEST_CASE(
    "the digest is that of intents and orders alone, the same while writing and from the journal") {
  JournalFolder folder;
  auto writer = JournalWriter::open(folder.path, small_segments());
  REQUIRE(writer);
  RunDigest while_writing;
  Sha256 plain;
  const auto write = [&](RecordType type, const std::string& text) {
    REQUIRE((*writer)->append(type, text.data(), text.size()));
    while_writing.add(type, text.data(), text.size());
    if (type == RecordType::intent || type == RecordType::order)
      plain.update(text.data(), text.size());
  };
  for (int i = 0; i < 300; ++i) {
    write(RecordType::input, "market data " + std::to_string(i));
    write(RecordType::intent, "intent " + std::to_string(i));
    write(RecordType::order, "order " + std::to_string(i));
    write(RecordType::signal, "signal");
  }
  CHECK(while_writing.records() == 600);
  CHECK(while_writing.hex() == plain.hex());
  const auto from_journal = digest_of_journal(folder.path);
  REQUIRE(from_journal);
  CHECK(from_journal->value() == while_writing.value());
}

TEST_CASE("the writer's figures add up") {
  JournalFolder folder;
  auto writer = JournalWriter::open(folder.path, small_segments());
  REQUIRE(writer);
  REQUIRE((*writer)->append_inputs(inputs(1, 1000)));
  const auto stats = (*writer)->stats();
  CHECK(stats.records == 1000);
  CHECK(stats.bytes > 72'000);
  CHECK(stats.bytes < 75'000);
  CHECK_FALSE((*writer)->trouble());
  CHECK((*writer)->position().segment >= 9);
}

}  // namespace zomma
