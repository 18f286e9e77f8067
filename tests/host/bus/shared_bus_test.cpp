// The bus's promise: every event is delivered whole or reported missed, exactly once, whatever the
// reader's speed.
#include "market/bus/shared_bus.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"

namespace zomma {
namespace {

std::string unique_name(const char* what) {
  return "/zomma_bus_" + std::to_string(getpid()) + "_" + what;
}

// Every word of the event depends on its number, so that a mixture of two events shows.
zm_event make_event(std::uint64_t seq) {
  std::uint64_t words[8];
  for (std::uint64_t i = 0; i < 8; ++i) words[i] = seq * 0x9E3779B97F4A7C15u + i;
  words[0] = seq;
  zm_event event;
  std::memcpy(&event, words, sizeof event);
  return event;
}

bool whole(const zm_event& event) {
  const zm_event expected = make_event(event.seq);
  return std::memcmp(&event, &expected, sizeof event) == 0;
}

void publish_range(BusWriter& bus, std::uint64_t first, std::uint64_t last) {
  std::vector<zm_event> events;
  for (std::uint64_t seq = first; seq <= last; ++seq) events.push_back(make_event(seq));
  REQUIRE(bus.publish(events));
}

// Follows the stream and checks that deliveries and overruns together are 1, 2, 3, ... without gap
// or repetition.
struct Account {
  std::uint64_t next = 1;
  std::uint64_t delivered = 0, missed = 0, overruns = 0;
  bool good = true;

