// Its sin: on_events aborts, later on.
#include <cstdlib>

#include "plain.h"

namespace {
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  if (of(strategy).memory.heard > 20) std::abort();
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.events_abort", me.hooks.on_events = events)
