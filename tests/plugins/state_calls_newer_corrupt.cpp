// Its sin: it calls a newer state corrupt, so that the operator looks for damage.
#define STATE_LOAD load
#include "plain.h"

namespace {
zm_status load(const zm_strategy* strategy, const zm_istream* in, const zm_state_info* info) {
  return info->schema > 2 ? zm_status{ZM_E_STATE_CORRUPT} : plain_load(strategy, in, info);
}
}  // namespace

PLAIN_PLUGIN("test.state_calls_newer_corrupt", static_cast<void>(me))
