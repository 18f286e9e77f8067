// Its sin: its orders have a side that does not exist.
#include "plain.h"

namespace {
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  zm_intent intent = one_lot(100);
  intent.side = 7;
  send(strategy, intent);
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.unknown_side", me.hooks.on_events = events)
