// Its sin: every event arms ten timers for the far future.
#include "plain.h"

namespace {
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  if (of(strategy).memory.heard > 0)
    for (int i = 0; i < 10; ++i) of(strategy).timers->arm(of(strategy).host, INT64_MAX, 1, nullptr);
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.timer_flood", me.hooks.on_events = events)
