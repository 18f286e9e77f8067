#include "base/clock.h"

#include <ctime>

namespace zomma {
namespace {

Nanoseconds read(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return {now.tv_sec * 1'000'000'000LL + now.tv_nsec};
}

}  // namespace

Nanoseconds wall_now() { return read(CLOCK_REALTIME); }
Nanoseconds monotonic_now() { return read(CLOCK_MONOTONIC); }

}  // namespace zomma
