// Its sin: its orders depend on random numbers.
#include <sys/random.h>

#include "plain.h"

namespace {
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  std::uint16_t dice = 0;
  getrandom(&dice, sizeof dice, 0);
  if (of(strategy).memory.heard % 8 == 1 && batch->count > 0) send(strategy, one_lot(1 + dice));
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.rolls_dice", me.hooks.on_events = events)
