#include <catch2/catch.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/file_descriptor.h"
#include "base/file_lock.h"
#include "base/mapped_file.h"

namespace zomma {
namespace {

struct TemporaryFolder {
  TemporaryFolder() {
    char name[] = "/tmp/zomma_base_XXXXXX";
    path = mkdtemp(name);
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
  std::string path;
};

}  // namespace

TEST_CASE("a system error says what was tried, on what, and why it failed") {
  const auto error = system_error("open", "/x/y", ENOSPC);
  CHECK(error.code == Errc::no_space);
  CHECK(error.message == "cannot open /x/y: No space left on device");
  CHECK(system_error("open", "/x", ENOENT).code == Errc::not_found);
  CHECK(system_error("open", "/x", EROFS).code == Errc::refused);
  CHECK(system_error("open", "/x", EIO).code == Errc::io);
}

TEST_CASE("a descriptor closes once, whoever it was moved to") {
  TemporaryFolder folder;
  int number;
  {
    auto opened = FileDescriptor::open(folder.path + "/f", O_RDWR | O_CREAT);
    REQUIRE(opened);
    number = opened->get();
    FileDescriptor moved = std::move(*opened);
    CHECK_FALSE(opened->valid());
    CHECK(moved.get() == number);
    CHECK(fcntl(number, F_GETFD) == FD_CLOEXEC);
  }
  CHECK(fcntl(number, F_GETFD) == -1);
}

TEST_CASE("bytes written at an offset are read back, and a read ends with the file") {
  TemporaryFolder folder;
  const auto path = folder.path + "/f";
  const auto file = FileDescriptor::open(path, O_RDWR | O_CREAT);
  REQUIRE(file);
  const char text[] = "hello";
  REQUIRE(write_all(*file, path, std::as_bytes(std::span(text, 5)), 3));
  CHECK(*file_size(*file, path) == 8);
  std::byte back[16];
  const auto count = read_at(*file, path, back, 3);
  REQUIRE(count);
  CHECK(*count == 5);
  CHECK(std::memcmp(back, "hello", 5) == 0);
}

TEST_CASE("a lock excludes others until its owner's descriptor closes") {
  TemporaryFolder folder;
  const auto path = folder.path + "/lock";
  auto first = FileDescriptor::open(path, O_RDWR | O_CREAT);
  auto second = FileDescriptor::open(path, O_RDWR);
  auto spectator = FileDescriptor::open(path, O_RDONLY);
  REQUIRE((first && second && spectator));
  CHECK_FALSE(*is_locked(*spectator, path));
  CHECK(*lock_file(*first, path));
  CHECK_FALSE(*lock_file(*second, path));
  CHECK(*is_locked(*spectator, path));
  first->close();
  CHECK_FALSE(*is_locked(*spectator, path));
  CHECK(*lock_file(*second, path));
}

TEST_CASE(
    "a mapped file is zero when made, keeps what is written, and is never made over another") {
  TemporaryFolder folder;
  const auto path = folder.path + "/m";
  {
    auto made = MappedFile::create(path, 10'000);
    REQUIRE(made);
    CHECK(made->size() == 10'000);
    CHECK(made->data()[9'999] == std::byte{0});
    made->populate(0, 10'000);
    made->data()[9'999] = std::byte{42};
    CHECK(made->sync(0, 10'000, path));
  }
  const auto again = MappedFile::create(path, 10);
  REQUIRE_FALSE(again);
  CHECK(again.error().code == Errc::busy);
  const auto read = MappedFile::open_read_only(path);
  REQUIRE(read);
  CHECK(read->bytes()[9'999] == std::byte{42});
  const auto missing = MappedFile::open_read_only(folder.path + "/none");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Errc::not_found);
}

TEST_CASE("a file too large for the disk is refused when it is made and leaves nothing behind") {
  TemporaryFolder folder;
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    // The limit stands in for a full disk; both are found out by the reservation.
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{65'536, 65'536};
    setrlimit(RLIMIT_FSIZE, &limit);
    const auto made = MappedFile::create(folder.path + "/big", 1 << 20);
    const bool good = !made && made.error().code == Errc::no_space &&
                      !std::filesystem::exists(folder.path + "/big");
    _exit(good ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(status == 0);
}

}  // namespace zomma
