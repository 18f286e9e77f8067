// Its sin: on_events sleeps.
#include <unistd.h>

#include "plain.h"

namespace {
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  if (batch->count > 0) usleep(10);
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.sleeps_on_events", me.hooks.on_events = events)
