// Its sin: on_events divides by zero, later on.
#include "plain.h"

namespace {
volatile std::int64_t zero = 0;
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  if (of(strategy).memory.heard > 20) of(strategy).memory.sum /= zero;
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.events_divide_by_zero", me.hooks.on_events = events)
