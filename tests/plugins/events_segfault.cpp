// Its sin: on_events follows a null pointer, later on.
#include "plain.h"

namespace {
int* volatile nowhere = nullptr;
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  if (of(strategy).memory.heard > 20) *nowhere = 1;
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.events_segfault", me.hooks.on_events = events)
