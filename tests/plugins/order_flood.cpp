// Its sin: it sends a hundred orders at a time.
#include "plain.h"

namespace {
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  if (of(strategy).memory.heard > 20)
    for (int i = 0; i < 100; ++i) send(strategy, one_lot(100));
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.order_flood", me.hooks.on_events = events)
