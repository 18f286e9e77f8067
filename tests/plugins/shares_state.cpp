// Its sin: its instances count together.
#include "plain.h"

namespace {
std::int64_t counter = 0;
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  if (++counter % 8 == 0 && batch->count > 0 && batch->events[0].kind == ZM_EVENT_QUOTE)
    send(strategy, one_lot(counter));
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.shares_state", me.hooks.on_events = events)
