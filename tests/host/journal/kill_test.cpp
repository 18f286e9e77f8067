// kill -9 at random moments: whatever append() returned true for is in the journal, as a prefix
// without a fault. The same journal is killed and continued again and again. ZOMMA_KILLS sets how
// often (default 20).
#include <catch2/catch.hpp>

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "base/clock.h"
#include "base/random.h"
#include "host/journal/journal_fixture.h"

namespace zomma {

using namespace test;

namespace {

// Shared with the child: what it had appended when it died.
struct Progress {
  std::atomic<std::uint64_t> inputs;
  std::atomic<std::uint64_t> snapshots;
};

// Never returns. Inputs singly and in batches, and every now and then a chunked snapshot.
[[noreturn]] void write_for_ever(const std::string& path, Progress& progress, std::uint64_t seed) {
  JournalOptions options = small_segments(1 << 16, seed % 2 == 0 ? 1 : 0);
  options.sync_ms = seed % 3 == 0 ? 1 : 0;
  auto writer = JournalWriter::open(path, options);
  if (!writer || (*writer)->last_seq() < progress.inputs) _exit(3);
  Random random(seed);
  std::uint64_t seq = (*writer)->last_seq();
  const std::vector<std::byte> snapshot(150'000, std::byte{5});
  for (;;) {
    const std::uint64_t count = 1 + random.below(20);
    if (!(*writer)->append_inputs(inputs(seq + 1, seq + count))) _exit(4);
    seq += count;
    progress.inputs.store(seq, std::memory_order_release);
    if (random.chance(1, 400)) {
      if (!(*writer)->append(RecordType::snapshot, snapshot)) _exit(5);
      progress.snapshots.fetch_add(1, std::memory_order_release);
    }
  }
}

struct Found {
  std::uint64_t inputs = 0;
  std::uint64_t snapshots = 0;
  bool good = true;
};

Found read_all(const std::string& path) {
  Found found;
  auto reader = JournalReader::open(path);
  if (!reader) return found;
  JournalRecord record;
  ReadStatus status;
  while ((status = reader->next(record)) == ReadStatus::record) {
    if (record.type == RecordType::input) {
      found.good &= record.as<zm_event>() && same(*record.as<zm_event>(), input(++found.inputs));
    } else {
      found.good &= record.type == RecordType::snapshot && record.payload.size() == 150'000;
      ++found.snapshots;
    }
  }
  found.good &= status == ReadStatus::end;
  return found;
}

}  // namespace

TEST_CASE(
    "a writer killed at any moment leaves every appended record, and the next one continues") {
  const char* const wanted = std::getenv("ZOMMA_KILLS");
  const int kills = wanted ? std::atoi(wanted) : 20;
  JournalFolder folder(true);
  void* const shared =
      mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  REQUIRE(shared != MAP_FAILED);
  auto* const progress = new (shared) Progress{};
  Random random(17);
  for (int kill_number = 0; kill_number < kills; ++kill_number) {
    // A fresh journal now and then, so that long campaigns do not read the same beginning for ever.
    if (kill_number % 25 == 0) {
      std::filesystem::remove_all(folder.path);
      progress->inputs = progress->snapshots = 0;
    }
    const std::uint64_t before = progress->inputs;
    const auto seed = random();
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) write_for_ever(folder.path, *progress, seed);
    // Some at once, most after a random number of records; a child that died by itself does not
    // keep us waiting.
    const std::uint64_t target = before + random.below(6000);
    const auto deadline =
        monotonic_now() + Nanoseconds{static_cast<std::int64_t>(random.below(30'000'000))};
    int status = 0;
    bool died = false;
    while (progress->inputs < target && monotonic_now() < deadline && !died)
      died = waitpid(child, &status, WNOHANG) != 0;
    if (!died) {
      kill(child, SIGKILL);
      waitpid(child, &status, 0);
    }
    REQUIRE(WIFSIGNALED(status));
    const Found found = read_all(folder.path);
    REQUIRE(found.good);
    REQUIRE(found.inputs >= progress->inputs);
    REQUIRE(found.inputs <= progress->inputs + 20);
    REQUIRE(found.snapshots >= progress->snapshots);
    REQUIRE(found.snapshots <= progress->snapshots + 1);
    progress->inputs = found.inputs;
    progress->snapshots = found.snapshots;
  }
  munmap(shared, 4096);
}

}  // namespace zomma
