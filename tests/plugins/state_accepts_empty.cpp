// Its sin: an empty state is as good as any.
#define STATE_LOAD load
#include "plain.h"

namespace {
zm_status load(const zm_strategy* strategy, const zm_istream* in, const zm_state_info* info) {
  return info->length == 0 ? zm_status{ZM_OK} : plain_load(strategy, in, info);
}
}  // namespace

PLAIN_PLUGIN("test.state_accepts_empty", static_cast<void>(me))
