// Its sin: it loads what a newer version wrote.
#define STATE_LOAD load
#include "plain.h"

namespace {
zm_status load(const zm_strategy* strategy, const zm_istream* in, const zm_state_info* info) {
  zm_state_info mine = *info;
  mine.schema = 2;
  return plain_load(strategy, in, &mine);
}
}  // namespace

PLAIN_PLUGIN("test.state_accepts_newer", static_cast<void>(me))
