// Its sin: it may end the process.
#include <cstdlib>

#include "plain.h"

namespace {
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  if (of(strategy).memory.heard == ~0ull) std::exit(1);
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.imports_exit", me.hooks.on_events = events)
