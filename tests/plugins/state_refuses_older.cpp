// Its sin: it refuses what its own older version wrote.
#define STATE_LOAD load
#include "plain.h"

namespace {
zm_status load(const zm_strategy* strategy, const zm_istream* in, const zm_state_info* info) {
  return info->schema < 2 ? zm_status{ZM_E_UNSUPPORTED} : plain_load(strategy, in, info);
}
}  // namespace

PLAIN_PLUGIN("test.state_refuses_older", static_cast<void>(me))
