// Its sin: it gives up at an event that it does not know.
#include "plain.h"

namespace {
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  for (std::uint32_t i = 0; i < batch->count; ++i)
    if (batch->events[i].kind > ZM_EVENT_SESSION) return ZM_E_UNSUPPORTED;
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.unknown_kind_fails", me.hooks.on_events = events)
