// Its sin: it reads the last event of a batch that may be empty.
#include "plain.h"

namespace {
volatile std::uint64_t last;
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  last = batch->events[batch->count - 1].seq;
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.no_empty_batch", me.hooks.on_events = events)
