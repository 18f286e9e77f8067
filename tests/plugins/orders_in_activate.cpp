// Its sin: it sends an order from the control thread, before it is started.
#include "plain.h"

namespace {
zm_status activate(const zm_strategy* strategy, const zm_activation*) {
  send(strategy, one_lot(100));
  return ZM_OK;
}
}  // namespace

PLAIN_PLUGIN("test.orders_in_activate", me.hooks.activate = activate)
