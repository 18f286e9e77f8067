// Its sin: saving counts as an event.
#define STATE_SAVE save
#include "plain.h"

namespace {
zm_status save(const zm_strategy* strategy, const zm_ostream* out, std::uint32_t reason) {
  const zm_status status = plain_save(strategy, out, reason);
  of(strategy).memory.heard += 7;
  return status;
}
}  // namespace

PLAIN_PLUGIN("test.state_save_changes", static_cast<void>(me))
