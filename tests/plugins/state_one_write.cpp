// Its sin: it believes that write() takes all it is given.
#define STATE_SAVE save
#include "plain.h"

namespace {
zm_status save(const zm_strategy* strategy, const zm_ostream* out, std::uint32_t reason) {
  static_cast<void>(reason);
  return out->write(out, &of(strategy).memory, sizeof(Memory)) > 0 ? zm_status{ZM_OK}
                                                                   : zm_status{ZM_E_FAILED};
}
}  // namespace

PLAIN_PLUGIN("test.state_one_write", static_cast<void>(me))
