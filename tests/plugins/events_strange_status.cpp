// Its sin: on_events returns a number that is no status.
#include "plain.h"

namespace {
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  if (of(strategy).memory.heard > 20) return 77;
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.events_strange_status", me.hooks.on_events = events)