  void take(const Poll& poll, const std::vector<zm_event>& events) {
    if (poll.overrun) {
      good &= poll.overrun->first_missed == next && poll.overrun->last_missed >= next;
      missed += poll.overrun->count();
      next = poll.overrun->last_missed + 1;
      ++overruns;
    }
    for (std::size_t i = 0; i < poll.count; ++i, ++next, ++delivered)
      good &= events[i].seq == next && whole(events[i]);
  }
};

void write_all_batches(BusWriter& bus, std::uint64_t total, std::uint64_t seed) {
  Random random(seed);
  std::vector<zm_event> batch;
  while (bus.next_seq() <= total) {
    const std::uint64_t count = std::min(1 + random.below(90), total - bus.next_seq() + 1);
    batch.clear();
    for (std::uint64_t i = 0; i < count; ++i) batch.push_back(make_event(bus.next_seq() + i));
    (void)bus.publish(batch);
  }
}

}  // namespace

TEST_CASE("a reader gets what is published after it came, or from the oldest on") {
  auto bus = BusWriter::create(unique_name("basic"), 100);
  REQUIRE(bus);
  CHECK(bus->capacity() == 128);
  publish_range(*bus, 1, 10);
  auto late = BusReader::open(unique_name("basic"));
  auto early = BusReader::open(unique_name("basic"), BusReader::From::oldest);
  REQUIRE((late && early));
  publish_range(*bus, 11, 12);
  std::vector<zm_event> out(5);
  auto poll = late->poll(out);
  CHECK(poll.count == 2);
  CHECK(out[0].seq == 11);
  CHECK_FALSE(poll.overrun);
  CHECK(late->poll(out).count == 0);
  CHECK(early->poll(out).count == 5);
  CHECK(early->poll(out).count == 5);
  poll = early->poll(out);
  CHECK(poll.count == 2);
  CHECK(out[1].seq == 12);
  early->seek(3);
  CHECK(early->poll(out).count == 5);
  CHECK(out[0].seq == 3);
}

TEST_CASE(
    "a lapped reader is told exactly what it missed and goes on at the oldest event there is") {
  auto bus = BusWriter::create(unique_name("lapped"), 128);
  REQUIRE(bus);
  auto reader = BusReader::open(unique_name("lapped"));
  REQUIRE(reader);
  publish_range(*bus, 1, 128);
  std::vector<zm_event> out(1000);
  publish_range(*bus, 129, 130);
  const auto poll = reader->poll(out);
  REQUIRE(poll.overrun);
  CHECK(poll.overrun->first_missed == 1);
  CHECK(poll.overrun->last_missed == 2);
  CHECK(poll.count == 128);
  CHECK(out[0].seq == 3);
  CHECK_FALSE(reader->poll(out).overrun);
}

TEST_CASE("a bus that starts at a later number says that the earlier ones are not there") {
  auto bus = BusWriter::create(unique_name("later"), 128, 1'000'001);
  REQUIRE(bus);
  auto reader = BusReader::open(unique_name("later"), BusReader::From::oldest);
  REQUIRE(reader);
  publish_range(*bus, 1'000'001, 1'000'003);
  std::vector<zm_event> out(10);
  CHECK(reader->poll(out).count == 3);
  reader->seek(999'999);
  const auto poll = reader->poll(out);
  REQUIRE(poll.overrun);
  CHECK(poll.overrun->first_missed == 999'999);
  CHECK(poll.overrun->last_missed == 1'000'000);
  CHECK(poll.count == 3);
}

TEST_CASE("events that do not continue the stream are refused whole") {
  auto bus = BusWriter::create(unique_name("order"), 128);
  REQUIRE(bus);
  CHECK_FALSE(bus->publish(make_event(2)));
  const std::vector<zm_event> gap{make_event(1), make_event(3)};
  CHECK_FALSE(bus->publish(gap));
  CHECK(bus->next_seq() == 1);
  CHECK(bus->publish(make_event(1)));
  CHECK(bus->publish(std::span<const zm_event>()));
}

TEST_CASE("a batch larger than the ring is published and the reader told what it lost") {
  auto bus = BusWriter::create(unique_name("large"), 64);
  REQUIRE(bus);
  auto reader = BusReader::open(unique_name("large"));
  REQUIRE(reader);
  publish_range(*bus, 1, 1000);
  std::vector<zm_event> out(100);
  Account account;
  account.take(reader->poll(out), out);
  CHECK(account.good);
  CHECK(account.delivered == 64);
  CHECK(account.missed == 936);
}

TEST_CASE("readers of different speed in other threads account for every event once, none torn") {
  constexpr std::uint64_t total = 4'000'000;
  const auto name = unique_name("stress");
  auto bus = BusWriter::create(name, 256);
  REQUIRE(bus);
  std::vector<Account> accounts(3);
  std::atomic<int> ready{0};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < accounts.size(); ++i) {
    threads.emplace_back([&, i] {
      auto reader = BusReader::open(name, BusReader::From::oldest);
      std::vector<zm_event> out(i == 0 ? 256 : 17);
      Random random(i);
      ++ready;
      Account account;
      while (account.next <= total) {
        account.take(reader->poll(out), out);
        // The last reader dawdles on purpose and is lapped all the time.
        if (i == 2) {
          for (std::uint64_t spin = random.below(20'000); spin > 0; --spin)
            std::atomic_signal_fence(std::memory_order_seq_cst);
        }
      }
      accounts[i] = account;
    });
  }
  while (ready < 3) std::this_thread::yield();
  write_all_batches(*bus, total, 5);
  for (auto& thread : threads) thread.join();
  for (const auto& account : accounts) {
    CHECK(account.good);
    CHECK(account.next == total + 1);
    CHECK(account.delivered + account.missed == total);
    CHECK(account.delivered > 0);
  }
  CHECK(accounts[2].overruns > 0);
}

TEST_CASE("a reader in another process accounts for every event once and sees the orderly end") {
  constexpr std::uint64_t total = 2'000'000;
  const auto name = unique_name("process");
  auto bus = std::make_unique<Result<BusWriter>>(BusWriter::create(name, 4096));
  REQUIRE(*bus);
  int ready[2];
  REQUIRE(pipe2(ready, O_CLOEXEC) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    auto reader = BusReader::open(name, BusReader::From::oldest);
    if (!reader) _exit(2);
    (void)!write(ready[1], "r", 1);
    std::vector<zm_event> out(512);
    Account account;
    for (;;) {
      // Asked before the poll: what was published before the end is then still collected.
      const bool ended = reader->producer() == ProducerState::closed;
      const auto poll = reader->poll(out);
      account.take(poll, out);
      if (ended && poll.count == 0 && !poll.overrun) break;
    }
    _exit(account.good && account.next == total + 1 ? 0 : 1);
  }
  char byte;
  REQUIRE(read(ready[0], &byte, 1) == 1);
  write_all_batches(**bus, total, 6);
  bus.reset();
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(status == 0);
  close(ready[0]);
  close(ready[1]);
}

TEST_CASE("the reader's mapping cannot be written, nor made writable") {
  const auto name = unique_name("readonly");
  auto bus = BusWriter::create(name, 64);
  REQUIRE(bus);
  const int file = shm_open(name.c_str(), O_RDONLY | O_CLOEXEC, 0);
  REQUIRE(file >= 0);
  void* const address = mmap(nullptr, 4096, PROT_READ, MAP_SHARED, file, 0);
  REQUIRE(address != MAP_FAILED);
  CHECK(mprotect(address, 4096, PROT_READ | PROT_WRITE) == -1);
  munmap(address, 4096);
  close(file);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    auto reader = BusReader::open(name);
    signal(SIGSEGV, SIG_DFL);
    // The first mapping of this segment in this process that is not writable is the reader's.
    FILE* const maps = std::fopen("/proc/self/maps", "r");
    char line[512], rights[8];
    unsigned long from = 0;
    bool found = false;
    while (std::fgets(line, sizeof line, maps) && !found) {
      found = std::strstr(line, name.c_str()) &&
              std::sscanf(line, "%lx-%*x %7s", &from, rights) == 2 && rights[1] == '-';
    }
    if (!found) _exit(0);
    *reinterpret_cast<volatile char*>(from) = 1;
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK_FALSE((WIFEXITED(status) && WEXITSTATUS(status) == 0));
}

TEST_CASE(
    "a killed producer is seen as dead, its last events stay readable, and its successor is "
    "another session") {
  const auto name = unique_name("killed");
  int ready[2];
  REQUIRE(pipe2(ready, O_CLOEXEC) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    auto bus = BusWriter::create(name, 128);
    (void)bus->publish(make_event(1));
    (void)bus->publish(make_event(2));
    (void)!write(ready[1], "r", 1);
    for (;;) pause();
  }
  char byte;
  REQUIRE(read(ready[0], &byte, 1) == 1);
  auto reader = BusReader::open(name, BusReader::From::oldest);
  REQUIRE(reader);
  CHECK(reader->producer() == ProducerState::alive);
  CHECK(reader->writer_pid() == child);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  CHECK(reader->producer() == ProducerState::dead);
  std::vector<zm_event> out(4);
  CHECK(reader->poll(out).count == 2);

  auto next = BusWriter::create(name, 128, 3);
  REQUIRE(next);
  CHECK(reader->producer() == ProducerState::replaced);
  auto fresh = BusReader::open(name);
  REQUIRE(fresh);
  CHECK(fresh->session() != reader->session());
  CHECK(fresh->next_seq() == 3);
  close(ready[0]);
  close(ready[1]);
}

TEST_CASE("what is no bus, or not one this program knows, is refused with the reason") {
  const auto missing = BusReader::open(unique_name("missing"));
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Errc::not_found);

  const auto name = unique_name("foreign");
  auto memory = SharedMemory::create(name, 8192);
  REQUIRE(memory);
  CHECK(BusReader::open(name).error().code == Errc::not_found);
  auto* const header = reinterpret_cast<BusHeader*>(memory->writable_data());
  header->magic = 42;
  CHECK(BusReader::open(name).error().code == Errc::corrupt);
  header->magic = BusHeader::magic_value;
  header->version = 2;
  header->slot_bytes = 64;
  CHECK(BusReader::open(name).error().code == Errc::incompatible);
  header->version = 1;
  header->capacity = 1 << 20;
  CHECK(BusReader::open(name).error().code == Errc::corrupt);
  CHECK(BusWriter::create(name, 64).error().code == Errc::busy);
  CHECK(BusWriter::create(unique_name("zero"), 0).error().code == Errc::invalid_argument);
}

}  // namespace zomma
