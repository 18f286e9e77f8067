// The writer's thread allocates nothing while it appends, not even when it goes on to the next
// segment.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <new>

#include "host/journal/journal_fixture.h"

namespace {

thread_local std::uint64_t allocations = 0;

}  // namespace

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}
void* operator new(std::size_t size) {
  if (void* const memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }

namespace zomma {

using namespace test;

TEST_CASE("appending allocates nothing, across segments and for chunked payloads too") {
  JournalFolder folder;
  auto writer = JournalWriter::open(folder.path, small_segments(1 << 16));
  REQUIRE(writer);
  const auto events = inputs(1, 16);
  const std::vector<std::byte> big(100'000);
  const std::uint64_t before = allocations;
  bool good = true;
  for (int i = 0; i < 500; ++i) good &= (*writer)->append_inputs(events);
  good &= (*writer)->append(RecordType::snapshot, big);
  const std::uint64_t after = allocations;
  CHECK(good);
  CHECK(after == before);
  CHECK((*writer)->position().segment > 5);
  int* volatile seen = new int(1);
  delete seen;
  CHECK(allocations > after);  // the count counts
}

}  // namespace zomma
