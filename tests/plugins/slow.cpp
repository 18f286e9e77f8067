// Its sin: every batch takes a millisecond of processor time.
#include "plain.h"

namespace {
volatile int work;
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  for (int i = 0; i < 1'000'000; ++i) work = i;
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.slow", me.hooks.on_events = events)
