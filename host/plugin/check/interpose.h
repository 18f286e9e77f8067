// interpose.h: counts what a plugin asks of the C library during one hook: by replacing the entries
// of its own import table (and of libstdc++'s, through which `new` goes), so that the host's own
// calls are never counted and nothing else is slowed.
#pragma once

#include <cstdint>
#include <string>

namespace zomma::check {

struct Asked {
  std::uint64_t allocations = 0;  // malloc, calloc, realloc, new, mmap
  std::uint64_t largest = 0;      // bytes of the largest one
  std::uint64_t total = 0;        // bytes of all
  std::uint64_t clock = 0;        // clock_gettime, gettimeofday, time
  std::uint64_t random = 0;       // rand, random, getrandom
  std::uint64_t blocking = 0;     // sleeps, opening files, reading and writing them
};

// For the library at `handle` (of dlopen), and libstdc++. Returns how many entries were replaced.
int interpose(void* handle);
// Counting is on between these two, on every thread.
void begin_counting();
Asked end_counting();
// While one lives on a thread, that thread's requests are the host's and not counted.
class HostSide {
 public:
  HostSide();
  ~HostSide();
  HostSide(const HostSide&) = delete;
  HostSide& operator=(const HostSide&) = delete;
};
// The plugin's clocks run ahead by this much from here: what depends on them shows.
void shift_clock(std::int64_t seconds);

}  // namespace zomma::check
