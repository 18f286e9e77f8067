// Its sin: it copies a batch into a buffer of 64 events.
#include "plain.h"

namespace {
volatile std::uint64_t last;
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  zm_event copy[64];
  std::memcpy(copy, batch->events, batch->count * sizeof(zm_event));
  last = copy[batch->count % 64].seq;
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.fixed_batch", me.hooks.on_events = events)
