// Its sin: it sends an order while it is being quiesced.
#include "plain.h"

namespace {
zm_status quiesce(const zm_strategy* strategy, std::int64_t) {
  send(strategy, one_lot(5'999'990));
  return ZM_OK;
}
}  // namespace

PLAIN_PLUGIN("test.orders_in_quiesce", me.hooks.quiesce = quiesce)
