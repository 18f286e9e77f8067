// Its sin: it prints.
#include <cstdio>

#include "plain.h"

namespace {
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  std::puts("tick");
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.prints", me.hooks.on_events = events)
