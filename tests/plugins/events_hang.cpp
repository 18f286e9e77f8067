// Its sin: on_events never returns, later on.
#include "plain.h"

namespace {
volatile bool go_on = true;
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  if (of(strategy).memory.heard > 20)
    while (go_on) {
    }
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.events_hang", me.hooks.on_events = events)
