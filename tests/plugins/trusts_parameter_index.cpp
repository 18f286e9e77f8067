// Its sin: it uses a parameter index without looking at it.
#include "plain.h"

namespace {
volatile int values[4];
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  for (std::uint32_t i = 0; i < batch->count; ++i)
    if (batch->events[i].kind == ZM_EVENT_PARAMETER)
      values[batch->events[i].u.parameter.index * 4096ull] = 1;
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.trusts_parameter_index", me.hooks.on_events = events)
