// Its sin: on_events calls itself without end, later on.
#include "plain.h"

namespace {
volatile int endless = -1;
int deeper(int depth) {
  volatile char room[4096];
  room[depth % 4096] = static_cast<char>(depth);
  return depth == endless ? 0 : deeper(depth + 1) + room[0];
}
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  if (of(strategy).memory.heard > 20) of(strategy).memory.sum += deeper(1);
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.events_overflow_stack", me.hooks.on_events = events)
