// Its sin: activate reads the first instrument of a list that may be empty.
#include "plain.h"

namespace {
zm_status activate(const zm_strategy* strategy, const zm_activation* activation) {
  of(strategy).memory.sum = activation->instruments[0];
  return ZM_OK;
}
}  // namespace

PLAIN_PLUGIN("test.trusts_instruments", me.hooks.activate = activate)
