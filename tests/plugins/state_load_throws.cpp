// Its sin: load lets an exception through.
#define STATE_LOAD load
#include "plain.h"

namespace {
zm_status load(const zm_strategy* strategy, const zm_istream* in, const zm_state_info* info) {
  if (info->schema > 2) return plain_load(strategy, in, info);
  throw 1;
}
}  // namespace

PLAIN_PLUGIN("test.state_load_throws", static_cast<void>(me))
