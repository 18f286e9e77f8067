// Its sin: it saves the time of the day.
#include <ctime>

#define STATE_SAVE save
#include "plain.h"

namespace {
zm_status save(const zm_strategy* strategy, const zm_ostream* out, std::uint32_t reason) {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const zm_status status = plain_save(strategy, out, reason);
  write_all(out, &now, sizeof now);
  return status;
}
}  // namespace

PLAIN_PLUGIN("test.state_writes_time", static_cast<void>(me))
