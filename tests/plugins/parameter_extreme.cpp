// Its sin: the smallest value that its parameter allows ends in a division by zero.
#include "plain.h"

namespace {
volatile std::int64_t share;
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  for (std::uint32_t i = 0; i < batch->count; ++i)
    if (batch->events[i].kind == ZM_EVENT_PARAMETER && batch->events[i].u.parameter.index == 0)
      share = 100 / batch->events[i].u.parameter.value.integer;
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.parameter_extreme", me.hooks.on_events = events)
