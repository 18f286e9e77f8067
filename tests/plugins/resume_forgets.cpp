// Its sin: after a resume it is confused and gives up at the next event.
#include "plain.h"

namespace {
bool confused = false;
zm_status resume(const zm_strategy*) {
  confused = true;
  return ZM_OK;
}
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  if (confused) return ZM_E_STATE;
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.resume_forgets", me.hooks.resume = resume; me.hooks.on_events = events)
