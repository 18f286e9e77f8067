// Its sin: it forks.
#include <unistd.h>

#include "plain.h"

namespace {
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  if (of(strategy).memory.heard == ~0ull) fork();
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.imports_fork", me.hooks.on_events = events)
