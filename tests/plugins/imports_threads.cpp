// Its sin: it starts a thread.
#include <pthread.h>

#include "plain.h"

namespace {
void* nothing(void*) { return nullptr; }
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  if (of(strategy).memory.heard == ~0ull) {
    pthread_t thread;
    pthread_create(&thread, nullptr, nothing, nullptr);
  }
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.imports_threads", me.hooks.on_events = events)
