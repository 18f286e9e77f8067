// Its sin: save never returns.
#define STATE_SAVE save
#include "plain.h"

namespace {
zm_status save(const zm_strategy* strategy, const zm_ostream* out, std::uint32_t reason) {
  volatile bool go_on = true;
  while (go_on) {
  }
  return plain_save(strategy, out, reason);
}
}  // namespace

PLAIN_PLUGIN("test.state_save_hangs", static_cast<void>(me))
