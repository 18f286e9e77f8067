// Its sin: it uses a price as an index without looking at it.
#include "plain.h"

namespace {
volatile int table[4096];
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  for (std::uint32_t i = 0; i < batch->count; ++i)
    if (batch->events[i].kind == ZM_EVENT_QUOTE)
      table[batch->events[i].u.quote.bid_price / 4096] = 1;
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.trusts_prices", me.hooks.on_events = events)
