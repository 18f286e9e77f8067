// A disk that is full, read-only or not there: an error with its reason, never a signal, and what
// was written stays.
#include <catch2/catch.hpp>

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <thread>

#include "host/journal/journal_fixture.h"

namespace zomma {

using namespace test;

namespace {

// Runs `body` in a child, so that what it does to its rights and limits stays there. Returns its
// exit status.
int in_child(const std::function<int()>& body) {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) _exit(body());
  int status = -1;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + status;
}

// Appends until the journal refuses; then checks that the refusal is the right one and that it is
// for good. Returns how many inputs were accepted.
std::uint64_t fill(JournalWriter& writer) {
  std::uint64_t seq = writer.last_seq();
  while (seq < 1'000'000 && writer.append_inputs(inputs(seq + 1, seq + 1))) ++seq;
  const auto trouble = writer.trouble();
  const bool right = trouble && trouble->code == Errc::no_space &&
                     !writer.append_inputs(inputs(seq + 1, seq + 1)) &&
                     !writer.append(RecordType::close, "", 0);
  return right ? seq : 0;
}

constexpr int skipped = 77;

}  // namespace

TEST_CASE("a full disk is a refusal with a reason; everything accepted before is in the journal") {
  JournalFolder folder;
  std::filesystem::create_directories(folder.path);
  const int result = in_child([&] {
    // A mount of our own, seen by nobody else. Needs rights that not every machine gives.
    if (unshare(CLONE_NEWNS) != 0 ||
        mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("tmpfs", folder.path.c_str(), "tmpfs", 0, "size=300k") != 0) {
      return skipped;
    }
    auto writer = JournalWriter::open(folder.path, small_segments(1 << 16));
    if (!writer) return 2;
    const auto accepted = fill(**writer);
    if (accepted < 2000 || (*writer)->close()) return 3;
    auto reader = JournalReader::open(folder.path);
    if (!reader) return 4;
    ReadStatus status{};
    return intact_inputs(*reader, status) == accepted && status == ReadStatus::end ? 0 : 5;
  });
  if (result == skipped) {
    std::fprintf(stderr, "SKIPPED: mounting a small tmpfs is not permitted here\n");
    return;
  }
  CHECK(result == 0);
}

TEST_CASE("when the next segment cannot be made, trouble shows before the current one is full") {
  JournalFolder folder;
  const int result = in_child([&] {
    // The limit refuses what a full disk would refuse, from the third segment on.
    signal(SIGXFSZ, SIG_IGN);
    auto writer = JournalWriter::open(folder.path, small_segments(1 << 16));
    if (!writer) return 2;
    while (!(*writer)->stats().next_segment_ready) std::this_thread::yield();
    const rlimit limit{4096, 4096};
    setrlimit(RLIMIT_FSIZE, &limit);
    if (!(*writer)->append_inputs(inputs(1, 1000))) return 8;
    while (!(*writer)->trouble()) std::this_thread::yield();
    if (!(*writer)->append_inputs(inputs(1001, 1010))) return 9;
    const auto accepted = fill(**writer);
    if (accepted < 1800) return 3;
    if ((*writer)->close()) return 4;
    const auto second = JournalWriter::open(folder.path, small_segments(1 << 16));
    if (second || second.error().code != Errc::no_space) return 5;
    auto reader = JournalReader::open(folder.path);
    if (!reader) return 6;
    ReadStatus status{};
    return intact_inputs(*reader, status) == accepted && status == ReadStatus::end ? 0 : 7;
  });
  CHECK(result == 0);
}

TEST_CASE("a folder that cannot be written or made is refused by name") {
  JournalFolder folder;
  std::filesystem::create_directories(folder.path);
  chmod(folder.path.c_str(), 0555);
  chmod(folder.root.c_str(), 0555);
  const int result = in_child([&] {
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) return 2;
    const auto unwritable = JournalWriter::open(folder.path, small_segments());
    if (unwritable || unwritable.error().code != Errc::refused) return 3;
    if (unwritable.error().message.find(folder.path) == std::string::npos) return 4;
    const auto unmakable = JournalWriter::open(folder.root + "/other", small_segments());
    if (unmakable || unmakable.error().code != Errc::refused) return 5;
    return 0;
  });
  chmod(folder.root.c_str(), 0755);
  chmod(folder.path.c_str(), 0755);
  CHECK(result == 0);
  write_bytes(folder.root + "/file", {'x'});
  CHECK_FALSE(JournalWriter::open(folder.root + "/file", small_segments()));
}

}  // namespace zomma
