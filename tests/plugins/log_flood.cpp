// Its sin: it logs a hundred lines at every event.
#include "plain.h"

namespace {
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  for (int i = 0; i < 100; ++i) of(strategy).log->write(of(strategy).host, ZM_LOG_INFO, "tick", 4);
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.log_flood", me.hooks.on_events = events)
