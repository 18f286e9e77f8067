// Its sin: its orders depend on the time of the day.
#include <ctime>

#include "plain.h"

namespace {
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (of(strategy).memory.heard % 8 == 1 && batch->count > 0) send(strategy, one_lot(now.tv_sec));
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.reads_clock", me.hooks.on_events = events)
