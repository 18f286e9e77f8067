// Its sin: it writes into the events of the host.
#include "plain.h"

namespace {
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  if (batch->count > 0) const_cast<zm_event*>(batch->events)[0].flags = 0;
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.writes_events", me.hooks.on_events = events)
