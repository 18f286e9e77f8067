#include "base/shared_memory.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

namespace zomma {
namespace {

std::string unique_name(const char* what) {
  return "/zomma_test_" + std::to_string(getpid()) + "_" + what;
}

}  // namespace

TEST_CASE("a reader sees the owner's bytes and cannot write them") {
  const auto name = unique_name("shared");
  auto owner = SharedMemory::create(name, 4096);
  REQUIRE(owner);
  owner->writable_data()[100] = std::byte{7};
  auto reader = SharedMemory::open_read_only(name);
  REQUIRE(reader);
  CHECK(reader->size() == 4096);
  CHECK(reader->data()[100] == std::byte{7});
  CHECK(reader->writable_data() == nullptr);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    signal(SIGSEGV, SIG_DFL);
    *const_cast<volatile std::byte*>(reader->data()) = std::byte{1};
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  // A sanitizer turns the signal into its own exit; a plain exit(0) would mean that the write went
  // through.
  CHECK_FALSE((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  CHECK(owner->data()[0] == std::byte{0});
}

TEST_CASE("a living owner keeps its name, and takes it along when it goes") {
  const auto name = unique_name("owned");
  {
    auto owner = SharedMemory::create(name, 100);
    REQUIRE(owner);
    const auto second = SharedMemory::create(name, 100);
    REQUIRE_FALSE(second);
    CHECK(second.error().code == Errc::busy);
    CHECK(second.error().message.find(name) != std::string::npos);
  }
  const auto gone = SharedMemory::open_read_only(name);
  REQUIRE_FALSE(gone);
  CHECK(gone.error().code == Errc::not_found);
}

TEST_CASE(
    "what a killed owner left behind is recognised by readers and replaced by the next owner") {
  const auto name = unique_name("killed");
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    auto owner = SharedMemory::create(name, 4096);
    owner->writable_data()[0] = std::byte{1};
    (void)!write(ready[1], "r", 1);
    for (;;) pause();
  }
  char byte;
  REQUIRE(read(ready[0], &byte, 1) == 1);
  auto reader = SharedMemory::open_read_only(name);
  REQUIRE(reader);
  CHECK(reader->owner_alive());
  CHECK(reader->current());
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  CHECK_FALSE(reader->owner_alive());
  CHECK(reader->current());
  auto next = SharedMemory::create(name, 8192);
  REQUIRE(next);
  CHECK(next->data()[0] == std::byte{0});
  CHECK(reader->data()[0] == std::byte{1});
  CHECK_FALSE(reader->current());
  close(ready[0]);
  close(ready[1]);
}

TEST_CASE("a name that is no name is refused with what was expected") {
  for (const char* name : {"", "/", "x", "/a/b"}) {
    const auto made = SharedMemory::create(name, 10);
    REQUIRE_FALSE(made);
    CHECK(made.error().code == Errc::invalid_argument);
  }
}

}  // namespace zomma
