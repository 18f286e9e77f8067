// Its sin: its orders depend on where it was loaded.
#include "plain.h"

namespace {
int desc_of_mine;
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  const auto address = reinterpret_cast<std::uintptr_t>(&desc_of_mine);
  if (of(strategy).memory.heard % 8 == 1 && batch->count > 0)
    send(strategy, one_lot(static_cast<zm_price>(address >> 12)));
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.depends_on_addresses", me.hooks.on_events = events)
