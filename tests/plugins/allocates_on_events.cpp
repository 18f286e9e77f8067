// Its sin: on_events allocates memory.
#include <string>

#include "plain.h"

namespace {
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  const std::string text(40 + batch->count, 'x');
  of(strategy).memory.sum += text.back() == 'x' ? 0 : 1;
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.allocates_on_events", me.hooks.on_events = events)
