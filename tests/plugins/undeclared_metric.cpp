// Its sin: it sets a metric that it never declared.
#include "plain.h"

namespace {
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  of(strategy).metrics->set(of(strategy).host, 41, 1.0);
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.undeclared_metric", me.hooks.on_events = events)
