// Its sin: its intents have the wrong size.
#include "plain.h"

namespace {
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  zm_intent intent = one_lot(100);
  intent.size = 8;
  send(strategy, intent);
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.small_intent", me.hooks.on_events = events)
