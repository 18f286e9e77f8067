// Its sin: on_events lets an exception through, later on.
#include <stdexcept>

#include "plain.h"

namespace {
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  if (of(strategy).memory.heard > 20) throw std::runtime_error("enough");
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.events_throw", me.hooks.on_events = events)
