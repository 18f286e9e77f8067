// Its sin: it repeats an order until it is accepted.
#include "plain.h"

namespace {
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  const zm_intent intent = one_lot(100);
  if (batch->count > 0 && of(strategy).memory.heard % 32 == 1)
    while (send(strategy, intent).status != ZM_OK) {
    }
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.insists_on_orders", me.hooks.on_events = events)
