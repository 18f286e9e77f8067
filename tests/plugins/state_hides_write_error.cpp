// Its sin: a save that could not be written is a success.
#define STATE_SAVE save
#include "plain.h"

namespace {
zm_status save(const zm_strategy* strategy, const zm_ostream* out, std::uint32_t reason) {
  plain_save(strategy, out, reason);
  return ZM_OK;
}
}  // namespace

PLAIN_PLUGIN("test.state_hides_write_error", static_cast<void>(me))
