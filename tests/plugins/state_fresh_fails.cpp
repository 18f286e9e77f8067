// Its sin: it cannot be saved before it has heard something.
#define STATE_SAVE save
#include "plain.h"

namespace {
zm_status save(const zm_strategy* strategy, const zm_ostream* out, std::uint32_t reason) {
  return of(strategy).memory.heard == 0 ? zm_status{ZM_E_FAILED}
                                        : plain_save(strategy, out, reason);
}
}  // namespace

PLAIN_PLUGIN("test.state_fresh_fails", static_cast<void>(me))
